package sign

import (
	"fmt"
	"slices"
)

// Builder makes a [Text] span by span. There is no way to add bytes without an origin.
// The zero Builder is empty and ready. A rule that fails is remembered: later calls
// do nothing and Err returns the failure.
type Builder struct {
	bytes []byte
	spans []Span
	err   error
}

// Constant adds bytes that the scheme fixes; note says what they are.
func (b *Builder) Constant(s, note string) {
	b.add(Span{Origin: Origin{Kind: Constant}, Note: note}, []byte(s))
}

// Separator adds bytes that only part two neighbours; note says what they are.
func (b *Builder) Separator(s, note string) {
	b.add(Span{Origin: Origin{Kind: Separator}, Note: note}, []byte(s))
}

// Take adds raw, changed by the rules, under an origin.
func (b *Builder) Take(o Origin, raw []byte, rules ...Rule) {
	b.apply(Span{Origin: o}, raw, rules)
}

// Key adds the bytes of a secret, changed by the rules. The span is marked secret
// unless a rule cannot be undone.
func (b *Builder) Key(name string, s Secret, rules ...Rule) {
	b.apply(Span{Origin: Origin{Key, name}, Keys: []string{name}, Secret: true}, s.bytes(), rules)
}

// Within adds an earlier text as a whole, changed by the rules.
// The span is secret when the earlier text holds a secret and no rule cannot be undone.
func (b *Builder) Within(s Stage, rules ...Rule) {
	span := Span{Origin: Origin{Earlier, s.Name}, Secret: s.Text.Secret()}
	b.apply(span, s.Text.raw(), rules)
}

// Append adds another text, span by span: nothing is hidden in an earlier stage.
func (b *Builder) Append(t Text) {
	for _, s := range t.Spans() {
		b.add(s, t.raw()[s.Start:s.End])
	}
}

// Text returns what was built, or the absent Text after a failure.
func (b *Builder) Text() Text {
	if b.err != nil {
		return Text{}
	}
	bytes := slices.Clone(b.bytes)
	return Text{&content{&bytes, slices.Clone(b.spans)}}
}

// Format writes the masked text for every verb.
func (b Builder) Format(f fmt.State, verb rune) { b.Text().Format(f, verb) }

// Err returns the failure of the first rule that failed.
func (b *Builder) Err() error { return b.err }

func (b *Builder) apply(s Span, raw []byte, rules []Rule) {
	for _, r := range rules {
		if b.err != nil {
			return
		}
		raw, b.err = r.Apply(raw)
		s.Rules = append(s.Rules, r.Name)
		if r.Key != "" {
			s.Keys = append(s.Keys, r.Key)
		}
		s.Secret = s.Secret && !r.OneWay
	}
	if b.err == nil {
		b.add(s, raw)
	}
}

func (b *Builder) add(s Span, bytes []byte) {
	s.Start = len(b.bytes)
	b.bytes = append(b.bytes, bytes...)
	s.End = len(b.bytes)
	b.spans = append(b.spans, s)
}

// Plain is a text of one span.
func Plain(o Origin, raw []byte, rules ...Rule) Text {
	var b Builder
	b.Take(o, raw, rules...)
	return b.Text()
}

// Stage is a named text on the way to a signature: "canonical string", "signing input", "signature".
type Stage struct {
	Name string
	Text Text
}
