package ui

import (
	"countersign/flows"
	"countersign/sign/explain"
)

// wanted is the request whose mistake is to be looked for: the selected one; while the screen is closed, the one behind
// the answer on the workbench. Nil when there is none.
func (s *inboundScreen) wanted() *call {
	if s.m.screen == screen(s) {
		return s.current()
	}
	return s.box.of(s.m.latest())
}

// latest is the exchange that the walk came to: the answer, or as long as there is none the last request for a token.
func (m *Model) latest() *flows.Exchange {
	if n := len(m.run.TokenLog); m.run.Exchange == nil && n > 0 {
		return &m.run.TokenLog[n-1]
	}
	return m.run.Exchange
}

// mistake is the finding that accounts for the refusal, if one does.
func (c *call) mistake() (explain.Finding, bool) {
	failed, _ := c.in.Failed()
	r := c.found
	aside := failed.Name == flows.CheckBody && r.Verdict == explain.Verifies // what else is odd did not refuse it
	if c.state != searched && c.state != stopped || len(r.Findings) == 0 || r.Verdict == explain.Unexplained || aside {
		return explain.Finding{}, false
	}
	return r.Findings[0], true
}

// cause tells below an answer which mistake the embedded sandbox was sent, and how sure that is. It is silent about
// partners that are not the sandbox, and where the partner's words say all there is.
func (s *inboundScreen) cause(x *flows.Exchange, w int) []row {
	c := s.box.of(x)
	if c == nil || !c.in.Explainable() {
		return nil
	}
	var line row
	f, found := c.mistake()
	switch {
	case found:
		line = append(typed(safe(s.maskerOf(c), f.Title), ink{attr: bold}), say(quiet, " ("+string(f.Proof)+")"))
	case s.doctor != nil && s.doctor.call == c:
		line = row{say(quiet, "looking for the mistake")}
	case c.found.Verdict != explain.Unexplained, x.Purpose != flows.PurposeRequest: // that credentials are wrong was said
		return nil
	case !c.found.Complete:
		line = row{say(plain, "no mistake was found in the time there was")}
	case len(x.Changed) > 0:
		line = row{say(plain, "no known mistake, beside what was changed after signing")}
	default:
		line = row{say(plain, "no known mistake explains it")}
	}
	const lead = "why "
	rows := entry(lead, len(lead), append(line, say(quiet, "  "), strong(accent, "I"), say(quiet, " more")), w)
	rows[0][0] = strong(plain, lead)
	return rows
}

// choose selects the request behind the answer that the focused pane shows.
func (s *inboundScreen) choose() {
	c := s.box.of(s.m.latest())
	at := atResponse
	if s.m.run.Exchange == nil {
		at = atToken
	}
	if c == nil || !c.in.Explainable() || s.m.focus != at {
		return
	}
	if !s.show.shows(c) {
		s.show = showAll
	}
	s.chosen = c
	if list := s.shownCalls(); list[0] == c {
		s.chosen = nil // the newest is followed
	}
	s.focus(inboundWhy)
	if s.m.screenWidth() >= sidebarFrom { // it stands beside the list
		s.focus(inboundList)
	}
}
