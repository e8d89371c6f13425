package ui

import tea "charm.land/bubbletea/v2"

// pane is one rectangle of the workbench.
type pane interface {
	// title is the name in the rule above the pane; detail stands at its right end and may be empty.
	title() (name string, detail row)
	// draw returns exactly h rows of w cells.
	draw(w, h int, focused bool) []row
	// move is a key that moves within the pane.
	move(motion) tea.Cmd
}

// screen is a full-screen view beside the workbench. A binding opens it by setting Model.screen;
// it leaves by setting that to nil again.
type screen interface {
	// title is shown in the status line.
	title() string
	// update takes keys, pastes and the messages that are its own. A key that it does not take goes to the
	// bindings of the program: commands, help, quit.
	update(tea.Msg) (cmd tea.Cmd, taken bool)
	// keys are shown at the bottom.
	keys() []binding
	// draw returns exactly h rows of w cells.
	draw(w, h int) []row
}

// motion is a way to move within a pane.
type motion int

// The motions.
const (
	up motion = iota
	down
	toLeft
	toRight
	pageUp
	pageDown
	first
	last
	previousPart
	nextPart
	inward
	outward
)

// window is which rows of a long list are seen.
type window struct {
	top int
	h   int // rows seen when it was drawn last
	n   int // rows there are
}

// move scrolls by a motion and reports whether it is one that scrolls.
func (v *window) move(to motion) bool {
	page := max(v.h-1, 1)
	switch to {
	case up:
		v.top--
	case down:
		v.top++
	case pageUp:
		v.top -= page
	case pageDown:
		v.top += page
	case first:
		v.top = 0
	case last:
		v.top = v.n
	default:
		return false
	}
	v.hold()
	return true
}

// set tells how many rows there are and how many are seen.
func (v *window) set(n, h int) {
	v.n, v.h = n, h
	v.hold()
}

func (v *window) hold() { v.top = max(0, min(v.top, v.n-v.h)) }

// show scrolls as little as needed to bring row i into sight.
func (v *window) show(i int) {
	if i < v.top {
		v.top = i
	}
	if i >= v.top+v.h {
		v.top = i - v.h + 1
	}
	v.hold()
}

// position is the detail for a title: which part of the rows is seen, when it is not all of them.
func (v *window) position() row {
	if v.n <= v.h {
		return nil
	}
	return row{say(quiet, itoa(v.top+1)+"–"+itoa(min(v.top+v.h, v.n))+" of "+itoa(v.n))}
}

// of cuts the rows that are seen out of all of them.
func (v *window) of(rows []row, w, h int) []row {
	v.set(len(rows), h)
	return fill(rows[v.top:min(v.top+h, len(rows))], w, h)
}
