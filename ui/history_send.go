package ui

import (
	"context"
	"errors"

	tea "charm.land/bubbletea/v2"

	"countersign/flows"
	"countersign/sign"
)

// stepping is the next step of a run. Before a request leaves, history is asked whether it may: a key that belongs
// to another body, or a mask in place of a value, is refused here, where it can still be mended.
func (m *Model) stepping(run flows.Run) func(context.Context) flows.Run {
	runner, log := m.deps.Runner, m.deps.History
	if run.Next() != flows.StepResponse {
		return func(ctx context.Context) flows.Run { return runner.Next(ctx, run) }
	}
	if x := m.verbatim; x != nil && run.Prepared == x.prepared {
		return func(ctx context.Context) flows.Run { return runner.Resend(ctx, run, *x.earlier) }
	}
	insisted := m.insisted
	m.insisted = false
	return func(ctx context.Context) flows.Run {
		if log != nil && !insisted {
			var e *flows.Error
			if err := log.CheckSend(ctx, run); errors.As(err, &e) && e.Kind == flows.KindUsage {
				run.Err = e
				return run
			}
		}
		return runner.Next(ctx, run)
	}
}

// keyField is how history names an idempotency key that belongs to another body.
const keyField = "idempotency_key"

// conflicts reports whether the send was held back because its key belongs to another body.
func (m *Model) conflicts() bool {
	return m.run.Err != nil && m.run.Err.Field == keyField && m.run.Reached == flows.StepSignature
}

// newConflict asks what to do about a key that belongs to another body.
func newConflict(m *Model) *chooser {
	list := []choice{
		{row: row{strong(plain, "a new key: a new operation")}, about: "the next signature gets a fresh idempotency key", do: m.freshKey},
		{row: row{say(plain, "send nothing")}, about: "put the body back, or choose another key, with E", do: func() tea.Cmd { return nil }},
	}
	if !m.run.Draft.Environment.Production {
		list = append(list, choice{row: row{say(warn, "send it all the same")}, about: "to see how the partner refuses a key that is used for something else", do: func() tea.Cmd {
			m.insisted = true
			return m.start(flows.StepResponse)
		}})
	}
	return newChooser(m, "The idempotency key belongs to another body", list)
}

// atHand are the secrets of this window, for masking them in what is typed and written.
func (m *Model) atHand() map[string]sign.Secret {
	all := map[string]sign.Secret{}
	add := func(run flows.Run) {
		for _, f := range run.Draft.Provider.Fields {
			if f.Secret || f.File {
				if v, ok := run.Credentials[f.Name]; ok {
					all[f.Name+" "+v.Secret.Fingerprint()] = v.Secret
				}
				if s, ok := run.Typed[f.Name]; ok && f.Secret {
					all[f.Name+" "+s.Fingerprint()] = s
				}
			}
		}
		if t := run.Token; t != nil {
			all[sign.AccessToken+" "+t.Access.Fingerprint()] = t.Access
			all["refresh_token "+t.Refresh.Fingerprint()] = t.Refresh
		}
	}
	add(m.run)
	for _, run := range m.kept {
		add(run)
	}
	return all
}
