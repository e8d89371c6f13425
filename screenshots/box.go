package screenshots

// weight is the stroke of one arm of a box-drawing character.
type weight int

const (
	none weight = iota
	light
	heavy
	double
)

// side is a direction from the middle of a cell to one of its edges.
type side int

const (
	left side = iota
	right
	up
	down
)

func (s side) opposite() side { return s ^ 1 }

func (s side) horizontal() bool { return s == left || s == right }

// arms are the strokes of a box-drawing character: left, right, up, down.
type arms [4]weight

// boxArms holds U+2500-257F in rows of sixteen, each as the digits of its four weights. Dashes, arcs and
// diagonals, which are not made of arms, are 0000. A test derives the same from the Unicode names.
var boxArms = [8]string{
	"1100 2200 0011 0022 0000 0000 0000 0000 0000 0000 0000 0000 0101 0201 0102 0202", // ─━│┃┄┅┆┇┈┉┊┋┌┍┎┏
	"1001 2001 1002 2002 0110 0210 0120 0220 1010 2010 1020 2020 0111 0211 0121 0112", // ┐┑┒┓└┕┖┗┘┙┚┛├┝┞┟
	"0122 0221 0212 0222 1011 2011 1021 1012 1022 2021 2012 2022 1101 2101 1201 2201", // ┠┡┢┣┤┥┦┧┨┩┪┫┬┭┮┯
	"1102 2102 1202 2202 1110 2110 1210 2210 1120 2120 1220 2220 1111 2111 1211 2211", // ┰┱┲┳┴┵┶┷┸┹┺┻┼┽┾┿
	"1121 1112 1122 2121 1221 2112 1212 2221 2212 2122 1222 2222 0000 0000 0000 0000", // ╀╁╂╃╄╅╆╇╈╉╊╋╌╍╎╏
	"3300 0033 0301 0103 0303 3001 1003 3003 0310 0130 0330 3010 1030 3030 0311 0133", // ═║╒╓╔╕╖╗╘╙╚╛╜╝╞╟
	"0333 3011 1033 3033 3301 1103 3303 3310 1130 3330 3311 1133 3333 0000 0000 0000", // ╠╡╢╣╤╥╦╧╨╩╪╫╬╭╮╯
	"0000 0000 0000 0000 1000 0010 0100 0001 2000 0020 0200 0002 1200 0012 2100 0021", // ╰╱╲╳╴╵╶╷╸╹╺╻╼╽╾╿
}

// armsOf looks a character of U+2500-257F up.
func armsOf(r rune) (a arms) {
	i := int(r - 0x2500)
	digits := boxArms[i/16][i%16*5:]
	for s := range a {
		a[s] = weight(digits[s] - '0')
	}
	return a
}

// box draws U+2500-257F.
func (g grid) box(r rune) ink {
	switch {
	case r >= '╭' && r <= '╰':
		return g.arc(r)
	case r >= '╱' && r <= '╳':
		return g.diagonal(r)
	}
	a := armsOf(r)
	if a == (arms{}) {
		return g.dashes(r)
	}
	var in ink
	for s, w := range a {
		switch w {
		case none:
		case double:
			in.rects = append(in.rects, g.rail(a, side(s), -1), g.rail(a, side(s), 1))
		default:
			in.rects = append(in.rects, g.rail(a, side(s), 0))
		}
	}
	in.rects = merge(in.rects)
	return in
}

// thickness of a single stroke, and of each of the two of a double one.
func (g grid) thickness(w weight) int {
	switch w {
	case none:
		return 0
	case heavy:
		return 3 * g.stroke
	}
	return g.stroke
}

// rail draws one line of an arm, from the edge of the cell to where it meets the others. lane is 0 for a
// single line, -1 or 1 for the line of a double arm that lies further up or left, or down or right.
func (g grid) rail(a arms, s side, lane int) rect {
	cx, cy := g.center()
	half, reach := g.thickness(a[s])/2, g.reach(a, s, lane)
	x, y := cx+lane*g.stroke, cy+lane*g.stroke
	switch s {
	case left:
		return rect{0, y - half, cx + reach, y + half}
	case right:
		return rect{cx - reach, y - half, g.w, y + half}
	case up:
		return rect{x - half, 0, x + half, cy + reach}
	default:
		return rect{x - half, cy - reach, x + half, g.h}
	}
}

// reach is how far past the middle a line goes; negative when it stops before. near and far are the arms
// that cross it: on the side of its lane, and on the other side.
func (g grid) reach(a arms, s side, lane int) int {
	near, far := a[up], a[down]
	if !s.horizontal() {
		near, far = a[left], a[right]
	}
	if lane > 0 {
		near, far = far, near
	}
	through := a[s.opposite()] != none
	inner := g.stroke/2 - g.stroke // up to and over the nearer rail of a double line
	outer := g.stroke/2 + g.stroke // up to and over the further rail
	switch {
	case lane != 0 && near == double:
		return inner
	case lane != 0 && near != none:
		return g.thickness(near) / 2
	case lane != 0 && through:
		return 0
	case lane != 0 && far == double:
		return outer
	case lane != 0:
		return g.thickness(far) / 2
	case near != double && far != double:
		return g.thickness(max(near, far)) / 2
	case through:
		return 0
	case near == double && far == double:
		return inner
	}
	return outer
}

// dashes draws the broken lines: two, three or four to a cell.
func (g grid) dashes(r rune) ink {
	count := map[rune]int{'╌': 2, '┄': 3, '┈': 4}[r&^3]
	t := g.thickness(light)
	if r&1 != 0 {
		t = g.thickness(heavy)
	}
	vertical := r&2 != 0
	cx, cy := g.center()
	length := g.w
	if vertical {
		length = g.h
	}
	var in ink
	for i := range count {
		// Half of the gap is at either end, so that the rhythm runs on into the next cell.
		from, to := length*(10*i+2)/(10*count), length*(10*i+8)/(10*count)
		if vertical {
			in.rects = append(in.rects, rect{cx - t/2, from, cx + t/2, to})
		} else {
			in.rects = append(in.rects, rect{from, cy - t/2, to, cy + t/2})
		}
	}
	return in
}

// arc draws the round corners ╭╮╯╰: a quarter of a ring, and straight ends up to the edges.
func (g grid) arc(r rune) ink {
	cx, cy := g.center()
	sx, sy := 1, 1 // towards the two edges that it joins
	if r == '╮' || r == '╯' {
		sx = -1
	}
	if r == '╯' || r == '╰' {
		sy = -1
	}
	t := g.stroke / 2
	radius := g.pixel(min(cx, g.w-cx, cy, g.h-cy) - unit/2) // some of the way is straight, to meet the neighbour
	ox, oy := cx+sx*radius, cy+sy*radius                    // the middle of the ring
	outer, inner := radius+t, radius-t
	handle := func(v int) int { return hundredths(float64(v) * kappa / unit) }
	var ring path
	ring.move(ox-sx*outer, oy)
	ring.cube(ox-sx*outer, oy-sy*handle(outer), ox-sx*handle(outer), oy-sy*outer, ox, oy-sy*outer)
	ring.line(ox, oy-sy*inner)
	ring.cube(ox-sx*handle(inner), oy-sy*inner, ox-sx*inner, oy-sy*handle(inner), ox-sx*inner, oy)

	edgeX, edgeY := (1+sx)/2*g.w, (1+sy)/2*g.h
	return ink{shapes: []path{ring}, rects: []rect{
		{min(ox, edgeX), cy - t, max(ox, edgeX), cy + t},
		{cx - t, min(oy, edgeY), cx + t, max(oy, edgeY)},
	}}
}

// diagonal draws ╱╲╳ from corner to corner; the ends stick out sideways, so that the next one joins.
func (g grid) diagonal(r rune) ink {
	d := g.stroke * 2 / 3
	rising := polygon(point{-d, g.h}, point{g.w - d, 0}, point{g.w + d, 0}, point{d, g.h})
	falling := polygon(point{-d, 0}, point{d, 0}, point{g.w + d, g.h}, point{g.w - d, g.h})
	switch r {
	case '╱':
		return ink{shapes: []path{rising}}
	case '╲':
		return ink{shapes: []path{falling}}
	}
	return ink{shapes: []path{rising, falling}}
}
