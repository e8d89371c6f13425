package cli

import (
	"slices"

	"github.com/spf13/cobra"

	"countersign/flows"
	"countersign/flows/credentials"
	"countersign/sign/untrusted"
)

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
