package ui

import (
	"bytes"
	"strings"
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

// draw returns exactly h rows of w cells. Where there is room, a row of letters stands below each row of text;
// otherwise the letters stand before it.
func (v *viewer) draw(w, h int, focused bool) []row {
	if v.hex {
		v.layout(w)
		v.scroll(len(v.starts), h)
		return fill(v.hexRows(w, h, focused), w, h)
	}
	v.layout(w)
	if len(v.starts)*2 <= h || h >= 6 && len(v.starts) == 1 {
		v.scroll(len(v.starts), h/2)
		return fill(v.lettered(w, h, focused), w, h)
	}
	const margin = 4
	v.layout(w - margin)
	v.scroll(len(v.starts), h)
	var rows []row
	for i := v.window.top; i < len(v.starts) && len(rows) < h; i++ {
		text, letters := v.textRow(i, focused)
		rows = append(rows, append(marginOf(letters, margin), text...))
	}
	return fill(rows, w, h)
}

func (v *viewer) scroll(n, h int) {
	v.window.set(n, h)
	v.window.show(v.row())
}

// lettered draws rows of text, each above a row of letters.
func (v *viewer) lettered(w, h int, focused bool) []row {
	var rows []row
	for i := v.window.top; i < len(v.starts) && len(rows)+1 < h; i++ {
		text, letters := v.textRow(i, focused)
		rows = append(rows, text, letters)
	}
	return rows
}

// marginOf puts the letters of the parts of a row before it.
func marginOf(letters row, w int) row {
	var out row
	n := 0
	for _, b := range letters {
		c := b.text
		if c == "" || c == "·" || strings.HasPrefix(c, "╌") {
			continue
		}
		if n == w-2 {
			out[n-1].text = "…"
			break
		}
		out = append(out, bit{c, b.ink})
		n++
	}
	return out.fit(w, ink{})
}

// textRow draws row i and the letters below it.
func (v *viewer) textRow(i int, focused bool) (text, letters row) {
	from, to := v.starts[i], len(v.bytes)
	if i+1 < len(v.starts) {
		to = v.starts[i+1]
	}
	for _, s := range v.spans {
		lo, hi := max(s.Start, from), min(s.End, to)
		if lo >= hi {
			continue
		}
		k := ink{fg: originOf(s.Origin.Kind)}
		if s.Origin.Kind == sign.Separator {
			k.attr |= bold
		}
		part := v.glyphs(lo, hi, k, focused)
		text = append(text, part...)
		mark := string(rune(s.Origin.Kind.Letter()))
		if lo > s.Start {
			mark = "·"
		}
		letters = append(letters, bit{mark, ink{fg: originOf(s.Origin.Kind), attr: bold}}, bit{repeat("╌", row(part).cells()-1), ink{fg: originOf(s.Origin.Kind)}})
	}
	return text, letters
}

// glyphs draws the bytes from lo to hi, the one under the cursor reversed.
func (v *viewer) glyphs(lo, hi int, k ink, focused bool) row {
	var out row
	var plainRun strings.Builder
	flush := func() {
		if plainRun.Len() > 0 {
			out = append(out, bit{plainRun.String(), k})
			plainRun.Reset()
		}
	}
	for at := lo; at < hi; {
		g, size, made := glyph(v.bytes[at:])
		if g == " " && v.blankToShow(at) {
			g, made = spacePicture, true
		}
		x := k
		if made && !control(v.bytes[at]) {
			x.attr |= underline
		}
		switch {
		case focused && v.at >= at && v.at < at+size:
			flush()
			out = append(out, bit{g, ink{fg: x.fg, attr: reverse | bold}})
		case x != k:
			flush()
			out = append(out, bit{g, x})
		default:
			plainRun.WriteString(g)
		}
		at += size
	}
	flush()
	return out
}

func control(c byte) bool { return c < ' ' || c == 0x7f }

// blankToShow reports whether the blank at an offset could be overlooked: at an end, beside a control
// character, or beside another blank.
func (v *viewer) blankToShow(at int) bool {
	near := func(i int) bool { return i < 0 || i >= len(v.bytes) || v.bytes[i] <= ' ' }
	return near(at-1) || near(at+1)
}

// perHexRow is how many bytes a row of the hex view holds.
func perHexRow(w int) int {
	if w >= hexCells(16) {
		return 16
	}
	return 8
}

// hexCells is the width of a hex row of n bytes: offset, bytes in groups of eight, characters.
func hexCells(n int) int { return 8 + 3*n + n/8 + 1 + n }

// hexRows draws bytes as numbers, in the colours of their origins.
func (v *viewer) hexRows(w, h int, focused bool) []row {
	const digits = "0123456789abcdef"
	n := perHexRow(w)
	var rows []row
	for i := v.window.top; i < len(v.starts) && len(rows) < h; i++ {
		from := v.starts[i]
		out := row{say(quiet, pad(itoa(from), 6)+"  ")}
		chars := row{}
		for j := range n {
			at := from + j
			if j > 0 && j%8 == 0 {
				out = append(out, bit{" ", ink{}})
			}
			if at >= len(v.bytes) {
				out = append(out, bit{"   ", ink{}})
				continue
			}
			k := ink{fg: v.toneAt(at)}
			if focused && at == v.at {
				k.attr = reverse | bold
			}
			c := v.bytes[at]
			out = append(out, bit{string([]byte{digits[c>>4], digits[c&15]}), k}, bit{" ", ink{}})
			g := "·"
			if c < 0x80 {
				g, _, _ = glyph(v.bytes[at : at+1])
			}
			chars = append(chars, bit{g, k})
		}
		rows = append(rows, append(append(out, bit{" ", ink{}}), chars...))
	}
	return rows
}

func pad(s string, w int) string { return spaces(w-len(s)) + s }

// toneAt is the tone of the byte at an offset.
func (v *viewer) toneAt(at int) tone {
	for _, s := range v.spans {
		if s.Start <= at && at < s.End {
			return originOf(s.Origin.Kind)
		}
	}
	return plain
}

// explain says what the byte under the cursor is and where it came from, in two or three rows.
func (v *viewer) explain(w int) []row {
	if len(v.bytes) == 0 {
		return []row{{say(quiet, "the text is empty: 0 bytes")}, nil}
	}
	i, s, _ := v.span()
	k := ink{fg: originOf(s.Origin.Kind), attr: bold}
	c := v.bytes[v.at]
	g, size, _ := glyph(v.bytes[v.at:])
	const digits = "0123456789abcdef"
	where := row{
		say(quiet, "byte "), say(plain, itoa(v.at)), say(quiet, " of "+itoa(len(v.bytes))+"  "),
		say(plain, "0x"+string([]byte{digits[c>>4], digits[c&15]})+" "), {g, k}, say(quiet, controlName(c)),
	}
	if size > 1 {
		where = append(where, say(quiet, " ("+itoa(size)+" bytes)"))
	}
	if part := say(quiet, "   part "+itoa(i+1)+" of "+itoa(len(v.spans))+", bytes "+itoa(s.Start)+"–"+itoa(s.End-1)); where.cells()+width(part.text) <= w {
		where = append(where, part)
	}
	origin := v.origin(s, k).wrapped(w)
	return append([]row{where}, origin[:min(len(origin), 2)]...)
}

// origin says where a part came from: its kind, the rules that ran, the keys that went in, the note.
func (v *viewer) origin(s sign.Span, k ink) row {
	out := row{{string(rune(s.Origin.Kind.Letter())) + " ", k}}
	out = append(out, typed(s.Origin.String(), k)...)
	for _, r := range s.Rules {
		out = append(out, say(quiet, " → "), say(plain, r))
	}
	if len(s.Keys) > 0 {
		out = append(out, say(quiet, "  key "), strong(originOf(sign.Key), strings.Join(s.Keys, ", ")))
	}
	if s.Note != "" {
		out = append(out, say(quiet, "  "))
		out = append(out, typed(s.Note, ink{fg: quiet, attr: italic})...)
	}
	if s.Origin.Kind == sign.Earlier {
		out = append(out, say(quiet, "  "), strong(accent, "enter"), say(quiet, " walks into it"))
	}
	return out
}

// controlName names the control characters that matter in a canonical string.
func controlName(c byte) string {
	switch c {
	case '\n':
		return " LF"
	case '\r':
		return " CR"
	case '\t':
		return " TAB"
	case ' ':
		return " SP"
	}
	return ""
}

// legend names the letters that occur in the text.
func (v *viewer) legend(w int) row {
	var out row
	seen := map[sign.Kind]bool{}
	for _, kind := range sign.Kinds() {
		for _, s := range v.spans {
			if s.Origin.Kind != kind || s.Len() == 0 || seen[kind] {
				continue
			}
			seen[kind] = true
			item := row{{string(rune(kind.Letter())), ink{fg: originOf(kind), attr: bold}}, {" " + kind.String() + "  ", ink{fg: originOf(kind)}}}
			if out.cells()+item.cells() <= w {
				out = append(out, item...)
			}
		}
	}
	return out
}
