package screenshots

import (
	"fmt"
	"image/color"
	"strings"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

// Text gives the characters, one line a row, without the blanks at the ends of the lines: what golden
// screens compare. Concealed text (SGR 8) is blank here as it is on the screen. Every line ends in "\n".
func (f Frame) Text() string {
	var b strings.Builder
	for _, row := range f.rows {
		var line strings.Builder
		for _, c := range row {
			if c.style.Attrs&uv.AttrConceal != 0 {
				line.WriteString(strings.Repeat(" ", c.cells))
			} else {
				line.WriteString(c.text)
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " "))
		b.WriteByte('\n')
	}
	return b.String()
}

// Styles describes the looks, so that golden screens can compare them: one line for each row that has
// any, with its runs of columns, both ends included.
//
//	3: 0-11 bold blue; 14 reverse; 20-31 faint #a0a0a0 on #202020
//	cursor 4,3
//
// What cannot be seen is left out: the colour of a blank, for one.
func (f Frame) Styles() string {
	var b strings.Builder
	for y, row := range f.rows {
		var runs []string
		for x := 0; x < len(row); {
			end, look := x+1, describe(row, x)
			for end < len(row) && describe(row, end) == look {
				end++
			}
			switch {
			case look == "":
			case end == x+1:
				runs = append(runs, fmt.Sprintf("%d %s", x, look))
			default:
				runs = append(runs, fmt.Sprintf("%d-%d %s", x, end-1, look))
			}
			x = end
		}
		if len(runs) > 0 {
			fmt.Fprintf(&b, "%d: %s\n", y, strings.Join(runs, "; "))
		}
	}
	if f.cursor != nil {
		fmt.Fprintf(&b, "cursor %d,%d\n", f.cursor.x, f.cursor.y)
	}
	return b.String()
}

// attributes are the words for the bits of a style, in the order of their SGR numbers.
var attributes = []struct {
	bit  uint8
	word string
}{
	{uv.AttrBold, "bold"}, {uv.AttrFaint, "faint"}, {uv.AttrItalic, "italic"},
	{uv.AttrBlink | uv.AttrRapidBlink, "blink"}, {uv.AttrReverse, "reverse"},
	{uv.AttrConceal, "conceal"}, {uv.AttrStrikethrough, "strike"},
}

// underlines are the words for SGR 4:1 to 4:5.
var underlines = [6]string{"", "underline", "double-underline", "curly-underline", "dotted-underline", "dashed-underline"}

// describe names the visible part of a cell's style; "" when it is plain.
func describe(row []cell, x int) string {
	c := row[x]
	if c.cells == 0 && x > 0 {
		c = row[x-1]
	}
	s := c.style
	inked := s.Underline != 0 || s.Attrs&(uv.AttrReverse|uv.AttrStrikethrough) != 0
	if c.text == " " && !inked {
		s = uv.Style{Bg: s.Bg}
	}
	var words []string
	for _, a := range attributes {
		if s.Attrs&a.bit != 0 {
			words = append(words, a.word)
		}
	}
	if u := int(s.Underline); u > 0 && u < len(underlines) {
		words = append(words, underlines[u])
		if name := colorName(s.UnderlineColor); name != "" {
			words = append(words, "in "+name)
		}
	}
	if name := colorName(s.Fg); name != "" {
		words = append(words, name)
	}
	if name := colorName(s.Bg); name != "" {
		words = append(words, "on "+name)
	}
	return strings.Join(words, " ")
}

// basicNames are the sixteen colours of SGR 30-37 and 90-97.
var basicNames = [16]string{
	"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
	"bright-black", "bright-red", "bright-green", "bright-yellow",
	"bright-blue", "bright-magenta", "bright-cyan", "bright-white",
}

// colorName is a name, "color-N" of the 256, or #rrggbb; "" for the default.
func colorName(c color.Color) string {
	switch c := c.(type) {
	case nil:
		return ""
	case ansi.BasicColor:
		return basicNames[c&15]
	case ansi.IndexedColor:
		return fmt.Sprintf("color-%d", uint8(c))
	}
	r, g, b, a := c.RGBA()
	if a == 0 {
		return ""
	}
	return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
}
