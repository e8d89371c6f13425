package ui

import "countersign/flows"

// names are what people call the steps, and a shorter form for tabs.
var names = map[flows.StepName]struct{ long, short string }{
	flows.StepCredentials: {"Credentials", "Creds"},
	flows.StepToken:       {"Token", "Token"},
	flows.StepCanonical:   {"Canonical string", "Canon"},
	flows.StepSignature:   {"Signature", "Sign"},
	flows.StepResponse:    {"Response", "Resp"},
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

// stepper draws the five steps: over the grid two rows with what each gave, otherwise a row of tabs.
func (m *Model) stepper(l layout) []row {
	if !l.grid {
		return []row{m.tabs(l.stepper.w)}
	}
	steps := m.steps()
	w := (l.stepper.w - 1) / len(steps)
	names1, details := row{{" ", ink{}}}, row{{" ", ink{}}}
	for i, s := range steps {
		cell := w
		if i == len(steps)-1 {
			cell = l.stepper.w - 1 - w*i
		}
		a, b := m.stage(s, cell, i < len(steps)-1)
		names1, details = append(names1, a...), append(details, b...)
	}
	return []row{names1, details}
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
		detail, tone = "space does this next", accent
	case flows.Refused, flows.Failed:
		tone = bad
	case flows.Absent:
		detail = "none: " + s.Detail
	}
	below = append(row{{"  ", ink{}}}, typed(detail, ink{fg: tone})...)
	return head.fit(w, ink{}), below.fit(w-1, ink{}).blank(1, ink{})
}

// tabs draws the panes as a row of tabs. The focused one stands in brackets of its own ground.
func (m *Model) tabs(w int) row {
	for _, form := range []func(place, flows.Step) string{
		func(at place, s flows.Step) string { return itoa(int(at)) + " " + tabSign(s) + names[s.Name].long },
		func(at place, s flows.Step) string { return itoa(int(at)) + tabSign(s) + names[s.Name].short },
	} {
		if r := m.tabRow(form); r.cells() <= w {
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
