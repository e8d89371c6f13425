package ui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"countersign/flows"
)

// kept says how the keeping of an inbound request ended.
type kept struct {
	sequence int
	id       string
	err      error
}

func (kept) ours() {}

// keep writes the selected request into the history, as somebody else's.
func (s *inboundScreen) keep() tea.Cmd {
	m, in := s.m, s.current().in
	p, _ := flows.Find(m.deps.Providers, in.Provider) // the key is off for a partner that is not known
	x, log := in.Exchange(p, m.embedding.Given(in.Provider)), m.deps.History
	return m.command(0, func() message {
		ctx := context.Background()
		id, err := log.Intend(ctx, x)
		if err == nil {
			x.ID = id
			err = log.Complete(ctx, x)
		}
		return kept{in.Sequence, id, err}
	})
}

// tell says how it ended.
func (k kept) tell(m *Model) {
	if k.err != nil {
		m.say(bad, "request #%d was not kept: %s", k.sequence, k.err)
		return
	}
	m.say(good, "request #%d is entry %s of the history", k.sequence, k.id)
}
