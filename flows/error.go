package flows

import (
	"fmt"

	"countersign/sign/untrusted"
)

// ErrorKind says who can do something about an error.
type ErrorKind string

// The kinds of error, as in the command-line contract.
const (
	KindUsage   ErrorKind = "usage"   // what was typed or loaded
	KindLocal   ErrorKind = "local"   // keyring, history, file
	KindNetwork ErrorKind = "network" // DNS, TCP, TLS, time
	KindRefused ErrorKind = "refused" // the partner said no
	KindToken   ErrorKind = "token"   // the answer to a token request is unusable
)

// Error is what a person is told: what happened, where, and apart from that what to do.
type Error struct {
	Kind    ErrorKind
	Step    StepName
	Field   string // credential field or part of the request, when one is to blame
	Message string // lower-case; safe to print
	Hint    string
	Err     error // the cause, for errors.Is; never printed by itself
}

// Error returns the message, without hint and cause.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

func usage(step StepName, field, hint, format string, args ...any) *Error {
	return &Error{Kind: KindUsage, Step: step, Field: field, Message: fmt.Sprintf(format, args...), Hint: hint}
}

// maxExcerpt bounds what a sentence repeats of text from outside, in characters.
const maxExcerpt = 300

// excerpt is text from outside, made visible, as it fits into a sentence.
func excerpt(t untrusted.Text) string {
	raw := t.Raw()
	if len(raw) > 4*maxExcerpt { // no character is longer in UTF-8
		raw = raw[:4*maxExcerpt]
	}
	shown := []rune(untrusted.From(raw).String())
	if len(shown) > maxExcerpt {
		return string(shown[:maxExcerpt]) + "..."
	}
	return string(shown)
}
