package ui

import (
	tea "charm.land/bubbletea/v2"

	"countersign/flows"
)

// The reasons why a key can't be used now. Each returns "" when it can.

// firstOf is the first reason there is.
func firstOf(reasons ...func(*Model) string) func(*Model) string {
	return func(m *Model) string {
		for _, r := range reasons {
			if why := r(m); why != "" {
				return why
			}
		}
		return ""
	}
}

func when(yes bool, why string) string {
	if yes {
		return why
	}
	return ""
}

func busy(m *Model) string {
	return when(m.job != nil, "something is under way; esc cancels it")
}

// busyBeyond is busy, but a walk that is under way may be told to go a step further, as far as the signature:
// keys pressed faster than steps are done are not lost, and none of them sends.
func busyBeyond(m *Model) string {
	if m.job != nil && m.job.walks && !m.job.cancelled && rank(m.job.until) < rank(flows.StepSignature) {
		return ""
	}
	return busy(m)
}

func finished(m *Model) string {
	return when(m.run.Reached == flows.StepResponse, "all steps are done; r signs afresh and sends again, b steps back")
}

func nothingDone(m *Model) string {
	return when(m.run.Reached == "" && m.run.Err == nil, "no step is done yet")
}

func nothingToLeave(m *Model) string {
	return when(m.job == nil && !m.zoom, "nothing is under way")
}

// leave cancels, or leaves the full-screen pane.
func leave(m *Model) tea.Cmd {
	if m.job != nil {
		return m.cancel()
	}
	m.zoom = false
	return nil
}

func tokenless(m *Model) string {
	why, lacks := m.run.Lacks(flows.StepToken)
	if !lacks {
		return ""
	}
	return why
}

func keyless(m *Model) string {
	return when(!m.run.Draft.Sample.Idempotency, "this request carries no idempotency key")
}

func unsigned(m *Model) string {
	return when(m.run.Prepared == nil, "there is no signed request yet; step on to the canonical string")
}

func untampered(m *Model) string {
	return when(len(m.run.Draft.Tamper) == 0, "no byte was changed")
}

func optionless(m *Model) string {
	return when(len(m.run.Draft.Provider.Options) == 0, "this partner's pages leave no choice")
}

func unembedded(m *Model) string {
	switch {
	case m.deps.Embedded == nil:
		return "there is no embedded sandbox"
	case m.run.Draft.Environment.Name != flows.Embedded:
		return "only the embedded sandbox has switches; v changes the environment"
	case m.embedding == nil:
		return "the embedded sandbox is starting"
	case len(m.embedding.Switches(m.run.Draft.Provider.ID)) == 0:
		return "the embedded sandbox has no switches for this partner"
	}
	return ""
}

func notTyped(m *Model) string {
	return m.panes[atCredentials].(*credentialsPane).notTyped()
}

func nothingToCopy(m *Model) string {
	if _, what := m.copyable(); what != "" {
		return ""
	}
	if c, ok := m.panes[m.focus].(copier); ok {
		return c.uncopyable()
	}
	return "this pane has nothing to copy"
}

func nothingToReveal(m *Model) string {
	if r, ok := m.panes[m.focus].(revealer); ok && r.revealable() {
		return ""
	}
	return "there is no secret in this pane"
}
