package flows

import (
	"slices"
	"strings"

	"countersign/sign"
)

// PurposeInbound marks an exchange in which somebody else's code spoke to the embedded sandbox.
const PurposeInbound Purpose = "inbound"

// credentialHeaders carry secrets as a whole, whichever partner they go to.
var credentialHeaders = []string{"Authorization", "Proxy-Authorization", "Cookie", "Api-Key", "X-Api-Key"}

// Exchange is the record of a request that reached the sandbox, fit for a ledger. What the sandbox handed out as a
// secret is named among its secrets, so that whoever keeps the record masks it.
func (in Inbound) Exchange(p *Provider, g Given) Exchange {
	x := Exchange{
		Purpose: PurposeInbound, Provider: p.ID, Environment: Embedded, BaseURL: g.BaseURL,
		Started: in.At, Remote: in.Remote, Outcome: OutcomeAnswered,
		Signed:  sign.Signed{Request: in.request()},
		Secrets: map[string]sign.Secret{},
	}
	for _, f := range p.Fields {
		if v := g.Values[f.Name]; f.Secret && v != "" {
			x.Secrets[f.Name] = sign.NewSecret(v)
		}
	}
	if in.Certificate.Present() {
		x.ClientKey = in.Certificate.Thumbprint()
	}
	res := Response{Status: in.Status, Proto: "HTTP/1.1", Header: in.Header, Body: in.Body, Size: in.Body.Len(), Expected: in.Expected}
	res.NoStore = strings.Contains(strings.ToLower(res.Get("Cache-Control").Raw()), "no-store")
	res.Error = partnerError(p, res, []byte(in.Body.Raw()))
	x.Response, x.NoStore = &res, res.NoStore
	if res.Error != nil {
		x.Err = refusal(&x, res.Error)
	}
	return x
}

// request is the request as it was received, with what carries credentials marked as secret.
func (in Inbound) request() sign.Request {
	c := in.Request
	r := sign.Request{Method: c.Method, Scheme: "https", Authority: c.Authority, Path: c.Path(), Query: c.Query()}
	for _, h := range c.Header {
		value := sign.Plain(sign.Origin{Kind: sign.HeaderValue, Name: h.Name}, []byte(h.Value))
		for _, secret := range credentialHeaders {
			if strings.EqualFold(h.Name, secret) {
				var b sign.Builder
				b.Key(h.Name, sign.NewSecret(h.Value))
				value = b.Text()
			}
		}
		if !strings.EqualFold(h.Name, "Host") {
			r = r.With(sign.ByPerson, h.Name, value)
		}
	}
	if c.HasBody || len(c.Body) > 0 {
		r.Body = sign.Plain(sign.Origin{Kind: sign.Body}, c.Body)
	}
	return r
}

// FetchesToken reports whether this is a call for a token. Its answer holds one, so it is not for keeping.
func (in Inbound) FetchesToken(p *Provider) bool {
	if p.Token == nil {
		return false
	}
	path := in.Request.Path()
	return slices.ContainsFunc([]string{"/login", "/refresh", "/token"}, func(end string) bool {
		return strings.HasSuffix(strings.TrimSuffix(path, "/"), end)
	})
}
