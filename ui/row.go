package ui

import (
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"countersign/sign/untrusted"
)

// bit is a stretch of text in one ink. Its text is safe to draw and holds no line end and no tab.
type bit struct {
	text string
	ink  ink
}

// row is one line of the screen, from left to right.
type row []bit

// say writes text in a tone.
func say(t tone, text string) bit { return bit{text, ink{fg: t}} }

// strong writes text in a tone, bold.
func strong(t tone, text string) bit { return bit{text, ink{fg: t, attr: bold}} }

// width is the number of cells of a text that is safe to draw.
func width(s string) int {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return ansi.StringWidth(s)
		}
	}
	return len(s)
}

// cells is the width of the row.
func (r row) cells() int {
	n := 0
	for _, b := range r {
		n += width(b.text)
	}
	return n
}

// text is the row without its inks.
func (r row) text() string {
	var b strings.Builder
	for _, x := range r {
		b.WriteString(x.text)
	}
	return b.String()
}

// on gives the row another ground, for a row that is selected.
func (r row) on(ground tone) row {
	out := make(row, len(r))
	for i, b := range r {
		b.ink.bg = ground
		out[i] = b
	}
	return out
}

// fit makes the row exactly w cells wide: what does not fit is cut and ends in an ellipsis,
// what is missing is blank, in the ink given.
func (r row) fit(w int, pad ink) row {
	if w <= 0 {
		return nil
	}
	left := w
	for i, b := range r {
		n := width(b.text)
		if n > left || n == left && more(r[i+1:]) {
			out := append(row{}, r[:i]...)
			cut := bit{ansi.Truncate(b.text, left, "…"), b.ink}
			if n == left {
				cut.text = ansi.Truncate(b.text, left-1, "") + "…"
			}
			out = append(out, cut)
			return out.blank(left-width(cut.text), pad)
		}
		left -= n
	}
	return r.blank(left, pad)
}

// more reports whether any of the bits takes a cell.
func more(r row) bool {
	for _, b := range r {
		if b.text != "" {
			return true
		}
	}
	return false
}

// blank adds n blank cells.
func (r row) blank(n int, pad ink) row {
	if n <= 0 {
		return r
	}
	return append(r[:len(r):len(r)], bit{spaces(n), pad})
}

// slice is the part of the row from cell from up to cell to. Half of a wide character is a blank.
func (r row) slice(from, to int) row {
	var out row
	at := 0
	for _, b := range r {
		n := width(b.text)
		lo, hi := max(from-at, 0), min(to-at, n)
		at += n
		if lo >= hi {
			continue
		}
		if lo > 0 || hi < n {
			b.text = cut(b.text, lo, hi)
		}
		out = append(out, b)
	}
	return out
}

// cut is the text from cell lo up to cell hi, exactly that wide.
func cut(s string, lo, hi int) string {
	if len(s) == width(s) {
		return s[lo:hi]
	}
	var b strings.Builder
	for at := 0; s != "" && at < hi; {
		cluster, n := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
		s = s[len(cluster):]
		switch {
		case at >= lo && at+n <= hi:
			b.WriteString(cluster)
		case at+n > lo: // half of it is outside
			b.WriteString(spaces(min(at+n, hi) - max(at, lo)))
		}
		at += n
	}
	return b.String()
}

// spread puts left and right at the ends of a row of w cells. The right part is kept as long as it fits;
// one blank at least stands between them.
func spread(left, right row, w int, pad ink) row {
	n := right.cells()
	if n == 0 || n >= w {
		return left.fit(w, pad)
	}
	out := left.fit(w-n-1, pad).blank(1, pad)
	return append(out, right...)
}

// fill makes exactly h rows of w cells.
func fill(rows []row, w, h int) []row {
	out := make([]row, h)
	for i := range out {
		if i < len(rows) {
			out[i] = rows[i].fit(w, ink{})
		} else {
			out[i] = row(nil).blank(w, ink{})
		}
	}
	return out
}

// overlaid draws box over the rows, with its top left corner at x and y.
func overlaid(base []row, box []row, x, y int) []row {
	out := append([]row{}, base...)
	for i, r := range box {
		if y+i < 0 || y+i >= len(out) {
			continue
		}
		line, w := out[y+i], r.cells()
		joined := append(row{}, line.slice(0, x)...)
		joined = append(joined, r...)
		out[y+i] = append(joined, line.slice(x+w, line.cells())...)
	}
	return out
}

const blanks = "                                                                                                                                "

func spaces(n int) string {
	if n <= 0 {
		return ""
	}
	if n <= len(blanks) {
		return blanks[:n]
	}
	return strings.Repeat(" ", n)
}

// wrap breaks safe text at blanks into lines of at most w cells; a word that is longer is broken.
func wrap(s string, w int) []string {
	if w < 1 {
		return nil
	}
	return strings.Split(ansi.Wrap(s, w, " "), "\n")
}

// wrapped breaks a row at blanks into rows of at most w cells; a word that is much too long is broken.
func (r row) wrapped(w int) []row {
	if w < 1 {
		return nil
	}
	total := r.cells()
	if total <= w {
		return []row{r}
	}
	var out []row
	for from := 0; from < total; {
		part := r.slice(from, from+w)
		n := w
		if i := strings.LastIndexByte(part.text(), ' '); i > 0 && from+w < total && !r.slice(from+w, from+w+1).blankly() {
			if before := width(part.text()[:i]); before > w/4 {
				n = before
			}
		}
		out = append(out, part.slice(0, n))
		for from += n; from < total && r.slice(from, from+1).blankly(); from++ {
		}
	}
	return out
}

// blankly reports whether the row is nothing but a blank.
func (r row) blankly() bool { return r.text() == " " }

// paragraph wraps text, indented, with a lead such as a sign before its first line. The text may come from anywhere.
func paragraph(lead bit, text string, k ink, w int) []row {
	indent := width(lead.text)
	text = untrusted.From(text).String()
	var rows []row
	for i, line := range wrap(text, max(w-indent, 1)) {
		first := bit{spaces(indent), ink{}}
		if i == 0 {
			first = lead
		}
		rows = append(rows, row{first, bit{line, k}})
	}
	return rows
}
