package history

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"

	"countersign/sign"
	"countersign/sign/untrusted"
)

// redactor makes a record fit to leave this machine. It adds to what was masked when the record was written: names of
// headers and members are allowed one by one and everything else is masked, card and account numbers are masked, and so
// is a valid signature, which could be sent again while its window is open, unless its host is this machine.
type redactor struct {
	m       *masker
	key     []byte // of this export alone, so that masks of two files cannot be compared
	show    map[string]bool
	local   bool // the host is this machine
	changed map[string]bool
}

// dbMask is a mask as the database holds it.
var dbMask = regexp.MustCompile(`<redacted:([^<>#]*) #([0-9a-f]{12})>`)

// retag replaces the tags of masks by those of this export: equal secrets stay equal inside of one file.
func (r *redactor) retag(b []byte) []byte {
	return dbMask.ReplaceAllFunc(b, func(found []byte) []byte {
		parts := dbMask.FindSubmatch(found)
		return []byte(fmt.Sprintf("<redacted:%s #%s>", parts[1], r.short(parts[2])))
	})
}

func (r *redactor) short(tag []byte) string {
	h := hmac.New(sha256.New, r.key)
	h.Write(tag)
	return hex.EncodeToString(h.Sum(nil)[:3])
}

// tag stands in the place of a fingerprint, which would tell two files that they have the same password. It is the tag
// of that secret's masks.
func (r *redactor) tag(fingerprint string) string {
	if fingerprint == "" || strings.HasPrefix(fingerprint, "#") {
		return fingerprint
	}
	return "#" + r.short([]byte(r.m.tag(fingerprint)))
}

// text masks by value and by shape, personal shapes included.
func (r *redactor) text(where string, b []byte) []byte {
	b = r.m.outside(where, b)
	for _, s := range personalShapes {
		b = s.replace(b, func(found []byte) []byte {
			r.m.note(where, s.name, byShape, 1)
			return []byte(r.m.mask(s.name, sign.NewSecret(string(found))))
		})
	}
	return r.retag(b)
}

// shownMembers are the members of bodies whose values an export may show: what describes a request or an error, never who
// somebody is. Names are compared as words, so expiresIn is expires_in.
var shownMembers = map[string]bool{
	"account_type": true, "algorithm": true, "alg": true, "amount": true, "asset": true, "assets": true, "aud": true, "b64": true, "category": true, "client_id": true,
	"code": true, "count": true, "created": true, "created_at": true, "crit": true, "currency": true, "date": true, "description": true, "detail": true,
	"details": true, "direction": true, "environment": true, "error": true, "error_code": true, "error_description": true, "errors": true, "event": true,
	"events": true, "exp": true, "expired_at": true, "expires": true, "expires_at": true, "expires_in": true, "fee": true, "field": true, "format": true, "grams": true,
	"grant_type": true, "iat": true, "id": true, "idempotency_key": true, "iss": true, "kid": true, "kind": true, "limit": true, "loc": true, "message": true,
	"method": true, "msg": true, "nbf": true, "next": true, "object": true, "object_type": true, "offset": true, "ok": true, "order_id": true, "page": true, "path": true, "price": true,
	"quantity": true, "quote_id": true, "rate": true, "reason": true, "request_id": true, "result": true, "scope": true, "side": true, "state": true,
	"status": true, "success": true, "timestamp": true, "title": true, "token_type": true, "total": true, "trace_id": true, "transaction_id": true,
	"typ": true, "type": true, "unit": true, "updated_at": true, "value": true, "version": true, "x5t_s256": true,
}

func memberKey(name string) string { return strings.Join(words(name), "_") }

// allowed decides about a member: a value is shown when its nearest name is allowed and none above it is a secret's.
func (r *redactor) allowed(where string) decider {
	return func(path []string, value []byte) (string, bool) {
		name := path[len(path)-1]
		if len(value) == 0 || isWord(value) || isMask(value) {
			return "", false
		}
		if r.show[memberKey(name)] || shownMembers[memberKey(name)] && !slices.ContainsFunc(path, isSecretName) {
			return "", false
		}
		if name == "" {
			name = "value"
		}
		r.m.note(where, name, byPosition, 1)
		return r.m.mask(maskName(name), sign.NewSecret(string(value))), true
	}
}

// maskName keeps a name from breaking the mask that it stands in, or the JSON around it.
func maskName(name string) string {
	name = strings.Map(func(c rune) rune {
		if strings.ContainsRune(`<>#"\&`, c) || c < ' ' || c > '~' {
			return '_'
		}
		return c
	}, name)
	return name[:min(len(name), 40)]
}

// body masks a body. Text without members tells nothing about its parts, so it is masked as a whole.
func (r *redactor) body(where string, b []byte) []byte {
	trimmed := bytes.TrimSpace(b)
	structured := len(trimmed) > 0 && (strings.ContainsRune("{[\"", rune(trimmed[0])) || isForm(trimmed))
	switch {
	case len(trimmed) == 0 || string(b) == withheldMark:
		return b
	case !structured && !r.show["body"]:
		r.m.note(where, "text", byPosition, 1)
		return []byte(fmt.Sprintf("<redacted:text of %d bytes>", len(b)))
	case !structured:
		return r.text(where, b)
	}
	return r.text(where, members(r.m.value(where, b), r.allowed(where)))
}

// record redacts a record in place.
func (r *redactor) record(rec *record) {
	r.local = isLoopback(rec.Request.Authority)
	r.changed = map[string]bool{}
	for i := range rec.Stages {
		s := &rec.Stages[i]
		if r.spans(s.Name, s.Text) {
			r.changed[s.Name] = true
		}
		if s.Name == sign.StageSignature && !r.local {
			s.Text = r.hide(s.Name, "signature", s.Text)
		}
	}
	q := &rec.Request
	q.Path = untrusted.From(r.text("path", []byte(q.Path.Raw())))
	if s := q.Query.Raw(); s != "" {
		q.Query = untrusted.From(r.text("query", append([]byte("?"), formMembers([]byte(s[1:]), r.allowed("query"))...)))
	}
	for i := range q.Header {
		r.header(&q.Header[i])
	}
	if q.Body != nil {
		r.spans("body", q.Body)
	}
	if rec.Response != nil {
		r.response(rec.Response)
	}
	if t := rec.Token; t != nil && !t.Claims.Empty() {
		t.Claims = untrusted.From(r.body("token claims", []byte(t.Claims.Raw())))
	}
	if rec.KeyID != "" && rec.KeyID == rec.Keys[rec.KeyName] {
		rec.KeyID = r.tag(rec.KeyID) // of a shared secret; that of a public key stays, because the partner knows it too
	}
	for name, print := range rec.Keys {
		rec.Keys[name] = r.tag(print)
	}
	if t := rec.Token; t != nil {
		t.Fingerprint, t.Refreshes = r.tag(t.Fingerprint), r.tag(t.Refreshes)
	}
	var body untrusted.Text
	if rec.Response != nil {
		body, rec.Response.Body = rec.Response.Body, body
	}
	facts := func(s string) string { return string(r.text("facts", []byte(s))) }
	keep := *rec
	eachString(rec, facts, facts)
	rec.Purpose, rec.Provider, rec.Environment, rec.Sample, rec.Outcome = keep.Purpose, keep.Provider, keep.Environment, keep.Sample, keep.Outcome
	if rec.Response != nil {
		rec.Response.Body = body
	}
}

// header redacts a header of the request. What a scheme made is known span by span; what a person typed is shown only
// under an allowed name.
func (r *redactor) header(h *recHeader) {
	if h.Value == nil || sign.By(h.By) == sign.ByScheme || shownHeader(h.Name) || r.show[memberKey(h.Name)] {
		if h.Value != nil {
			r.spans("header "+h.Name, h.Value)
		}
		return
	}
	h.Value = r.hide("header "+h.Name, h.Name, h.Value)
}

// hide replaces a text by a mask.
func (r *redactor) hide(where, name string, t *recText) *recText {
	if t == nil || t.Text.Empty() || isMask([]byte(t.Text.Raw())) {
		if t != nil {
			r.spans(where, t)
		}
		return t
	}
	r.m.note(where, name, byPosition, 1)
	return whole(sign.Origin{Kind: sign.Earlier, Name: name}, string(r.retag([]byte(r.m.mask(maskName(name), sign.NewSecret(t.Text.Raw()))))))
}

// spans redacts a text span by span and reports whether anything changed.
func (r *redactor) spans(where string, t *recText) bool {
	rest := []byte(t.Text.Raw())
	var out []byte
	changed := false
	for i := range t.Spans {
		s := &t.Spans[i]
		n := max(0, min(s.Len, len(rest)))
		b := r.span(where, *s, rest[:n])
		changed = changed || !bytes.Equal(b, r.retag(bytes.Clone(rest[:n])))
		out, rest, s.Len = append(out, b...), rest[n:], len(b)
	}
	if len(rest) > 0 {
		t.Spans = append(t.Spans, recSpan{Len: len("<redacted:rest>"), Kind: sign.Constant.String()})
		out, changed = append(out, "<redacted:rest>"...), true
	}
	t.Text = untrusted.From(out)
	return changed
}

func (r *redactor) span(where string, s recSpan, b []byte) []byte {
	kind, _ := kindNamed(s.Kind)
	plain := !slices.ContainsFunc(s.Rules, func(rule string) bool { return slices.Contains(oneWay, rule) })
	switch {
	case len(b) == 0 || s.Secret || isMask(b) && bytes.IndexByte(b, '>') == len(b)-1:
		return r.retag(b)
	case kind == sign.Earlier && s.Name == sign.StageSignature && !r.local:
		r.m.note(where, "signature", byPosition, 1)
		return r.retag([]byte(r.m.mask("signature", sign.NewSecret(string(b)))))
	case kind == sign.Earlier && plain && r.changed[s.Name]:
		return []byte("<redacted:" + maskName(s.Name) + ">")
	case kind == sign.Earlier && s.Name == sign.StageSignature:
		return b // of the sandbox
	case kind == sign.Body && len(s.Rules) == 0:
		return r.body(where, b)
	case kind == sign.Query && len(s.Rules) == 0 && len(b) > 1:
		return r.text(where, append([]byte{b[0]}, formMembers(b[1:], r.allowed(where))...))
	case kind == sign.HeaderValue && !shownHeader(s.Name) && !r.show[memberKey(s.Name)]:
		r.m.note(where, s.Name, byPosition, 1)
		return r.retag([]byte(r.m.mask(maskName(s.Name), sign.NewSecret(string(b)))))
	case kind == sign.BodyHash || kind == sign.Constant || kind == sign.Separator || kind == sign.Clock || kind == sign.Method || !plain:
		return r.retag(r.m.value(where, b)) // digits of a hash or a clock are no card number
	}
	return r.text(where, b)
}

func (r *redactor) response(p *recResponse) {
	for i, h := range p.Header {
		name, v := h.Name.Raw(), []byte(h.Value.Raw())
		switch {
		case len(v) == 0:
		case shownHeader(name) || r.show[memberKey(name)]:
			v = r.text("answer header "+h.Name.String(), v)
		case !isMask(v):
			r.m.note("answer header "+h.Name.String(), h.Name.String(), byPosition, 1)
			v = []byte(r.m.mask(maskName(name), sign.NewSecret(string(v))))
		}
		p.Header[i].Value = untrusted.From(r.retag(v))
	}
	p.Body = untrusted.From(r.body("answer body", []byte(p.Body.Raw())))
	if p.Expected != nil {
		p.Expected = nil // its parts are not known, so it cannot be masked part by part
		r.m.note("expected canonical string", "text", byPosition, 1)
	}
}

// isLoopback reports whether a host is this machine.
func isLoopback(authority string) bool {
	host, _, err := net.SplitHostPort(authority)
	if err != nil {
		host = strings.Trim(authority, "[]")
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback() || strings.EqualFold(host, "localhost")
}
