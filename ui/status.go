package ui

import (
	"strings"
	"time"

	"countersign/flows"
	"countersign/flows/credentials"
)

func repeat(s string, n int) string {
	if n <= 0 {
		return ""
	}
	return strings.Repeat(s, n)
}

// statusLine says where we are and what runs out: partner, environment, profile, request; countdowns and skew.
// What runs out is kept longest when there is little room.
func (m *Model) statusLine(w int) row {
	d := m.run.Draft
	ground := ink{bg: chip}
	left := row{
		{" " + d.Provider.Name + " ", ink{fg: badged, bg: badge, attr: bold}},
		m.environmentChip(), {" ", ground},
	}
	if m.now().Before(m.shown) {
		left = append(left, bit{" a secret is shown ", ink{fg: loud, bg: danger, attr: bold}}, bit{" ", ground})
	}
	if m.screen != nil {
		return append(left, bit{m.screen.title(), ink{bg: chip, attr: bold}}).fit(w, ground)
	}
	left = append(left, bit{d.Sample.Name, ink{bg: chip, attr: bold}})
	if d.Profile != credentials.DefaultProfile {
		left = append(left, bit{"  profile ", ink{fg: quiet, bg: chip}})
		left = append(left, typed(d.Profile, ground)...)
	}
	right := append(append(m.upkeep.waiting(m), m.inbound.waiting()...), m.statusRight()...)
	target := append(row{{"  ", ground}}, typed(d.Method+" "+d.Path, ink{fg: quiet, bg: chip})...)
	if left.cells()+target.cells()+right.cells() < w {
		left = append(left, target...)
	}
	return spread(left, right, w, ground)
}

// environmentChip names the environment. Production has a form of its own, not only a colour.
func (m *Model) environmentChip() bit {
	e := m.run.Draft.Environment
	if e.Production {
		return bit{" ▲ PRODUCTION ▲ ", ink{fg: loud, bg: danger, attr: bold}}
	}
	return bit{" " + e.Name + " ", ink{bg: chosen}}
}

// statusRight is what runs out and how the clocks differ.
func (m *Model) statusRight() row {
	var out row
	gap := bit{"  ", ink{bg: chip}}
	for _, c := range m.countdowns() {
		name := c.name
		if name == "certificate" {
			name = "cert"
		}
		out = append(out, bit{name + " ", ink{fg: quiet, bg: chip}}, bit{c.sign() + c.text(), ink{fg: c.tone, bg: chip, attr: bold}}, gap)
	}
	if s := m.skew(); s != nil {
		t, text := quiet, "±"+signed(s.Error)[1:]
		switch off := s.Offset.Abs(); {
		case off > 5*time.Second:
			t, text = bad, "! "+signed(s.Offset)
		case off > s.Error:
			text = signed(s.Offset)
		}
		out = append(out, bit{"skew ", ink{fg: quiet, bg: chip}}, bit{text, ink{fg: t, bg: chip}}, gap)
	}
	return out
}

// sign marks a countdown without colour: nothing while there is time, ! when it ends soon, ✗ when it is over.
func (c countdown) sign() string {
	switch c.tone {
	case warn:
		return "! "
	case bad:
		return "✗ "
	}
	return ""
}

// signed writes a clock difference: +0.4 s.
func signed(d time.Duration) string {
	tenths := int(d.Round(100*time.Millisecond) / (100 * time.Millisecond))
	s := "+"
	if tenths < 0 {
		s, tenths = "-", -tenths
	}
	if tenths >= 600 {
		return s + d.Abs().Round(time.Second).String()
	}
	return s + itoa(tenths/10) + "." + itoa(tenths%10) + " s"
}

// footer shows the keys that work now, or what there is to say. What has no room in one row takes some of those above it:
// the end of a sentence is often what helps.
func (m *Model) footer(w int) []row {
	if m.notice.text != "" {
		return m.notice.rows(w)
	}
	if m.job != nil {
		return []row{m.progress(w)}
	}
	return []row{m.keyRow(w)}
}

// maxNotice bounds the rows of a notice.
const maxNotice = 4

func (n notice) rows(w int) []row {
	lead := row{{" ", ink{}}, strong(n.tone, map[tone]string{good: "✓ ", warn: "! ", bad: "✗ "}[n.tone])}
	text := typed(n.text, ink{fg: n.tone})
	if lead.cells()+text.cells() <= w {
		return []row{append(lead, text...).fit(w, ink{})}
	}
	var rows []row
	lines := text.wrapped(w - lead.cells() - 1)
	for i, line := range lines[:min(len(lines), maxNotice)] {
		if i == maxNotice-1 && len(lines) > maxNotice {
			line = append(line, say(n.tone, "…"))
		}
		rows = append(rows, append(lead, line...).fit(w, ink{}))
		lead = row{{spaces(lead.cells()), ink{}}}
	}
	return rows
}

// keyRow shows the keys that work now.
func (m *Model) keyRow(w int) row {
	if len(m.overlays) > 0 { // it has its own keys in its frame
		return row(nil).fit(w, ink{})
	}
	out, end := row{}, row{}
	for _, b := range m.footKeys() {
		h := b.key.Help()
		item := row{{" ", ink{}}, strong(accent, h.Key), say(quiet, " "+h.Desc+" ")}
		switch {
		case b.foot >= fixedFoot:
			end = append(end, item...)
		case out.cells()+item.cells()+footRoom <= w:
			out = append(out, item...)
		}
	}
	return spread(out, end, w, ink{})
}

// fixedFoot is the place in the footer from which on keys stand at its right end and are always seen.
const (
	fixedFoot = 10
	footRoom  = 17
)

// footKeys are the bindings for the footer that can be used now, in their order.
func (m *Model) footKeys() []binding {
	var out []binding
	for n := 1; n <= maxFoot; n++ {
		for _, b := range m.here() {
			if b.foot == n && b.why(m) == "" {
				out = append(out, b)
			}
		}
	}
	return out
}

// maxFoot is the last place in the footer.
const maxFoot = 11

var spinner = [...]string{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"}

// progress says what is under way and since when.
func (m *Model) progress(w int) row {
	elapsed := m.now().Sub(m.job.since)
	wheel := "●"
	if !m.deps.ReducedMotion {
		wheel = spinner[int(elapsed/everyFrame)%len(spinner)]
	}
	out := row{{" ", ink{}}, strong(accent, wheel), say(plain, " "+m.doing()), say(quiet, "  "+signed(elapsed)[1:]+"   ")}
	return append(out, strong(accent, "esc"), say(quiet, " cancel")).fit(w, ink{})
}

// doing says what the job does, for people.
func (m *Model) doing() string {
	if m.job.probes {
		return "probing: a request under each value"
	}
	switch m.job.step {
	case flows.StepCredentials:
		return "looking for the credentials"
	case flows.StepToken:
		return "asking for a token"
	case flows.StepResponse:
		return "sending, waiting for the answer"
	}
	return "signing"
}
