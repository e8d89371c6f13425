package flows

import (
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
	if err == nil {
		err = checkOptions(d)
	}
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
	p := Prepared{Draft: d, Signed: signed, Input: f, Warnings: warnings(signed.Request, l, t, f)}
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
	if missing == "" {
		r.Query, missing = expand(d.Query, d.Variables)
	}
	if missing != "" {
		return r, usage(StepCanonical, missing, "set it with --set "+missing+"=VALUE, or edit the request", "the variable %q of the path has no value", missing)
	}
	if !strings.HasPrefix(path, "/") {
		return r, usage(StepCanonical, "path", "", "path %q does not begin with /", path)
	}
	r.Path = base.Path + path
	if r.Query != "" && !strings.HasPrefix(r.Query, "?") {
		r.Query = "?" + r.Query
	}
	r, err := addHeaders(r, d)
	if err != nil {
		return r, err
	}
	if name := d.Provider.IdempotencyHeader; name != "" && d.Sample.Idempotency && f.IdempotencyKey != "" {
		r = r.With(sign.ByProvider, name, sign.Plain(sign.Origin{Kind: sign.IdempotencyKey}, []byte(f.IdempotencyKey)))
	}
	if _, ok := r.Get("User-Agent"); !ok {
		r = r.With(sign.ByProvider, "User-Agent", sign.Plain(sign.Origin{Kind: sign.Constant}, []byte(userAgent)))
	}
	if d.Body != nil {
		body := *d.Body
		if !d.Literal {
			body = fill(body, d.Variables)
		}
		r.Body = sign.Plain(sign.Origin{Kind: sign.Body}, []byte(body))
	}
	return r, nil
}

// addHeaders adds the fields of the draft. The value of one that carries a credential is a secret, whoever typed it.
func addHeaders(r sign.Request, d Draft) (sign.Request, *Error) {
	for _, h := range d.Header {
		if slices.ContainsFunc(framing, func(n string) bool { return strings.EqualFold(n, h.Name) }) {
			return r, usage(StepCanonical, h.Name, "remove it; the URL and the body decide it", "header %q is set by the transport", h.Name)
		}
		by := sign.ByPerson
		if slices.Contains(d.Sample.Header, h) {
			by = sign.ByProvider
		}
		value := sign.Plain(sign.Origin{Kind: sign.HeaderValue, Name: h.Name}, []byte(h.Value))
		if carriesSecret(h.Name) {
			var b sign.Builder
			b.Key(h.Name, sign.NewSecret(h.Value))
			value = b.Text()
		}
		if cause := sign.CheckHeader(h.Name, value); cause != nil {
			return r, usage(StepCanonical, h.Name, "", "%s", cause)
		}
		r = r.With(by, h.Name, value)
	}
	return r, nil
}

// carriesSecret reports whether a header field of that name carries a credential.
func carriesSecret(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"authorization", "cookie", "api-key", "apikey", "token", "secret", "password"}, func(part string) bool {
		return strings.Contains(name, part)
	})
}

// checkOptions refuses a value that an option does not have: a scheme would take it for the default.
func checkOptions(d Draft) *Error {
	for _, o := range d.Provider.Options {
		v := d.Options[o.Name]
		if v != "" && !slices.ContainsFunc(o.Values, func(known OptionValue) bool { return known.Name == v }) {
			return usage(StepCanonical, o.Name, "choose one that the partner has", "option %s cannot be %q", o.Name, v)
		}
	}
	return nil
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
