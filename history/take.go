package history

import (
	"bytes"
	"slices"

	"countersign/flows"
	"countersign/sign"
	"countersign/sign/untrusted"
)

// withheldMark stands where a body would be that must not be kept.
const withheldMark = "<not kept: no-store>"

// take turns an exchange into the record that is written. Everything secret is masked here, before the database sees
// it: a database keeps what was once written to it, even in a transaction that was rolled back.
func (m *masker) take(x flows.Exchange) record {
	m.learnSpans(x)
	m.learnTyped(x.Signed.Request)
	r := record{
		Version: recordVersion, Purpose: string(x.Purpose), Provider: x.Provider, Environment: x.Environment, Profile: x.Profile,
		BaseURL: x.BaseURL, Sample: x.Sample, Flags: flagsOf(x), Key: x.IdempotencyKey, Nonce: x.Nonce, ClientKey: x.ClientKey,
		Options: x.Options, Keys: fingerprints(x.Secrets), ReplayOf: x.ReplayOf, Started: x.Started.Round(0),
		Algorithm: x.Signed.Algorithm, KeyName: x.Signed.KeyName, KeyID: x.Signed.KeyID, Carrier: x.Signed.Carrier,
		Changed: slices.Clone(x.Changed), Remote: x.Remote, TLS: cloned(x.TLS), Timing: x.Timing, Skew: cloned(x.Skew), Token: cloned(x.Token),
		Outcome: string(x.Outcome), Sent: recSent{x.Sent.Bytes, x.Sent.Requests, x.Sent.Difference},
	}
	if e := x.Err; e != nil {
		r.Error = &recError{string(e.Kind), string(e.Step), e.Field, e.Message, e.Hint}
	}
	if x.NoStore {
		r.Withheld = "the partner forbids to store this exchange; only facts about it are kept"
	}
	if t := r.Token; t != nil {
		t.Remarks = slices.Clone(t.Remarks)
		if t.NoStore || x.NoStore {
			t.Claims = untrusted.Text{} // a token in another form
		}
	}
	m.takeRequest(&r, x)
	m.takeResponse(&r, x)
	m.strings(&r)
	r.Masked = m.masked()
	return r
}

func cloned[T any](p *T) *T {
	if p == nil {
		return nil
	}
	c := *p
	return &c
}

func flagsOf(x flows.Exchange) int {
	flags := 0
	for i, on := range []bool{x.Writes, x.MovesMoney, x.Production, x.NoStore} {
		if on {
			flags |= 1 << i
		}
	}
	return flags
}

// fingerprints name the keys without telling them. Tokens have theirs in the token facts.
func fingerprints(secrets map[string]sign.Secret) map[string]string {
	keys := map[string]string{}
	for name, s := range secrets {
		if f := s.Fingerprint(); f != "" && name != sign.AccessToken && name != "refresh_token" {
			keys[name] = f
		}
	}
	return keys
}

// takeRequest takes request and stages.
func (m *masker) takeRequest(r *record, x flows.Exchange) {
	q := x.Signed.Request
	t := taking{m: m, noStore: x.NoStore, carries: map[string]bool{}}
	for _, s := range x.Signed.Stages {
		r.Stages = append(r.Stages, recStage{s.Name, t.text(s.Name, s.Text)})
		t.carries[s.Name] = t.carriesBody(s.Text)
	}
	r.Request = recRequest{
		Method: q.Method, Scheme: q.Scheme, Authority: q.Authority, Header: []recHeader{},
		Path:  untrusted.From(m.outside("path", []byte(q.Path))),
		Query: untrusted.From(m.query(q.Query)),
	}
	for _, h := range q.Header {
		r.Request.Header = append(r.Request.Header, recHeader{h.Name, t.header(h), uint8(h.By)})
	}
	if r.Request.Body = t.text("body", q.Body); x.NoStore && q.Body.Len() > 0 {
		r.Request.Body = whole(sign.Origin{Kind: sign.Body}, withheldMark)
	}
}

// query masks a query by the names of its parameters, then by value and shape.
func (m *masker) query(q string) []byte {
	if q == "" {
		return nil
	}
	return m.outside("query", append([]byte("?"), formMembers([]byte(q[1:]), m.byName("query"))...))
}

// byName masks the values of members whose name says that they are secret.
func (m *masker) byName(where string) decider {
	return func(path []string, value []byte) (string, bool) {
		i := slices.IndexFunc(path, isSecretName)
		if i < 0 || len(value) == 0 || isMask(value) || isWord(value) {
			return "", false
		}
		m.note(where, path[i], byPosition, 1)
		return m.mask(path[i], sign.NewSecret(string(value))), true
	}
}

// learnTyped adds what the request holds under the name of a secret, and what looks like one, so that it is masked wherever
// else it appears: in the canonical string, and where the far side repeats it, in whatever form.
func (m *masker) learnTyped(q sign.Request) {
	learn := func(path []string, value []byte) (string, bool) {
		if i := slices.IndexFunc(path, isSecretName); i >= 0 && !isWord(value) && !isMask(value) {
			m.learn(path[i], sign.NewSecret(unquote([]byte(`"`+string(value)+`"`))))
		}
		return "", false
	}
	members(wire(q.Body), learn)
	for _, s := range secretShapes {
		s.replace(wire(q.Body), func(found []byte) []byte {
			m.learn(s.name, sign.NewSecret(string(found)))
			return nil
		})
	}
	if q.Query != "" {
		formMembers([]byte(q.Query[1:]), learn)
	}
	for _, h := range q.Header {
		if v := wire(h.Value); h.By == sign.ByPerson && isSecretName(h.Name) && !isMask(v) {
			m.learn(h.Name, sign.NewSecret(string(v)))
		}
	}
}

// isMask reports whether a value was masked before.
func isMask(v []byte) bool {
	return bytes.HasPrefix(v, []byte("<redacted:")) || string(v) == withheldMark || string(v) == oldMask
}

// isWord reports whether a value is a JSON literal that tells nothing.
func isWord(v []byte) bool { return slices.Contains([]string{"true", "false", "null"}, string(v)) }

// body masks what came from outside or was typed: by name, by value, by shape.
func (m *masker) body(where string, b []byte) []byte {
	return m.outside(where, members(m.value(where, b), m.byName(where)))
}

// strings masks every remaining string of a record by value and shape. What names things stays: the columns that are
// searched must be those that were sent.
func (m *masker) strings(r *record) {
	keep := *r
	mask := func(s string) string {
		if s == "" {
			return s
		}
		return string(m.outside("facts", []byte(s)))
	}
	if r.Response != nil { // masked already, and long
		body := r.Response.Body
		r.Response.Body = untrusted.Text{}
		defer func() { r.Response.Body = body }()
	}
	eachString(r, mask, mask)
	r.Purpose, r.Provider, r.Environment, r.Profile, r.Sample, r.Outcome = keep.Purpose, keep.Provider, keep.Environment, keep.Profile, keep.Sample, keep.Outcome
}

// whole is a text of one span.
func whole(o sign.Origin, s string) *recText {
	return &recText{untrusted.From(s), []recSpan{{Len: len(s), Kind: o.Kind.String(), Name: o.Name}}}
}
