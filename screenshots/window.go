package screenshots

import (
	"image/color"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

// Measures of the window, in pixels. They go with any font size: a window looks like a window.
const (
	barHeight    = 36
	cornerRadius = 10
	dotRadius    = 6
	dotSpacing   = 20
	shadowMargin = 36
	shadowBlur   = 12
	shadowDrop   = 8
)

// shadow is the soft dark area that the window casts.
type shadow struct {
	area    rect
	radius  int // of its corners
	blur    int // standard deviation of the blur
	opacity int // percent
}

// dots are the three buttons: close, minimise, zoom.
var dots = [3]color.RGBA{rgb(0xf26a60), rgb(0xf3bf4f), rgb(0x5fc454)}

// window sizes the picture around a text of the given size, and paints what lies behind the text.
func (p *painter) window(look Look, width, height int) {
	pad, bar, margin := int(look.Padding)*unit, 0, 0
	if !look.Bare {
		bar = barHeight * unit
		if look.Shadow {
			margin = shadowMargin * unit
		}
	}
	box := rect{margin, margin, margin + width + 2*pad, margin + bar + height + 2*pad}
	p.origin = point{box.x0 + pad, box.y0 + bar + pad}
	p.scene.width, p.scene.height = box.x1+margin, box.y1+margin
	if look.Bare {
		p.scene.layers = append(p.scene.layers, layer{fill: p.theme.background, rects: []rect{box}})
		return
	}
	if look.Shadow {
		p.scene.shadow = &shadow{area: box.moved(0, shadowDrop*unit), radius: cornerRadius * unit, blur: shadowBlur * unit, opacity: 28}
		if look.Dark {
			p.scene.shadow.opacity = 45
		}
	}
	p.chrome(look, box, box.y0+bar)
}

// chrome paints the border, the title bar with its buttons and the ground. The border is a larger shape
// beneath, so that no colour shines through at the round corners.
func (p *painter) chrome(look Look, box rect, barEnd int) {
	const r = cornerRadius * unit
	inner := box.inset(unit)
	bar := rect{inner.x0, inner.y0, inner.x1, barEnd - unit}
	ground := rect{inner.x0, barEnd, inner.x1, inner.y1}
	p.scene.layers = append(p.scene.layers,
		layer{fill: p.theme.edge, shapes: []path{box.rounded(r, r)}},
		layer{fill: p.theme.bar, shapes: []path{bar.rounded(r-unit, 0)}},
		layer{fill: p.theme.background, shapes: []path{ground.rounded(0, r-unit)}})
	middle := (bar.y0 + bar.y1) / 2
	for i, c := range dots {
		dot := circle(box.x0+(2+i)*dotSpacing*unit-dotSpacing*unit, middle, dotRadius*unit)
		p.scene.layers = append(p.scene.layers, layer{fill: c, shapes: []path{dot}})
	}
	p.title(look.Title, box, middle)
}

// title writes the title in the middle of the bar, cut to what fits beside the buttons.
func (p *painter) title(title string, box rect, middle int) {
	g := p.face.grid
	room := (box.x1 - box.x0 - 2*4*dotSpacing*unit) / g.w
	if title == "" || room < 2 {
		return
	}
	title = ansi.Truncate(title, room, "…")
	row, _ := readLine(title, ansi.StringWidth(title), uv.Style{})
	x := g.pixel((box.x0 + box.x1 - len(row)*g.w) / 2)
	y := g.pixel(middle - g.baseline + g.xheight/2 + unit/2)
	l := layer{fill: p.theme.label}
	for i, c := range row {
		if c.cells == 0 || c.text == " " {
			continue
		}
		if n, ok := p.glyph(glyphKey{c.text, false, false, c.cells}); ok {
			l.marks = append(l.marks, mark{n, x + i*g.w, y})
		}
	}
	p.scene.layers = append(p.scene.layers, l)
}
