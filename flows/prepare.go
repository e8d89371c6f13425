package flows

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"countersign/flows/credentials"
	"countersign/sign"
)

// Frozen is what a signature takes from the moment: clock, nonce, idempotency key, and the
// randomness of the signature itself (nil: deterministic, RFC 6979).
type Frozen struct {
	Time           time.Time
	Nonce          string
	IdempotencyKey string
	Rand           io.Reader
}

// userAgent is sent with every request; net/http would send its own otherwise.
const userAgent = "countersign"

// framing are the header fields that the transport derives from the request itself.
var framing = []string{"Host", "Content-Length", "Transfer-Encoding", "Connection", "Trailer", "Expect", "Upgrade"}

// Prepare makes the signed request of a draft. It is pure: nothing is sent, nothing is read.
// base is the environment's URL, taken apart. The body is frozen first and signed second, and those very
// bytes are sent.
func Prepare(d Draft, base sign.Request, set credentials.Set, l Loaded, t *Token, f Frozen) (Prepared, *Error) {
	req, err := buildRequest(d, base, f)
	if err != nil {
		return Prepared{}, err
	}
	in := sign.Input{
		Request: req, Fields: publicValues(d.Provider, set), Secrets: secretValues(d.Provider, set),
		SigningKey: l.SigningKey, Time: f.Time, Nonce: f.Nonce, IdempotencyKey: f.IdempotencyKey,
		Options: d.Options, Rand: f.Rand,
	}
	if t != nil {
		in.Secrets[sign.AccessToken] = t.Access
	}
	signed := sign.Signed{Request: req}
	if scheme := d.Provider.Scheme(d.Sample, d.Options); scheme != nil {
		var cause error
		if signed, cause = scheme(in); cause != nil {
			return Prepared{}, &Error{Kind: KindUsage, Step: StepCanonical, Message: cause.Error(), Err: cause}
		}
	}
	p := Prepared{Draft: d, Signed: signed, Input: f, Warnings: warnings(d, l, t, f)}
	if err := p.tamper(d.Tamper); err != nil {
		return Prepared{}, err
	}
	if cause := p.Signed.Request.Check(); cause != nil {
		return Prepared{}, &Error{Kind: KindUsage, Step: StepCanonical, Message: cause.Error(), Err: cause}
	}
	return p, sendable(p.Signed.Request)
}

// buildRequest turns what was typed into the request that is signed.
func buildRequest(d Draft, base sign.Request, f Frozen) (sign.Request, *Error) {
	r := base
	r.Method = d.Method
	path, missing := expand(d.Path, d.Variables)
	query, missingToo := expand(d.Query, d.Variables)
	if missing += missingToo; missing != "" {
		return r, usage(StepCanonical, missing, "set it with --set "+missing+"=VALUE, or edit the request", "the variable %q of the path has no value", missing)
	}
	r.Path, r.Query = base.Path+path, query
	if r.Query != "" && !strings.HasPrefix(r.Query, "?") {
		r.Query = "?" + r.Query
	}
	for _, h := range d.Header {
		if slices.ContainsFunc(framing, func(n string) bool { return strings.EqualFold(n, h.Name) }) {
			return r, usage(StepCanonical, h.Name, "remove it; the URL and the body decide it", "header %q is set by the transport", h.Name)
		}
		by := sign.ByPerson
		if slices.Contains(d.Sample.Header, h) {
			by = sign.ByProvider
		}
		value := sign.Plain(sign.Origin{Kind: sign.HeaderValue, Name: h.Name}, []byte(h.Value))
		if cause := sign.CheckHeader(h.Name, value); cause != nil {
			return r, usage(StepCanonical, h.Name, "", "%s", cause)
		}
		r = r.With(by, h.Name, value)
	}
	if name := d.Provider.IdempotencyHeader; name != "" && d.Sample.Idempotency && f.IdempotencyKey != "" {
		r = r.With(sign.ByProvider, name, sign.Plain(sign.Origin{Kind: sign.IdempotencyKey}, []byte(f.IdempotencyKey)))
	}
	if _, ok := r.Get("User-Agent"); !ok {
		r = r.With(sign.ByProvider, "User-Agent", sign.Plain(sign.Origin{Kind: sign.Constant}, []byte(userAgent)))
	}
	if d.Body != nil {
		body, missing := expand(*d.Body, d.Variables)
		if missing != "" || d.Literal {
			body = *d.Body // braces are JSON far more often than variables
		}
		r.Body = sign.Plain(sign.Origin{Kind: sign.Body}, []byte(body))
	}
	return r, nil
}

// expand replaces {name} by variables; it returns the name of the first that has no value.
// Text in braces that is no name (JSON, for instance) is left alone.
func expand(s string, vars map[string]string) (string, string) {
	var out strings.Builder
	for {
		before, rest, ok := strings.Cut(s, "{")
		out.WriteString(before)
		if !ok {
			return out.String(), ""
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed || !isName(name) {
			out.WriteByte('{')
			s = rest
			continue
		}
		value, known := vars[name]
		if !known || value == "" {
			return "", name
		}
		out.WriteString(value)
		s = after
	}
}

func isName(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz_0123456789") == ""
}

// publicValues are the fields that are no secret; secretValues are the others.
func publicValues(p *Provider, set credentials.Set) map[string]string {
	m := map[string]string{}
	for _, f := range p.Fields {
		if v, ok := set[f.Name]; ok && !f.Secret && !f.File {
			m[f.Name] = v.Secret.Reveal() // not a secret: the field says so
		}
	}
	return m
}

func secretValues(p *Provider, set credentials.Set) map[string]sign.Secret {
	m := map[string]sign.Secret{}
	for _, f := range p.Fields {
		if v, ok := set[f.Name]; ok && f.Secret && !f.File {
			m[f.Name] = v.Secret
		}
	}
	return m
}

// warnings say, before anything is sent, what the partner will probably refuse.
func warnings(d Draft, l Loaded, t *Token, f Frozen) []string {
	var w []string
	if t != nil && t.Facts.Expired(f.Time) {
		w = append(w, fmt.Sprintf("the token expired %s before the moment of signing", f.Time.Sub(t.Facts.Expires).Round(time.Second)))
	}
	if t != nil && t.Facts.Binding != "" && l.Certificate.Present() && t.Facts.Binding != l.Certificate.Thumbprint() {
		w = append(w, fmt.Sprintf("the token was issued to another certificate (cnf %s, loaded %s)", t.Facts.Binding, l.Certificate.Thumbprint()))
	}
	if d.Body != nil && *d.Body != "" && hasJSONType(d.Header) && !json.Valid([]byte(*d.Body)) {
		w = append(w, "the body is not valid JSON, although Content-Type says so; it is sent as it is")
	}
	return w
}

func hasJSONType(header []sign.Pair) bool {
	return slices.ContainsFunc(header, func(h sign.Pair) bool {
		return strings.EqualFold(h.Name, "Content-Type") && strings.Contains(h.Value, "json")
	})
}

// tamper changes bytes of the signed request, so that it can be seen refused.
func (p *Prepared) tamper(list []Tamper) *Error {
	for _, t := range list {
		if err := p.tamperOne(t); err != nil {
			return err
		}
	}
	return nil
}

func (p *Prepared) tamperOne(t Tamper) *Error {
	r := &p.Signed.Request
	fail := func(length int) *Error {
		return usage(StepSignature, t.Where, "", "byte %d of the %s cannot be changed to %q: it has %d bytes, or that value already", t.Offset, t.Where, t.To, length)
	}
	header, isHeader := strings.CutPrefix(t.Where, "header ")
	if t.Where == "signature" {
		header, isHeader = p.Signed.Carrier, p.Signed.Carrier != ""
	}
	switch {
	case isHeader:
		value, _ := r.Get(header)
		changed, ok := value.Tampered(t.Offset, t.To)
		if !ok {
			return fail(value.Len())
		}
		*r = r.Replace(header, changed)
	case t.Where == "body":
		changed, ok := r.Body.Tampered(t.Offset, t.To)
		if !ok {
			return fail(r.Body.Len())
		}
		r.Body = changed
	default:
		part := map[string]*string{"path": &r.Path, "query": &r.Query, "method": &r.Method}[t.Where]
		if part == nil {
			return usage(StepSignature, t.Where, "choose body, path, query, method, signature or header NAME", "%q is no part of a request that can be changed", t.Where)
		}
		if t.Offset < 0 || t.Offset >= len(*part) || (*part)[t.Offset] == t.To {
			return fail(len(*part))
		}
		*part = (*part)[:t.Offset] + string(rune(t.To)) + (*part)[t.Offset+1:]
	}
	p.Changed = append(p.Changed, fmt.Sprintf("byte %d of the %s was changed to %q after signing", t.Offset, t.Where, t.To))
	return nil
}
