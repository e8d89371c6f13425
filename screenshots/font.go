package screenshots

import (
	"fmt"
	"math"
	"unicode"

	"codeberg.org/go-fonts/dejavu/dejavusansmono"
	"codeberg.org/go-fonts/dejavu/dejavusansmonobold"
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// typeface gives outlines of DejaVu Sans Mono at one size. It is for one drawing: not safe for
// concurrent use.
type typeface struct {
	regular, bold *sfnt.Font
	buffer        sfnt.Buffer
	size          float64 // pixels of an em
	grid          grid
}

// newTypeface reads the built-in fonts and derives the grid of cells from them.
func newTypeface(size, lineHeight float64) (*typeface, error) {
	regular, err := sfnt.Parse(dejavusansmono.TTF)
	if err != nil {
		return nil, fmt.Errorf("read the built-in font: %w", err)
	}
	bold, err := sfnt.Parse(dejavusansmonobold.TTF)
	if err != nil {
		return nil, fmt.Errorf("read the built-in bold font: %w", err)
	}
	t := &typeface{regular: regular, bold: bold, size: size}
	m, err := regular.Metrics(&t.buffer, t.ppem(), font.HintingNone)
	if err != nil {
		return nil, fmt.Errorf("measure the built-in font: %w", err)
	}
	outline, advance, ok := t.letter(regular, 'x') // the metrics do not tell the height of a small letter
	if !ok {
		return nil, fmt.Errorf("measure the built-in font: it has no letter x")
	}
	ascent, descent := pixels(m.Ascent), pixels(m.Descent)
	height := math.Round(size * lineHeight)
	t.grid = grid{
		w:        hundredths(math.Round(advance)),
		h:        hundredths(height),
		baseline: hundredths(math.Round((height-ascent-descent)/2 + ascent)),
		xheight:  -t.place(outline, transform{sx: 1, sy: 1}).bounds().y0,
		stroke:   hundredths(max(1, math.Round(size/16))),
	}
	return t, nil
}

func (t *typeface) ppem() fixed.Int26_6 { return fixed.Int26_6(math.Round(t.size * 64)) }

func pixels(v fixed.Int26_6) float64 { return float64(v) / 64 }

// letter gives the outline of a character around its origin on the baseline, and its advance in pixels.
// ok is false when the font lacks it.
func (t *typeface) letter(f *sfnt.Font, r rune) (outline []sfnt.Segment, advance float64, ok bool) {
	index, err := f.GlyphIndex(&t.buffer, r)
	if err != nil || index == 0 {
		return nil, 0, false
	}
	a, err := f.GlyphAdvance(&t.buffer, index, t.ppem(), font.HintingNone)
	if err != nil {
		return nil, 0, false
	}
	segments, err := f.LoadGlyph(&t.buffer, index, t.ppem(), nil)
	if err != nil {
		return nil, 0, false
	}
	return segments, pixels(a), true
}

// glyphKey tells glyphs apart that look different.
type glyphKey struct {
	text         string
	bold, italic bool
	cells        int
}

// glyph draws a character in a place of the given cells. A character that the font lacks becomes a box
// with its code point, so that it is never invisible.
func (t *typeface) glyph(k glyphKey) path {
	var out path
	for _, r := range k.text {
		if unicode.Is(unicode.Variation_Selector, r) || r == zeroWidthJoiner {
			continue
		}
		if r >= 0x2800 && r <= 0x28ff {
			out = append(out, t.grid.braille(r)...)
			continue
		}
		if name := controlName(r); name != "" {
			out = append(out, t.controlPicture(name, k.cells)...)
			continue
		}
		outline, advance, ok := t.find(k, r)
		if !ok {
			return t.replacement(r, k.cells)
		}
		out = append(out, t.place(outline, t.fit(advance, k))...)
	}
	return out
}

// find looks for the character in the bold font, when it is to be bold, then in the regular one.
func (t *typeface) find(k glyphKey, r rune) (outline []sfnt.Segment, advance float64, ok bool) {
	if k.bold {
		if outline, advance, ok = t.letter(t.bold, r); ok {
			return outline, advance, ok
		}
	}
	return t.letter(t.regular, r)
}

// transform maps pixels around the origin of a letter to its cell: x' = sx*x + skew*y + dx, y' = sy*y + dy.
type transform struct{ sx, sy, skew, dx, dy float64 }

// slant is how far italic letters lean: 11 degrees, as in DejaVu Sans Mono Oblique.
const slant = 0.1944

// fit puts a letter in the middle of its cells, on the baseline, narrower when it would not fit.
func (t *typeface) fit(advance float64, k glyphKey) transform {
	width := float64(t.grid.w*max(k.cells, 1)) / unit
	f := transform{sx: 1, sy: 1, dy: float64(t.grid.baseline) / unit}
	if advance > width {
		f.sx = width / advance
	}
	f.dx = (width - advance*f.sx) / 2
	if k.italic { // lean around the middle of small letters, so that the cell stays balanced
		f.skew = -slant
		f.dx -= slant * float64(t.grid.xheight) / unit / 2
	}
	return f
}

// place maps an outline into hundredths of a pixel.
func (t *typeface) place(outline []sfnt.Segment, f transform) path {
	ops := map[sfnt.SegmentOp]byte{
		sfnt.SegmentOpMoveTo: 'M', sfnt.SegmentOpLineTo: 'L', sfnt.SegmentOpQuadTo: 'Q', sfnt.SegmentOpCubeTo: 'C',
	}
	out := make(path, len(outline))
	for i, s := range outline {
		out[i].op = ops[s.Op]
		for j := range out[i].used() {
			x, y := pixels(s.Args[j].X), pixels(s.Args[j].Y)
			out[i].points[j] = point{hundredths(f.sx*x + f.skew*y + f.dx), hundredths(f.sy*y + f.dy)}
		}
	}
	return out
}

// replacement is a box around the code point in hexadecimal digits, in two lines.
func (t *typeface) replacement(r rune, cells int) path {
	box := rect{0, t.grid.stroke, t.grid.w * max(cells, 1), t.grid.h - t.grid.stroke}.inset(unit / 2)
	out := append(box.path(), box.inset(max(unit, t.grid.stroke*3/4)).hole()...)

	digits := fmt.Sprintf("%04X", r)
	half := (len(digits) + 1) / 2
	inner := box.inset(t.grid.stroke * 2)
	for row, line := range []string{digits[:half], digits[half:]} {
		width := (inner.x1 - inner.x0) / half
		height := (inner.y1 - inner.y0) / 2
		for i, digit := range line {
			outline, advance, ok := t.letter(t.bold, digit)
			if !ok {
				continue
			}
			scale := min(float64(width)/unit/advance, float64(height)*0.85/unit/(t.size*0.73))
			f := transform{sx: scale, sy: scale}
			f.dx = float64(inner.x0+i*width+width/2)/unit - advance*scale/2
			f.dy = float64(inner.y0+(row+1)*height)/unit - float64(height)*0.075/unit
			out = append(out, t.place(outline, f)...)
		}
	}
	return out
}
