package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"countersign/flows"
	"countersign/flows/credentials"
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
			return a.removed(removed, err)
		},
	}
	w.flags(c, flows.Sandbox)
	return c
}

// removed says from where a value was taken, and what stood against it.
func (a *app) removed(r credentials.Removed, failed error) error {
	var e *flows.Error
	if failed != nil {
		e = local(failed, "%s", failed)
		e.Hint = "once that is mended, remove it again"
	}
	p := &page{w: a.Stdout}
	switch {
	case a.json:
		p.err = a.object(struct {
			credentials.Removed
			Error *failure `json:"error,omitempty"`
		}{r, failureOf(e)})
	case len(r.From) > 0:
		p.line("%s was removed from: %s", r.Field, places(r.From))
	case failed == nil:
		p.line("%s was removed from: nowhere; it was not kept", r.Field)
	}
	if r.Still != nil && !a.json {
		p.line("note: it still has a value, from: %s", untrusted.From(r.Still.String()))
	}
	if e != nil {
		return e
	}
	return p.err
}

func places(list []credentials.Where) string {
	var names []string
	for _, w := range list {
		names = append(names, string(w))
	}
	return strings.Join(names, ", ")
}
