package ui

import (
	tea "charm.land/bubbletea/v2"

	"countersign/flows"
	"countersign/sign"
)

// canonicalPane shows the bytes that are signed, and where each came from.
type canonicalPane struct {
	m      *Model
	stamp  int
	walk   walk
	window window // when there is no text yet
	plain  bool   // rows were drawn instead of a text
}

func (p *canonicalPane) title() (string, row) {
	t, name, ok := p.current()
	switch {
	case ok && name != sign.StageCanonical:
		return "Canonical string", row{strong(accent, "in: "), say(plain, name), say(quiet, "  "+plural(t.Len(), "byte"))}
	case ok:
		return "Canonical string", row{say(quiet, plural(t.Masked().Len(), "byte")+", "+plural(len(t.Spans()), "part"))}
	case p.plain:
		return "Canonical string", p.window.position()
	}
	return "Canonical string", nil
}

// current is the text on the screen and its name.
func (p *canonicalPane) current() (sign.Text, string, bool) {
	if p.m.run.Prepared == nil || p.m.run.Reached == flows.StepToken {
		return sign.Text{}, "", false
	}
	if p.stamp != p.m.stamp {
		p.stamp = p.m.stamp
		p.walk.begin(p.m.run.Prepared.Signed)
		p.walk.to(sign.StageCanonical)
	}
	return p.walk.current()
}

func (p *canonicalPane) draw(w, h int, focused bool) []row {
	t, _, ok := p.current()
	_, lacks := p.m.run.Lacks(flows.StepCanonical)
	if !ok || lacks || p.m.failure(atCanonical) != nil {
		p.plain = true
		return p.window.of(p.before(w), w, h)
	}
	p.plain = false
	v := &p.walk.viewer
	v.show(t, p.m.revealing(atCanonical))
	return viewed(v, nil, w, h, focused)
}

// viewed draws a text with rows above it, and below it what is known of the byte under the cursor.
func viewed(v *viewer, above []row, w, h int, focused bool) []row {
	var below []row
	switch room := h - len(above); {
	case focused && room >= 8:
		below = append([]row{v.legend(w), {say(faint, repeat("┄", w))}}, v.explain(w)...)
	case focused && room >= 5:
		below = v.explain(w)
	case room >= 6:
		below = []row{v.legend(w)}
	}
	rows := append([]row{}, above...)
	rows = append(rows, v.draw(w, max(h-len(above)-len(below), 1), focused)...)
	return fill(append(rows, below...), w, h)
}

// before is what the pane says as long as there is no canonical string: why, or from what it will be made.
func (p *canonicalPane) before(w int) []row {
	m := p.m
	if e := m.failure(atCanonical); e != nil {
		return append(append(trouble(e.Message, e.Hint, w), nil), draftRows(m.run.Draft, w)...)
	}
	instead, lacks := m.run.Lacks(flows.StepCanonical)
	if !lacks {
		return append([]row{{say(quiet, "will be made from this request")}}, draftRows(m.run.Draft, w)...)
	}
	rows := absent(instead, w)
	if p := m.run.Prepared; p != nil {
		rows = append(rows, nil, row{strong(quiet, "What is sent")})
		return append(rows, requestRows(p.Signed.Request, w)...)
	}
	return append(append(rows, nil), draftRows(m.run.Draft, w)...)
}

// draftRows draws the request as it was typed.
func draftRows(d flows.Draft, w int) []row {
	line := append(typed(d.Method+" ", ink{fg: originOf(sign.Method), attr: bold}), typed(d.Path, ink{fg: originOf(sign.Path)})...)
	rows := []row{append(line, typed(d.Query, ink{fg: originOf(sign.Query)})...)}
	for _, h := range d.Header {
		r := append(typed(h.Name, ink{fg: member}), say(quiet, ": "))
		rows = append(rows, append(r, typed(h.Value, ink{})...))
	}
	for _, v := range used(d) {
		r := append(row{say(quiet, "{"+v.Name+"} = ")}, typed(d.Variables[v.Name], ink{fg: originOf(sign.Field)})...)
		rows = append(rows, r)
	}
	if d.Body == nil {
		return append(rows, row{say(quiet, "no body")})
	}
	rows = append(rows, row{say(quiet, "body: "+plural(len(*d.Body), "byte"))})
	return append(rows, textRows(sign.Plain(sign.Origin{Kind: sign.Body}, []byte(*d.Body)), w)...)
}

func (p *canonicalPane) move(to motion) tea.Cmd {
	if _, _, ok := p.current(); !ok || p.plain {
		p.window.move(to)
		return nil
	}
	p.walk.move(to)
	return nil
}

func (p *canonicalPane) viewing() *viewer {
	if _, _, ok := p.current(); !ok || p.plain {
		return nil
	}
	return &p.walk.viewer
}

func (p *canonicalPane) revealable() bool {
	t, _, ok := p.current()
	return ok && !p.plain && t.Secret()
}

func (p *canonicalPane) copyable() (text, what string) {
	t, name, ok := p.current()
	if !ok || p.plain {
		return "", ""
	}
	return t.String(), name
}

func (p *canonicalPane) uncopyable() string {
	if _, lacks := p.m.run.Lacks(flows.StepCanonical); lacks {
		return "this request has no canonical string"
	}
	return "there is no canonical string yet; space steps on"
}
