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
