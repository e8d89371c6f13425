package screenshots

import (
	"cmp"
	"math"
	"slices"
)

// unit is one pixel. All geometry is in whole hundredths of a pixel: the SVG can write them exactly, the
// PNG starts from the same numbers, and no rounding of one machine differs from another's.
const unit = 100

// snap rounds to half a pixel: edges stay sharp at twice the size.
func snap(v int) int { return (v + unit/4) / (unit / 2) * (unit / 2) }

// hundredths converts pixels.
func hundredths(px float64) int { return int(math.Round(px * unit)) }

type point struct{ x, y int }

// segment is a step of an outline: M, L, Q or C as in SVG, with one, one, two or three points.
type segment struct {
	op     byte
	points [3]point
}

func (s segment) used() []point {
	switch s.op {
	case 'Q':
		return s.points[:2]
	case 'C':
		return s.points[:3]
	}
	return s.points[:1]
}

// end is where the pen is after the segment.
func (s segment) end() point { p := s.points; return p[len(s.used())-1:][0] }

// path is an outline of closed figures, filled by the non-zero rule.
type path []segment

func (p *path) move(x, y int) { *p = append(*p, segment{'M', [3]point{{x, y}}}) }
func (p *path) line(x, y int) { *p = append(*p, segment{'L', [3]point{{x, y}}}) }
func (p *path) cube(x1, y1, x2, y2, x, y int) {
	*p = append(*p, segment{'C', [3]point{{x1, y1}, {x2, y2}, {x, y}}})
}

// polygon is a closed figure of straight lines.
func polygon(points ...point) path {
	var p path
	for i, q := range points {
		if i == 0 {
			p.move(q.x, q.y)
		} else {
			p.line(q.x, q.y)
		}
	}
	return p
}

// moved gives the outline at another place.
func (p path) moved(dx, dy int) path {
	out := slices.Clone(p)
	for i := range out {
		for j := range out[i].points {
			out[i].points[j].x += dx
			out[i].points[j].y += dy
		}
	}
	return out
}

// bounds holds every point, control points too.
func (p path) bounds() rect {
	if len(p) == 0 {
		return rect{}
	}
	first := p[0].points[0]
	b := rect{first.x, first.y, first.x, first.y}
	for _, s := range p {
		for _, q := range s.used() {
			b = rect{min(b.x0, q.x), min(b.y0, q.y), max(b.x1, q.x), max(b.y1, q.y)}
		}
	}
	return b
}

// rect is the area from x0,y0 up to x1,y1.
type rect struct{ x0, y0, x1, y1 int }

func (r rect) moved(dx, dy int) rect { return rect{r.x0 + dx, r.y0 + dy, r.x1 + dx, r.y1 + dy} }

// inset gives the rectangle smaller by d on each side.
func (r rect) inset(d int) rect { return rect{r.x0 + d, r.y0 + d, r.x1 - d, r.y1 - d} }

func (r rect) path() path {
	return polygon(point{r.x0, r.y0}, point{r.x1, r.y0}, point{r.x1, r.y1}, point{r.x0, r.y1})
}

// hole is the same area walked the other way round, so that it cuts out of a figure around it.
func (r rect) hole() path {
	return polygon(point{r.x0, r.y0}, point{r.x0, r.y1}, point{r.x1, r.y1}, point{r.x1, r.y0})
}

// kappa is the length of the handles with which a cubic curve draws a quarter of a circle.
const kappa = 0.5523

// rounded is the rectangle with corners of radius r; corners that are not to be round have radius 0.
func (r rect) rounded(top, bottom int) path {
	var p path
	t, b := hundredths(float64(top)*(1-kappa)/unit), hundredths(float64(bottom)*(1-kappa)/unit)
	p.move(r.x0+top, r.y0)
	p.line(r.x1-top, r.y0)
	p.cube(r.x1-t, r.y0, r.x1, r.y0+t, r.x1, r.y0+top)
	p.line(r.x1, r.y1-bottom)
	p.cube(r.x1, r.y1-b, r.x1-b, r.y1, r.x1-bottom, r.y1)
	p.line(r.x0+bottom, r.y1)
	p.cube(r.x0+b, r.y1, r.x0, r.y1-b, r.x0, r.y1-bottom)
	p.line(r.x0, r.y0+top)
	p.cube(r.x0, r.y0+t, r.x0+t, r.y0, r.x0+top, r.y0)
	return p
}

// circle is the disc around cx,cy.
func circle(cx, cy, r int) path {
	return rect{cx - r, cy - r, cx + r, cy + r}.rounded(r, r)
}

// merge joins rectangles that touch or overlap along a whole side, first in rows, then in columns. The
// area is the same; a border of a pane becomes one rectangle, without a seam at any zoom.
func merge(rects []rect) []rect {
	across := join(rects, func(a, b rect) bool { return a.y0 == b.y0 && a.y1 == b.y1 && b.x0 <= a.x1 },
		func(a, b rect) int {
			return cmp.Or(cmp.Compare(a.y0, b.y0), cmp.Compare(a.y1, b.y1), cmp.Compare(a.x0, b.x0))
		})
	return join(across, func(a, b rect) bool { return a.x0 == b.x0 && a.x1 == b.x1 && b.y0 <= a.y1 },
		func(a, b rect) int {
			return cmp.Or(cmp.Compare(a.x0, b.x0), cmp.Compare(a.x1, b.x1), cmp.Compare(a.y0, b.y0))
		})
}

func join(rects []rect, touch func(a, b rect) bool, order func(a, b rect) int) []rect {
	sorted := slices.SortedFunc(slices.Values(rects), order)
	out := sorted[:0]
	for _, r := range sorted {
		if n := len(out); n > 0 && touch(out[n-1], r) {
			out[n-1].x1 = max(out[n-1].x1, r.x1)
			out[n-1].y1 = max(out[n-1].y1, r.y1)
		} else {
			out = append(out, r)
		}
	}
	return out
}
