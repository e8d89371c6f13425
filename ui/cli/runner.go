package cli

import (
	"context"
	"errors"
	"path/filepath"
	"sync"

	"countersign/flows"
	"countersign/flows/credentials"
	"countersign/history"
)

// embedding starts the sandbox when it is first needed, and once.
type embedding struct {
	once sync.Once
	flows.Embedding
	err error
}

// given waits for the sandbox and returns what it hands out for a partner.
func (a *app) given(_ context.Context, id string) (flows.Given, error) {
	e, err := a.embedded(SandboxOptions{})
	if err != nil {
		return flows.Given{}, err
	}
	return e.Given(id), nil
}

// embedded is the running sandbox; whoever asks first decides how it is started.
func (a *app) embedded(o SandboxOptions) (flows.Embedding, error) {
	e := &a.embedding
	e.once.Do(func() {
		if a.StartSandbox == nil {
			e.err = errors.New("there is none in this program")
			return
		}
		e.Embedding, e.err = a.StartSandbox(o)
	})
	return e.Embedding, e.err
}

// close stops what was started.
func (a *app) close() error {
	var errs []error
	if a.embedding.Close != nil {
		errs = append(errs, a.embedding.Close())
	}
	if a.log != nil {
		errs = append(errs, a.log.Close())
	}
	return errors.Join(errs...)
}

// store is where credentials come from. The configuration is read only where it counts: the embedded sandbox has none.
func (a *app) store(environment string) (*credentials.Store, error) {
	var config *credentials.Config
	if environment == flows.Embedded {
		return credentials.NewStore(a.Getenv, nil), nil
	}
	path, err := credentials.ConfigPath(a.Getenv)
	if a.homeless = err; err != nil {
		a.notes = []string{"no profile is read: " + err.Error()}
	} else {
		if config, err = credentials.LoadConfig(path, catalog(flows.All())); err != nil {
			return nil, configTrouble(err)
		}
		a.notes = config.Notes()
		a.keep = retention(config.Retention())
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

// runner does the steps with what came from outside, and keeps a record unless that is not wanted.
func (a *app) runner(store *credentials.Store, noHistory bool) *flows.Runner {
	r := flows.NewRunner(store)
	r.Given, r.Now, r.Rand, r.SignRand = a.given, a.Now, a.Rand, a.Rand
	if noHistory {
		return r
	}
	if log, err := a.openLog(); err != nil {
		r.Ledger = noLedger{err}
	} else {
		r.Ledger = log
	}
	return r
}

// noLedger is the ledger where there is no place for one. As with any that cannot be written, what changes something is
// not sent, and a read goes on and says so.
type noLedger struct{ why error }

// Intend records nothing, and says why.
func (l noLedger) Intend(context.Context, flows.Exchange) (string, error) {
	return "", local(l.why, "no record is kept: %s", l.why)
}

// Complete has nothing to complete.
func (l noLedger) Complete(context.Context, flows.Exchange) error { return nil }

// openLog prepares the history; no file is touched before the first use.
func (a *app) openLog() (*history.Log, error) {
	if a.log != nil {
		return a.log, nil
	}
	dir, err := stateDir(a.Getenv)
	if err != nil {
		return nil, err
	}
	a.log, err = history.Open(context.Background(), history.Options{Dir: dir, Now: a.Now, Rand: a.Rand, Keep: a.keep})
	return a.log, err
}

// stateDir is where history belongs: countersign in XDG_STATE_HOME, or in .local/state of the home directory (XDG Base
// Directory Specification); in LocalAppData on Windows.
func stateDir(getenv func(string) (string, bool)) (string, error) {
	for _, place := range [][2]string{{"XDG_STATE_HOME", ""}, {"LocalAppData", ""}, {"HOME", ".local/state"}} {
		if dir, _ := getenv(place[0]); filepath.IsAbs(dir) { // a relative one is to be ignored
			return filepath.Join(dir, place[1], "countersign"), nil
		}
	}
	return "", errors.New("neither XDG_STATE_HOME nor HOME names a directory, so there is no place for history")
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
