package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"countersign/flows"
	"countersign/flows/credentials"
	"countersign/sign"
	"countersign/sign/untrusted"
)

// credentials is the parent of what can be done with values that are kept.
func (a *app) credentials() *cobra.Command {
	c := parent("credentials", "where values come from; keep them in the keyring")
	c.AddCommand(a.credentialsList(), a.credentialsSet(), a.credentialsRemove(), a.credentialsGenerate())
	return c
}

// whose are the flags that name a profile.
type whose struct{ environment, profile string }

func (w *whose) flags(c *cobra.Command, environment string) {
	c.Flags().StringVarP(&w.environment, "environment", "e", environment, "`NAME`: sandbox or production")
	c.Flags().StringVarP(&w.profile, "profile", "p", credentials.DefaultProfile, "`NAME` of one of several sets of credentials")
	c.Flags().Bool("json", false, "print one JSON object")
}

func queryOf(p *flows.Provider, environment, profile string) credentials.Query {
	return credentials.Query{Provider: p.ID, Environment: environment, Profile: profile, Fields: p.Fields}
}

// keeper is the store for what outlives the command: without memory, which would forget at once what was to be kept.
func (a *app) keeper() (*credentials.Store, error) {
	store, err := a.store("")
	if err != nil {
		return nil, err
	}
	store.Memory = nil
	return store, nil
}

func (a *app) credentialsList() *cobra.Command {
	w := &whose{}
	c := &cobra.Command{
		Use:   "list [PROVIDER]",
		Short: "every field: whether it is set, and from where; never its value",
		Args:  arguments("[PROVIDER]", 0, 1),
		RunE: func(c *cobra.Command, args []string) error {
			partners := flows.All()
			if len(args) > 0 {
				p, err := provider(args[0])
				if err != nil {
					return err
				}
				partners = []*flows.Provider{p}
			}
			if err := listable(c, partners, w); err != nil {
				return err
			}
			store, err := a.keeper()
			if err != nil {
				return err
			}
			var queries []credentials.Query
			for _, p := range partners {
				queries = append(queries, profiles(p, store, w, c.Flags().Changed("profile"))...)
			}
			lists, failed := store.Survey(c.Context(), queries)
			if err := a.noneNamed(store, queries, lists, failed); err != nil {
				return err
			}
			if failed != nil {
				a.notes = append(a.notes, "the keyring could not be asked: "+failed.Error())
			}
			return a.listed(slices.Concat(lists...))
		},
	}
	w.flags(c, "")
	return c
}

// listable refuses an environment in which nobody keeps anything.
func listable(c *cobra.Command, partners []*flows.Provider, w *whose) error {
	if err := notEmpty(c, "environment", "profile"); err != nil || w.environment == "" { // absent: all of them
		return err
	}
	if w.environment == flows.Embedded {
		return wrong("name another with --environment", "the embedded sandbox makes its own credentials for each run")
	}
	var err error
	for _, p := range partners {
		if _, err = environment(p, w.environment); err == nil {
			return nil
		}
	}
	return err
}

// profiles are the profiles of a partner that were asked for: without names, the default one of each environment and all
// that are kept.
func profiles(p *flows.Provider, store *credentials.Store, w *whose, named bool) []credentials.Query {
	var all []credentials.Query
	for _, e := range p.Environments {
		if e.Name == flows.Embedded || w.environment != "" && w.environment != e.Name {
			continue
		}
		names := []string{w.profile}
		for _, kept := range store.Config.Profiles(p.ID, e.Name) {
			if !named && !slices.Contains(names, kept.Name) {
				names = append(names, kept.Name)
			}
		}
		for _, name := range names {
			all = append(all, queryOf(p, e.Name, name))
		}
	}
	return all
}

func (a *app) listed(records []credentials.Record) error {
	if a.json {
		return a.object(struct {
			Credentials []credentials.Record `json:"credentials"`
			Warnings    []string             `json:"warnings,omitempty"`
		}{records, a.notes})
	}
	p := &page{w: a.Stdout}
	t := p.table(0)
	for _, r := range records {
		state := "missing"
		switch {
		case r.Set:
			state = "from: " + untrusted.From(r.Source.String()).String()
		case r.Optional:
			state = "not set, optional"
		}
		t.row(r.Provider, r.Environment, r.Profile, r.Field, state, r.Fingerprint)
	}
	t.end()
	for _, r := range records {
		for _, problem := range r.Problems {
			if r.Set || r.Source.Kind != credentials.Missing {
				p.line("%s %s %s: %s", r.Provider, r.Environment, r.Field, untrusted.From(problem.Message))
			}
		}
	}
	for _, n := range a.notes {
		p.line("note: %s", untrusted.From(n))
	}
	return p.err
}

func (a *app) credentialsSet() *cobra.Command {
	w := &whose{}
	var ref string
	c := &cobra.Command{
		Use:   "set PROVIDER FIELD [VALUE]",
		Short: "keep a value: a secret in the keyring, anything else in the configuration",
		Long: "A secret is read from standard input, so that no shell remembers it; one line end behind it is dropped.\n" +
			"The value of a file field is its path. --reference notes only where the value is: env:NAME, keyring:ITEM or file:PATH.",
		Args: arguments("PROVIDER FIELD [VALUE]", 2, 3),
		RunE: func(c *cobra.Command, args []string) error {
			p, store, err := a.kept(c, args[0], w)
			if err != nil {
				return err
			}
			if err := a.placeFor(p, args[1:], ref); err != nil {
				return err
			}
			q := queryOf(p, w.environment, w.profile)
			var stored credentials.Stored
			if ref != "" {
				stored, err = store.PutReference(c.Context(), q, args[1], ref)
			} else {
				var value sign.Secret
				if value, err = a.value(p, args[1:]); err != nil {
					return err
				}
				stored, err = store.Put(c.Context(), q, args[1], value)
			}
			if err != nil {
				return keeping(err)
			}
			return a.stored(stored)
		},
	}
	c.Flags().StringVar(&ref, "reference", "", "`REFERENCE` to where the value is, in place of the value")
	w.flags(c, flows.Sandbox)
	return c
}

// kept finds the partner and the store, and refuses an environment that the partner lacks or that keeps nothing.
func (a *app) kept(c *cobra.Command, id string, w *whose) (*flows.Provider, *credentials.Store, error) {
	p, err := provider(id)
	if err != nil {
		return nil, nil, err
	}
	if err := notEmpty(c, "reference"); err != nil {
		return nil, nil, err
	}
	if err := listable(c, []*flows.Provider{p}, w); err != nil {
		return nil, nil, err
	}
	store, err := a.keeper()
	return p, store, err
}

// placeFor refuses two values at once, and a value for the configuration where there is no place for one.
func (a *app) placeFor(p *flows.Provider, args []string, ref string) error {
	if ref != "" && len(args) > 1 {
		return wrong("give a value or --reference", "a reference says where the value is, and a value was typed as well")
	}
	i := slices.IndexFunc(p.Fields, func(f credentials.Field) bool { return f.Name == args[0] })
	if a.homeless == nil || i < 0 || ref == "" && p.Fields[i].Secret && !p.Fields[i].File {
		return nil
	}
	return local(a.homeless, "nothing was stored: %s", a.homeless)
}

// value is what was typed behind the field, or what stands on standard input. A secret must not be typed there:
// shells keep what is typed, and other users see it while the program runs.
func (a *app) value(p *flows.Provider, args []string) (sign.Secret, error) {
	i := slices.IndexFunc(p.Fields, func(f credentials.Field) bool { return f.Name == args[0] })
	if len(args) > 1 {
		if i >= 0 && p.Fields[i].Secret && !p.Fields[i].File {
			return sign.Secret{}, wrong("write it to standard input: printf %s \"$SECRET\" | countersign credentials set ...",
				"a secret does not belong on the command line: shells remember it, and others can see it")
		}
		return sign.NewSecret(args[1]), nil
	}
	if a.Terminal() && a.ReadSecret != nil {
		fmt.Fprintf(a.Stderr, "%s: ", args[0])
		s, err := a.ReadSecret()
		fmt.Fprintln(a.Stderr)
		return sign.NewSecret(s), err
	}
	data, err := io.ReadAll(io.LimitReader(a.Stdin, 1<<20))
	if err != nil {
		return sign.Secret{}, local(err, "cannot read the value: %s", err)
	}
	s, _ := strings.CutSuffix(string(data), "\n")
	s, _ = strings.CutSuffix(s, "\r")
	return sign.NewSecret(s), nil
}

// keeping says whether it was this machine or what was typed that stood against keeping a value.
func keeping(err error) error {
	var fault *credentials.ConfigError
	switch {
	case errors.As(err, &fault):
		return configTrouble(err)
	case errors.Is(err, credentials.ErrUnavailable), errors.Is(err, credentials.ErrLocked), errors.Is(err, credentials.ErrHanging), errors.Is(err, credentials.ErrTooLarge):
		e := local(err, "nothing was stored: %s", err)
		e.Hint = "secrets are kept in the keyring only; --reference env:NAME names an environment variable in its place"
		return e
	case onDisk(err):
		return local(err, "nothing was stored: %s", err)
	}
	return wrong("", "nothing was stored: %s", err)
}

func (a *app) stored(s credentials.Stored) error {
	if a.json {
		return a.object(s)
	}
	p := &page{w: a.Stdout}
	p.line("%s is stored in: %s %s", s.Field, s.Where, untrusted.From(s.Detail))
	if s.Why != "" {
		p.line("note: %s", untrusted.From(s.Why))
	}
	for _, problem := range s.Problems {
		p.line("warning: %s", untrusted.From(problem.Message))
	}
	return p.err
}

func (a *app) credentialsRemove() *cobra.Command {
	w := &whose{}
	c := &cobra.Command{
		Use:   "remove PROVIDER FIELD",
		Short: "take a value out of the keyring and the configuration",
		Args:  arguments("PROVIDER FIELD", 2, 2),
		RunE: func(c *cobra.Command, args []string) error {
			p, store, err := a.kept(c, args[0], w)
			if err != nil {
				return err
			}
			removed, err := store.Remove(c.Context(), queryOf(p, w.environment, w.profile), args[1])
			if removed.Field == "" && err != nil {
				return wrong("", "%s", err)
			}
			if a.json {
				err = errors.Join(err, a.object(removed))
			} else {
				pg := &page{w: a.Stdout}
				pg.line("%s was removed from: %s", removed.Field, places(removed.From))
				if removed.Still != nil {
					pg.line("note: it still has a value, from: %s", untrusted.From(removed.Still.String()))
				}
				err = errors.Join(err, pg.err)
			}
			return err
		},
	}
	w.flags(c, flows.Sandbox)
	return c
}

func places(list []credentials.Where) string {
	if len(list) == 0 {
		return "nowhere; it was not kept"
	}
	var names []string
	for _, w := range list {
		names = append(names, string(w))
	}
	return strings.Join(names, ", ")
}
