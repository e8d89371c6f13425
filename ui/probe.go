package ui

import (
	"context"
	"slices"

	tea "charm.land/bubbletea/v2"

	"countersign/flows"
)

// probed is how the partner answered each value of an option.
type probed struct {
	job     int
	option  flows.Option
	results []flows.Probed
	bodies  []*document // of the answers, indexed; nil where there is none
}

func (probed) ours() {}

// probeable is the option of the partner that a harmless request can settle.
func (m *Model) probeable() (flows.Option, bool) {
	options := m.run.Draft.Provider.Options
	i := slices.IndexFunc(options, func(o flows.Option) bool { return o.Probe != "" })
	if i < 0 {
		return flows.Option{}, false
	}
	return options[i], true
}

func probeless(m *Model) string {
	_, ok := m.probeable()
	return when(!ok, "this partner's pages leave nothing that a request could settle")
}

// probe asks the partner which value of an option it accepts. The walk on the screen stays where it is.
func (m *Model) probe() tea.Cmd {
	o, ok := m.probeable()
	if !ok {
		return nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	m.jobs++
	m.job = &job{id: m.jobs, step: flows.StepResponse, until: flows.StepResponse, context: ctx, cancel: cancel, since: m.now(), probes: true}
	id, runner, run := m.job.id, m.deps.Runner, m.run
	return m.command(id, func() message {
		msg := probed{job: id, option: o, results: runner.Probe(ctx, run, o)}
		for _, r := range msg.results {
			msg.bodies = append(msg.bodies, answerOf(r.Exchange))
		}
		return msg
	})
}

// answerOf indexes the body of an answer.
func answerOf(x *flows.Exchange) *document {
	if x == nil || x.Response == nil {
		return nil
	}
	return newDocument(x.Response.Body)
}

// settle takes the answers of a probe and offers the values, what the partner said beside each.
func (m *Model) settle(msg probed) tea.Cmd {
	cancelled := m.job.cancelled
	m.job.cancel()
	m.job = nil
	for i, r := range msg.results {
		m.remember(r.Run, msg.bodies[i])
	}
	switch {
	case m.quitting:
		return tea.Quit
	case cancelled:
		m.say(warn, "the probe was cancelled; the option stays as it was")
		return nil
	}
	return m.open(newProbed(m, msg.option, msg.results))
}

// newProbed begins at the value that is accepted, when exactly one is: two that are accepted prove nothing.
func newProbed(m *Model, o flows.Option, results []flows.Probed) *chooser {
	list := newOption(m, o)
	list.name = "Probe: " + o.Label
	accepted := 0
	for i := range list.list {
		c := &list.list[i]
		j := slices.IndexFunc(results, func(r flows.Probed) bool { return r.Value == o.Values[i] })
		if j < 0 {
			c.row = append(c.row.fit(probeColumn, ink{}), say(quiet, "not asked"))
			c.about = "the probe ended before this value"
			continue
		}
		r := results[j]
		verdict, why := probeVerdict(r)
		c.row, c.about = append(c.row.fit(probeColumn, ink{}), verdict...), why
		if r.Accepted() {
			accepted++
			list.at = i
		}
	}
	if accepted != 1 {
		list.at = max(slices.IndexFunc(list.list, func(c choice) bool { return c.here }), 0)
	}
	return list
}

// probeColumn is where the verdict begins, behind the value.
const probeColumn = 24

// probeVerdict is what the partner said to a value, and the reason in its words.
func probeVerdict(r flows.Probed) (row, string) {
	switch {
	case r.Accepted():
		return row{strong(good, "✓ "+itoa(r.Exchange.Response.Status)+" accepted")}, "the partner verified the probe under this value; enter takes it"
	case r.Exchange != nil && r.Exchange.Response != nil:
		why := "the partner refused the probe under this value"
		if e := r.Exchange.Response.Error; e != nil {
			why = e.Code.String() + ": " + e.Message.String()
		}
		return row{strong(bad, "✗ "+itoa(r.Exchange.Response.Status)+" refused")}, why
	case r.Err != nil:
		return row{strong(warn, "! no answer")}, r.Err.Message
	case r.Exchange != nil && r.Exchange.Err != nil:
		return row{strong(warn, "! no answer")}, r.Exchange.Err.Message
	}
	return row{strong(warn, "! no answer")}, ""
}
