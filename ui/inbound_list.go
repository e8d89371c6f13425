package ui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"countersign/flows"
	"countersign/sign/untrusted"
)

// shownCalls are the requests in the list; current is the selected one, nil when there is none.
func (s *inboundScreen) shownCalls() []*call { return s.box.list(s.show) }

func (s *inboundScreen) current() *call {
	c, _ := s.selected(s.shownCalls())
	return c
}

// selected finds the selected request in the list. The newest is followed until another is chosen; one that is
// forgotten gives way to the oldest there is.
func (s *inboundScreen) selected(list []*call) (*call, int) {
	if len(list) == 0 {
		return nil, 0
	}
	if s.chosen == nil {
		return list[0], 0
	}
	if i := slices.Index(list, s.chosen); i >= 0 {
		return s.chosen, i
	}
	for i, c := range list { // the filter hides it: the next older one
		if c.in.Sequence <= s.chosen.in.Sequence {
			return c, i
		}
	}
	return list[len(list)-1], len(list) - 1
}

// pick moves the selection. At the top the newest is followed.
func (s *inboundScreen) pick(to motion) tea.Cmd {
	list := s.shownCalls()
	_, at := s.selected(list)
	page := max(s.list.h-1, 1)
	switch to {
	case up:
		at--
	case down:
		at++
	case pageUp:
		at -= page
	case pageDown:
		at += page
	case first:
		at = 0
	case last:
		at = len(list) - 1
	default:
		return nil
	}
	at = max(0, min(at, len(list)-1))
	s.chosen = nil
	if at > 0 {
		s.chosen = list[at]
	}
	if s.beside >= inboundPaste { // whoever goes through the requests looks at them
		s.beside = inboundWhy
	}
	s.m.hide()
	for p := range s.views {
		s.views[p].top = 0
	}
	return s.attend()
}

// filter goes to the next filter.
func (s *inboundScreen) filter() tea.Cmd {
	s.show = (s.show + 1) % inboundFilters
	s.m.say(plain, "shown: %s", filterNames[s.show])
	return s.attend()
}

// listDetail is what stands at the right end of the list's heading.
func (s *inboundScreen) listDetail(n int) row {
	var out row
	if s.show != showAll {
		out = append(out, say(warn, filterNames[s.show]+", "))
	}
	if n == 0 {
		return append(out, say(quiet, "none"))
	}
	if s.chosen == nil {
		out = append(out, strong(good, "● "), say(quiet, "following, "))
	}
	return append(out, say(quiet, grouped(n)))
}

// drawList draws the list: two lines a request where it is narrow, otherwise one.
func (s *inboundScreen) drawList(list []*call, w, h int, focused bool) []row {
	if len(list) == 0 {
		return fill(s.emptyRows(w), w, h)
	}
	foot := s.lostRows(w)
	foot = foot[:min(len(foot), max(h-4, 0))]
	each := 2
	if w >= oneLine {
		each = 1
	}
	_, at := s.selected(list)
	room := max((h-len(foot))/each, 1)
	s.list.set(len(list), room)
	s.list.show(at)
	var rows []row
	for i := s.list.top; i < min(s.list.top+room, len(list)); i++ {
		lines := s.callRows(list[i], w-1, each)
		for j, r := range lines {
			lead := bit{" ", ink{}}
			switch {
			case i != at || j > 0:
			case focused:
				lead = strong(accent, "▸")
			default:
				lead = say(quiet, "▸")
			}
			r = append(row{lead}, r...).fit(w, ink{})
			if i == at {
				r = r.on(chosen)
			}
			rows = append(rows, r)
		}
	}
	for len(rows)+len(foot) < h {
		rows = append(rows, nil)
	}
	return fill(append(rows, foot...), w, h)
}

// oneLine is the width from which on a request is told on one line.
const oneLine = 68

// callRows tell one request.
func (s *inboundScreen) callRows(c *call, w, each int) []row {
	mark, t := "✓", good
	verdict := row{say(quiet, "ok")}
	if failed, refused := c.in.Failed(); refused {
		mark, t = "✗", bad
		verdict = typed(failed.Name, ink{fg: bad})
	} else if c.in.Status == 0 || c.in.Status >= 400 {
		mark, t = "!", warn
		verdict = row{say(warn, "checks passed")}
	}
	if c.own {
		verdict = append(verdict, say(quiet, " · workbench"))
	}
	status := itoa(c.in.Status)
	if c.in.Status == 0 {
		status = "———"
	}
	lead := row{strong(t, mark+" "+status), {" ", ink{}}}
	line := append(typed(c.in.Request.Method, ink{attr: bold}), bit{" ", ink{}})
	line = append(line, typed(head(c.in.Request.Target, w), ink{})...)
	clock := say(quiet, c.in.At.UTC().Format("15:04:05"))
	partner := s.partnerName(c.in.Provider)
	if each == 1 {
		left := append(lead, clock, bit{"  ", ink{}})
		left = append(left, row{say(plain, partner)}.fit(13, ink{})...)
		return []row{spread(append(left, line...), verdict, w, ink{})}
	}
	second := append(row{{"      ", ink{}}, say(quiet, partner+"  ")}, verdict...)
	return []row{append(lead, line...), spread(second, row{clock}, w, ink{})}
}

// partnerName is what people call a partner.
func (s *inboundScreen) partnerName(id string) string {
	if p, ok := flows.Find(s.m.deps.Providers, id); ok {
		return p.Name
	}
	return untrusted.From(id).String()
}

// emptyRows say why there is nothing to see.
func (s *inboundScreen) emptyRows(w int) []row {
	if len(s.box.kept) > 0 {
		return paragraph(bit{}, "no request passes the filter ("+filterNames[s.show]+"); f changes it", ink{fg: quiet}, w)
	}
	rows := []row{{strong(plain, "Nothing has arrived yet.")}, nil}
	rows = append(rows, paragraph(bit{}, "The embedded sandbox listens for anybody's code. Point yours at it: each request is listed here as it arrives, with the check that refused it and the mistake that explains it.", ink{fg: quiet}, w)...)
	return append(rows, nil, row{strong(accent, "5"), say(quiet, " address, credentials, lines to paste")})
}

// lostRows say what is not in the list.
func (s *inboundScreen) lostRows(w int) []row {
	var rows []row
	if n := s.box.missed; n > 0 {
		rows = append(rows, row{say(warn, "! "+plural(n, "request")+" came too fast to be kept")})
	}
	if n := s.box.gone; n > 0 {
		rows = append(rows, row{say(quiet, plural(n, "older request")+" forgotten")})
	}
	return rows
}
