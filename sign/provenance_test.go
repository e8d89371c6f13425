package sign

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// scenario is one scheme with everything that it may look at.
type scenario struct {
	name   string
	scheme Scheme
	in     Input
}

func scenarios(t *testing.T) []scenario {
	base := Input{
		Request:        Request{Method: "POST", Scheme: "https", Authority: "a.test", Path: "/p/", Query: "?q=1", Body: Plain(Origin{Kind: Body}, []byte(`{"a":1}`))},
		Fields:         map[string]string{"username": "user"},
		Secrets:        map[string]Secret{"signing_secret": NewSecret("signing secret"), "password": NewSecret("password"), AccessToken: NewSecret("access token")},
		SigningKey:     rfc7515Key(t),
		Time:           time.Unix(1760000000, 0),
		Nonce:          "0123456789abcdef",
		IdempotencyKey: "3f2b8c1e-9d47-4a6b-8f10-2c5d7e9a1b34",
		Options:        map[string]string{},
	}
	absolute := base
	absolute.Options = map[string]string{"url": "absolute"}
	return []scenario{{"jiko", Jiko, base}, {"sabika", Sabika, base}, {"sabika absolute", Sabika, absolute}, {"basic", Basic, base}, {"bearer", Bearer, base}}
}

// mutations change one input each, to a value of the same length, and name the kind of origin that it feeds.
var mutations = []struct {
	name   string
	kind   Kind
	source string // name of the field or key; empty for the others
	change func(*Input)
}{
	{"method", Method, "", func(in *Input) { in.Request.Method = "PUTT" }},
	{"authority", Authority, "", func(in *Input) { in.Request.Authority = "b.test" }},
	{"path", Path, "", func(in *Input) { in.Request.Path = "/x/" }},
	{"query", Query, "", func(in *Input) { in.Request.Query = "?q=2" }},
	{"body", Body, "", func(in *Input) { in.Request.Body = Plain(Origin{Kind: Body}, []byte(`{"a":2}`)) }},
	{"clock", Clock, "", func(in *Input) { in.Time = in.Time.Add(time.Second) }},
	{"nonce", Nonce, "", func(in *Input) { in.Nonce = "fedcba9876543210" }},
	{"idempotency key", IdempotencyKey, "", func(in *Input) { in.IdempotencyKey = "00000000-9d47-4a6b-8f10-2c5d7e9a1b34" }},
	{"username", Field, "username", func(in *Input) { in.Fields = map[string]string{"username": "resu"} }},
	{"password", Key, "password", func(in *Input) { in.Secrets = withSecret(in.Secrets, "password", "drowssap") }},
	{"signing secret", Key, "signing_secret", func(in *Input) { in.Secrets = withSecret(in.Secrets, "signing_secret", "terces gningis") }},
	{"token", Key, AccessToken, func(in *Input) { in.Secrets = withSecret(in.Secrets, AccessToken, "nekot ssecca") }},
}

func withSecret(m map[string]Secret, name, value string) map[string]Secret {
	c := map[string]Secret{}
	for k, v := range m {
		c[k] = v
	}
	c[name] = NewSecret(value)
	return c
}

// traces reports whether a span goes back to an origin, through the stages it was made from.
func traces(s Span, stages []Stage, kind Kind, source string) bool {
	if slices.Contains(s.Keys, source) && source != "" {
		return true
	}
	if s.Origin.Kind == BodyHash && kind == Body {
		return true
	}
	if s.Origin.Kind == kind && (kind != Field && kind != Key || s.Origin.Name == source) {
		return true
	}
	if s.Origin.Kind != Earlier {
		return false
	}
	for _, st := range stages {
		if st.Name == s.Origin.Name {
			return slices.ContainsFunc(st.Text.Spans(), func(inner Span) bool { return traces(inner, stages, kind, source) })
		}
	}
	return false
}

// texts are all texts of a result, by name.
func texts(s Signed) map[string]Text {
	m := map[string]Text{"body": s.Request.Body}
	for _, st := range s.Stages {
		m[st.Name] = st.Text
	}
	for _, h := range s.Request.Header {
		m["header "+h.Name] = h.Value
	}
	return m
}

// Changing one input changes bytes of exactly those spans that trace to it: none other, and at least one of them
// unless no span traces to it at all.
func TestMutation(t *testing.T) {
	for _, sc := range scenarios(t) {
		before, err := sc.scheme(sc.in)
		if err != nil {
			t.Fatal(sc.name, err)
		}
		for _, m := range mutations {
			in := sc.in
			m.change(&in)
			after, err := sc.scheme(in)
			if err != nil {
				t.Fatal(sc.name, m.name, err)
			}
			traced, changed := false, false
			for name, old := range texts(before) {
				now := texts(after)[name]
				for i, s := range old.Spans() {
					if now.Len() != old.Len() || now.Spans()[i].Start != s.Start {
						t.Fatalf("%s, %s: %s has another shape", sc.name, m.name, name)
					}
					follows := traces(s, before.Stages, m.kind, m.source)
					differs := string(old.raw()[s.Start:s.End]) != string(now.raw()[s.Start:s.End])
					if differs && !follows {
						t.Errorf("%s: %s changed bytes %d-%d of %s, whose origin is %s", sc.name, m.name, s.Start, s.End, name, s.Origin)
					}
					traced, changed = traced || follows, changed || differs
				}
			}
			if traced != changed {
				t.Errorf("%s, %s: traced %v, changed %v", sc.name, m.name, traced, changed)
			}
		}
	}
}

// Spans are adjacent and cover the text, whatever a builder was given; masking keeps that and shows no secret.
func TestSpansTile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b Builder
		secret := rapid.StringMatching(`[A-Z]{8,20}`).Draw(t, "secret")
		for range rapid.IntRange(0, 12).Draw(t, "spans") {
			raw := rapid.SliceOfN(rapid.ByteRange('a', 'z'), 0, 9).Draw(t, "raw")
			switch rapid.IntRange(0, 4).Draw(t, "kind") {
			case 0:
				b.Constant(string(raw), "")
			case 1:
				b.Take(Origin{Kind: Body}, raw, SHA256, Hex)
			case 2:
				b.Key("k", NewSecret(secret))
			case 3:
				var inner Builder
				inner.Take(Origin{Kind: Path}, raw)
				inner.Key("k", NewSecret(secret))
				b.Within(Stage{"inner", inner.Text()}, Base64)
			case 4:
				b.Append(Plain(Origin{Kind: Nonce}, raw))
			}
		}
		text := b.Text()
		for _, x := range []Text{text, text.Masked()} {
			at := 0
			for _, s := range x.Spans() {
				if s.Start != at || s.End < s.Start {
					t.Fatalf("span %+v begins at %d, want %d", s, s.Start, at)
				}
				at = s.End
			}
			if at != x.Len() {
				t.Fatalf("the spans end at %d of %d", at, x.Len())
			}
		}
		if NewRedactor(NewSecret(secret)).Finds(text.Bytes()) {
			t.Fatalf("masked text %q shows the secret %q", text, secret)
		}
		if text.Len() > 0 {
			offset := rapid.IntRange(0, text.Len()-1).Draw(t, "offset")
			changed, ok := text.Tampered(offset, 0)
			if !ok || changed.Len() != text.Len() || changed.raw()[offset] != 0 {
				t.Fatal("a byte could not be changed")
			}
			s, found := changed.At(offset)
			if !found || s.Len() != 1 || s.Note != "changed after signing" {
				t.Fatalf("the changed byte is in span %+v", s)
			}
		}
	})
}
