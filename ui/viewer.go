package ui

import (
	"bytes"
	"unicode/utf8"

	"countersign/sign"
)

// viewer shows a text byte for byte: every part in the colour and with the letter of its origin, nothing
// invisible, with a cursor that names where the byte under it came from.
type viewer struct {
	text  sign.Text
	open  bool   // its secrets are shown for the moment
	bytes []byte // as shown: secrets masked, or not
	spans []sign.Span
	at    int // offset of the cursor
	hex   bool

	window window
	starts []int // offset of the first byte of each row, for the width below
	width  int
	inHex  bool
}

// show puts a text into the viewer. The cursor stays when the text is the same.
func (v *viewer) show(t sign.Text, revealed bool) {
	if t == v.text && revealed == v.open && v.bytes != nil {
		return
	}
	m := t.Masked()
	b, spans := m.Bytes(), m.Spans()
	if revealed {
		b, spans = revealText(t), t.Spans()
	}
	if !bytes.Equal(b, v.bytes) {
		v.at, v.window.top = 0, 0
	}
	v.text, v.open, v.bytes, v.spans, v.width = t, revealed, b, spans, 0
}

// span is the part under the cursor. An empty part is never under it.
func (v *viewer) span() (int, sign.Span, bool) {
	for i, s := range v.spans {
		if s.Start <= v.at && v.at < s.End {
			return i, s, true
		}
	}
	return 0, sign.Span{}, false
}

// move moves the cursor; it reports whether the motion was one of its own.
func (v *viewer) move(to motion) bool {
	switch to {
	case toLeft:
		v.at -= v.sizeBefore()
	case toRight:
		v.at += v.sizeAt()
	case up:
		v.line(-1)
	case down:
		v.line(1)
	case pageUp:
		v.line(-max(v.window.h-1, 1))
	case pageDown:
		v.line(max(v.window.h-1, 1))
	case first:
		v.at = 0
	case last:
		v.at = len(v.bytes) - 1
	case nextPart:
		v.part(1)
	case previousPart:
		v.part(-1)
	default:
		return false
	}
	v.at = max(0, min(v.at, len(v.bytes)-1))
	return true
}

func (v *viewer) sizeAt() int {
	if v.hex || v.at >= len(v.bytes) {
		return 1
	}
	_, n := utf8.DecodeRune(v.bytes[v.at:])
	return n
}

func (v *viewer) sizeBefore() int {
	if v.hex || v.at <= 0 {
		return 1
	}
	_, n := utf8.DecodeLastRune(v.bytes[:v.at])
	return n
}

// part goes to the beginning of a part n places on.
func (v *viewer) part(n int) {
	var full []int
	here := 0
	for _, s := range v.spans {
		if s.Len() == 0 {
			continue
		}
		if s.Start <= v.at && v.at < s.End {
			here = len(full)
		}
		full = append(full, s.Start)
	}
	if len(full) > 0 {
		v.at = full[(here+n+len(full))%len(full)]
	}
}

// line goes n rows down at about the same column.
func (v *viewer) line(n int) {
	if len(v.starts) == 0 {
		return
	}
	i := v.row()
	column := v.at - v.starts[i]
	to := max(0, min(i+n, len(v.starts)-1))
	end := len(v.bytes)
	if to+1 < len(v.starts) {
		end = v.starts[to+1]
	}
	v.at = min(v.starts[to]+column, max(end-1, v.starts[to]))
	for !v.hex && v.at > v.starts[to] && !utf8.RuneStart(v.bytes[v.at]) {
		v.at--
	}
}

// row is the row of the cursor.
func (v *viewer) row() int {
	lo, hi := 0, len(v.starts)-1
	for lo < hi {
		mid := (lo + hi + 1) / 2
		if v.starts[mid] <= v.at {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	return max(lo, 0)
}

// layout finds where rows begin: behind each LF, and where the width is used up.
func (v *viewer) layout(w int) {
	if v.width == w && v.inHex == v.hex {
		return
	}
	v.width, v.inHex, v.starts = w, v.hex, v.starts[:0]
	v.starts = append(v.starts, 0)
	if v.hex {
		for at := perHexRow(w); at < len(v.bytes); at += perHexRow(w) {
			v.starts = append(v.starts, at)
		}
		return
	}
	column := 0
	for at := 0; at < len(v.bytes); {
		g, size, _ := glyph(v.bytes[at:])
		n := width(g)
		if column > 0 && (column+n > w || v.bytes[at-1] == '\n') {
			v.starts = append(v.starts, at)
			column = 0
		}
		column += n
		at += size
	}
}
