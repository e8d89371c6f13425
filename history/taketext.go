package history

import (
	"bytes"
	"slices"

	"countersign/flows"
	"countersign/sign"
	"countersign/sign/untrusted"
)

// oneWay are the rules of package sign whose input cannot be found from their result.
var oneWay = []string{"sha-256", "hmac-sha256", "es256"}

// taking takes the texts of one request.
type taking struct {
	m       *masker
	noStore bool
	carries map[string]bool // by name of an earlier stage: the body can be read out of it
}

// wire is the one place where history sees a text as it is sent: to mask it.
func wire(t sign.Text) []byte { return t.Wire() }

// learnSpans adds every secret span to the known secrets: an encoding of two secrets, such as that of Basic,
// is a secret of its own.
func (m *masker) learnSpans(x exchange) {
	texts := []sign.Text{x.Signed.Request.Body}
	for _, h := range x.Signed.Request.Header {
		texts = append(texts, h.Value)
	}
	for _, s := range x.Signed.Stages {
		texts = append(texts, s.Text)
	}
	for _, t := range texts {
		if !t.Secret() {
			continue
		}
		raw := wire(t)
		for _, s := range t.Spans() {
			if s.Secret && s.Len() > 0 {
				m.learn(spanName(s), sign.NewSecret(string(raw[s.Start:s.End])))
			}
		}
	}
}

// spanName names what a secret span holds.
func spanName(s sign.Span) string {
	switch {
	case len(s.Keys) > 0:
		return s.Keys[0]
	case s.Origin.Name != "":
		return s.Origin.Name
	}
	return s.Origin.Kind.String()
}

// text takes a text span by span. A text in which a secret is still found afterwards, because it ran across spans,
// is masked as a whole.
func (t taking) text(where string, text sign.Text) *recText {
	if !text.Present() {
		return nil
	}
	raw := wire(text)
	out := &recText{Spans: []recSpan{}}
	var all []byte
	for _, s := range text.Spans() {
		b := t.span(where, s, raw[s.Start:s.End])
		all = append(all, b...)
		out.Spans = append(out.Spans, recSpan{
			Len: len(b), Kind: s.Origin.Kind.String(), Name: s.Origin.Name, Note: s.Note,
			Rules: slices.Clone(s.Rules), Keys: slices.Clone(s.Keys), Secret: s.Secret && s.Len() > 0,
		})
	}
	if name := t.m.finds(all); name != "" {
		t.m.note(where, name, byValue, 1)
		return whole(sign.Origin{Kind: sign.Constant}, "<redacted:"+name+">")
	}
	out.Text = untrusted.From(all)
	return out
}

// span takes the bytes of one span.
func (t taking) span(where string, s sign.Span, b []byte) []byte {
	switch {
	case len(b) == 0:
		return nil
	case isMask(b):
		return b
	case s.Secret:
		name := spanName(s)
		t.m.note(where, name, byPosition, 1)
		return []byte(t.m.mask(name, sign.NewSecret(string(b))))
	case t.noStore && t.readable(s):
		return []byte(withheldMark)
	case s.Origin.Kind == sign.Body && len(s.Rules) == 0:
		return t.m.body(where, b)
	case s.Origin.Kind == sign.HeaderValue && isSecretName(s.Origin.Name):
		t.m.note(where, s.Origin.Name, byPosition, 1)
		return []byte(t.m.mask(s.Origin.Name, sign.NewSecret(string(b))))
	case s.Origin.Kind == sign.Query && len(s.Rules) == 0:
		return t.m.query(string(b))
	case slices.Contains([]sign.Kind{sign.HeaderValue, sign.Path, sign.Query, sign.Body}, s.Origin.Kind):
		return t.m.outside(where, b)
	case s.Origin.Kind == sign.Constant || s.Origin.Kind == sign.Separator:
		return b // fixed by the scheme
	}
	return t.m.value(where, b)
}

// header takes the value of a header field.
func (t taking) header(h sign.Header) *recText {
	if h.By == sign.ByPerson && isSecretName(h.Name) && h.Value.Len() > 0 && !isMask(wire(h.Value)) {
		t.m.note("header "+h.Name, h.Name, byPosition, 1)
		return whole(sign.Origin{Kind: sign.HeaderValue, Name: h.Name}, t.m.mask(h.Name, sign.NewSecret(string(wire(h.Value)))))
	}
	return t.text("header "+h.Name, h.Value)
}

// readable reports whether the body of the request can be read out of a span.
func (t taking) readable(s sign.Span) bool {
	if slices.ContainsFunc(s.Rules, func(r string) bool { return slices.Contains(oneWay, r) }) {
		return false
	}
	return s.Origin.Kind == sign.Body || s.Origin.Kind == sign.Earlier && t.carries[s.Origin.Name]
}

func (t taking) carriesBody(text sign.Text) bool {
	return slices.ContainsFunc(text.Spans(), func(s sign.Span) bool { return s.Len() > 0 && t.readable(s) })
}

// takeResponse takes the answer. Its body is masked from the bytes as received where they are at hand,
// so that equal secrets in request and answer have equal masks.
func (m *masker) takeResponse(r *record, x exchange) {
	p := x.Response
	if p == nil {
		return
	}
	body := []byte(p.Raw.Reveal()) // to mask it
	if len(body) == 0 {
		body = []byte(p.Body.Raw())
	}
	out := &recResponse{
		Status: p.Status, Reason: p.Reason, Proto: p.Proto, Size: p.Size, Kept: len(body),
		Truncated: p.Truncated, Cut: p.Cut, NoStore: p.NoStore,
	}
	for _, h := range p.Header {
		name, v := h.Name.Raw(), []byte(h.Value.Raw())
		switch {
		case isSecretName(name) && len(v) > 0 && !isMask(v):
			m.note("answer header "+h.Name.String(), name, byPosition, 1)
			v = []byte(m.mask(name, sign.NewSecret(string(v))))
		case x.NoStore && !shownHeader(name):
			v = []byte(withheldMark)
		default:
			v = m.outside("answer header "+h.Name.String(), v)
		}
		h.Value = untrusted.From(v)
		out.Header = append(out.Header, h)
	}
	if e := p.Error; e != nil {
		out.Error = &recPartnerError{untrusted.From(m.outside("answer", []byte(e.Code.Raw()))), untrusted.From(m.outside("answer", []byte(e.Message.Raw()))), cloned(e.Known)}
	}
	if x.NoStore {
		out.Kept = 0
	} else {
		out.Body = untrusted.From(m.body("answer body", body))
		if p.Expected != nil {
			e := untrusted.From(m.body("expected canonical string", bytes.Clone(p.Expected)))
			out.Expected = &e
		}
	}
	r.Response = out
}

// exchange is short for what everything here takes.
type exchange = flows.Exchange
