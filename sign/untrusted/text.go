// Package untrusted holds text that somebody else wrote: a header, a body, an error string, a claim,
// a file name, a label from a configuration file.
//
// Such text can carry commands to the terminal (move the cursor, write the clipboard), characters that reorder or hide
// what stands beside them, and characters that nobody can see. The package makes all of them visible, and
// it drops nothing: a support engineer must see that a byte was there, and the text that is shown must
// stay comparable with the text that was signed.
//
// A [Text] keeps the bytes as they came. It becomes a [Display], the only kind of text that a screen
// accepts, through [Text.Line] and [Text.Block], and becomes JSON that is safe to print and yields the
// same bytes again through [Text.MarshalJSON].
//
// Not a goal: to understand terminal sequences. The package recognises characters, never sequences, so
// there is no parser that an unterminated or novel sequence could lead astray.
package untrusted

import (
	"fmt"
	"strconv"
)

// Text is text from outside, byte for byte. It need not be UTF-8. It reaches a screen only through
// [Text.Line] or [Text.Block]; every way to print it goes through Line.
//
// The zero Text is empty. A Text is immutable, comparable and safe for concurrent use.
// Two printers escape its guard, because fmt calls no method there: a struct printed as a whole that holds
// a Text in an unexported field, and the verb %p, which go vet refuses.
type Text struct{ s string }

// From marks v as text from outside. It keeps a copy of a byte slice.
func From[T ~string | ~[]byte](v T) Text { return Text{string(v)} }

// Raw returns the bytes as they came, for signing, storing and comparing; never for showing.
func (t Text) Raw() string { return t.s }

// Empty reports whether there are no bytes.
func (t Text) Empty() bool { return t.s == "" }

// Len is the length in bytes.
func (t Text) Len() int { return len(t.s) }

// Line draws the text in one line: newline and tab are made visible too, as ^J and ^I.
// Drawing what was drawn changes nothing more.
func (t Text) Line() Display { return draw(t.s, false) }

// Block draws the text in lines. A newline stays, CRLF becomes a newline (counted by [Display.CRLF]),
// a lone CR is shown as ^M, and tabs become spaces up to the next multiple of 8 columns.
func (t Text) Block() Display { return draw(t.s, true) }

// String is the text drawn in one line, so that printing is safe by default.
func (t Text) String() string { return t.Line().String() }

// GoString is the text drawn in one line, quoted.
func (t Text) GoString() string { return strconv.Quote(t.String()) }

// Format prints the text drawn in one line for every verb, %q with quotes around it.
// Without it, a verb that does not fit a string would print the bytes as they came.
func (t Text) Format(f fmt.State, verb rune) {
	switch verb {
	case 's', 'q', 'v', 'x', 'X':
		fmt.Fprintf(f, fmt.FormatString(f, verb), t.String())
	default:
		fmt.Fprint(f, t.String())
	}
}

// MarshalText returns the text drawn in one line. Encoders that have no form of their own use it,
// log/slog among them; it is not reversible.
func (t Text) MarshalText() ([]byte, error) { return []byte(t.String()), nil }
