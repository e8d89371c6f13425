package screenshots

import (
	"image/color"

	uv "github.com/charmbracelet/ultraviolet"
)

// scene is a picture as plain data, in the order of painting. Both writers translate it and add nothing.
type scene struct {
	width, height int // hundredths of a pixel
	shadow        *shadow
	layers        []layer
	glyphs        []path // drawn at the places of the marks
}

// layer is one colour's share of the picture at one depth.
type layer struct {
	fill   color.RGBA
	crisp  bool // edges are to stay sharp, at the price of a moved edge: backgrounds
	rects  []rect
	shapes []path
	marks  []mark
}

// mark is a glyph at a place.
type mark struct{ glyph, x, y int }

// painter collects the cells of a frame by depth and colour.
type painter struct {
	face    *typeface
	theme   theme
	origin  point
	scene   *scene
	numbers map[glyphKey]int

	grounds, lines, letters, strikes sheet
}

// sheet is a depth of the picture: its colours in the order of their first use.
type sheet struct {
	order  []color.RGBA
	layers map[color.RGBA]*layer
}

func (s *sheet) of(c color.RGBA) *layer {
	if l := s.layers[c]; l != nil {
		return l
	}
	if s.layers == nil {
		s.layers = map[color.RGBA]*layer{}
	}
	l := &layer{fill: c}
	s.layers[c] = l
	s.order = append(s.order, c)
	return l
}

// flat gives the layers, with rectangles joined.
func (s *sheet) flat(crisp bool) []layer {
	var out []layer
	for _, c := range s.order {
		l := *s.layers[c]
		l.rects, l.crisp = merge(l.rects), crisp
		out = append(out, l)
	}
	return out
}

// scene composes the frame and its window.
func (f Frame) scene(look Look) (*scene, error) {
	look, err := look.settled()
	if err != nil {
		return nil, err
	}
	face, err := newTypeface(look.FontSize, look.LineHeight)
	if err != nil {
		return nil, err
	}
	p := painter{face: face, theme: look.theme(), scene: &scene{}, numbers: map[glyphKey]int{}}
	p.window(look, f.width*face.grid.w, f.height*face.grid.h)
	for y, row := range f.rows {
		for x, c := range row {
			if c.cells > 0 {
				cursor := f.cursor != nil && *f.cursor == place{x, y}
				p.cell(c, cursor, p.origin.x+x*face.grid.w, p.origin.y+y*face.grid.h)
			}
		}
	}
	for _, layers := range [][]layer{p.grounds.flat(true), p.lines.flat(false), p.letters.flat(false), p.strikes.flat(false)} {
		p.scene.layers = append(p.scene.layers, layers...)
	}
	return p.scene, nil
}

// cell paints one cell with its left upper corner at x,y.
func (p *painter) cell(c cell, cursor bool, x, y int) {
	g, t := p.face.grid, p.theme.tint(c.style, cursor)
	width := g.w * c.cells
	if t.ground != p.theme.background {
		l := p.grounds.of(t.ground)
		l.rects = append(l.rects, rect{0, 0, width, g.h}.moved(x, y))
	}
	if c.style.Attrs&uv.AttrConceal != 0 {
		return
	}
	if c.style.Underline != uv.UnderlineNone {
		p.underline(c.style.Underline, p.lines.of(t.line), width, x, y)
	}
	if c.style.Attrs&uv.AttrStrikethrough != 0 {
		top := g.pixel(g.baseline - g.xheight/2 - g.stroke/2)
		l := p.strikes.of(t.ink)
		l.rects = append(l.rects, rect{0, top, width, top + g.stroke}.moved(x, y))
	}
	if c.text == " " {
		return
	}
	if in, ok := g.geometry(c.text); ok {
		p.ink(in, t, x, y)
		return
	}
	bold, italic := c.style.Attrs&uv.AttrBold != 0, c.style.Attrs&uv.AttrItalic != 0
	if n, ok := p.glyph(glyphKey{c.text, bold, italic, c.cells}); ok {
		l := p.letters.of(t.ink)
		l.marks = append(l.marks, mark{n, x, y})
	}
}

// ink lays geometry at x,y.
func (p *painter) ink(in ink, t tint, x, y int) {
	fill := t.ink
	if in.shade > 0 {
		fill = mix(t.ground, t.ink, in.shade*25)
	}
	l := p.lines.of(fill)
	for _, r := range in.rects {
		l.rects = append(l.rects, r.moved(x, y))
	}
	for _, s := range in.shapes {
		l.shapes = append(l.shapes, s.moved(x, y))
	}
}

// glyph numbers a glyph at its first use; ok is false when it leaves no ink, as a blank braille pattern.
func (p *painter) glyph(k glyphKey) (n int, ok bool) {
	n, seen := p.numbers[k]
	if !seen {
		n = -1
		if outline := p.face.glyph(k); len(outline) > 0 {
			n = len(p.scene.glyphs)
			p.scene.glyphs = append(p.scene.glyphs, outline)
		}
		p.numbers[k] = n
	}
	return n, n >= 0
}

// underline draws the five kinds of SGR 4:1 to 4:5 below the baseline.
func (p *painter) underline(kind uv.Underline, l *layer, width, x, y int) {
	g := p.face.grid
	top := min(g.baseline+2*g.stroke, g.h-g.stroke)
	bar := func(x0, x1, y0 int) { l.rects = append(l.rects, rect{x0, y0, x1, y0 + g.stroke}.moved(x, y)) }
	dashes := func(count int) {
		for i := range count {
			bar(width*(4*i+1)/(4*count), width*(4*i+3)/(4*count), top)
		}
	}
	switch kind {
	case uv.UnderlineDouble:
		second := min(top+g.stroke, g.h-g.stroke)
		bar(0, width, second-2*g.stroke)
		bar(0, width, second)
	case uv.UnderlineDotted:
		dashes(4 * width / g.w)
	case uv.UnderlineDashed:
		dashes(2 * width / g.w)
	case uv.UnderlineCurly:
		for from := 0; from < width; from += g.w {
			l.shapes = append(l.shapes, g.wave(top).moved(x+from, y))
		}
	default:
		bar(0, width, top)
	}
}

// wave is one period of a curly line, as wide as a cell, around the line whose top is given.
func (g grid) wave(top int) path {
	swing, t := 2*g.stroke, g.stroke
	var p path
	p.move(0, top)
	p.cube(g.w/3, top-swing, g.w*2/3, top+swing, g.w, top)
	p.line(g.w, top+t)
	p.cube(g.w*2/3, top+t+swing, g.w/3, top+t-swing, 0, top+t)
	return p
}
