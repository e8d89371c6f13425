package ui

// The sizes at which the screen changes its shape. Below the least size the screen says so; the keys keep working.
const (
	leastWidth  = 60
	leastHeight = 16

	sidebarFrom  = 100 // columns from which on the partners stand at the left
	sidebarWidth = 29  // with the rule at its right
	gridFrom     = 34  // rows from which on all five panes are on the screen at once
)

// place names a pane of the workbench.
type place int

// The panes, in the order of the focus. The five behind the partners are the five steps.
const (
	atPartners place = iota
	atCredentials
	atToken
	atCanonical
	atSignature
	atResponse
	places
)

// rect is a part of the screen, in cells. The zero rect is not drawn.
type rect struct{ x, y, w, h int }

// layout says where everything is.
type layout struct {
	tooSmall bool
	grid     bool // all panes are on the screen; otherwise the focused one and tabs
	status   rect
	stepper  rect // two rows in the grid, one row of tabs otherwise
	panes    [places]rect
	footer   rect
}

// frame divides a screen of w by h cells. It is a pure function of what is focused and zoomed.
func frame(focus place, zoom bool, w, h int) layout {
	if w < leastWidth || h < leastHeight {
		return layout{tooSmall: true}
	}
	l := layout{
		grid:   w >= sidebarFrom && h >= gridFrom && !zoom,
		status: rect{0, 0, w, 1},
		footer: rect{0, h - 1, w, 1},
	}
	main := rect{0, 1, w, h - 2}
	if zoom {
		l.panes[focus] = main
		return l
	}
	if w >= sidebarFrom {
		l.panes[atPartners] = rect{0, 1, sidebarWidth, h - 2}
		main.x, main.w = sidebarWidth, w-sidebarWidth
		if focus == atPartners && !l.grid {
			focus = atCredentials
		}
	}
	if !l.grid {
		l.stepper = rect{main.x, main.y, main.w, 1}
		l.panes[focus] = rect{main.x, main.y + 1, main.w, main.h - 1}
		return l
	}
	l.stepper = rect{main.x, main.y, main.w, 2}
	l.divide(focus, rect{main.x, main.y + 2, main.w, main.h - 2})
	return l
}

// divide puts the five panes into three bands. The band with the focus is the highest, and of signature and
// response the one with the focus is the wider: one looks where one works.
func (l *layout) divide(focus place, area rect) {
	bands := [3]int{10, 9, 9}
	spare := area.h - bands[0] - bands[1] - bands[2]
	switch focus {
	case atCredentials, atToken:
		bands[0] += spare
	case atPartners, atCanonical:
		bands[1] += spare
	default:
		bands[2] += spare
	}
	left := area.w / 2
	y := area.y
	l.panes[atCredentials] = rect{area.x, y, left, bands[0]}
	l.panes[atToken] = rect{area.x + left, y, area.w - left, bands[0]}
	y += bands[0]
	l.panes[atCanonical] = rect{area.x, y, area.w, bands[1]}
	y += bands[1]
	switch focus {
	case atSignature:
		left = area.w * 60 / 100
	case atResponse:
		left = area.w * 40 / 100
	}
	l.panes[atSignature] = rect{area.x, y, left, bands[2]}
	l.panes[atResponse] = rect{area.x + left, y, area.w - left, bands[2]}
}
