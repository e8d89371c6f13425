package ui

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	tea "charm.land/bubbletea/v2"

	"countersign/flows"
	"countersign/sign/explain"
)

// searchState says how far the search for the mistake in a request is.
type searchState int

// The states of a search.
const (
	notSearched searchState = iota
	searched
	stopped      // by the person
	unsearchable // the evidence could not be put together
)

// Bounds of a search: the first one is done unasked, the second one when a person asks for more.
const (
	searchTime     = 2 * time.Second
	longSearchTime = 30 * time.Second
	longSearch     = 60_000_000 // candidates
)

// maxEarlier is how many requests before it are looked at for what they tell about a request.
const maxEarlier = 64

// search is one that is under way. There is one at a time: a request that is only passed by costs nothing.
type search struct {
	number  int
	call    *call
	cancel  context.CancelFunc
	halted  bool // by the person
	since   time.Time
	tried   atomic.Int64
	ofAbout atomic.Int64
}

// stop ends the search because a person asked for it.
func (x *search) stop() {
	x.halted = true
	x.cancel()
}

// examined is the end of a search.
type examined struct {
	number int
	found  explain.Report
	broken string // why there is no report
}

func (examined) ours() {}

// attend sees to it that the request that is looked at is examined, and no other.
func (s *inboundScreen) attend() tea.Cmd {
	if s.m.embedding == nil {
		return nil
	}
	c := s.wanted()
	if s.doctor != nil {
		if s.doctor.call != c {
			s.doctor.cancel() // its end begins the next
		}
		return nil
	}
	if c == nil || c.state != notSearched || !c.in.Explainable() {
		return nil
	}
	return s.examine(c, explain.Budget{Time: searchTime})
}

// examine begins a search.
func (s *inboundScreen) examine(c *call, b explain.Budget) tea.Cmd {
	p, ok := flows.Find(s.m.deps.Providers, c.in.Provider)
	if !ok {
		c.state = unsearchable
		return nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.started++
	s.stamp++
	x := &search{number: s.started, call: c, cancel: cancel, since: s.m.now()}
	s.doctor = x
	b.Now = s.m.deps.Now
	b.Progress = func(tried, ofAbout int) {
		x.tried.Store(int64(tried))
		x.ofAbout.Store(int64(ofAbout))
	}
	e, in, strict, earlier, all := *s.m.embedding, c.in, s.m.deps.Strict, s.box.before(c), s.m.deps.Providers
	return func() (msg tea.Msg) {
		defer func() {
			if strict {
				return
			}
			if cause := recover(); cause != nil {
				msg = examined{number: x.number, broken: fmt.Sprintf("an internal error was caught: %v", cause)}
			}
		}()
		evidence, err := in.Evidence(p, e.Given(in.Provider), e.Switches(in.Provider), earlier...)
		if err != nil {
			return examined{number: x.number, broken: err.Message}
		}
		evidence.Secrets = append(evidence.Secrets, e.ForeignSecrets(all, p.ID)...)
		return examined{number: x.number, found: explain.Explain(ctx, explain.Scheme(in.Provider), evidence, b)}
	}
}

// late reports whether nobody waits for the end of a search any more.
func (s *inboundScreen) late(msg examined) bool {
	return s.doctor == nil || s.doctor.number != msg.number
}

// moves reports whether a search is on the screen, which shows how far it is.
func (s *inboundScreen) moves() bool { return s.doctor != nil && s.m.screen == s }

// waiting tells in the status line of the workbench that somebody else's requests wait to be looked at. What the
// workbench sends itself is known as such when its answer is read, so nothing is said before.
func (s *inboundScreen) waiting() row {
	if s.box.unseen == 0 || s.m.job != nil {
		return nil
	}
	return row{{"I", ink{fg: accent, bg: chip, attr: bold}}, {" inbound " + itoa(s.box.unseen), ink{bg: chip}}, {"  ", ink{bg: chip}}}
}

// learn takes the end of a search and begins the next.
func (s *inboundScreen) learn(msg examined) tea.Cmd {
	x := s.doctor
	s.doctor = nil
	s.stamp++
	passedBy := x.call != s.wanted() && !x.halted
	x.cancel()
	switch {
	case msg.broken != "":
		x.call.state, x.call.trouble = unsearchable, msg.broken
	case passedBy && !msg.found.Complete:
		x.call.state = notSearched // begun again when it is looked at again
	case x.halted && !msg.found.Complete:
		x.call.state, x.call.found = stopped, msg.found
	default:
		x.call.state, x.call.found = searched, msg.found
	}
	return s.attend()
}

// searchOn searches once more, for longer.
func (s *inboundScreen) searchOn() tea.Cmd {
	return s.examine(s.current(), explain.Budget{Time: longSearchTime, Candidates: longSearch})
}

// searchRow says how far the search is.
func (s *inboundScreen) searchRow(x *search) row {
	elapsed := s.m.now().Sub(x.since)
	wheel := "●"
	if !s.m.deps.ReducedMotion {
		wheel = spinner[int(elapsed/everyFrame)%len(spinner)]
	}
	out := row{strong(accent, wheel+" "), say(plain, "looking for the mistake")}
	if n := int(x.tried.Load()); n > 0 {
		out = append(out, say(quiet, "  "+grouped(n)+" tried"))
		if of := int(x.ofAbout.Load()); of > n {
			out = append(out, say(quiet, " of about "+grouped(of)))
		}
	}
	return append(out, say(quiet, "   "), strong(accent, "esc"), say(quiet, " stops it"))
}
