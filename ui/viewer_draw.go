package ui

import (
	"strings"

	"countersign/sign"
)

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
