package ui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"countersign/flows"
)

// job is work of the runner that is under way. There is one at a time.
type job struct {
	id        int
	step      flows.StepName // what is being done now
	until     flows.StepName // where to stop
	walks     bool           // it does steps one after the other
	cancel    context.CancelFunc
	context   context.Context
	since     time.Time
	cancelled bool
	probes    bool // it asks about an option; the walk stays where it is
	asks      bool // what is signed is to be sent, once a person agreed
}

// noSuchStep is the detail of a step that the partner lacks and that comes next: one looks at what protects
// the request instead, and goes on.
const noSuchStep = "none"

// steps are the states of the five steps, with the one that is under way marked.
func (m *Model) steps() []flows.Step {
	steps := m.run.Steps()
	for i := range steps {
		if m.job != nil && !m.job.probes && steps[i].Name == m.job.step {
			steps[i].Status = flows.Running
			steps[i].Detail = "under way"
			if m.job.cancelled {
				steps[i].Detail = "being cancelled"
			}
		}
		if s := &steps[i]; s.Name == flows.StepResponse && (s.Status == flows.Done || s.Status == flows.Refused) {
			s.Detail = replied(m.run.Exchange, s.Detail)
		}
		if steps[i].Status == flows.Absent && m.job == nil && steps[i].Name == m.run.Next() && m.run.Reached != flows.StepResponse {
			steps[i].Status, steps[i].Detail = flows.Current, noSuchStep
		}
	}
	return steps
}

// step does the next step, or lets the walk that is under way go one further.
func (m *Model) step() tea.Cmd {
	if m.job == nil {
		return m.advance(m.run.Next())
	}
	m.job.until = flows.Steps()[rank(m.job.until)+1]
	return nil
}

// advance does the steps up to and including the last named, one command each, so that each is seen.
// What must be asked before a request is sent is asked.
func (m *Model) advance(until flows.StepName) tea.Cmd {
	switch {
	case until != flows.StepResponse:
		return m.start(until)
	case m.unknown():
		return m.open(newAgain(m))
	}
	return m.send()
}

// send does all steps that are left. Where a person must agree, it is asked behind the signature: one agrees to
// something that can be seen.
func (m *Model) send() tea.Cmd {
	ask, ready := m.guard(), m.run.Reached == flows.StepSignature && !m.run.Prepared.Used
	if !ready {
		m.afresh()
	}
	switch {
	case ask == nil:
		return m.start(flows.StepResponse)
	case ready:
		return m.open(ask)
	}
	cmd := m.start(flows.StepSignature)
	m.job.asks = true
	return cmd
}

// afresh goes back to where the next send has to begin: a clock and a nonce that were sent are spent, and a token
// that is about to end has to be renewed.
func (m *Model) afresh() {
	run := m.run
	if run.Prepared != nil && run.Prepared.Used {
		run = run.Edit(func(*flows.Draft) {})
	}
	if t := run.Token; t != nil && t.Facts.Expired(m.now().Add(m.early())) {
		for run.Token != nil {
			run = run.Back()
		}
	}
	if run.Reached != m.run.Reached {
		m.set(run)
	}
}

// start begins a job without asking.
func (m *Model) start(until flows.StepName) tea.Cmd {
	ctx, cancel := context.WithCancel(context.Background())
	m.jobs++
	m.job = &job{id: m.jobs, until: until, walks: true, context: ctx, cancel: cancel, since: m.now()}
	return m.next()
}

// next does the next step of the job.
func (m *Model) next() tea.Cmd {
	run := m.run
	m.job.step = run.Next()
	return m.work(m.stepping(run))
}

// work runs f for the job and brings its run back.
func (m *Model) work(f func(context.Context) flows.Run) tea.Cmd {
	id, ctx, before := m.job.id, m.job.context, m.run.Exchange
	return m.command(id, func() message {
		run := f(ctx)
		msg := stepped{job: id, run: run}
		if run.Exchange != before && run.Exchange != nil && run.Exchange.Response != nil {
			msg.body = newDocument(run.Exchange.Response.Body)
		}
		return msg
	})
}

// done takes the result of a step and goes on where the job is longer.
func (m *Model) done(msg stepped) tea.Cmd {
	if p := msg.run.Prepared; p != nil && p != m.run.Prepared && len(p.Warnings) > 0 {
		m.say(warn, "%s", p.Warnings[0])
	}
	m.remember(msg.run, msg.body)
	m.set(msg.run)
	if msg.body != nil {
		m.panes[atResponse].(*responsePane).keep(msg.run.Exchange, msg.body)
	}
	m.follow()
	if m.run.Err == nil && !m.job.cancelled && !reached(m.run, m.job.until) && m.job.step != m.job.until {
		return m.next()
	}
	m.job.cancel()
	asks := m.job.asks && !m.job.cancelled && m.run.Err == nil
	m.job = nil
	switch {
	case m.quitting:
		return tea.Quit
	case asks:
		return m.send()
	case m.conflicts():
		return m.open(newConflict(m))
	}
	return nil
}

// reached reports whether a step is behind the run.
func reached(run flows.Run, s flows.StepName) bool {
	return run.Reached != "" && rank(run.Reached) >= rank(s)
}

// rank is the place of a step in the order of steps.
func rank(s flows.StepName) int {
	for i, step := range flows.Steps() {
		if step == s {
			return i
		}
	}
	return -1
}

// placeOf is the pane of a step.
func placeOf(s flows.StepName) place { return atCredentials + place(max(rank(s), 0)) }

// follow moves the focus to what just happened.
func (m *Model) follow() {
	switch {
	case m.run.Err != nil:
		m.focus = m.blamed()
		m.panes[atCredentials].(*credentialsPane).follow()
	case m.run.Reached != "":
		m.focus = placeOf(m.run.Reached)
	}
}

// blamed is the pane that tells about the error of the run.
func (m *Model) blamed() place {
	if m.run.Err != nil && rank(m.run.Err.Step) >= 0 {
		return placeOf(m.run.Err.Step)
	}
	return placeOf(m.run.Next())
}

// failure is the error that a pane has to tell about; nil when there is none.
func (m *Model) failure(at place) *flows.Error {
	if m.run.Err == nil || m.blamed() != at {
		return nil
	}
	return m.run.Err
}

// renew gets another token.
func (m *Model) renew() tea.Cmd {
	ctx, cancel := context.WithCancel(context.Background())
	m.jobs++
	m.job = &job{id: m.jobs, step: flows.StepToken, until: flows.StepToken, context: ctx, cancel: cancel, since: m.now()}
	runner, run := m.deps.Runner, m.run
	return m.work(func(ctx context.Context) flows.Run { return runner.RenewToken(ctx, run) })
}

// cancel ends what is under way. Its result is still waited for: what left cannot be called back, and
// the record says what is known.
func (m *Model) cancel() tea.Cmd {
	m.job.cancelled = true
	m.job.cancel()
	m.say(warn, "cancelling; what was already sent cannot be called back")
	return nil
}

// edit changes the draft.
func (m *Model) edit(change func(*flows.Draft)) {
	before := m.run
	m.set(m.run.Edit(change))
	_, lacked := before.Lacks(flows.StepToken)
	_, lacks := m.run.Lacks(flows.StepToken)
	if lacked != lacks || before.Draft.Sample.Open != m.run.Draft.Sample.Open {
		m.set(m.run.Reset()) // another way to authenticate: nothing found so far counts
	}
}
