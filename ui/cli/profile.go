package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"countersign/flows"
	"countersign/flows/credentials"
)

// named refuses a profile that was typed and that nobody keeps. Behind a slip of the finger there would be no values,
// or worse, those of the plain environment variables: another account than the one that was meant.
// Values that all come from the command line need no profile; then its name is a label for the history.
func (a *app) named(ctx context.Context, store *credentials.Store, q credentials.Query) error {
	switch _, known := store.Config.Profile(q.Provider, q.Environment, q.Profile); {
	case known, q.Profile == "", q.Profile == credentials.DefaultProfile:
		return nil
	case q.Environment == flows.Embedded:
		return wrong("leave out --profile, or say whose it is with --environment",
			"there is no profile %q in the environment embedded: the sandbox makes its own credentials for each run", q.Profile)
	}
	lists, failed := store.Survey(ctx, []credentials.Query{q})
	from := origins(lists[0])
	if from.profile || from.option && from.variable == "" {
		return nil
	}
	known := profileNames(store, q.Provider, q.Environment)
	message := fmt.Sprintf("%s %s has no profile %q; it has %s", q.Provider, q.Environment, q.Profile, strings.Join(known, ", "))
	return wrong(otherProfile(store, q, known, from.variable), "%s%s", message, a.unseen(failed))
}

// values asks for the values of a run under the profile that was typed.
func (f *asked) values(run flows.Run) credentials.Query {
	q := queryOf(run.Draft.Provider, run.Draft.Environment.Name, f.profile)
	q.Options = run.Set
	return q
}

// noneNamed refuses to list a profile that nobody keeps.
func (a *app) noneNamed(store *credentials.Store, queries []credentials.Query, lists [][]credentials.Record, failed error) error {
	known := []string{}
	for i, q := range queries {
		if _, kept := store.Config.Profile(q.Provider, q.Environment, q.Profile); kept || q.Profile == credentials.DefaultProfile || origins(lists[i]).profile {
			return nil
		}
		for _, name := range profileNames(store, q.Provider, q.Environment) {
			if !slices.Contains(known, name) {
				known = append(known, name)
			}
		}
	}
	if len(queries) == 0 {
		return nil
	}
	name := queries[0].Profile
	return wrong(didYouMean(name, known), "there is no profile %q; there are %s%s", name, strings.Join(known, ", "), a.unseen(failed))
}

// found is which kinds of source the values of a profile have.
type found struct {
	profile  bool   // it keeps one itself, or an environment variable that bears its name has one
	option   bool   // --set
	variable string // the first environment variable that bears no profile's name, and so belongs to the default one
}

func origins(records []credentials.Record) found {
	var out found
	for _, r := range records {
		switch r.Source.Kind {
		case credentials.FromReference, credentials.FromKeyring, credentials.FromMemory:
			out.profile = true
		case credentials.FromOption:
			out.option = true
		case credentials.FromEnvironment:
			name := or(r.Source.Name, r.Source.Detail)
			if name != r.Env {
				out.profile = true
			} else if out.variable == "" {
				out.variable = name
			}
		}
	}
	return out
}

// profileNames are the profiles of a partner in an environment: the default one, which needs no keeping, and all that
// the configuration names.
func profileNames(store *credentials.Store, provider, environment string) []string {
	names := []string{credentials.DefaultProfile}
	for _, p := range store.Config.Profiles(provider, environment) {
		if p.Name != credentials.DefaultProfile {
			names = append(names, p.Name)
		}
	}
	return names
}

// otherProfile is the way on for whoever named a profile that is not there.
func otherProfile(store *credentials.Store, q credentials.Query, known []string, variable string) string {
	hint := didYouMean(q.Profile, known)
	for _, p := range store.Config.Profiles(q.Provider, "") {
		if p.Name == q.Profile {
			hint = fmt.Sprintf("did you mean --environment %s, which has one?", p.Environment)
		}
	}
	if hint == "" && variable != "" {
		hint = fmt.Sprintf("leave out --profile to use the environment variable %s and the like;", variable)
	}
	return strings.TrimSpace(fmt.Sprintf("%s to begin a new one: countersign credentials set %s FIELD --environment %s --profile %s",
		hint, q.Provider, q.Environment, q.Profile))
}

// unseen says where a profile may be that could not be seen.
func (a *app) unseen(keyring error) string {
	said := ""
	if a.homeless != nil {
		said = "; " + a.homeless.Error()
	}
	if keyring != nil {
		said += "; the keyring could not be asked: " + keyring.Error()
	}
	return said
}
