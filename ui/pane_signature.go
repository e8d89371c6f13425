package ui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"countersign/flows"
	"countersign/sign"
)

// signaturePane shows the signature: how it was made, with which key, and the header that carries it.
type signaturePane struct {
	m      *Model
	stamp  int
	walk   walk
	window window
	text   bool // the viewer is on the screen
}

func (p *signaturePane) title() (string, row) {
	if !p.text {
		return "Signature", p.window.position()
	}
	trail := p.walk.trail()
	out := row{say(plain, trail[len(trail)-1])}
	if len(trail) > 1 {
		out = append(row{strong(accent, "← "), say(quiet, trail[len(trail)-2]+"  ")}, out...)
	}
	return "Signature", out
}

// signed is the signed request once the step is done.
func (p *signaturePane) signed() (sign.Signed, bool) {
	if !reached(p.m.run, flows.StepSignature) || p.m.run.Prepared == nil {
		return sign.Signed{}, false
	}
	s := p.m.run.Prepared.Signed
	if p.stamp != p.m.stamp {
		p.stamp = p.m.stamp
		p.walk.begin(s)
		if _, _, ok := p.walk.current(); !ok {
			p.walk.to("header " + s.Carrier)
		}
	}
	return s, true
}

func (p *signaturePane) draw(w, h int, focused bool) []row {
	s, ok := p.signed()
	p.text = false
	if !ok || p.m.failure(atSignature) != nil {
		return p.window.of(p.before(w), w, h)
	}
	t, _, walks := p.walk.current()
	if !walks || h < 8 || !focused {
		return p.window.of(p.summary(s, w), w, h)
	}
	p.text = true
	p.walk.viewer.show(t, p.m.revealing(atSignature))
	const below, margin = 6, 4 // legend, rule and three rows about a byte, a blank row; the letters before the text
	p.walk.viewer.layout(w - margin)
	facts := p.facts(s, w)
	room := max(h-below-min(len(p.walk.viewer.starts), 6), 2)
	if len(p.walk.path) > 1 { // walked into an earlier text: that is what one looks at
		room = 1
	}
	return viewed(&p.walk.viewer, append(facts[:min(len(facts), room)], nil), w, h, focused)
}

// before is what the pane says as long as nothing is signed.
func (p *signaturePane) before(w int) []row {
	if e := p.m.failure(atSignature); e != nil {
		return trouble(e.Message, e.Hint, w)
	}
	if instead, lacks := p.m.run.Lacks(flows.StepSignature); lacks {
		return absent(instead, w)
	}
	d := p.m.run.Draft
	rows := []row{{say(quiet, "nothing is signed yet")}, nil, append(typed(d.Provider.Name, ink{attr: bold}), say(quiet, " protects requests with"))}
	rows = append(rows, paragraph(bit{}, d.Provider.Summary, ink{}, w)...)
	return append(rows, paragraph(bit{}, d.Provider.Docs, ink{fg: quiet}, w)...)
}

// signatureLabel is the width of the labels.
const signatureLabel = 11

// facts are algorithm, key and encoded value.
func (p *signaturePane) facts(s sign.Signed, w int) []row {
	var rows []row
	if instead, lacks := p.m.run.Lacks(flows.StepSignature); lacks {
		rows = append(rows, absent(instead, w)...)
	}
	for _, c := range p.m.run.Prepared.Changed {
		rows = append(rows, paragraph(strong(warn, "! "), c, ink{fg: warn}, w)...)
	}
	for _, c := range p.m.run.Prepared.Warnings {
		rows = append(rows, paragraph(strong(warn, "! "), c, ink{fg: warn}, w)...)
	}
	if s.Algorithm != "" {
		rows = append(rows, entry("algorithm", signatureLabel, row{strong(plain, s.Algorithm)}, w)...)
	}
	if s.KeyName != "" {
		key := row{{s.KeyName, ink{fg: originOf(sign.Key), attr: bold}}}
		if s.KeyID != "" {
			key = append(key, say(quiet, "  "+s.KeyID))
		}
		rows = append(rows, entry("key", signatureLabel, key, w)...)
	}
	if _, ok := s.Stage(sign.StageSigningInput); ok {
		rows = append(rows, p.detached(s, w)...)
	} else if c, ok := s.Stage(sign.StageCanonical); ok {
		rows = append(rows, entry("input", signatureLabel, row{say(plain, plural(c.Len(), "byte")), say(quiet, ", the canonical string")}, w)...)
	}
	return rows
}

// detached explains a detached JWS: the protected header, the signing input, the form with two dots.
func (p *signaturePane) detached(s sign.Signed, w int) []row {
	var rows []row
	if t, ok := s.Stage(sign.StageProtected); ok {
		rows = append(rows, entry("protected", signatureLabel, colored(t), w)...)
	}
	if t, ok := s.Stage(sign.StageSigningInput); ok {
		rows = append(rows, entry("input", signatureLabel, row{say(plain, plural(t.Len(), "byte")), say(quiet, ", protected . canonical string")}, w)...)
	}
	return append(rows, entry("form", signatureLabel, row{say(plain, "protected..signature"), say(quiet, "  detached JWS, payload not encoded (RFC 7797)")}, w)...)
}

// summary is all there is, for a pane without the focus: facts, then every header that signing added.
func (p *signaturePane) summary(s sign.Signed, w int) []row {
	rows := p.facts(s, w)
	added := addedByScheme(s.Request)
	slices.SortStableFunc(added, func(a, b sign.Header) int { return carries(b, s) - carries(a, s) })
	for _, h := range added {
		name := append(row{}, typed(h.Name, ink{fg: member, attr: bold})...)
		if _, lacks := p.m.run.Lacks(flows.StepSignature); carries(h, s) == 1 && !lacks {
			name = append(name, say(quiet, "  the signature"))
		}
		rows = append(rows, name)
		rows = append(rows, textRows(h.Value, w)...)
	}
	return rows
}

// carries is 1 for the header that carries the signature, 0 for the others.
func carries(h sign.Header, s sign.Signed) int {
	if strings.EqualFold(h.Name, s.Carrier) {
		return 1
	}
	return 0
}

func (p *signaturePane) move(to motion) tea.Cmd {
	if !p.text {
		p.window.move(to)
		return nil
	}
	if to == nextPart || to == previousPart {
		p.step(to)
		return nil
	}
	p.walk.move(to)
	return nil
}

// step goes from part to part, and behind the last one to the next header.
func (p *signaturePane) step(to motion) {
	i, _, _ := p.walk.viewer.span()
	n := len(p.walk.viewer.spans)
	at := p.walk.path[len(p.walk.path)-1]
	switch {
	case to == nextPart && i == n-1 && at+1 < len(p.walk.stages) && len(p.walk.path) == 1:
		p.walk.path[0] = at + 1
	case to == previousPart && i == 0 && at > 0 && len(p.walk.path) == 1:
		p.walk.path[0] = at - 1
	default:
		p.walk.move(to)
	}
}

func (p *signaturePane) viewing() *viewer {
	if !p.text {
		return nil
	}
	return &p.walk.viewer
}

func (p *signaturePane) revealable() bool {
	if _, ok := p.signed(); !ok {
		return false
	}
	t, _, ok := p.walk.current()
	return ok && t.Secret()
}

func (p *signaturePane) copyable() (text, what string) {
	s, ok := p.signed()
	if !ok {
		return "", ""
	}
	if t, name, ok := p.walk.current(); ok {
		return t.String(), name
	}
	if t, ok := s.Request.Get(s.Carrier); ok {
		return t.String(), "header " + s.Carrier
	}
	return "", ""
}

func (p *signaturePane) uncopyable() string {
	if _, lacks := p.m.run.Lacks(flows.StepSignature); lacks {
		return "this request is not signed"
	}
	return "nothing is signed yet; space steps on"
}
