package ui

import (
	"image/color"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"countersign/sign"
)

// tone names a colour by its meaning. Meaning never rests on the tone alone.
type tone uint8

// The tones. The zero tone leaves the colour to the terminal.
const (
	plain  tone = iota
	quiet       // labels, what is known anyway
	faint       // rules, what is not there yet
	accent      // where the focus is, keys
	good        // done, accepted
	warn        // will end soon, looks odd
	bad         // refused, failed
	loud        // text on danger
	danger      // ground of production
	chip        // ground of the status line
	badge       // ground of the partner's name
	badged      // text on badge
	chosen      // ground of a selected row
	member      // JSON names
	text        // JSON strings
	number      // JSON numbers and literals
	origin      // the first of the kinds of origin; the others follow in the order of [sign.Kinds]
)

const tones = int(origin) + 15

// attr is a set of SGR attributes.
type attr uint8

const (
	bold attr = 1 << iota
	italic
	underline
	reverse
)

// ink is how a bit is drawn.
type ink struct {
	fg, bg tone
	attr   attr
}

// originOf is the tone of bytes that were taken from such a place.
func originOf(k sign.Kind) tone { return origin + tone(k) }

// colors gives a colour for each tone.
type colors struct {
	tones   [origin]string
	origins [tones - int(origin)]string // by sign.Kind
}

var dark = colors{tones: [...]string{
	quiet: "#929bb0", faint: "#4a5266", accent: "#7fb0ff", good: "#84d196", warn: "#f0c674", bad: "#f47f85",
	loud: "#ffffff", danger: "#a3242f", chip: "#20252f", badge: "#7fb0ff", badged: "#0f131b", chosen: "#2a3346",
	member: "#9cc4ff", text: "#a8d8a0", number: "#f0c674",
}, origins: [...]string{
	sign.Constant: "#a7b0c2", sign.Separator: "#737d93", sign.Method: "#7fb0ff",
	sign.Authority: "#a99bff", sign.Path: "#7fd3a0", sign.Query: "#bcd97a",
	sign.HeaderValue: "#66d0d3", sign.Body: "#f0c674", sign.BodyHash: "#f4a261",
	sign.Clock: "#f58fb5", sign.Nonce: "#cf9bf2", sign.IdempotencyKey: "#6fd3ff",
	sign.Field: "#d3bb8c", sign.Key: "#f47f85", sign.Earlier: "#9fb3ff",
}}

var light = colors{tones: [...]string{
	quiet: "#5f6778", faint: "#b4b9c4", accent: "#1d56c4", good: "#1c7a3c", warn: "#8a5a00", bad: "#b8252f",
	loud: "#ffffff", danger: "#b8252f", chip: "#ecedf1", badge: "#1d56c4", badged: "#ffffff", chosen: "#dde7fb",
	member: "#1d4fa8", text: "#1f6f36", number: "#855400",
}, origins: [...]string{
	sign.Constant: "#545c6d", sign.Separator: "#7f8799", sign.Method: "#1d56c4",
	sign.Authority: "#5a3fc0", sign.Path: "#14773f", sign.Query: "#5c7000",
	sign.HeaderValue: "#086d78", sign.Body: "#855400", sign.BodyHash: "#a84f00",
	sign.Clock: "#b02a68", sign.Nonce: "#7d2fa8", sign.IdempotencyKey: "#0069a3",
	sign.Field: "#75581c", sign.Key: "#b8252f", sign.Earlier: "#3a4fc0",
}}

// theme turns inks into SGR sequences. It is used by one goroutine.
type theme struct {
	resolved [tones]color.Color
	sgr      map[ink]string
	few      bool // grounds are reversed: the terminal has no colour for them
}

// newTheme makes the theme for a dark or a light ground. With few colours or none, a ground that means something
// is shown by reversing.
func newTheme(isDark, few bool) *theme {
	p := light
	if isDark {
		p = dark
	}
	t := &theme{sgr: map[ink]string{}, few: few}
	for i, c := range append(p.tones[:], p.origins[:]...) {
		if c != "" {
			t.resolved[i] = lipgloss.Color(c)
		}
	}
	return t
}

// open is the sequence that begins an ink, whatever was in force before.
func (t *theme) open(k ink) string {
	if s, ok := t.sgr[k]; ok {
		return s
	}
	style := ansi.Style{}.Reset()
	if k.attr&bold != 0 {
		style = style.Bold()
	}
	if k.attr&italic != 0 {
		style = style.Italic(true)
	}
	if k.attr&underline != 0 {
		style = style.Underline(true)
	}
	if k.attr&reverse != 0 || t.few && (k.bg == chosen || k.bg == badge || k.bg == danger) {
		style = style.Reverse(true)
	}
	if c := t.resolved[k.fg]; c != nil {
		style = style.ForegroundColor(c)
	}
	if c := t.resolved[k.bg]; c != nil && !t.few {
		style = style.BackgroundColor(c)
	}
	s := style.String()
	t.sgr[k] = s
	return s
}

// paint writes rows as text with SGR sequences, one line a row.
func (t *theme) paint(rows []row) string {
	var b strings.Builder
	b.Grow(len(rows) * 256)
	for i, r := range rows {
		if i > 0 {
			b.WriteByte('\n')
		}
		var now ink
		for _, x := range r {
			if x.text == "" {
				continue
			}
			if x.ink != now {
				b.WriteString(t.open(x.ink))
				now = x.ink
			}
			b.WriteString(x.text)
		}
		if now != (ink{}) {
			b.WriteString(ansi.ResetStyle)
		}
	}
	return b.String()
}
