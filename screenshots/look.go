package screenshots

import (
	"fmt"
	"image/color"
	"math"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

// Look is how a picture is dressed. The zero Look is good: a light window without a title.
type Look struct {
	Title string // in the title bar, and the accessible name of the SVG
	Dark  bool   // the dark theme for colours that the frame leaves to the terminal

	FontSize   float64 // pixels; 0 means 15, otherwise from 6 to 96
	LineHeight float64 // of the font size; 0 means 1.3, otherwise from 1 to 3
	Padding    float64 // pixels between window and text; 0 means 14, less than 0 means none

	Bare   bool // no window around the text: no title bar, no round corners
	Shadow bool // a soft shadow around the window, on a transparent ground

	Scale int // device pixels a pixel in the PNG; 0 means 2, otherwise from 1 to 8

	// Foreground and Background replace those of the theme, for programs that set their own.
	Foreground, Background color.Color
}

// settled checks the look and fills in what was left out.
func (l Look) settled() (Look, error) {
	l.FontSize = orElse(l.FontSize, 15)
	l.LineHeight = orElse(l.LineHeight, 1.3)
	l.Padding = max(0, orElse(l.Padding, 14))
	l.Scale = orElse(l.Scale, 2)
	for _, bound := range []struct {
		name      string
		v, lo, hi float64
	}{
		{"font size", l.FontSize, 6, 96},
		{"line height", l.LineHeight, 1, 3},
		{"padding", l.Padding, 0, 1000},
		{"scale", float64(l.Scale), 1, 8},
	} {
		if !(bound.v >= bound.lo && bound.v <= bound.hi) {
			return l, fmt.Errorf("picture: %s %v is not from %v to %v", bound.name, bound.v, bound.lo, bound.hi)
		}
	}
	l.Padding = math.Round(l.Padding)
	return l, nil
}

func orElse[T comparable](v, fallback T) T {
	var zero T
	if v == zero {
		return fallback
	}
	return v
}

// theme is what a terminal's own settings give, and the colours of the window.
type theme struct {
	foreground, background, cursor color.RGBA
	bar, edge, label               color.RGBA // title bar, its border and the window's, title
	basic                          [16]color.RGBA
}

var darkTheme = theme{
	foreground: rgb(0xd5dae6), background: rgb(0x14171f), cursor: rgb(0xf2c879),
	bar: rgb(0x1c202b), edge: rgb(0x323847), label: rgb(0x98a1b5),
	basic: [16]color.RGBA{
		rgb(0x2b303d), rgb(0xf0717c), rgb(0x84cc93), rgb(0xe6c07a), rgb(0x6fb1f6), rgb(0xc795eb), rgb(0x62cfd2), rgb(0xc2c8d6),
		rgb(0x7a8399), rgb(0xff929a), rgb(0xa5e2b0), rgb(0xf4d699), rgb(0x97c9ff), rgb(0xdab4f6), rgb(0x8ce4e4), rgb(0xf3f5fa),
	},
}

var lightTheme = theme{
	foreground: rgb(0x272c38), background: rgb(0xfdfdfb), cursor: rgb(0xb4690e),
	bar: rgb(0xf0f0ec), edge: rgb(0xd3d4d0), label: rgb(0x63697a),
	basic: [16]color.RGBA{
		rgb(0x272c38), rgb(0xbe2f3b), rgb(0x25743a), rgb(0x8a5a00), rgb(0x1d5fbd), rgb(0x8439ad), rgb(0x0a6c7a), rgb(0xd9dbdd),
		rgb(0x6a7080), rgb(0xcb3e49), rgb(0x2c7c42), rgb(0x946300), rgb(0x2a6bcc), rgb(0x9348bc), rgb(0x0f7685), rgb(0xf1f2f2),
	},
}

// theme picks the colours of the look.
func (l Look) theme() theme {
	t := lightTheme
	if l.Dark {
		t = darkTheme
	}
	t.foreground = t.resolve(l.Foreground, t.foreground)
	t.background = t.resolve(l.Background, t.background)
	return t
}

func rgb(v uint32) color.RGBA { return color.RGBA{uint8(v >> 16), uint8(v >> 8), uint8(v), 255} }

// resolve turns a terminal colour into an opaque one. The first sixteen are the theme's.
func (t theme) resolve(c color.Color, fallback color.RGBA) color.RGBA {
	switch c := c.(type) {
	case nil:
		return fallback
	case ansi.BasicColor:
		return t.basic[c&15]
	case ansi.IndexedColor:
		if c < 16 {
			return t.basic[c]
		}
	}
	r, g, b, a := c.RGBA()
	if a == 0 {
		return fallback
	}
	return color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 255}
}

// mix gives percent of b in a.
func mix(a, b color.RGBA, percent int) color.RGBA {
	part := func(x, y uint8) uint8 { return uint8((int(x)*(100-percent) + int(y)*percent + 50) / 100) }
	return color.RGBA{part(a.R, b.R), part(a.G, b.G), part(a.B, b.B), 255}
}

// faintness is how much of its background a faint letter takes on, in percent.
const faintness = 42

// tint is the colours of one cell.
type tint struct{ ink, ground, line color.RGBA }

// tint resolves reverse, faint and the cursor into plain colours.
func (t theme) tint(s uv.Style, cursor bool) tint {
	out := tint{ink: t.resolve(s.Fg, t.foreground), ground: t.resolve(s.Bg, t.background)}
	if s.Attrs&uv.AttrReverse != 0 {
		out.ink, out.ground = out.ground, out.ink
	}
	if s.Attrs&uv.AttrFaint != 0 {
		out.ink = mix(out.ink, out.ground, faintness)
	}
	if cursor {
		out.ink, out.ground = t.background, t.cursor
	}
	out.line = t.resolve(s.UnderlineColor, out.ink)
	return out
}
