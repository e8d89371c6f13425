package screenshots

import (
	"strings"
	"unicode"
	"unicode/utf8"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

// MaxSide bounds the columns and the rows of a frame: a wrong size must not exhaust memory.
const MaxSide = 1000

// Frame is a settled screen: cells of a fixed grid. The zero Frame has no cells.
// A Frame is immutable and safe for concurrent use.
type Frame struct {
	width, height int
	rows          [][]cell
	cursor        *place
}

// place is a position in the grid, from 0 at the top left.
type place struct{ x, y int }

// cell is one position of the grid. A character of two columns sits in the left cell, with cells 2;
// the cell to its right has cells 0 and no text.
type cell struct {
	text  string // one grapheme cluster, " " when blank
	cells int
	style uv.Style
}

// NewFrame reads content, lines of text with SGR sequences, into a grid of width columns and height
// rows. Styles run on over line ends, as in a terminal. Everything but SGR and text is dropped: other
// escape sequences, control and format characters, tabs, links. Bytes that are not UTF-8 become U+FFFD.
// What does not fit is cut, what is missing is blank. Sizes are held within 0 and [MaxSide].
func NewFrame(content string, width, height int) Frame {
	f := Frame{width: min(max(width, 0), MaxSide), height: min(max(height, 0), MaxSide)}
	f.rows = make([][]cell, f.height)
	var pen uv.Style
	for y := range f.rows {
		var line string
		line, content, _ = strings.Cut(content, "\n")
		f.rows[y], pen = readLine(strings.ToValidUTF8(line, "\ufffd"), f.width, pen)
	}
	return f
}

// WithCursor gives the same frame with a block cursor at column x and row y, from 0 at the top left.
// Outside of the grid there is no cursor.
func (f Frame) WithCursor(x, y int) Frame {
	f.cursor = nil
	if x >= 0 && x < f.width && y >= 0 && y < f.height {
		if x > 0 && f.rows[y][x].cells == 0 {
			x-- // a wide character is covered as a whole
		}
		f.cursor = &place{x, y}
	}
	return f
}

// Size gives the columns and rows of the grid.
func (f Frame) Size() (width, height int) { return f.width, f.height }

// readLine makes one row of exactly width columns and gives the style in force at its end.
func readLine(line string, width int, pen uv.Style) ([]cell, uv.Style) {
	row := make([]cell, 0, width)
	for line != "" {
		if params, n := sequence(line); n > 0 {
			if params != nil {
				uv.ReadStyle(params, &pen)
			}
			line = line[n:]
			continue
		}
		cluster, _ := ansi.FirstGraphemeCluster(line, ansi.GraphemeWidth)
		line = line[len(cluster):]
		text := visible(cluster)
		row = appendCluster(row, text, min(ansi.StringWidth(text), 2), width, pen)
	}
	for len(row) < width {
		row = append(row, cell{text: " ", cells: 1})
	}
	return row, pen
}

// appendCluster adds a character to the row, if there is room.
func appendCluster(row []cell, text string, cells, width int, pen uv.Style) []cell {
	switch {
	case text == "" || len(row)+min(cells, 1) > width:
		return row
	case cells <= 0: // a mark that an escape sequence parted from its base
		if base := lastText(row); base != nil && joins(base, text) {
			base.text += text
		}
		return row
	case len(row)+cells > width: // half of a wide character is a blank, as in a terminal
		return append(row, cell{text: " ", cells: 1, style: pen})
	}
	row = append(row, cell{text: text, cells: cells, style: pen})
	if cells == 2 {
		row = append(row, cell{style: pen})
	}
	return row
}

// lastText is the last cell that holds a character which a mark can join; nil when there is none.
func lastText(row []cell) *cell {
	for i := len(row) - 1; i >= 0; i-- {
		if row[i].cells > 0 {
			if row[i].text == " " {
				return nil
			}
			return &row[i]
		}
	}
	return nil
}

// joins reports whether the mark makes one character of the same width with its base. A variation
// selector, for one, can make it wider, and the place beside it is taken. Marks without end are cut.
func joins(base *cell, mark string) bool {
	joined := base.text + mark
	if len(joined) > maxCluster {
		return false
	}
	cluster, cells := ansi.FirstGraphemeCluster(joined, ansi.GraphemeWidth)
	return cluster == joined && cells == base.cells
}

// maxCluster bounds the bytes of a character that grows mark by mark, as each is measured anew.
const maxCluster = 64

// visible drops control and format characters (C0, C1, bidi and zero-width ones) but for the joiner
// inside a cluster.
func visible(cluster string) string {
	if len(cluster) == 1 && cluster[0] >= ' ' && cluster[0] < 0x7f {
		return cluster
	}
	out := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) ||
			unicode.Is(unicode.Cf, r) && r != zeroWidthJoiner {
			return -1
		}
		return r
	}, cluster)
	if out == string(zeroWidthJoiner) {
		return ""
	}
	if r, n := utf8.DecodeRuneInString(out); n == len(out) && unicode.Is(unicode.Zs, r) {
		return " " // no-break and other spaces look like a blank, so they are one
	}
	return out
}

const zeroWidthJoiner = '\u200d'
