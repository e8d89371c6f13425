package ui

import (
	"testing"

	"pgregory.net/rapid"
)

func TestFit(t *testing.T) {
	for _, c := range []struct {
		in   row
		w    int
		want string
	}{
		{row{say(plain, "abc")}, 5, "abc  "},
		{row{say(plain, "abc")}, 3, "abc"},
		{row{say(plain, "abcd")}, 3, "ab…"},
		{row{say(plain, "abc"), say(good, "d")}, 3, "ab…"},
		{row{say(plain, "abc"), say(good, "")}, 3, "abc"},
		{row{say(plain, "ab"), say(good, "cdef")}, 4, "abc…"},
		{row{say(plain, "決済")}, 3, "決…"},
		{row{say(plain, "決済")}, 4, "決済"},
		{row{say(plain, "a決済")}, 4, "a決…"},
		{row{say(plain, "abc")}, 1, "…"},
		{row{say(plain, "abc")}, 0, ""},
		{nil, 2, "  "},
	} {
		if got := c.in.fit(c.w, ink{}); got.text() != c.want {
			t.Errorf("%q in %d: %q, want %q", c.in.text(), c.w, got.text(), c.want)
		}
	}
}

// Rows have the width that was asked for, whatever is in them.
func TestRowsHaveTheirWidth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r row
		for _, s := range rapid.SliceOfN(rapid.StringOfN(rapid.RuneFrom([]rune("ab 決é🚀…")), 0, 8, -1), 0, 5).Draw(t, "bits") {
			r = append(r, say(plain, s))
		}
		w := rapid.IntRange(0, 20).Draw(t, "width")
		if got := r.fit(w, ink{}).cells(); got != w {
			t.Fatalf("fit %d: %d cells", w, got)
		}
		n := r.cells()
		from := rapid.IntRange(0, n).Draw(t, "from")
		to := rapid.IntRange(from, n).Draw(t, "to")
		if got := r.slice(from, to).cells(); got != to-from {
			t.Fatalf("slice %d to %d of %q: %d cells, %q", from, to, r.text(), got, r.slice(from, to).text())
		}
		for _, part := range r.wrapped(max(w, 2)) {
			if part.cells() > max(w, 2) {
				t.Fatalf("wrapped in %d: %q", max(w, 2), part.text())
			}
		}
	})
}
