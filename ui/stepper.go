package ui

import (
	"strings"

	"countersign/flows"
)

// names are what people call the steps, shorter forms for tabs, and what the next key does.
var names = map[flows.StepName]struct{ long, word, short, verb string }{
	flows.StepCredentials: {"Credentials", "Credentials", "Creds", "look up"},
	flows.StepToken:       {"Token", "Token", "Token", "fetch it"},
	flows.StepCanonical:   {"Canonical string", "Canonical", "Canon", "make it"},
	flows.StepSignature:   {"Signature", "Signature", "Sign", "show it"},
	flows.StepResponse:    {"Response", "Response", "Resp", "send"},
}

// mark is the sign and the tone of a state. Each state has a sign of its own.
func mark(s flows.Status) (string, tone) {
	switch s {
	case flows.Done:
		return "✓", good
	case flows.Current:
		return "▶", accent
	case flows.Running:
		return "●", accent
	case flows.Absent:
		return "–", quiet
	case flows.Refused, flows.Failed:
		return "✗", bad
	}
	return "○", faint
}

// stageShares divide the width among the steps, by what each has to say; together they are 92.
var stageShares = [...]int{19, 19, 22, 16, 16}

// stepper draws the five steps: over the grid two rows with what each gave, otherwise a row of tabs.
func (m *Model) stepper(l layout) []row {
	if !l.grid {
		return []row{m.tabs(l.stepper.w)}
	}
	steps := m.steps()
	heads, details := row{{" ", ink{}}}, row{{" ", ink{}}}
	at, shares := 0, 0
	for i, s := range steps {
		shares += stageShares[i]
		end := (l.stepper.w - 1) * shares / 92
		a, b := m.stage(s, end-at, i < len(steps)-1)
		heads, details, at = append(heads, a...), append(details, b...), end
	}
	return []row{heads.fit(l.stepper.w, ink{}), details.fit(l.stepper.w, ink{})}
}

// stage draws one step in w cells: sign, name and the line to the next one; below it what it gave.
func (m *Model) stage(s flows.Step, w int, more bool) (head, below row) {
	sign, t := mark(s.Status)
	name := bit{names[s.Name].long, ink{fg: t}}
	switch s.Status {
	case flows.Current, flows.Running:
		name.ink.attr |= bold
	case flows.Done:
		name.ink.fg = plain
	case flows.Waiting:
		name.ink.fg = quiet
	}
	head = row{strong(t, sign), {" ", ink{}}, name, {" ", ink{}}}
	if more {
		head = append(head, say(faint, repeat("─", w-head.cells()-1)))
	}
	detail, tone := s.Detail, quiet
	switch s.Status {
	case flows.Current:
		tone = accent
		if detail = "space: " + names[s.Name].verb; s.Detail == noSuchStep {
			detail = "none; space: go on"
		}
	case flows.Refused, flows.Failed:
		tone = bad
	case flows.Absent:
		detail = "none: " + s.Detail
	}
	below = append(row{{"  ", ink{}}}, typed(shortened(detail, w-3), ink{fg: tone})...)
	return head.fit(w, ink{}), below.fit(w-1, ink{}).blank(1, ink{})
}

// replied is what came back, in the words of the pane; without an answer, the detail as it is.
func replied(x *flows.Exchange, detail string) string {
	if x == nil || x.Response == nil {
		return detail
	}
	words := strings.TrimSpace(itoa(x.Response.Status) + " " + x.Response.Reason.String())
	return words + ", " + plural(x.Response.Size, "byte") + " in " + brief(x.Timing.Total)
}

// shortened leaves out the later parts of a detail that has no room, rather than cut a word.
func shortened(detail string, w int) string {
	for _, end := range []string{", ", " in ", " fields", ": "} {
		if width(detail) <= w {
			return detail
		}
		if head, _, ok := strings.Cut(detail, end); ok && head != "" {
			detail = head
		}
	}
	if status, _, _ := strings.Cut(detail, " "); width(detail) > w && strings.Trim(status, "0123456789") == "" {
		return status
	}
	return detail
}

// tabs draws the panes as a row of tabs. The focused one stands in brackets of its own ground.
func (m *Model) tabs(w int) row {
	for _, form := range []func(place, flows.Step) string{
		func(at place, s flows.Step) string { return itoa(int(at)) + " " + tabSign(s) + names[s.Name].long },
		func(at place, s flows.Step) string { return itoa(int(at)) + tabSign(s) + names[s.Name].word },
		func(at place, s flows.Step) string { return itoa(int(at)) + tabSign(s) + names[s.Name].short },
	} {
		if r := m.tabRow(form); r.cells() <= w+1 {
			return r.fit(w, ink{})
		}
	}
	return m.tabRow(func(at place, s flows.Step) string { return itoa(int(at)) + tabSign(s) + names[s.Name].short }).fit(w, ink{})
}

func tabSign(s flows.Step) string {
	sign, _ := mark(s.Status)
	return sign + " "
}

func (m *Model) tabRow(form func(place, flows.Step) string) row {
	out := row{m.tab(atPartners, "0 Partners", quiet)}
	for _, s := range m.steps() {
		_, t := mark(s.Status)
		out = append(out, m.tab(placeOf(s.Name), form(placeOf(s.Name), s), t))
	}
	return out
}

func (m *Model) tab(at place, text string, t tone) bit {
	if at == m.focus {
		return bit{"▸" + text + " ", ink{fg: t, bg: chosen, attr: bold}}
	}
	return bit{" " + text + " ", ink{fg: t}}
}
