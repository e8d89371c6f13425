package ui

import (
	"bytes"
	"slices"

	"countersign/sign"
)

// piece is one part of a canonical string, with its true bytes and which of them are secrets.
type piece struct {
	span   sign.Span
	bytes  []byte
	hidden []extent // within bytes
}

// pieces cuts a text into its parts. They hold the true bytes, because two strings that differ in a secret differ;
// what is drawn of them is masked.
func pieces(t sign.Text, k masker) []piece {
	var out []piece
	b := revealText(t)
	all := secretExtents(b, k.known)
	for _, s := range t.Spans() {
		p := piece{span: s, bytes: b[s.Start:s.End]}
		if s.Secret {
			p.hidden = []extent{{0, s.Len()}}
		} else {
			p.hidden = within(all, s.Start, s.End)
		}
		out = append(out, p)
	}
	return out
}

// within cuts stretches to [from, to) and counts them from there.
func within(list []extent, from, to int) []extent {
	var out []extent
	for _, x := range list {
		if lo, hi := max(x.from, from), min(x.to, to); lo < hi {
			out = append(out, extent{lo - from, hi - from})
		}
	}
	return out
}

// whole is a text whose parts nobody knows.
func whole(b []byte, k masker) []piece {
	return []piece{{span: sign.Span{End: len(b)}, bytes: b, hidden: secretExtents(b, k.known)}}
}

// sidePair is a part of the expected string beside the same part of the other; one of them may be nil.
type sidePair struct{ want, got *piece }

func (p sidePair) equal() bool {
	return p.want != nil && p.got != nil && bytes.Equal(p.want.bytes, p.got.bytes)
}

// aligned pairs the parts of two strings by what they are: as many as possible in order (a longest common subsequence),
// of those the ones with equal bytes first.
func aligned(want, got []piece) []sidePair {
	n, m := len(want), len(got)
	score := make([][]int, n+1)
	for i := range score {
		score[i] = make([]int, m+1)
	}
	like := func(i, j int) int {
		a, b := want[i], got[j]
		if a.span.Origin != b.span.Origin {
			return 0
		}
		if bytes.Equal(a.bytes, b.bytes) {
			return 3
		}
		return 2
	}
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			score[i][j] = max(score[i+1][j], score[i][j+1])
			if s := like(i, j); s > 0 {
				score[i][j] = max(score[i][j], s+score[i+1][j+1])
			}
		}
	}
	var out []sidePair
	i, j := 0, 0
	for i < n || j < m {
		switch {
		case i < n && j < m && like(i, j) > 0 && score[i][j] == like(i, j)+score[i+1][j+1]:
			out = append(out, sidePair{&want[i], &got[j]})
			i, j = i+1, j+1
		case j >= m || i < n && score[i+1][j] >= score[i][j+1]:
			out = append(out, sidePair{&want[i], nil})
			i++
		default:
			out = append(out, sidePair{nil, &got[j]})
			j++
		}
	}
	return out
}

// sides are the two strings that are compared, and what the other one is.
func (s *inboundScreen) sides(c *call, k masker) (want, got []piece, known bool) {
	r := c.found
	switch {
	case r.Canonical.Present() && (c.in.Expected == nil || bytes.Equal(revealText(r.Canonical), c.in.Expected)):
		want = pieces(r.Canonical, k)
	case c.in.Expected != nil: // not the parts that our own scheme has: compared as a whole
		want = whole(c.in.Expected, k)
		if r.Signed.Present() {
			return want, whole(revealText(r.Signed), k), true
		}
	}
	if r.Signed.Present() {
		return want, pieces(r.Signed, k), true
	}
	return want, nil, false
}

// stringRows put what should have been signed beside what was, part by part.
func (s *inboundScreen) stringRows(c *call, w int, open bool) []row {
	k := s.maskerOf(c)
	want, got, proved := s.sides(c, k)
	if want == nil {
		return s.noStringRows(c, w)
	}
	if !proved {
		return s.expectedRows(c, want, w, open)
	}
	rows := differenceRows(want, got, w, open)
	rows = append(rows, nil)
	for _, p := range aligned(want, got) {
		rows = append(rows, p.rows(w, open)...)
	}
	at := firstDifference(joinedBytes(want), joinedBytes(got))
	rows = append(rows, nil, row{strong(quiet, "Expected, "), say(quiet, "byte for byte")})
	rows = append(rows, wholeRows(want, at, w, open)...)
	rows = append(rows, nil, row{strong(quiet, "Signed, "), say(quiet, "byte for byte")})
	return append(rows, wholeRows(got, at, w, open)...)
}

// wholeRows draw a whole string, each part in the colour of its origin and the first byte that differs reversed. What is
// a secret is starred, byte for byte, so that the offsets stay.
func wholeRows(list []piece, at, w int, open bool) []row {
	v := viewer{at: at}
	for _, p := range list {
		b := slices.Clone(p.bytes)
		for _, x := range p.hidden {
			for i := x.from; i < x.to && !open; i++ {
				b[i] = '*'
			}
		}
		s := p.span
		s.Start, s.End = len(v.bytes), len(v.bytes)+len(b)
		v.bytes, v.spans = append(v.bytes, b...), append(v.spans, s)
	}
	if len(v.bytes) > maxShownBody {
		return []row{{say(quiet, "too long to be drawn: "+plural(len(v.bytes), "byte"))}}
	}
	v.layout(w)
	var rows []row
	for i := range v.starts {
		line, _ := v.textRow(i, true)
		rows = append(rows, line)
	}
	return rows
}

// noStringRows say why there is nothing to compare.
func (s *inboundScreen) noStringRows(c *call, w int) []row {
	why := "This request has no canonical string: what protects it is in the headers."
	if failed, refused := c.in.Failed(); refused {
		why = "The check " + failed.Name + " refused this request before its signature was looked at, or there is nothing that is signed."
	}
	return paragraph(bit{}, why, ink{fg: quiet}, w)
}

// expectedRows draw the expected string alone.
func (s *inboundScreen) expectedRows(c *call, want []piece, w int, open bool) []row {
	why, lead := "this is what was signed: the signature verifies", strong(good, "✓ ")
	if _, refused := c.in.Failed(); refused {
		why, lead = "what the client signed is not known: nothing that was tried gives its signature", strong(warn, "? ")
		if c.state != searched {
			why = "what the client signed is not known"
		}
	}
	rows := paragraph(lead, why, ink{}, w)
	rows = append(rows, nil, row{strong(quiet, "Expected by the sandbox"), say(quiet, ", "+plural(lengthOf(want), "byte"))})
	for i := range want {
		rows = append(rows, want[i].rows("", w, open)...)
	}
	return rows
}

func lengthOf(list []piece) int {
	n := 0
	for _, p := range list {
		n += len(p.bytes)
	}
	return n
}

// differenceRows name the first byte at which the two strings part.
func differenceRows(want, got []piece, w int, open bool) []row {
	a, b := joinedBytes(want), joinedBytes(got)
	if bytes.Equal(a, b) {
		rows := []row{{strong(good, "✓ "), say(plain, "both sides have the same canonical string, "+plural(len(a), "byte"))}}
		return append(rows, paragraph(say(warn, "→ "), "the difference is behind it: the key, the algorithm, or the form of the signature", ink{}, w)...)
	}
	at := firstDifference(a, b)
	rows := []row{{strong(bad, "✗ "), say(plain, "the first difference is at byte "), strong(plain, itoa(at))}}
	for _, side := range []struct {
		name string
		list []piece
		n    int
	}{{"  expected", want, len(a)}, {"  signed", got, len(b)}} {
		line := append(row{label(side.name, 12)}, byteAt(side.list, at, open)...)
		rows = append(rows, spread(line, row{say(quiet, "of "+plural(side.n, "byte"))}, min(w, 72), ink{}))
	}
	return rows
}

func joinedBytes(list []piece) []byte {
	var out []byte
	for _, p := range list {
		out = append(out, p.bytes...)
	}
	return out
}

func firstDifference(a, b []byte) int {
	at := 0
	for at < min(len(a), len(b)) && a[at] == b[at] {
		at++
	}
	return at
}

// byteAt names the byte at an offset and the part that it belongs to.
func byteAt(list []piece, at int, open bool) row {
	for _, p := range list {
		if at >= len(p.bytes) {
			at -= len(p.bytes)
			continue
		}
		k := ink{fg: originOf(p.span.Origin.Kind), attr: bold}
		name := append(row{say(quiet, " in ")}, typed(p.span.Origin.String(), ink{fg: k.fg})...)
		if hiddenAt(p.hidden, at) && !open {
			return append(row{say(plain, "a secret byte")}, name...)
		}
		const digits = "0123456789abcdef"
		c := p.bytes[at]
		g, _, _ := glyph(p.bytes[at:])
		if g == " " {
			g = spacePicture
		}
		return append(row{say(plain, "0x"+string([]byte{digits[c>>4], digits[c&15]})+" "), {g, k}, say(quiet, controlName(c))}, name...)
	}
	return row{say(plain, "the end")}
}

func hiddenAt(list []extent, at int) bool {
	for _, x := range list {
		if x.from <= at && at < x.to {
			return true
		}
	}
	return false
}
