package flows

import (
	"maps"
	"regexp"
	"slices"

	"countersign/sign"
	"countersign/sign/untrusted"
)

// conceal masks what is shown of an answer: by value, every secret that went out or came in, in all the forms in which
// it went out; and in the answer to a token request also by place and by shape, because an answer that could not be read
// may hold a token all the same.
func (x *Exchange) conceal(body []byte, token bool) {
	secrets := slices.Collect(maps.Values(x.Secrets))
	for _, h := range x.Signed.Request.Header {
		secrets = append(secrets, h.Value.Secrets()...)
	}
	secrets = append(secrets, x.Signed.Request.Body.Secrets()...)
	for _, s := range x.Signed.Stages {
		secrets = append(secrets, s.Text.Secrets()...)
	}
	known := sign.NewRedactor(secrets...)
	mask := func(t untrusted.Text) untrusted.Text {
		masked, n := known.Redact([]byte(t.Raw()))
		if n == 0 {
			return t
		}
		return untrusted.From(masked)
	}
	res := x.Response
	if masked, _ := known.Redact(body); token {
		res.Body = untrusted.From(hideTokens(masked))
	} else {
		res.Body = untrusted.From(masked)
	}
	res.Reason = mask(res.Reason)
	for i, h := range res.Header {
		res.Header[i].Value = mask(h.Value)
	}
	if e := res.Error; e != nil {
		e.Code, e.Message = mask(e.Code), mask(e.Message)
	}
	if x.Token != nil {
		x.Token.Claims = mask(x.Token.Claims)
	}
}

// Where a token stands in an answer, whole or cut off: a member of such a name, a form field, and what looks like a JWT.
var (
	tokenMember = regexp.MustCompile(`(?is)("[^"\\]*(?:token|access|refresh|secret|password|jwt)[^"\\]*"\s*:\s*")((?:[^"\\]|\\.)+)`)
	tokenType   = regexp.MustCompile(`(?i)^"token_?type"`)
	tokenField  = regexp.MustCompile(`(?i)\b((?:access|refresh|id)_?token=)[^&\s"]+`)
	tokenShape  = regexp.MustCompile(`eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?`)
)

// hiddenToken stands for a token that was not read, as the mask of a known secret does.
const hiddenToken = "[secret]"

// hideTokens replaces what may be a token.
func hideTokens(body []byte) []byte {
	body = tokenMember.ReplaceAllFunc(body, func(m []byte) []byte {
		if tokenType.Match(m) {
			return m
		}
		return tokenMember.ReplaceAll(m, []byte("${1}"+hiddenToken))
	})
	body = tokenField.ReplaceAll(body, []byte("${1}"+hiddenToken))
	return tokenShape.ReplaceAll(body, []byte(hiddenToken))
}
