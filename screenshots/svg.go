package screenshots

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"image/color"
	"io"
	"strconv"
	"strings"
)

// SVG writes the frame as a self-contained SVG 1.1 document: outlines only, no font, script or link. Its
// title and description carry the text for those who listen. The same frame and look give the same
// bytes. It fails on a look that is out of bounds, and on errors of w.
func (f Frame) SVG(w io.Writer, look Look) error {
	s, err := f.scene(look)
	if err != nil {
		return err
	}
	var b svgWriter
	b.open(s, look.Title, f.Text())
	b.shadow(s.shadow)
	for _, l := range s.layers {
		b.layer(l)
	}
	b.WriteString("</svg>\n")
	_, err = w.Write(b.Bytes())
	return err
}

type svgWriter struct{ bytes.Buffer }

// open writes the head: size, accessible text, and the glyphs for later use.
func (b *svgWriter) open(s *scene, title, text string) {
	if title == "" {
		title = "Terminal"
	}
	w, h := number(s.width), number(s.height)
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" viewBox="0 0 %s %s" role="img" aria-labelledby="t d">`+"\n", w, h, w, h)
	fmt.Fprintf(b, "<title id=\"t\">%s</title>\n<desc id=\"d\">%s</desc>\n<defs>\n", escape(title), escape(text))
	if s.shadow != nil {
		fmt.Fprintf(b, `<filter id="s" x="-20%%" y="-20%%" width="140%%" height="140%%"><feGaussianBlur stdDeviation="%s"/></filter>`+"\n", number(s.shadow.blur))
	}
	for i, g := range s.glyphs {
		fmt.Fprintf(b, `<path id="%s" d="%s"/>`+"\n", glyphID(i), outline(g))
	}
	b.WriteString("</defs>\n")
}

// glyphID is a short name that no other element has.
func glyphID(i int) string { return "g" + strconv.FormatInt(int64(i), 36) }

func (b *svgWriter) shadow(s *shadow) {
	if s == nil {
		return
	}
	a := s.area
	fmt.Fprintf(b, `<rect x="%s" y="%s" width="%s" height="%s" rx="%s" fill-opacity="%s" filter="url(#s)"/>`+"\n",
		number(a.x0), number(a.y0), number(a.x1-a.x0), number(a.y1-a.y0), number(s.radius), number(s.opacity*unit/100))
}

// layer writes the areas of a colour as one path, so that no seam shows between them, and its glyphs
// in rows.
func (b *svgWriter) layer(l layer) {
	var area path
	for _, r := range l.rects {
		area = append(area, r.path()...)
	}
	for _, s := range l.shapes {
		area = append(area, s...)
	}
	if len(area) > 0 {
		crisp := ""
		if l.crisp {
			crisp = ` shape-rendering="crispEdges"`
		}
		fmt.Fprintf(b, `<path fill="%s"%s d="%s"/>`+"\n", hex(l.fill), crisp, outline(area))
	}
	if len(l.marks) == 0 {
		return
	}
	fmt.Fprintf(b, `<g fill="%s">`, hex(l.fill))
	for i, m := range l.marks {
		if i == 0 || m.y != l.marks[i-1].y {
			if i > 0 {
				b.WriteString("</g>")
			}
			fmt.Fprintf(b, "\n"+`<g transform="translate(0 %s)">`, number(m.y))
		}
		fmt.Fprintf(b, `<use href="#%s" x="%s"/>`, glyphID(m.glyph), number(m.x))
	}
	b.WriteString("</g>\n</g>\n")
}

func hex(c color.RGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// outline writes path data in steps relative to the last point, which are short. They are differences of
// whole hundredths, so nothing adds up.
func outline(p path) string {
	var d data
	var pen, start point
	for i, s := range p {
		switch {
		case s.op == 'M' && i == 0:
			d.step('M', s.points[0].x, s.points[0].y)
		case s.op == 'M':
			d.step('z')
			d.step('m', s.points[0].x-start.x, s.points[0].y-start.y)
		case s.op == 'L' && s.points[0].y == pen.y:
			d.step('h', s.points[0].x-pen.x)
		case s.op == 'L' && s.points[0].x == pen.x:
			d.step('v', s.points[0].y-pen.y)
		default:
			var steps []int
			for _, q := range s.used() {
				steps = append(steps, q.x-pen.x, q.y-pen.y)
			}
			d.step(s.op|0x20, steps...)
		}
		pen = s.end()
		if s.op == 'M' {
			start = pen
		}
	}
	d.step('z')
	return d.String()
}

// data is path data under way.
type data struct {
	strings.Builder
	last byte
}

// step writes a command and its numbers. The letter is left out where the last one is repeated.
func (d *data) step(op byte, numbers ...int) {
	repeated := op == d.last && op != 'z' && op != 'm'
	if !repeated {
		d.WriteByte(op)
	}
	d.last = op
	for i, v := range numbers {
		if v >= 0 && (i > 0 || repeated) {
			d.WriteByte(' ')
		}
		d.WriteString(number(v))
	}
}

// number writes hundredths as a decimal number, as short as it gets.
func number(v int) string {
	sign := ""
	if v < 0 {
		sign, v = "-", -v
	}
	whole, part := v/unit, v%unit
	switch {
	case part == 0:
		return sign + strconv.Itoa(whole)
	case whole == 0:
		return sign + strings.TrimRight(fmt.Sprintf(".%02d", part), "0")
	}
	return sign + strings.TrimRight(fmt.Sprintf("%d.%02d", whole, part), "0")
}

// escape makes text safe inside an element. Line ends stay as they are: they are content here.
func escape(s string) string {
	var b strings.Builder
	for i, line := range strings.Split(s, "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		xml.EscapeText(&b, []byte(line)) // a strings.Builder does not fail
	}
	return b.String()
}
