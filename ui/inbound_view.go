package ui

import "countersign/sign/untrusted"

// inboundKey is everything that the drawn rows of a part depend on.
type inboundKey struct {
	call         *call
	part         inboundPart
	stamp, width int
	tried        int64 // of the search that is shown
	open         bool
}

// inboundDrawn keeps the rows of the part that was drawn last.
type inboundDrawn struct {
	key  inboundKey
	rows []row
}

// listWidth is how wide the list is beside a part.
func listWidth(w int) int { return max(42, min(w*38/100, 64)) }

// draw draws the list beside a part, or where it is narrow one of them below the tabs.
func (s *inboundScreen) draw(w, h int) []row {
	list := s.shownCalls()
	if w < sidebarFrom {
		rows := []row{s.tabs(w, false)}
		if s.part == inboundList {
			return append(rows, s.framedList(list, w, h-1)...)
		}
		return append(rows, s.framedPart(s.part, w, h-1)...)
	}
	left := listWidth(w)
	a := s.framedList(list, left-1, h)
	b := append([]row{s.tabs(w-left, true)}, s.framedPart(s.beside, w-left, h-1)...)
	rows := make([]row, h)
	for i := range rows {
		rows[i] = append(append(append(row{}, a[i]...), say(faint, "│")), b[i]...)
	}
	return rows
}

// tabs name the parts. The one with the keys stands out; the one beside the list is marked as well.
func (s *inboundScreen) tabs(w int, beside bool) row {
	out := row{}
	for p := range inboundParts {
		if p == inboundList && beside {
			continue
		}
		if p == inboundPaste {
			out = append(out, say(faint, "│"))
		}
		text := itoa(int(p)) + " " + partNames[p] + " "
		switch {
		case p == s.part:
			out = append(out, bit{"▸" + text, ink{fg: accent, bg: chosen, attr: bold}})
		case beside && p == s.beside:
			out = append(out, bit{"▸" + text, ink{bg: chip, attr: bold}})
		default:
			out = append(out, bit{" " + text, ink{fg: quiet}})
		}
	}
	return out.fit(w, ink{})
}

func (s *inboundScreen) framedList(list []*call, w, h int) []row {
	focused := s.part == inboundList
	rows := []row{titled("0 "+partNames[inboundList], s.listDetail(len(list)), w, focused)}
	return append(rows, margined(s.drawList(list, w-2, h-1, focused))...)
}

func (s *inboundScreen) framedPart(p inboundPart, w, h int) []row {
	drawn := s.drawPart(p, w-2, h-1)
	rows := []row{titled(s.subject(p), s.partDetail(p), w, s.part == p)}
	return append(rows, margined(drawn)...)
}

// margined leaves a cell free at both ends of each row.
func margined(rows []row) []row {
	out := make([]row, len(rows))
	for i, r := range rows {
		line := append(append(make(row, 0, len(r)+2), bit{" ", ink{}}), r...)
		out[i] = append(line, bit{" ", ink{}})
	}
	return out
}

// subject is what a part is about: a request, or a partner. The tabs say which part it is.
func (s *inboundScreen) subject(p inboundPart) string {
	if p >= inboundPaste {
		return s.place().Name
	}
	c := s.current()
	if c == nil {
		return partNames[p]
	}
	text := "#" + itoa(c.in.Sequence) + " " + untrusted.From(head(c.in.Request.Method+" "+c.in.Request.Path(), 40)).String()
	return row{{text, ink{}}}.slice(0, 48).text()
}

// partDetail stands at the right end of a part's heading: what of it is seen.
func (s *inboundScreen) partDetail(p inboundPart) row { return s.views[p].position() }

// drawPart draws a part without its frame.
func (s *inboundScreen) drawPart(p inboundPart, w, h int) []row {
	switch p {
	case inboundPaste:
		return s.drawPaste(w, h, s.part == p)
	case inboundSwitches:
		return s.drawSwitches(w, h, s.part == p)
	}
	c := s.current()
	if c == nil {
		s.views[p].set(0, h)
		rows := s.emptyRows(w)
		if s.m.screenWidth() >= sidebarFrom { // the list beside it says why
			rows = []row{{say(quiet, "no request is selected")}}
		}
		return fill(rows, w, h)
	}
	k := inboundKey{call: c, part: p, stamp: s.stamp, width: w, open: s.m.now().Before(s.m.shown)}
	if x := s.doctor; x != nil && x.call == c && p == inboundWhy {
		k.tried = s.m.now().UnixNano() // it moves
	}
	if s.drawn.rows == nil || s.drawn.key != k {
		s.drawn = inboundDrawn{k, s.partRows(c, p, w, k.open)}
	}
	return s.views[p].of(s.drawn.rows, w, h)
}

// partRows are all rows of a part about a request.
func (s *inboundScreen) partRows(c *call, p inboundPart, w int, open bool) []row {
	switch p {
	case inboundStrings:
		return s.stringRows(c, w, open)
	case inboundRequest:
		return s.requestRows(c, w, open)
	case inboundAnswer:
		return s.answerRows(c, w, open)
	}
	return s.whyRows(c, w, open)
}
