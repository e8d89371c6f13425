package ui

import (
	"strings"

	"countersign/flows"
	"countersign/sign"
	"countersign/sign/untrusted"
)

// maxShownBody bounds how much of a body is drawn; a draft takes all of it.
const maxShownBody = 64 << 10

// requestRows draw the request as it was received, byte for byte: nothing is re-ordered, no letter case is mended.
func (s *inboundScreen) requestRows(c *call, w int, open bool) []row {
	k := s.maskerOf(c)
	rows := entry("received", 12, row{say(plain, moment(c.in.At, s.m.now())), say(quiet, "  from "), say(plain, untrusted.From(c.in.Remote).String())}, w)
	if f := c.in.Certificate; f.Present() {
		facts := flows.FactsOf(f.X509)
		rows = append(rows, entry("certificate", 12, shown(facts.Subject, ink{}), w)...)
		rows = append(rows, entry("", 12, row{say(quiet, "x5t#S256 "+facts.Thumbprint)}, w)...)
	}
	rows = append(rows, nil)
	request := c.in.Request
	if request.Method == "" && len(request.Header) == 0 {
		return append(rows, s.brokenRows(c, k, w, open)...)
	}
	line := append(typed(request.Method+" ", ink{fg: originOf(sign.Method), attr: bold}), targetRow(c, k, open)...)
	rows = append(rows, line.wrapped(w)...)
	for _, h := range request.Header {
		rows = append(rows, receivedHeader(h, k, open).wrapped(w)...)
	}
	if len(request.Body) == 0 {
		return append(rows, nil, row{say(quiet, "no body")})
	}
	rows = append(rows, nil, row{say(quiet, "body, "+plural(len(request.Body), "byte"))})
	return append(rows, bodyRows(request.Body, k, w, open)...)
}

func targetRow(c *call, k masker, open bool) row {
	path, query := c.in.Request.Path(), c.in.Request.Query()
	if !open {
		path, query = string(k.text([]byte(path))), string(k.text([]byte(query)))
	}
	return append(typed(path, ink{fg: originOf(sign.Path)}), typed(query, ink{fg: originOf(sign.Query)})...)
}

func receivedHeader(h sign.Pair, k masker, open bool) row {
	value := h.Value
	if !open {
		value = k.header(h.Name, h.Value)
	}
	return append(append(typed(h.Name, ink{fg: member}), say(quiet, ": ")), typed(value, ink{})...)
}

// brokenRows draw bytes that are no request at all.
func (s *inboundScreen) brokenRows(c *call, k masker, w int, open bool) []row {
	if c.in.Raw.Empty() {
		return []row{{say(quiet, "no byte of a request came")}}
	}
	raw := sentMasked(c.in.Raw, k.secrets...)
	if open {
		raw = []byte(revealSecret(c.in.Raw))
	}
	return append([]row{{say(quiet, "the bytes that came, "+plural(c.in.Raw.Len(), "byte"))}}, bodyRows(raw, k, w, open)...)
}

// bodyRows draw bytes in lines: every byte is seen, secrets are masked.
func bodyRows(b []byte, k masker, w int, open bool) []row {
	more := len(b) - maxShownBody
	b = b[:min(len(b), maxShownBody)]
	if !open {
		b = k.text(b)
	}
	rows := byteRows(b, w)
	if more > 0 {
		rows = append(rows, row{say(quiet, "… "+plural(more, "more byte"))})
	}
	return rows
}

// byteRows draw bytes as the viewer does, without a cursor.
func byteRows(b []byte, w int) []row {
	v := viewer{bytes: b, at: -1, spans: []sign.Span{{Start: 0, End: len(b), Origin: sign.Origin{Kind: sign.Body}}}}
	v.layout(w)
	rows := make([]row, 0, len(v.starts))
	for i := range v.starts {
		line, _ := v.textRow(i, false)
		rows = append(rows, line)
	}
	return rows
}

// answerRows draw what the sandbox answered: in the partner's words first, then as it was sent.
func (s *inboundScreen) answerRows(c *call, w int, open bool) []row {
	if c.in.Status == 0 {
		return []row{{strong(warn, "? "), say(plain, "no answer was given")}}
	}
	k := s.maskerOf(c)
	mark, t := "✓", good
	if c.in.Status >= 400 {
		mark, t = "✗", bad
	}
	rows := []row{append(row{strong(t, mark+" "+itoa(c.in.Status)+"  ")}, s.wordsOf(c, k)...)}
	rows = append(rows, nil)
	for _, h := range c.in.Header {
		value := h.Value.Raw()
		if !open {
			value = k.header(h.Name.Raw(), value)
		}
		line := append(append(shown(h.Name, ink{fg: member}), say(quiet, ": ")), typed(value, ink{})...)
		rows = append(rows, line.wrapped(w)...)
	}
	if c.in.Body.Empty() {
		return append(rows, nil, row{say(quiet, "no body")})
	}
	rows = append(rows, nil)
	body := []byte(c.in.Body.Raw())
	body = body[:min(len(body), maxShownBody)]
	if !open {
		body = k.text(body)
	}
	return append(rows, prettyRows(newDocument(untrusted.From(body)), w)...)
}

// wordsOf is how the partner refused, in its own words.
func (s *inboundScreen) wordsOf(c *call, k masker) row {
	p, ok := flows.Find(s.m.deps.Providers, c.in.Provider)
	if !ok || p.ReadError == nil || c.in.Status < 400 {
		return nil
	}
	e, is := p.ReadError(c.in.Status, []byte(c.in.Body.Raw()))
	if !is {
		return nil
	}
	mask := func(t untrusted.Text) untrusted.Text { return untrusted.From(k.text([]byte(t.Raw()))) }
	out := shown(mask(e.Code), ink{fg: bad, attr: bold})
	if !e.Code.Empty() && !e.Message.Empty() {
		out = append(out, say(quiet, ": "))
	}
	return append(out, shown(mask(e.Message), ink{fg: bad})...)
}

// copiedRequest is the request for the clipboard, masked.
func (s *inboundScreen) copiedRequest(c *call) string {
	k := s.maskerOf(c)
	var b strings.Builder
	b.WriteString(c.in.Request.Method + " " + string(k.text([]byte(c.in.Request.Target))) + "\n")
	for _, h := range c.in.Request.Header {
		b.WriteString(h.Name + ": " + k.header(h.Name, h.Value) + "\n")
	}
	b.WriteByte('\n')
	b.Write(k.text(c.in.Request.Body))
	return b.String()
}
