package ui

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"countersign/flows"
	"countersign/sign"
	"countersign/sign/untrusted"
)

// responsePane shows what came back, how long each part took, what was sent, and how the two sides differ.
type responsePane struct {
	m      *Model
	window window
	view   aspect
	left   int // first column of a wide body

	exchange *flows.Exchange
	body     *document
	memo     memo // rows above the body
	aside    memo // rows of the other aspects
	shownAs  aspect
}

// aspect is one way to look at an exchange.
type aspect int

// The aspects, in the order of their tabs.
const (
	asBody aspect = iota
	asHeaders
	asComparison
	asSent
	asTLS
	aspects
)

var aspectNames = [aspects]string{"Body", "Headers", "Compare", "Sent", "TLS"}

// keep takes the body of a new answer, indexed by the command that fetched it.
func (p *responsePane) keep(x *flows.Exchange, body *document) {
	p.exchange, p.body = x, body
	p.view, p.left, p.window.top = asBody, 0, 0
	if x.Response.Expected != nil && x.Response.Error != nil {
		p.view = asComparison
	}
}

// current is the exchange on the screen.
func (p *responsePane) current() *flows.Exchange {
	x := p.m.run.Exchange
	if x != nil && x != p.exchange {
		p.exchange, p.body = x, nil
		p.left, p.window.top = 0, 0
		if x.Response != nil {
			p.body = newDocument(x.Response.Body)
		}
	}
	return x
}

func (p *responsePane) title() (string, row) { return "Response", p.window.position() }

func (p *responsePane) draw(w, h int, focused bool) []row {
	x := p.current()
	if x == nil {
		return p.window.of(p.before(w), w, h)
	}
	head := p.memo.keep(depends(p.m, w, 0, false), func() []row { return p.head(x, w) })
	if x.Response == nil && p.view == asBody {
		return p.window.of(append(head[:len(head):len(head)], p.tabs(w)), w, h)
	}
	head = append(head[:len(head):len(head)], p.tabs(w))
	if p.view != asBody {
		if p.shownAs != p.view {
			p.shownAs, p.aside.rows = p.view, nil
		}
		rows := p.aside.keep(depends(p.m, w, 0, false), func() []row { return p.rows(x, w) })
		return p.window.of(append(head, rows...), w, h)
	}
	return p.scrolled(head, w, h)
}

// scrolled draws head and body as one list, of which only the rows seen are made.
func (p *responsePane) scrolled(head []row, w, h int) []row {
	n := len(head) + len(p.body.lines)
	p.window.set(n, h)
	rows := make([]row, 0, h)
	for i := p.window.top; i < min(p.window.top+h, n); i++ {
		if i < len(head) {
			rows = append(rows, head[i])
		} else {
			rows = append(rows, p.body.row(i-len(head), p.left, w))
		}
	}
	return fill(rows, w, h)
}

// before is what the pane says as long as nothing was sent.
func (p *responsePane) before(w int) []row {
	m := p.m
	if e := m.failure(atResponse); e != nil {
		return trouble(e.Message, e.Hint, w)
	}
	d := m.run.Draft
	rows := []row{{say(quiet, "nothing is sent yet")}}
	if d.Environment.Production && d.Sample.MovesMoney {
		rows = append(rows, paragraph(strong(bad, "▲ "), "this request moves real money; before it is sent its name has to be typed", ink{}, w)...)
	}
	return append(rows, paragraph(bit{}, d.Sample.Summary, ink{fg: quiet}, w)...)
}

// head is what stands above every aspect: what came of it, why, and how long it took.
func (p *responsePane) head(x *flows.Exchange, w int) []row {
	rows := []row{statusRow(x)}
	if x.Err != nil {
		rows = append(rows, explained(x, w)...)
	}
	rows = append(rows, p.m.inbound.cause(x, w)...)
	if x.LedgerErr != nil {
		rows = append(rows, paragraph(strong(warn, "! "), x.LedgerErr.Message, ink{fg: warn}, w)...)
	}
	for _, c := range x.Changed {
		rows = append(rows, paragraph(strong(warn, "! "), c, ink{fg: warn}, w)...)
	}
	rows = append(rows, timingRows(x.Timing, w)...)
	if d := x.Sent.Difference; d != "" {
		rows = append(rows, paragraph(strong(bad, "✗ "), "what was sent is not what was signed: "+untrusted.From(d).String(), ink{}, w)...)
	}
	if r := x.Response; r != nil {
		switch {
		case r.Cut != "":
			rows = append(rows, paragraph(strong(warn, "! "), untrusted.From(r.Cut).String(), ink{fg: warn}, w)...)
		case x.Outcome == flows.OutcomeAnswered && strings.HasPrefix(strings.TrimLeft(r.Body.Raw()[:min(r.Body.Len(), 64)], " \r\n\t"), "<"):
			rows = append(rows, paragraph(strong(warn, "! "), "the answer is HTML or XML: a proxy or a sign-in page may have answered, not the partner", ink{fg: warn}, w)...)
		case r.Truncated:
			rows = append(rows, row{say(warn, "! only the beginning of the body was kept")})
		}
	}
	return rows
}

// explained tells a refusal in the partner's words, what it means, and what to do.
func explained(x *flows.Exchange, w int) []row {
	if x.Response == nil || x.Response.Error == nil {
		return trouble(untrusted.From(x.Err.Message).String(), x.Err.Hint, w)
	}
	e := x.Response.Error
	words := append(row{}, shown(e.Code, ink{fg: bad, attr: bold})...)
	if !e.Code.Empty() && !e.Message.Empty() {
		words = append(words, say(quiet, ": "))
	}
	words = append(words, shown(e.Message, ink{fg: bad})...)
	rows := []row{}
	if words.cells() > 0 {
		rows = append(rows, words)
	}
	if e.Known == nil {
		return append(rows, trouble(x.Err.Message, x.Err.Hint, w)...)
	}
	rows = append(rows, paragraph(strong(plain, "means "), e.Known.Meaning, ink{}, w)...)
	remedy := e.Known.Remedy
	if e.Known.Assumed {
		remedy += " (not on the partner's pages)"
	}
	return append(rows, paragraph(strong(warn, "→ "), remedy, ink{}, w)...)
}

// phase is one part of the time that an exchange took.
type phase struct {
	name string
	took time.Duration
	tone tone
	line string // each phase has a line of its own, for screens without colour
}

func phases(t flows.Timing) []phase {
	all := []phase{
		{"DNS", t.DNS, originOf(sign.Authority), "┄"},
		{"connect", t.Connect, originOf(sign.Method), "╌"},
		{"TLS", t.TLS, originOf(sign.Nonce), "═"},
		{"first byte", t.FirstByte, originOf(sign.Body), "━"},
		{"transfer", t.Transfer, originOf(sign.Path), "─"},
	}
	out := all[:0]
	for _, p := range all {
		if p.took > 0 {
			out = append(out, p)
		}
	}
	return out
}

// timingRows draws the times as a bar with its legend. A phase that was not reached is left out.
func timingRows(t flows.Timing, w int) []row {
	list := phases(t)
	if len(list) == 0 || t.Total <= 0 {
		return nil
	}
	room := min(w, 48)
	bar, names := row{}, []row{nil}
	for _, p := range list {
		n := max(int(int64(room)*int64(p.took)/int64(t.Total)), 1)
		bar = append(bar, say(p.tone, repeat(p.line, n)))
		name := row{say(p.tone, p.line), say(quiet, " "+p.name+" "), say(plain, brief(p.took)), {"  ", ink{}}}
		if end := len(names) - 1; names[end].cells()+name.cells() <= w+2 {
			names[end] = append(names[end], name...)
		} else {
			names = append(names, name)
		}
	}
	return append([]row{bar}, names...)
}

// tabs names the aspects; the one on the screen stands out.
func (p *responsePane) tabs(w int) row {
	out := row{}
	for a, name := range aspectNames {
		x := bit{" " + name + " ", ink{fg: quiet}}
		if aspect(a) == p.view {
			x = bit{"▸" + name + " ", ink{fg: accent, bg: chosen, attr: bold}}
		}
		out = append(out, x)
	}
	return append(out, say(faint, "  , .")).fit(w, ink{})
}

func (p *responsePane) rows(x *flows.Exchange, w int) []row {
	switch p.view {
	case asHeaders:
		if x.Response == nil {
			return []row{{say(quiet, "there is no answer")}}
		}
		return headerRows(x.Response.Header)
	case asComparison:
		return comparison(x, w)
	case asSent:
		return p.sent(x, w)
	}
	return tlsRows(x, p.m.now(), w)
}

func (p *responsePane) move(to motion) tea.Cmd {
	switch to {
	case nextPart:
		p.view = (p.view + 1) % aspects
		p.window.top = 0
	case previousPart:
		p.view = (p.view + aspects - 1) % aspects
		p.window.top = 0
	case toRight:
		p.left += 8
	case toLeft:
		p.left = max(p.left-8, 0)
	default:
		p.window.move(to)
	}
	return nil
}

func (p *responsePane) copyable() (text, what string) {
	x := p.m.run.Exchange
	if x == nil || x.Response == nil {
		return "", ""
	}
	if p.view == asComparison && x.Response.Expected != nil {
		return string(x.Response.Expected), "the canonical string that the partner expected"
	}
	return x.Response.Body.Raw(), "the body of the answer, known secrets masked"
}

func (p *responsePane) uncopyable() string {
	if p.m.run.Exchange != nil {
		return "there is no answer to copy"
	}
	return "nothing is sent yet, so there is no answer to copy"
}
