package history

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"countersign/flows"
	"countersign/sign"
)

// Difference is one thing in which two entries differ.
type Difference struct {
	Where    string // "signing_secret", "line 3: body hash", "header Content-Type", "$.amount.value"
	A, B     string // as recorded; empty: absent. Text from outside: draw it through package untrusted.
	Expected bool   // every send differs in it: clock, nonce, signature
	Note     string // what it means, where that is known
}

// Layer is one layer of a comparison.
type Layer struct {
	Name        string // "place", "credentials", "token", "request", "canonical string", "headers", "body", "clock", "response"
	Differences []Difference
}

// Same reports whether the layer differs in nothing but what every send differs in.
func (l Layer) Same() bool {
	return !slices.ContainsFunc(l.Differences, func(d Difference) bool { return !d.Expected })
}

// Comparison is two entries, layer by layer.
type Comparison struct {
	Layers  []Layer
	Verdict string // one sentence: what explains that the outcomes differ, or that nothing recorded does
	First   *Cause // nil: the outcomes agree, or nothing recorded explains them
}

// Cause is the first difference that explains two outcomes.
type Cause struct {
	Layer      string
	Difference Difference
}

// Compare compares two entries: where they went, the credentials by fingerprints, the token's claims, the canonical string
// by span, headers, body and answer. Secrets take no part; equal secrets of one history have equal masks.
func Compare(a, b Entry) Comparison {
	c := Comparison{Layers: []Layer{
		{"place", comparePlace(a.Exchange, b.Exchange)},
		{"credentials", compareCredentials(a, b)},
		{"token", compareToken(a.Exchange, b.Exchange)},
		{"request", compareRequest(a.Exchange, b.Exchange)},
		{"canonical string", compareCanonical(a.Exchange.Signed, b.Exchange.Signed)},
		{"headers", compareHeaders(a.Exchange.Signed, b.Exchange.Signed)},
		{"body", compareBody(a.Exchange.Signed.Request.Body.String(), b.Exchange.Signed.Request.Body.String())},
		{"clock", compareClock(a.Exchange, b.Exchange)},
		{"response", compareResponse(a.Exchange, b.Exchange)},
	}}
	c.judge(a.Exchange, b.Exchange)
	return c
}

// judge names the first difference that explains the outcomes. The layers stand in the order in which a partner
// checks: what fails earlier hides what would fail later.
func (c *Comparison) judge(a, b flows.Exchange) {
	ra, rb := ending(a), ending(b)
	if ra == rb {
		c.Verdict = "both " + strings.Replace(ra, "was ", "were ", 1)
		return
	}
	if c.First = c.first(); c.First != nil {
		d := c.First.Difference
		c.Verdict = fmt.Sprintf("one %s, the other %s; the first difference is in the %s: %s", ra, rb, c.First.Layer, d.Where)
		if d.Note != "" {
			c.Verdict += " (" + d.Note + ")"
		}
		return
	}
	c.Verdict = fmt.Sprintf("one %s, the other %s; %s", ra, rb, unexplained(a, b))
}

// first is the first difference that a partner can see. The name of a profile is not one: what the profiles hold is, and
// only where nothing of that is recorded as different the name is all there is to say.
func (c *Comparison) first() (profile *Cause) {
	for _, l := range c.Layers[:len(c.Layers)-1] {
		for _, d := range l.Differences {
			switch {
			case d.Expected:
			case d.Where == "profile":
				profile = &Cause{l.Name, d}
			default:
				return &Cause{l.Name, d}
			}
		}
	}
	return profile
}

// unexplained says what is left when no difference explains two outcomes. That two sends carry the same nonce is none, and
// is what a partner refuses the second of them for.
func unexplained(a, b flows.Exchange) string {
	if a.Nonce != "" && a.Nonce == b.Nonce {
		return "both carry the same nonce, which a partner that watches for replays takes once"
	}
	return "they differ in nothing but clock, nonce, token and signature: it is one of these, or what changed is at the partner or in a secret that has no fingerprint"
}

// ending is the outcome in three words.
func ending(x flows.Exchange) string {
	switch r := x.Response; {
	case r == nil:
		return "ended as " + string(x.Outcome)
	case r.Error != nil:
		return strings.TrimSpace(fmt.Sprintf("was refused with %d %s", r.Status, r.Error.Code.String()))
	default:
		return "was accepted with " + strconv.Itoa(r.Status)
	}
}

// differ appends a difference when there is one.
func differ(list []Difference, where, a, b, note string) []Difference {
	if a == b {
		return list
	}
	return append(list, Difference{Where: where, A: a, B: b, Note: note})
}

func comparePlace(a, b flows.Exchange) (list []Difference) {
	list = differ(list, "partner", a.Provider, b.Provider, "")
	list = differ(list, "environment", a.Environment, b.Environment, "")
	if a.Environment != flows.Embedded || b.Environment != flows.Embedded { // the embedded sandbox has another port in every run
		list = differ(list, "base url", a.BaseURL, b.BaseURL, "")
	}
	list = differ(list, "profile", a.Profile, b.Profile, "no partner sees its name, but what it holds")
	for _, name := range unionKeys(a.Options, b.Options) {
		list = differ(list, "option "+name, a.Options[name], b.Options[name], "")
	}
	return list
}

func compareCredentials(a, b Entry) (list []Difference) {
	for _, name := range unionKeys(a.Keys, b.Keys) {
		list = differ(list, name, a.Keys[name], b.Keys[name], "another key or password, told by its fingerprint")
	}
	x, y := a.Exchange, b.Exchange
	if x.Signed.KeyID != y.Signed.KeyID && x.Signed.KeyName != "" && a.Keys[x.Signed.KeyName] == b.Keys[y.Signed.KeyName] {
		list = differ(list, "signing key", x.Signed.KeyID, y.Signed.KeyID, "signed with another key")
	}
	return differ(list, "client certificate", x.ClientKey, y.ClientKey, "another certificate was presented in the TLS handshake")
}

func compareToken(a, b flows.Exchange) (list []Difference) {
	x, y := a.Token, b.Token
	if x == nil || y == nil {
		if x == y {
			return nil
		}
		return differ(nil, "token", present(x != nil), present(y != nil), "only one of them carried a token")
	}
	list = differ(list, "life at the moment of signing", life(*x, a.Started), life(*y, b.Started), "an expired token is refused whatever is signed")
	list = differ(list, "binding", matches(*x, a), matches(*y, b), "a token bound to another certificate is refused (RFC 8705 section 3)")
	list = differ(list, "format", x.Format, y.Format, "")
	list = differ(list, "algorithm", x.Algorithm.Raw(), y.Algorithm.Raw(), "")
	for _, d := range compareJSON(x.Claims.Raw(), y.Claims.Raw()) {
		d.Where = "claim " + trimRoot(d.Where)
		d.Expected = slices.Contains([]string{"claim exp", "claim iat", "claim nbf", "claim jti"}, d.Where)
		list = append(list, d)
	}
	if x.Fingerprint != y.Fingerprint {
		list = append(list, Difference{Where: "token", A: x.Fingerprint, B: y.Fingerprint, Expected: true, Note: "another token"})
	}
	return list
}

func present(is bool) string {
	if is {
		return "present"
	}
	return ""
}

func life(f flows.TokenFacts, at time.Time) string {
	if f.Expired(at) {
		return "expired"
	}
	return "valid"
}

// matches says whether a bound token fits the certificate that was presented.
func matches(f flows.TokenFacts, x flows.Exchange) string {
	switch f.Binding {
	case "":
		return "not bound"
	case x.ClientKey:
		return "bound to the certificate presented"
	}
	return "bound to another certificate"
}

func compareRequest(a, b flows.Exchange) (list []Difference) {
	x, y := a.Signed.Request, b.Signed.Request
	list = differ(list, "method", x.Method, y.Method, "")
	list = differ(list, "path", x.Path, y.Path, "")
	list = differ(list, "query", x.Query, y.Query, "")
	if slices.Compare(a.Changed, b.Changed) != 0 {
		list = differ(list, "changed after signing", fmt.Sprint(a.Changed), fmt.Sprint(b.Changed), "bytes that are changed after signing break the signature")
	}
	list = differ(list, "on the wire", a.Sent.Difference, b.Sent.Difference, "")
	if a.IdempotencyKey != b.IdempotencyKey {
		list = append(list, Difference{Where: "idempotency key", A: a.IdempotencyKey, B: b.IdempotencyKey, Expected: a.IdempotencyKey != "" && b.IdempotencyKey != ""})
	}
	return list
}

// clockLimit is the skew from which on it is worth a word: half of the narrowest window that a partner documents is more.
const clockLimit = 30 * time.Second

const nearby = "within 30 s"

func compareClock(a, b flows.Exchange) (list []Difference) {
	const note = "a timestamp outside of the partner's window is refused"
	if x, y := skewOf(a), skewOf(b); x+y != nearby { // one that is not known explains nothing beside one that is harmless
		list = differ(list, "skew against the partner's clock", x, y, note)
	}
	return differ(list, "time signed against the time of sending", signedApart(a), signedApart(b), note)
}

// signedApart is how far the clock that was signed, in Unix seconds, is from the moment of sending: it may have been set.
func signedApart(x flows.Exchange) string {
	t := canonicalOf(x.Signed)
	for _, s := range t.Spans() {
		n, err := strconv.ParseInt(string(t.Bytes()[s.Start:s.End]), 10, 64)
		if s.Origin.Kind != sign.Clock || err != nil {
			continue
		}
		if apart := time.Unix(n, 0).Sub(x.Started).Round(time.Second); apart.Abs() >= clockLimit {
			return apart.String()
		}
		return nearby
	}
	return ""
}

// skewOf is empty where it is not known: without an answer, or without its date.
func skewOf(x flows.Exchange) string {
	switch {
	case x.Skew == nil:
		return ""
	case x.Skew.Offset.Abs() < clockLimit:
		return nearby
	}
	return x.Skew.Offset.Round(time.Second).String()
}

func compareResponse(a, b flows.Exchange) (list []Difference) {
	list = differ(list, "outcome", string(a.Outcome), string(b.Outcome), "")
	if e, f := a.Err, b.Err; e != nil && f != nil && a.Response == nil && b.Response == nil {
		list = differ(list, "failure", e.Message, f.Message, "")
	}
	x, y := a.Response, b.Response
	if x == nil || y == nil {
		return list
	}
	list = differ(list, "status", strconv.Itoa(x.Status), strconv.Itoa(y.Status), "")
	for _, name := range responseHeaders(*x, *y) {
		u, v := x.Get(name).Raw(), y.Get(name).Raw()
		if u != v {
			list = append(list, Difference{Where: "header " + name, A: u, B: v, Expected: slices.Contains([]string{"date", "x-request-id", "content-length"}, name)})
		}
	}
	return append(list, compareBody(x.Body.Raw(), y.Body.Raw())...)
}

func unionKeys(a, b map[string]string) []string {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}

// canonicalOf is the canonical string, or nothing for a partner that has none.
func canonicalOf(s sign.Signed) sign.Text {
	t, _ := s.Stage(sign.StageCanonical)
	return t
}
