package cli

import (
	"context"
	"errors"
	"sync"

	"countersign/flows"
	"countersign/flows/credentials"
)

// embedding starts the sandbox when it is first needed, and once.
type embedding struct {
	once sync.Once
	flows.Embedding
	err error
}

// given waits for the sandbox and returns what it hands out for a partner.
func (a *app) given(_ context.Context, id string) (flows.Given, error) {
	e := &a.embedding
	e.once.Do(func() {
		if a.StartSandbox == nil {
			e.err = errors.New("there is none in this program")
			return
		}
		e.Embedding, e.err = a.StartSandbox(SandboxOptions{})
	})
	if e.err != nil {
		return flows.Given{}, e.err
	}
	return e.Given(id), nil
}

// close stops what was started.
func (a *app) close() error {
	if a.embedding.Close == nil {
		return nil
	}
	return a.embedding.Close()
}

// store is where credentials come from. The configuration is read only where it counts: the embedded sandbox has none.
func (a *app) store(environment string) (*credentials.Store, error) {
	var config *credentials.Config
	if path, err := credentials.ConfigPath(a.Getenv); err == nil && environment != flows.Embedded {
		if config, err = credentials.LoadConfig(path, catalog(flows.All())); err != nil {
			return nil, configTrouble(err)
		}
		a.notes = config.Notes()
	}
	return credentials.NewStore(a.Getenv, config), nil
}

// configTrouble tells the first fault of the configuration file.
func configTrouble(err error) *flows.Error {
	e := local(err, "the configuration cannot be used: %s", err)
	var fault *credentials.ConfigError
	if errors.As(err, &fault) {
		e.Message, e.Hint = "configuration "+fault.Error(), fault.Hint
	}
	return e
}

// catalog tells the configuration which profiles and keys there can be.
func catalog(all []*flows.Provider) []credentials.Partner {
	var list []credentials.Partner
	for _, p := range all {
		entry := credentials.Partner{ID: p.ID, Fields: p.Fields}
		for _, e := range p.Environments {
			if e.Name != flows.Embedded {
				entry.Environments = append(entry.Environments, e.Name)
			}
		}
		list = append(list, entry)
	}
	return list
}

// runner does the steps with what came from outside.
func (a *app) runner(store *credentials.Store) *flows.Runner {
	r := flows.NewRunner(store)
	r.Given, r.Now, r.Rand, r.SignRand = a.given, a.Now, a.Rand, a.Rand
	return r
}

// settle gives the run what its profile says of the server, where no flag says otherwise.
func settle(run flows.Run, store *credentials.Store) flows.Run {
	d := run.Draft
	base, ca := store.Endpoint(credentials.Query{Provider: d.Provider.ID, Environment: d.Environment.Name, Profile: d.Profile})
	return run.Edit(func(edited *flows.Draft) {
		documented, _ := d.Provider.Environment(d.Environment.Name)
		if base != "" && d.Environment.BaseURL == documented.BaseURL {
			edited.Environment.BaseURL = base
		}
		if edited.CAFile == "" {
			edited.CAFile = ca
		}
	})
}
