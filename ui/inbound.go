package ui

import (
	"slices"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// inboundScreen is the live inspector: what anybody's code sends to the embedded sandbox, which check refused it,
// what mistake explains that, and everything that one's own code needs to get there.
//
// It lives as long as the program, so that what was looked at is found again. The list is in inbound_list.go, one file
// each holds a part; inbound_box.go keeps the requests, inbound_doctor.go searches for the mistakes.
type inboundScreen struct {
	m        *Model
	bindings []binding

	box    inbox
	show   inboundFilter
	chosen *call // nil: the newest, whatever comes
	list   window

	part    inboundPart // has the keys
	beside  inboundPart // stands beside the list, or did last
	views   [inboundParts]window
	drawn   inboundDrawn
	secrets []string // that the sandbox made
	stamp   int      // counts what the parts show; drawn rows are kept until it changes

	doctor  *search // nil: none is under way
	started int

	partner  int // of the lines and the switches, in Deps.Providers
	language int
	line     int // selected line of the lines to paste
	turned   int // selected switch
	problem  string
}

// inboundPart is one part of the screen.
type inboundPart int

// The parts, in the order of their tabs. The first four are about the selected request.
const (
	inboundList inboundPart = iota
	inboundWhy
	inboundStrings
	inboundRequest
	inboundAnswer
	inboundPaste
	inboundSwitches
	inboundParts
)

var partNames = [inboundParts]string{"Requests", "Why", "Strings", "Request", "Answer", "Your code", "Switches"}

func newInboundScreen(m *Model) *inboundScreen {
	s := &inboundScreen{m: m, beside: inboundWhy}
	for _, b := range m.bindings {
		_, moves := inboundMotions[b.key.Help().Desc]
		switch {
		case slices.Contains(b.in, inInbound), b.group == program:
			s.bindings = append(s.bindings, b)
		case b.group == moving && moves:
			s.bindings = append(s.bindings, b)
		}
	}
	return s
}

// openInbound shows the screen. As long as nothing has arrived it begins with how to get there.
func (m *Model) openInbound() tea.Cmd {
	s := m.inbound
	m.screen = s
	m.hide()
	if len(s.box.kept) == 0 {
		s.partner = max(slices.Index(m.deps.Providers, m.run.Draft.Provider), 0)
		s.focus(inboundPaste)
		return nil
	}
	s.box.unseen = 0
	s.choose()
	if s.part != inboundList && s.beside == inboundPaste {
		s.focus(inboundWhy)
		s.focus(inboundList)
	}
	return s.attend()
}

func (s *inboundScreen) title() string { return "Inbound" }

// keys are all keys of the screen: its own, those of moving, and those of the program.
func (s *inboundScreen) keys() []binding { return s.bindings }

// update takes a key.
func (s *inboundScreen) update(msg tea.Msg) (tea.Cmd, bool) {
	k, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil, false
	}
	for _, b := range s.bindings {
		if !key.Matches(k, b.key) {
			continue
		}
		if b.group == moving {
			return s.travel(inboundMotions[b.key.Help().Desc]), true
		}
		return s.m.act(b), true
	}
	return nil, false
}

// focus gives a part the keys.
func (s *inboundScreen) focus(p inboundPart) {
	if p != s.part {
		s.m.hide()
	}
	s.part = p
	if p != inboundList {
		s.beside = p
	}
}

// other goes from the list to what stands beside it, or back.
func (s *inboundScreen) other() {
	if s.part == inboundList {
		s.focus(s.beside)
	} else {
		s.focus(inboundList)
	}
}

// close leaves the screen; a search that is under way is stopped first.
func (s *inboundScreen) close() tea.Cmd {
	if s.doctor != nil {
		s.doctor.stop()
		return nil
	}
	s.m.hide()
	s.m.screen = nil
	return s.attend()
}

// travel is a key that moves.
func (s *inboundScreen) travel(to motion) tea.Cmd {
	switch {
	case to == nextPart:
		s.focus((s.part + 1) % inboundParts)
	case to == previousPart:
		s.focus((s.part + inboundParts - 1) % inboundParts)
	case to == outward:
		s.focus(inboundList)
	case to == inward && s.part == inboundList:
		if s.beside >= inboundPaste {
			s.beside = inboundWhy
		}
		s.focus(s.beside)
	case s.part == inboundList:
		return s.pick(to)
	case s.part == inboundPaste:
		s.line = stepTo(s.line, to, len(s.pasteItems()))
		s.m.hide()
	case s.part == inboundSwitches:
		s.turned = stepTo(s.turned, to, len(s.switches()))
		s.problem = ""
	default:
		s.views[s.part].move(to)
	}
	return nil
}

// stepTo is the place in a list of n that a motion leads to.
func stepTo(at int, to motion, n int) int {
	switch to {
	case up:
		at--
	case down:
		at++
	case pageUp, first:
		at = 0
	case pageDown, last:
		at = n - 1
	}
	return max(0, min(at, n-1))
}

// hide takes a secret from the screen that was shown for a moment.
func (m *Model) hide() { m.shown = time.Time{} }

// alter goes through the languages, or through the values of a switch.
func (s *inboundScreen) alter(by int) tea.Cmd {
	if s.part == inboundSwitches {
		s.turn(by)
		return nil
	}
	n := len(languages())
	s.language = (s.language + by + n) % n
	return nil
}

// nextPartner chooses whose lines and switches are shown.
func (s *inboundScreen) nextPartner(by int) tea.Cmd {
	n := len(s.m.deps.Providers)
	s.partner = (s.partner + by + n) % n
	s.line, s.turned, s.problem = 0, 0, ""
	s.m.hide()
	return nil
}
