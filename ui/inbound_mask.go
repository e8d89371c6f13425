package ui

import (
	"bytes"
	"cmp"
	"regexp"
	"slices"
	"strings"

	"countersign/sign"
)

// A request that arrives may hold anybody's credentials, also wrong ones that no sandbox made, so they are masked by
// their place, by value, and by their shape.

// maskText stands for a secret.
const maskText = "••••••"

// secretName tells the names whose values are secrets.
var secretName = regexp.MustCompile(`(?i)authorization|cookie|api-?_?key|token|secret|passw|passphrase|credential|session|jwt|^pin$|^otp$|^cvv$`)

// publicName tells those that only look so.
var publicName = regexp.MustCompile(`(?i)token_?type|expires|^x-[a-z]+-signature$`)

func namesSecret(name string) bool {
	return secretName.MatchString(name) && !publicName.MatchString(name)
}

// Where a secret stands in text: the value of a JSON member, also of one that is cut off; of a form or query parameter;
// and what looks like a token.
var (
	secretMember = regexp.MustCompile(`(?s)"((?:[^"\\]|\\.){1,64})"\s*:\s*(?:"((?:[^"\\]|\\.)*)|(-?[0-9][0-9.eE+-]*))`)
	secretParam  = regexp.MustCompile(`(?:^|[?&\n])([A-Za-z0-9_.\-\[\]%]{1,64})=([^&\s"]*)`)
	tokenShaped  = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?`)
)

// extent is a stretch of bytes, [from, to).
type extent struct{ from, to int }

// secretExtents finds the secrets in a body or a canonical string, in order and without overlaps.
func secretExtents(b []byte, known []string) []extent {
	var out []extent
	for _, m := range secretMember.FindAllSubmatchIndex(b, -1) {
		if namesSecret(string(b[m[2]:m[3]])) {
			out = append(out, extent{max(m[4], m[6]), max(m[5], m[7])})
		}
	}
	for _, m := range secretParam.FindAllSubmatchIndex(b, -1) {
		if namesSecret(string(b[m[2]:m[3]])) {
			out = append(out, extent{m[4], m[5]})
		}
	}
	for _, m := range tokenShaped.FindAllIndex(b, -1) {
		out = append(out, extent{m[0], m[1]})
	}
	for _, k := range known {
		for at := 0; k != ""; {
			i := bytes.Index(b[at:], []byte(k))
			if i < 0 {
				break
			}
			out = append(out, extent{at + i, at + i + len(k)})
			at += i + len(k)
		}
	}
	return merged(out)
}

// merged puts stretches in order and joins those that overlap.
func merged(list []extent) []extent {
	slices.SortFunc(list, func(a, b extent) int { return cmp.Compare(a.from, b.from) })
	var out []extent
	for _, x := range list {
		switch n := len(out); {
		case x.from >= x.to:
		case n > 0 && x.from < out[n-1].to:
			out[n-1].to = max(out[n-1].to, x.to)
		default:
			out = append(out, x)
		}
	}
	return out
}

// hidden puts the mask in the place of each stretch.
func hidden(b []byte, list []extent) []byte {
	var out []byte
	at := 0
	for _, x := range list {
		out = append(append(out, b[at:x.from]...), maskText...)
		at = x.to
	}
	return append(out, b[at:]...)
}

// masker masks what belongs to one request.
type masker struct {
	secrets []sign.Secret
	known   []string // the same, to be searched for byte for byte
	all     sign.Redactor
}

// maskerOf knows the partners' secrets and the credentials that the request itself carries.
func (s *inboundScreen) maskerOf(c *call) masker {
	var k masker
	add := func(v string) {
		if len(v) >= minSearched {
			k.secrets = append(k.secrets, sign.NewSecret(v))
			k.known = append(k.known, v)
		}
	}
	if s.secrets == nil { // they are made once in a run
		for _, p := range s.m.deps.Providers { // who tries several takes one for another
			s.secrets = append(s.secrets, s.secretValues(p.ID)...)
		}
	}
	for _, v := range s.secrets {
		add(v)
	}
	for _, h := range c.in.Request.Header {
		if namesSecret(h.Name) {
			_, value := schemeOf(h.Value)
			add(value)
		}
	}
	k.all = sign.NewRedactor(k.secrets...)
	return k
}

// text masks text from outside, and what was made of it.
func (k masker) text(b []byte) []byte {
	masked, _ := k.all.Redact(hidden(b, secretExtents(b, k.known)))
	return masked
}

// header is a header value as it may be shown: of a credential its scheme and its length.
func (k masker) header(name, value string) string {
	if !namesSecret(name) {
		return string(k.text([]byte(value)))
	}
	scheme, rest := schemeOf(value)
	if rest == "" {
		return value
	}
	return scheme + maskText + " " + plural(len(rest), "byte")
}

// schemeOf parts the name of an authentication scheme from the credentials (RFC 9110 section 11.4).
func schemeOf(value string) (scheme, rest string) {
	for _, known := range []string{"bearer ", "basic ", "token ", "apikey ", "digest "} {
		if len(value) > len(known) && strings.EqualFold(value[:len(known)], known) {
			return value[:len(known)], value[len(known):]
		}
	}
	return "", value
}
