package ui

import (
	"slices"

	tea "charm.land/bubbletea/v2"
)

// View draws the screen. It runs after every message, so it only puts together rows that the panes keep.
// The mouse is left to the terminal: its own selection is how people copy over SSH.
func (m *Model) View() (v tea.View) {
	defer func() {
		v.AltScreen = true
		v.WindowTitle = "Countersign: " + m.run.Draft.Provider.Name + ", " + m.run.Draft.Sample.Name
		if m.deps.Strict {
			return
		}
		if cause := recover(); cause != nil {
			v.Content = "this screen could not be drawn; another pane (tab) or size may work"
		}
	}()
	w, h := m.width, m.height
	if w == 0 { // the size is not known yet
		w, h = 80, 24
	}
	v.SetContent(m.theme.paint(m.rows(w, h)))
	return v
}

// rows draws the whole screen: h rows of w cells.
func (m *Model) rows(w, h int) []row {
	l := frame(m.focus, m.zoom, w, h)
	if l.tooSmall {
		return m.small(w, h)
	}
	rows := make([]row, 0, h)
	rows = append(rows, m.statusLine(w))
	if m.screen != nil {
		rows = append(rows, m.screen.draw(w, h-2)...)
	} else {
		rows = append(rows, m.workbench(l, w, h-2)...)
	}
	foot := m.footer(w)
	rows = append(rows[:h-len(foot)], foot...)
	if n := len(m.overlays); n > 0 {
		rows = m.over(dimmed(rows), m.overlays[n-1], w, h)
	}
	return rows
}

// workbench draws what is between status line and footer.
func (m *Model) workbench(l layout, w, h int) []row {
	lines := make([][]part, h)
	place := func(r rect, drawn []row) {
		for i, x := range drawn {
			lines[r.y-1+i] = append(lines[r.y-1+i], part{r.x, x})
		}
	}
	if l.stepper.h > 0 {
		place(l.stepper, m.stepper(l))
	}
	for at, r := range l.panes {
		if r.h > 0 {
			place(r, m.pane(atPartners+placeAt(at), r, l))
		}
	}
	rows := make([]row, h)
	for i, parts := range lines {
		slices.SortFunc(parts, func(a, b part) int { return a.x - b.x })
		for _, p := range parts {
			rows[i] = append(rows[i], p.row...)
		}
	}
	return rows
}

// part is a row that begins at a column.
type part struct {
	x   int
	row row
}

func placeAt(i int) place { return place(i) }

// pane draws one pane with the rule above it and the rule beside it.
func (m *Model) pane(at place, r rect, l layout) []row {
	focused := at == m.focus
	w := r.w
	beside := r.x+r.w < m.screenWidth()
	if beside {
		w-- // the rule at the right
	}
	k := drawnKey{stamp: m.stamp, w: w, h: r.h, focused: focused}
	switch at {
	case atToken:
		k.clock = m.now().Unix()
	case atResponse:
		k.found = m.inbound.stamp
	}
	if c := &m.drawn[at]; c.rows != nil && c.key == k && !focused {
		return c.rows
	}
	drawn := m.panes[at].draw(max(w-2, 0), r.h-1, focused)
	rows := make([]row, 0, r.h)
	rows = append(rows, m.rule(at, w, focused))
	for _, x := range drawn {
		line := append(append(make(row, 0, len(x)+3), bit{" ", ink{}}), x...)
		rows = append(rows, append(line, bit{" ", ink{}}))
	}
	if beside {
		for i := range rows {
			rows[i] = append(rows[i], say(faint, "│"))
		}
	}
	m.drawn[at] = drawnPane{k, rows}
	return rows
}

// drawnPane is a pane as it was drawn last. Only the pane with the focus changes by itself, so all others are
// drawn again only when the run, the size or the second changed.
type drawnPane struct {
	key  drawnKey
	rows []row
}

type drawnKey struct {
	stamp, w, h int
	clock       int64
	found       int // as in memoKey
	focused     bool
}

func (m *Model) screenWidth() int {
	if m.width == 0 {
		return 80
	}
	return m.width
}

// rule is the line above a pane with its title. The focus is told by weight as well as by colour.
func (m *Model) rule(at place, w int, focused bool) row {
	name, detail := m.panes[at].title()
	return titled(itoa(int(at))+" "+name, detail, w, focused)
}

// titled is a line with a title in it and a detail at its right end.
func titled(name string, detail row, w int, focused bool) row {
	line, k, name2 := "─", ink{fg: faint}, bit{name, ink{fg: quiet, attr: bold}}
	if focused {
		line, k, name2 = "━", ink{fg: accent}, bit{name, ink{fg: accent, attr: bold}}
	}
	left := row{{line, k}, {" ", ink{}}, name2, {" ", ink{}}}
	right := row{}
	if room := w - left.cells() - 4; detail.cells() > 0 && room > 3 {
		if detail.cells() > room {
			detail = detail.fit(room, ink{})
		}
		right = append(append(row{{" ", ink{}}}, detail...), bit{" ", ink{}}, bit{line, k})
	}
	n := w - left.cells() - right.cells()
	if n < 0 {
		return left.fit(w, k)
	}
	return append(append(left, bit{repeat(line, n), k}), right...)
}

// small says that the terminal is too small. The keys keep working.
func (m *Model) small(w, h int) []row {
	leaving := "q quits; other keys wait for more room"
	if m.asksToQuit() {
		leaving = "something is under way: q again quits"
	}
	lines := []row{
		{strong(plain, "Countersign needs "+itoa(leastWidth)+"x"+itoa(leastHeight))},
		{say(quiet, "this terminal has "+itoa(w)+"x"+itoa(h)+"; nothing is lost")},
		{say(quiet, leaving)},
	}
	return fill(lines, w, h)
}

// dimmed takes the colours out of what lies below an overlay; status line and footer stay.
func dimmed(rows []row) []row {
	out := append([]row{}, rows...)
	for i := 1; i < len(rows)-1; i++ {
		r := make(row, len(rows[i]))
		for j, b := range rows[i] {
			r[j] = bit{b.text, ink{fg: faint}}
		}
		out[i] = r
	}
	return out
}

// over draws an overlay in the middle.
func (m *Model) over(rows []row, o overlay, w, h int) []row {
	box := o.draw(w, h-2)
	if len(box) == 0 {
		return rows
	}
	x, y := (w-box[0].cells())/2, max((h-len(box))/2, 1)
	return overlaid(rows, box, x, y)
}
