// Package sign makes signed requests whose every byte says where it came from.
//
// A scheme is a pure function of a request, fields, keys, clock and nonce: it
// reads no clock, no file and no network, so it can be called from a table
// test and from a view. What it returns is not bytes but texts: each byte of a
// [Text] belongs to exactly one [Span], and a span names its [Origin] and the
// rules that were applied. A text can be built only span by span, so the
// explanation on the screen is what ran.
//
// Not a goal: to be a general JOSE or HTTP library. What is here is what the
// partners' schemes need, in the terms of RFC 7515, 7617, 7797 and 8705.
package sign

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"
)

// Kind says what sort of input bytes were taken from.
type Kind uint8

// The kinds of origin. The zero Kind is Constant, bytes fixed by the scheme.
const (
	Constant Kind = iota
	Separator
	Method
	Authority
	Path
	Query
	HeaderValue
	Body
	BodyHash
	Clock
	Nonce
	IdempotencyKey
	Field
	Key
	Earlier
)

// kinds holds, for each Kind, its name in the JSON contract and the letter that stands for it where colour can't.
var kinds = [...]struct {
	name   string
	letter byte
}{
	Constant:       {"constant", 'c'},
	Separator:      {"separator", '.'},
	Method:         {"method", 'm'},
	Authority:      {"authority", 'a'},
	Path:           {"path", 'p'},
	Query:          {"query", 'q'},
	HeaderValue:    {"header", 'h'},
	Body:           {"body", 'b'},
	BodyHash:       {"body hash", 's'},
	Clock:          {"clock", 't'},
	Nonce:          {"nonce", 'n'},
	IdempotencyKey: {"idempotency key", 'i'},
	Field:          {"field", 'f'},
	Key:            {"key", 'k'},
	Earlier:        {"earlier", 'e'},
}

// Kinds lists every kind, in the order of a legend.
func Kinds() []Kind {
	all := make([]Kind, len(kinds))
	for i := range all {
		all[i] = Kind(i)
	}
	return all
}

// String names the kind as people and the JSON contract do.
func (k Kind) String() string {
	if int(k) < len(kinds) {
		return kinds[k].name
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// Letter is a lower-case letter or sign, unique among kinds, that marks the kind without colour.
func (k Kind) Letter() byte {
	if int(k) < len(kinds) {
		return kinds[k].letter
	}
	return '?'
}

// Origin is where bytes were taken from: a kind and, where there are several of it, which one.
// For Earlier, Name is the name of the stage.
type Origin struct {
	Kind Kind
	Name string
}

// String is "field username", "earlier: canonical string", or the kind alone.
func (o Origin) String() string {
	switch {
	case o.Name == "":
		return o.Kind.String()
	case o.Kind == Earlier:
		return "earlier: " + o.Name
	case o.Kind == Constant || o.Kind == Separator:
		return o.Kind.String()
	default:
		return o.Kind.String() + " " + o.Name
	}
}

// Span is a run of bytes of one text, [Start, End), with one origin.
// An empty span says that a part which has its place here was absent.
type Span struct {
	Start, End int
	Origin     Origin
	Note       string   // for people: what these bytes are, "LF, between the lines"
	Rules      []string // names of the rules applied, first to last
	Keys       []string // names of the keys that went into these bytes
	Secret     bool     // these bytes are a secret or an encoding of one
}

// Len is the number of bytes.
func (s Span) Len() int { return s.End - s.Start }

// Text is a byte string in which every byte belongs to exactly one span.
// Only a [Builder] makes one. It prints itself masked; Wire reveals it.
// The zero Text is absent, which is not the same as empty.
type Text struct{ box *content }

// content keeps the bytes two pointers away from any printer; see box in secret.go.
type content struct {
	bytes *[]byte
	spans []Span
}

// Present reports whether there is a text at all; an absent body is not an empty one.
func (t Text) Present() bool { return t.box != nil }

// Len is the length in bytes as sent.
func (t Text) Len() int { return len(t.raw()) }

// Secret reports whether any byte is a secret or an encoding of one.
func (t Text) Secret() bool {
	return slices.ContainsFunc(t.Spans(), func(s Span) bool { return s.Secret && s.Len() > 0 })
}

// Spans are adjacent, in order, and cover the text. The caller must not change them.
func (t Text) Spans() []Span {
	if t.box == nil {
		return nil
	}
	return t.box.spans
}

// At finds the span that holds the byte at offset.
func (t Text) At(offset int) (Span, bool) {
	for _, s := range t.Spans() {
		if s.Start <= offset && offset < s.End {
			return s, true
		}
	}
	return Span{}, false
}

// Wire returns a copy of the bytes as they are sent and signed, secrets included.
// A test counts the places that call it.
func (t Text) Wire() []byte { return slices.Clone(t.raw()) }

// raw is Wire for this package, without a copy.
func (t Text) raw() []byte {
	if t.box == nil {
		return nil
	}
	return *t.box.bytes
}

// Masked returns the text with each secret span replaced by the mask, spans moved accordingly.
// A text without secrets is returned as it is.
func (t Text) Masked() Text {
	if !t.Secret() {
		return t
	}
	var b Builder
	for _, s := range t.Spans() {
		bytes := t.raw()[s.Start:s.End]
		if s.Secret && s.Len() > 0 {
			bytes = []byte(mask)
		}
		s.Secret = false
		b.add(s, bytes)
	}
	return b.Text()
}

// Bytes returns a copy of the masked bytes: what may be shown, stored and compared.
func (t Text) Bytes() []byte { return slices.Clone(t.Masked().raw()) }

// String returns the masked text.
func (t Text) String() string { return string(t.Masked().raw()) }

// Format writes the masked text for every verb.
func (t Text) Format(f fmt.State, _ rune) { io.WriteString(f, t.String()) }

// jsonText is the form of a text in the command-line contract.
type jsonText struct {
	Text   string     `json:"text"`
	Base64 string     `json:"base64"`
	Spans  []jsonSpan `json:"spans"`
}

type jsonSpan struct {
	Start  int      `json:"start"`
	End    int      `json:"end"`
	Origin string   `json:"origin"`
	Rules  []string `json:"rules"`
}

// MarshalJSON gives {"text", "base64", "spans": [{"start","end","origin","rules"}]} of the masked text.
// Bytes that are not UTF-8 are replaced in "text" and exact in "base64".
func (t Text) MarshalJSON() ([]byte, error) {
	if !t.Present() {
		return []byte("null"), nil
	}
	m := t.Masked()
	out := jsonText{
		Text:   string(m.raw()),
		Base64: base64.StdEncoding.EncodeToString(m.raw()),
		Spans:  []jsonSpan{},
	}
	for _, s := range m.Spans() {
		rules := s.Rules
		if rules == nil {
			rules = []string{}
		}
		out.Spans = append(out.Spans, jsonSpan{s.Start, s.End, s.Origin.String(), rules})
	}
	return json.Marshal(out)
}

// Printable reports whether the masked text is valid UTF-8 without control characters other than LF,
// so that it can be read as it is.
func (t Text) Printable() bool {
	b := t.Masked().raw()
	return utf8.Valid(b) && !slices.ContainsFunc(b, func(c byte) bool { return c < ' ' && c != '\n' || c == 0x7f })
}
