package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"countersign/flows"
)

// The paces at which the screen changes by itself.
const (
	everySecond = time.Second            // while a countdown is on the screen
	everyFrame  = 100 * time.Millisecond // while something is under way
)

// schedule keeps the tick chain going exactly as long as something counts, and as fast as it must.
func (m *Model) schedule() tea.Cmd {
	want := m.wanted()
	if want == m.pace {
		return nil
	}
	m.pace = want
	m.ticks++ // an older chain ends with its next tick
	if want == 0 {
		return nil
	}
	chain := m.ticks
	return m.deps.Every(want, func(at time.Time) tea.Msg { return ticked{chain, at} })
}

// wanted is the pace that the screen needs now; 0 when it stands still.
func (m *Model) wanted() time.Duration {
	switch {
	case (m.job != nil || m.inbound.moves()) && !m.deps.ReducedMotion:
		return everyFrame
	case m.job != nil, m.inbound.moves(), m.counting():
		return everySecond
	}
	return 0
}

// counting reports whether a countdown is running.
func (m *Model) counting() bool {
	now := m.now()
	if now.Before(m.shown) {
		return true
	}
	if t := m.run.Token; t != nil {
		if now.Before(t.Facts.Expires) || now.Before(t.Facts.RefreshExpires) {
			return true
		}
	}
	c := m.run.Loaded.Certificate
	return c.Present() && now.Before(c.X509.NotAfter) && c.X509.NotAfter.Sub(now) < time.Hour
}

// countdown is a time that runs out, for the status line and the token pane.
type countdown struct {
	name string
	left time.Duration
	tone tone
}

// countdowns are what runs out in this run, the most urgent kind first.
func (m *Model) countdowns() []countdown {
	var out []countdown
	now := m.now()
	if t := m.run.Token; t != nil {
		if !t.Facts.Expires.IsZero() {
			out = append(out, newCountdown("token", t.Facts.Expires.Sub(now), m.early()))
		}
		if !t.Facts.RefreshExpires.IsZero() {
			out = append(out, newCountdown("refresh", t.Facts.RefreshExpires.Sub(now), time.Hour))
		}
	}
	if c := m.run.Loaded.Certificate; c.Present() {
		out = append(out, certificateCountdown(c.X509.NotBefore, c.X509.NotAfter, now))
	}
	return out
}

// early is how long before its end a token counts as about to end.
func (m *Model) early() time.Duration {
	if rules := m.run.Draft.Provider.Token; rules != nil {
		return rules.Early
	}
	return 0
}

func newCountdown(name string, left, early time.Duration) countdown {
	c := countdown{name, left, good}
	switch {
	case left <= 0:
		c.tone = bad
	case left <= early:
		c.tone = warn
	}
	return c
}

// certificateCountdown warns in the last tenth of a certificate's life, two weeks at most.
func certificateCountdown(from, to, now time.Time) countdown {
	return newCountdown("certificate", to.Sub(now), min(to.Sub(from)/10, 14*24*time.Hour))
}

// text is what is left, as short as its size allows.
func (c countdown) text() string {
	if c.left <= 0 {
		return "expired"
	}
	return remaining(c.left)
}

// remaining writes a duration to come: 9:52, 1 h 12 min, 23 h, 364 d. Seconds are rounded up, so that it is
// over when it says 0:00.
func remaining(d time.Duration) string {
	s := int((d + time.Second - 1) / time.Second)
	switch {
	case s < 3600:
		return itoa(s/60) + ":" + pad2(s%60)
	case s < 10*3600:
		return itoa(s/3600) + " h " + pad2(s/60%60) + " min"
	case s < 2*86400:
		return itoa(s/3600) + " h"
	}
	return itoa(s/86400) + " d"
}

// skew is the difference of the clocks as the last answer told it; nil: unknown.
func (m *Model) skew() *flows.Skew {
	if x := m.run.Exchange; x != nil && x.Skew != nil {
		return x.Skew
	}
	for i := len(m.run.TokenLog) - 1; i >= 0; i-- {
		if s := m.run.TokenLog[i].Skew; s != nil {
			return s
		}
	}
	return nil
}
