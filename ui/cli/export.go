package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"countersign/flows"
	"countersign/flows/credentials"
	"countersign/history"
	"countersign/sign"
	"countersign/sign/untrusted"
)

func (a *app) historyExport() *cobra.Command {
	var format, output string
	var show []string
	var force bool
	var formats []string
	for _, f := range history.Formats() {
		formats = append(formats, string(f))
	}
	c := a.leaf("export ID...", "write exchanges as a file that holds the evidence and no secret", 1, many, func(ctx context.Context, log *history.Log, args []string) error {
		if format == "casefile" {
			format = string(history.CaseFile)
		}
		if !slices.Contains(formats, format) {
			return wrong(didYouMean(format, formats), "there is no format %q; there are %s", format, strings.Join(formats, ", "))
		}
		var entries []history.Entry
		for _, id := range args {
			e, err := log.Get(ctx, id)
			if err != nil {
				return err
			}
			entries = append(entries, e)
		}
		known, err := a.liveSecrets(ctx)
		if err != nil {
			return err
		}
		made, err := log.Export(ctx, entries, history.Format(format), history.ExportOptions{Show: show, Secrets: known})
		if err != nil {
			return err
		}
		return a.exported(made, output, force)
	})
	c.Flags().StringVar(&format, "as", string(history.CaseFile), "`FORMAT`, one of "+strings.Join(formats, ", "))
	c.Flags().StringVarP(&output, "output", "o", "", "`FILE`; standard output otherwise")
	c.Flags().StringArrayVar(&show, "show", nil, "`NAME` of a header or member whose value may be shown")
	c.Flags().BoolVar(&force, "force", false, "overwrite the file")
	return c
}

// exportJSON is what history export --json prints.
type exportJSON struct {
	Format  string           `json:"format"`
	File    string           `json:"file,omitempty"`
	Text    string           `json:"text,omitempty"` // absent: it is in the file
	Removed []history.Masked `json:"removed"`
}

// exported writes the file, or prints it, and says what was removed from it.
func (a *app) exported(made history.Export, output string, force bool) error {
	if output != "" {
		if err := overwriting(history.WriteFile(output, made.Text, force)); err != nil {
			return err
		}
	}
	if a.json {
		j := exportJSON{Format: string(made.Format), File: output, Removed: append([]history.Masked{}, made.Removed...)}
		if output == "" {
			j.Text = string(made.Text)
		}
		return a.object(j)
	}
	for _, m := range made.Removed {
		fmt.Fprintf(a.Stderr, "removed: %s\n", untrusted.From(strings.TrimSpace(m.Where+" "+m.Name)))
	}
	if output != "" {
		return nil
	}
	text := made.Text
	if a.Terminal() { // a person reads it; into a file or a pipe it goes byte for byte
		text = []byte(untrusted.From(text).Block().String())
	}
	_, err := a.Stdout.Write(text)
	return err
}

// overwriting says how a file that is there can be replaced.
func overwriting(err error) error {
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	e := *told(err)
	e.Hint = "choose another name, or add --force"
	return &e
}

// liveSecrets are all secrets that can be found here, whatever partner, environment and profile they are for: one may have
// been pasted into the request of another, and none must be in the file.
func (a *app) liveSecrets(ctx context.Context) (map[string]sign.Secret, error) {
	store, err := a.store("")
	if err != nil {
		return nil, err
	}
	known, failed := everySecret(ctx, store)
	if failed != nil {
		fmt.Fprintf(a.Stderr, "countersign: %s\n", untrusted.From(failed.Error()))
	}
	return known, nil
}

// everySecret is what a store can find for all partners, environments and profiles. The error says what could not be asked;
// a machine without a keyring has none to ask.
func everySecret(ctx context.Context, store *credentials.Store) (map[string]sign.Secret, error) {
	var queries []credentials.Query
	for _, p := range flows.All() {
		queries = append(queries, profiles(p, store, &whose{profile: credentials.DefaultProfile}, false)...)
	}
	known, failed := store.Secrets(ctx, queries)
	if failed != nil && !errors.Is(failed, credentials.ErrUnavailable) {
		return known, fmt.Errorf("the secrets of the keyring could not be looked for: %w", failed)
	}
	return known, nil
}
