package ui

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"countersign/flows"
	"countersign/sign"
	"countersign/sign/untrusted"
)

// tokenPane shows the token, what it says of itself, what is left of it, and how it was obtained.
type tokenPane struct {
	m      *Model
	window window
	memo   memo
}

func (p *tokenPane) title() (string, row) {
	if pos := p.window.position(); pos != nil {
		return "Token", pos
	}
	return "Token", nil
}

func (p *tokenPane) draw(w, h int, focused bool) []row {
	rows := p.memo.keep(depends(p.m, w, p.m.now().Unix(), p.m.revealing(atToken)), func() []row { return p.rows(w) })
	return p.window.of(rows, w, h)
}

func (p *tokenPane) move(to motion) tea.Cmd {
	p.window.move(to)
	return nil
}

// tokenLabel is the width of the labels.
const tokenLabel = 9

func (p *tokenPane) rows(w int) []row {
	m := p.m
	var rows []row
	if e := m.failure(atToken); e != nil {
		rows = append(trouble(e.Message, e.Hint, w), m.inbound.cause(m.latest(), w)...)
		rows = append(rows, nil)
	}
	instead, lacks := m.run.Lacks(flows.StepToken)
	switch {
	case lacks:
		rows = append(rows, absent(instead, w)...)
	case m.run.Token != nil:
		rows = append(rows, p.facts(m.run.Token, w)...)
	case m.run.Draft.Provider.Token != nil:
		rows = append(rows, paragraph(bit{}, m.run.Draft.Provider.Token.Doc, ink{fg: quiet}, w)...)
	}
	rows = append(rows, p.certificate(w)...)
	if t := m.run.Token; t != nil && !lacks && !t.Facts.Claims.Empty() {
		rows = append(rows, nil, row{strong(quiet, "Claims"), say(quiet, "  read from the token, not verified")})
		rows = append(rows, prettyRows(newDocument(t.Facts.Claims), w)...)
	}
	return append(rows, p.exchanges(w)...)
}

// absent says that the partner has no such step, and what protects the request instead.
func absent(instead string, w int) []row {
	rows := []row{{strong(quiet, "– none")}}
	return append(rows, paragraph(bit{}, instead, ink{}, w)...)
}

func (p *tokenPane) facts(t *flows.Token, w int) []row {
	m, f := p.m, t.Facts
	how := string(f.Obtained)
	if m.run.FromCache {
		how = "from memory"
	}
	kind := append(row{}, shown(untrusted.From(f.Type+" "+f.Format), ink{attr: bold})...)
	if !f.Algorithm.Empty() {
		kind = append(append(kind, say(quiet, "  alg ")), shown(f.Algorithm, ink{})...)
	}
	rows := entry("type", tokenLabel, append(kind, say(quiet, "  "+how)), w)
	rows = append(rows, p.runsOut("expires", f.Expires, f.Issued, m.early(), w)...)
	if f.Source != "" {
		rows = append(rows, entry("from", tokenLabel, typed(f.Source, ink{fg: quiet}), w)...)
	}
	if f.Refreshes != "" {
		rows = append(rows, p.runsOut("refresh", f.RefreshExpires, f.Issued, time.Hour, w)...)
		rows = append(rows, entry("from", tokenLabel, typed(f.RefreshSource, ink{fg: quiet}), w)...)
	}
	if f.Binding != "" {
		rows = append(rows, p.binding(f.Binding, w)...)
	}
	rows = append(rows, p.value(t, w)...)
	for _, remark := range f.Remarks {
		rows = append(rows, paragraph(strong(warn, "! "), untrusted.From(remark).String(), ink{fg: warn}, w)...)
	}
	return rows
}

// value is the token by its fingerprint, or itself while a person asked to see it.
func (p *tokenPane) value(t *flows.Token, w int) []row {
	if p.m.revealing(atToken) {
		return entry("token", tokenLabel, typed(revealSecret(t.Access), ink{fg: originOf(sign.Key)}), w)
	}
	out := row{say(plain, "•••••• "), say(quiet, plural(t.Access.Len(), "byte"))}
	if t.Facts.Fingerprint != "" {
		out = append(out, say(faint, "  #"+t.Facts.Fingerprint))
	}
	return entry("token", tokenLabel, out, w)
}

// runsOut draws a countdown with a bar of what is left.
func (p *tokenPane) runsOut(name string, end, begin time.Time, early time.Duration, w int) []row {
	if end.IsZero() {
		return entry(name, tokenLabel, row{say(quiet, "unknown: the answer does not say")}, w)
	}
	now := p.m.now()
	c := newCountdown(name, end.Sub(now), early)
	left := row{strong(c.tone, c.sign()+c.text())}
	if c.left > 0 {
		left = append(left, say(quiet, " left"))
	}
	rows := []row{append(row{label(name, tokenLabel)}, append(left, say(quiet, "  "+moment(end, now)))...)}
	if total := end.Sub(begin); total > 0 && !begin.IsZero() {
		room := max(w-tokenLabel, 1)
		full := int(int64(room) * int64(max(c.left, 0)) / int64(total))
		rows = append(rows, row{{spaces(tokenLabel), ink{}}, say(c.tone, repeat("━", min(full, room))), say(faint, repeat("─", room-min(full, room)))})
	}
	return rows
}

// binding compares the certificate that the token is bound to with the one that is loaded.
func (p *tokenPane) binding(thumbprint string, w int) []row {
	rows := entry("bound to", tokenLabel, append(row{say(quiet, "cnf x5t#S256 ")}, typed(thumbprint, ink{})...), w)
	c := p.m.run.Loaded.Certificate
	switch {
	case !c.Present():
		return append(rows, entry("", tokenLabel, row{say(warn, "! no certificate is loaded")}, w)...)
	case c.Thumbprint() == thumbprint:
		return append(rows, entry("", tokenLabel, row{say(good, "✓ the certificate that is loaded")}, w)...)
	}
	return append(rows, entry("", tokenLabel, row{say(bad, "✗ not the loaded one: "+c.Thumbprint())}, w)...)
}

// certificate tells how long the client certificate is valid.
func (p *tokenPane) certificate(w int) []row {
	c := p.m.run.Loaded.Certificate
	if !c.Present() {
		return nil
	}
	now := p.m.now()
	count := certificateCountdown(c.X509.NotBefore, c.X509.NotAfter, now)
	value := row{strong(count.tone, count.sign()+count.text())}
	if count.left > 0 {
		value = append(value, say(quiet, " left"))
	}
	value = append(value, say(quiet, "  "+moment(c.X509.NotAfter, now)))
	rows := entry("cert", tokenLabel, value, w)
	for _, remark := range p.m.run.Loaded.Remarks {
		rows = append(rows, paragraph(strong(warn, "! "), remark, ink{fg: warn}, w)...)
	}
	return rows
}

// exchanges are the requests that led here, with their answers.
func (p *tokenPane) exchanges(w int) []row {
	var rows []row
	for i := range p.m.run.TokenLog {
		x := &p.m.run.TokenLog[i]
		rows = append(rows, nil, row{strong(quiet, "How it was obtained: "+string(x.Purpose))})
		rows = append(rows, requestRows(x.Signed.Request, w)...)
		rows = append(rows, nil)
		rows = append(rows, answerRows(x, w)...)
	}
	return rows
}

func (p *tokenPane) revealable() bool { return p.m.run.Token != nil }

func (p *tokenPane) copyable() (text, what string) {
	if t := p.m.run.Token; t != nil && !t.Facts.Claims.Empty() {
		return strings.TrimSpace(t.Facts.Claims.Raw()), "the claims of the token"
	}
	return "", ""
}

func (p *tokenPane) uncopyable() string {
	_, lacks := p.m.run.Lacks(flows.StepToken)
	switch {
	case p.m.run.Token != nil:
		return "the token says nothing that can be read, and a token itself is never copied"
	case lacks:
		return "there is no token in this walk"
	}
	return "there is no token yet; what it says of itself can be copied then"
}
