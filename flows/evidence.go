package flows

import (
	"crypto/ecdsa"
	"net/http"
	"slices"
	"strings"
	"time"

	"countersign/flows/credentials"
	"countersign/sign"
	"countersign/sign/explain"
)

// FieldPublicKey names the PEM of the public key that verifies a partner's signatures. It is no credential, so no
// partner lists it; whoever examines a signature may have it.
const FieldPublicKey = "signing_public_key"

// AtHand are the values of one profile, for the examination of a signature.
type AtHand struct {
	Profile string
	Values  credentials.Set // by field name; what is not there narrows what can be found
}

// Evidence is what is known about a captured request: its moment, and all values at hand. The first profile is the
// one that the request should have used; the others show whether it used theirs. The error names a file that is
// there and is not what it should be.
func Evidence(p *Provider, request sign.Captured, at time.Time, options map[string]string, all ...AtHand) (explain.Evidence, *Error) {
	e := explain.Evidence{Request: request, At: at, Options: options}
	for i, hand := range all {
		for _, f := range p.Fields {
			if v := hand.Values[f.Name].Secret; f.Secret && !f.File && !v.Empty() {
				e.Secrets = append(e.Secrets, explain.NamedSecret{Name: f.Name, Profile: hand.Profile, Secret: v})
			}
		}
		keys, err := hand.keys()
		if err != nil {
			return e, err
		}
		e.SigningKeys = append(e.SigningKeys, keys...)
		if i > 0 {
			continue
		}
		e.Profile, e.Fields = hand.Profile, publicValues(p, hand.Values)
		if text := hand.pem(fieldCertificate); text != nil {
			var cause error
			if e.Certificate, cause = sign.ParseCertificate(text); cause != nil {
				return e, blameFile(fieldCertificate, cause)
			}
		}
	}
	return e, nil
}

// keys are the public keys of a profile, the one that the partner has first.
func (h AtHand) keys() ([]explain.NamedKey, *Error) {
	var keys []explain.NamedKey
	if text := h.pem(FieldPublicKey); text != nil {
		k, err := sign.ParsePublicKey(text)
		if err != nil {
			return nil, blameFile(FieldPublicKey, err)
		}
		keys = append(keys, explain.NamedKey{Name: FieldPublicKey, Profile: h.Profile, Key: k})
	}
	if text := h.pem(fieldSigningKey); text != nil {
		k, err := sign.ParsePrivateKey(text)
		if err != nil {
			return nil, blameFile(fieldSigningKey, err)
		}
		if public, ok := k.Public().(*ecdsa.PublicKey); ok {
			keys = append(keys, explain.NamedKey{Name: fieldSigningKey, Profile: h.Profile, Key: public})
		}
	}
	// The first key passes for the registered one, which this is not; and the certificate tells more.
	if text := h.pem(fieldClientKey); text != nil && len(keys) > 0 && h.pem(fieldCertificate) == nil {
		k, err := sign.ParsePrivateKey(text)
		if err != nil {
			return nil, blameFile(fieldClientKey, err)
		}
		if public, ok := k.Public().(*ecdsa.PublicKey); ok {
			keys = append(keys, explain.NamedKey{Name: fieldClientKey, Profile: h.Profile, Key: public})
		}
	}
	return keys, nil
}

// pem is the content of a file field, nil when there is none.
func (h AtHand) pem(field string) []byte {
	v := h.Values[field].Secret
	if v.Empty() {
		return nil
	}
	return []byte(v.Reveal()) // to read the public half
}

func blameFile(field string, err error) *Error {
	return &Error{Kind: KindUsage, Step: StepCredentials, Field: field, Message: field + ": " + err.Error(), Err: err}
}

// AtHand are the values that the sandbox made, for the examination of what reaches it. The settings of its switches
// decide where the partner's pages leave a choice.
func (g Given) AtHand(switches []Switch) (AtHand, map[string]string) {
	hand := AtHand{Profile: credentials.DefaultProfile, Values: credentials.Set{}}
	for name, value := range g.Values {
		hand.Values[name] = credentials.Value{Secret: sign.NewSecret(value)}
	}
	for name, text := range g.PEM {
		hand.Values[name] = credentials.Value{Secret: sign.NewSecret(string(text))}
	}
	options := map[string]string{}
	for _, s := range switches {
		options[s.Name] = s.Value
	}
	return hand, options
}

// Evidence is what is known about a request that reached the sandbox. Earlier requests, newest last, tell more: two
// that one unknown key signed show that key, a nonce that was taken is used up, and a token that was issued tells what
// became of it on the way. Those of other partners, those that came later, and all but the last 16 are left out; of the
// last 64, serials and tokens are still known.
func (in Inbound) Evidence(p *Provider, g Given, switches []Switch, earlier ...Inbound) (explain.Evidence, *Error) {
	hand, options := g.AtHand(switches)
	e, err := Evidence(p, in.Request, in.At, options, hand)
	e.Certificate = in.Certificate // the one that was presented, not the one that was given
	e.Date = in.date()
	failed, _ := in.Failed()
	before := 0
	for _, o := range slices.Backward(earlier) {
		if o.Provider != in.Provider || o.Sequence >= in.Sequence || before == maxSerials {
			continue
		}
		before++
		if len(e.Earlier) < maxEarlier {
			e.Earlier = append(e.Earlier, o.Request)
		}
		if n := o.serial(); n != "" && !slices.Contains(e.Nonces, n) {
			e.Nonces = append(e.Nonces, n)
		}
		if e.Token.Empty() {
			e.Token = o.issued(p, failed.Name)
		}
	}
	return e, err
}

// maxEarlier bounds the earlier requests that are looked at, maxSerials those that are remembered by their serial.
const (
	maxEarlier = 16
	maxSerials = 64
)

// date is the clock by which the request was judged; a switch may have set it apart from that of this machine.
func (in Inbound) date() time.Time {
	for _, h := range in.Header {
		if strings.EqualFold(h.Name.Raw(), "Date") {
			at, _ := http.ParseTime(h.Value.Raw())
			return at
		}
	}
	return time.Time{}
}

// serial is the nonce that the request used up, or the idempotency key that it carried. A request that was refused
// before its nonce was looked at has used up nothing.
func (in Inbound) serial() string {
	if n, ok := in.Request.Get("X-Nonce"); ok {
		if slices.ContainsFunc(in.Checks, func(c Check) bool { return c.Name == "nonce" && c.OK }) {
			return n
		}
		return ""
	}
	key, _ := in.Request.Get("x-jiko-idempotency")
	return key
}

// issued is the token that the answer to this request holds, if it was one for a token, of the kind that a check is about.
func (in Inbound) issued(p *Provider, check string) sign.Secret {
	_, refused := in.Failed()
	if refused || check != CheckToken && check != CheckRefresh || !in.FetchesToken(p) {
		return sign.Secret{}
	}
	t, err := p.Token.Read([]byte(in.Body.Raw()), in.At)
	switch {
	case err != nil:
		return sign.Secret{}
	case check == CheckRefresh:
		return t.Refresh
	}
	return t.Access
}

// explainable are the checks about what a scheme signs or sends. What another check refuses, such as an unknown path,
// is no matter of the scheme, and its detail says all there is.
var explainable = []string{CheckToken, "binding", "headers", "timestamp", "signature", "nonce", "idempotency", "credentials", CheckRefresh, "certificate", "merchant", "content-type", CheckBody}

// CheckToken and CheckRefresh name the checks of a request's bearer token, and of the refresh token in its body.
const (
	CheckToken   = "token"
	CheckRefresh = "refresh-token"
)

// CheckBody names the check of a request's body. An examination knows the form of the calls which fetch a token.
const CheckBody = "body"

// Explainable reports whether an examination could find why the request was refused.
func (in Inbound) Explainable() bool {
	failed, refused := in.Failed()
	return refused && slices.Contains(explainable, failed.Name)
}

// ForeignSecrets are those that the sandbox made for the other partners: who tries several takes one for another.
func (e Embedding) ForeignSecrets(all []*Provider, own string) []explain.NamedSecret {
	var out []explain.NamedSecret
	for _, p := range all {
		if p.ID == own {
			continue
		}
		values := e.Given(p.ID).Values
		for _, f := range p.Fields {
			if v := values[f.Name]; f.Secret && !f.File && v != "" {
				out = append(out, explain.NamedSecret{Name: p.ID + " " + f.Name, Secret: sign.NewSecret(v)})
			}
		}
	}
	return out
}
