package ui

import (
	"slices"

	"countersign/flows"
)

// switches are the faults and disagreements that the partner's imitation has.
func (s *inboundScreen) switches() []flows.Switch {
	if s.m.embedding == nil || s.m.embedding.Switches == nil {
		return nil
	}
	return s.m.embedding.Switches(s.place().ID)
}

// turn goes through the values of the selected switch.
func (s *inboundScreen) turn(by int) {
	list := s.switches()
	if len(list) == 0 {
		return
	}
	x := list[max(0, min(s.turned, len(list)-1))]
	n := len(x.Values)
	if n == 0 {
		return
	}
	at := slices.Index(x.Values, x.Value) // a value that is none of them goes to the first or the last
	if at < 0 && by < 0 {
		at = 0
	}
	value := x.Values[(at+by+n)%n]
	if err := s.m.embedding.Set(s.place().ID, x.Name, value); err != nil {
		s.problem = err.Error()
		return
	}
	s.problem = ""
	s.m.say(good, "%s: %s", x.Title, value)
}

// drawSwitches draws the switches with their values, and below what the selected one does.
func (s *inboundScreen) drawSwitches(w, h int, focused bool) []row {
	list := s.switches()
	if len(list) == 0 {
		return fill([]row{s.partnerRow(w), nil, {say(quiet, "this partner's imitation has no switches, or it is starting")}}, w, h)
	}
	s.turned = max(0, min(s.turned, len(list)-1))
	top := []row{s.partnerRow(w), nil}
	foot := s.switchFoot(list[s.turned], w)
	if rows := s.toldSwitches(list, w, focused); len(top)+len(rows)+len(foot) <= h { // room for what each of them does
		rows = append(top, rows...)
		for len(rows)+len(foot) < h {
			rows = append(rows, nil)
		}
		return fill(append(rows, foot...), w, h)
	}
	foot = append(paragraph(bit{}, list[s.turned].Doc, ink{fg: quiet}, w), foot...)
	foot = append([]row{{say(faint, repeat("┄", w))}}, foot[:min(len(foot), max(h-4, 1))]...)
	room := max(h-len(foot)-len(top), 1)
	v := &s.views[inboundSwitches]
	v.set(len(list), room)
	v.show(s.turned)
	rows := top
	for i := v.top; i < min(v.top+room, len(list)); i++ {
		rows = append(rows, switchRow(list[i], w, focused && i == s.turned))
	}
	for len(rows)+len(foot) < h {
		rows = append(rows, nil)
	}
	return fill(append(rows, foot...), w, h)
}

// toldSwitches are the switches, each with what it does below it.
func (s *inboundScreen) toldSwitches(list []flows.Switch, w int, focused bool) []row {
	var rows []row
	for i, x := range list {
		rows = append(rows, switchRow(x, w, focused && i == s.turned))
		rows = append(rows, paragraph(bit{"    ", ink{}}, x.Doc, ink{fg: quiet}, w)...)
		rows = append(rows, nil)
	}
	s.views[inboundSwitches].set(0, 0)
	return rows
}

// switchRow is one switch: its title, its value, and a mark when it is not as it was at the start.
func switchRow(x flows.Switch, w int, here bool) row {
	lead, mark, value := bit{" ", ink{}}, bit{"  ", ink{}}, ink{}
	if here {
		lead = strong(accent, "▸")
	}
	if len(x.Values) > 0 && x.Value != x.Values[0] {
		mark, value = strong(warn, "● "), ink{fg: warn, attr: bold}
	}
	left := append(row{lead, mark}, typed(x.Title, ink{attr: bold})...).fit(34, ink{})
	if here {
		left = append(left, say(accent, "‹ "))
		left = append(append(left, typed(x.Value, value)...), say(accent, " ›"))
		left = append(left, say(quiet, "  "+itoa(slices.Index(x.Values, x.Value)+1)+" of "+itoa(len(x.Values))))
		return left.fit(w, ink{}).on(chosen)
	}
	return append(append(left, bit{"  ", ink{}}), typed(x.Value, value)...)
}

// switchFoot tells about the selected switch: its values, and what went wrong.
func (s *inboundScreen) switchFoot(x flows.Switch, w int) []row {
	var rows []row
	if s.problem != "" {
		rows = append(rows, trouble(s.problem, "", w)...)
	}
	values := row{say(quiet, "values  ")}
	for _, v := range x.Values {
		k := ink{fg: quiet}
		if v == x.Value {
			k = ink{attr: bold}
		}
		values = append(append(values, typed(v, k)...), say(quiet, "  "))
	}
	rows = append(rows, values.wrapped(w)...)
	return append(rows, row{strong(accent, "← →"), say(quiet, " the value before, the next value; it counts from the next request on")})
}
