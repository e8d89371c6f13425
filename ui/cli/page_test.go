package cli

import (
	"bytes"
	"testing"
)

// Nothing that a terminal obeys gets through a page, wherever it comes from.
func TestPageIsSafe(t *testing.T) {
	var out bytes.Buffer
	p := &page{w: &out}
	p.line("%s: \x1b[31m%d\r\n", "a\u202eb", 5)
	p.block(2, "one\x1b]52;c;x\a\ntwo\n")
	rows := p.table(1)
	rows.row("x", "\x9b2J\ty", "")
	rows.row("longer", "z")
	rows.end()
	want := "a<U+202E>b: ^[[31m5^M^J\n  one^[]52;c;x^G\n  two\n x       \\x9B2J^Iy\n longer  z\n"
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}
