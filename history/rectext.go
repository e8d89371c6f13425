package history

import (
	"countersign/sign"
	"countersign/sign/untrusted"
)

// recText is a [sign.Text] as it is written. Spans have lengths instead of places, so they cannot overlap or leave a gap.
type recText struct {
	Text  untrusted.Text `json:"text"`
	Spans []recSpan      `json:"spans"`
}

type recSpan struct {
	Len    int      `json:"len"`
	Kind   string   `json:"kind"`
	Name   string   `json:"name,omitempty"`
	Note   string   `json:"note,omitempty"`
	Rules  []string `json:"rules,omitempty"`
	Keys   []string `json:"keys,omitempty"`
	Secret bool     `json:"secret,omitempty"`
}

// restore makes the text again, span by span. Spans that do not add up to the text are cut or filled, so that a damaged
// record is still shown. What cannot come back: a note on a span that is neither constant nor separator, and that a
// span other than a key was secret. Its bytes are a mask anyway.
func (t *recText) restore() sign.Text {
	if t == nil {
		return sign.Text{}
	}
	var b sign.Builder
	rest := []byte(t.Text.Raw())
	for _, s := range t.Spans {
		n := max(0, min(s.Len, len(rest)))
		s.restore(&b, rest[:n])
		rest = rest[n:]
	}
	if len(rest) > 0 {
		b.Constant(string(rest), "the record does not say where these bytes came from")
	}
	return b.Text()
}

func (s recSpan) restore(b *sign.Builder, bytes []byte) {
	kind, known := kindNamed(s.Kind)
	rules := s.rules()
	switch {
	case !known:
		b.Constant(string(bytes), "of a kind that this version does not know: "+s.Kind)
	case kind == sign.Constant && len(rules) == 0:
		b.Constant(string(bytes), s.Note)
	case kind == sign.Separator && len(rules) == 0:
		b.Separator(string(bytes), s.Note)
	default:
		b.Take(sign.Origin{Kind: kind, Name: s.Name}, bytes, rules...)
	}
}

// rules are rules of the recorded names that change nothing: what they did is in the bytes already.
func (s recSpan) rules() []sign.Rule {
	same := func(b []byte) ([]byte, error) { return b, nil }
	rules := make([]sign.Rule, len(s.Rules))
	for i, name := range s.Rules {
		rules[i] = sign.Rule{Name: name, Apply: same}
	}
	for i, key := range s.Keys {
		if i < len(rules) {
			rules[i].Key = key
		}
	}
	return rules
}

func kindNamed(name string) (sign.Kind, bool) {
	for _, k := range sign.Kinds() {
		if k.String() == name {
			return k, true
		}
	}
	return 0, false
}
