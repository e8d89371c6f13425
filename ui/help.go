package ui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"countersign/flows"
	"countersign/sign"
)

// help shows every key, in the order of the table, and what the signs mean.
type help struct {
	m      *Model
	window window
}

func newHelp(m *Model) *help { return &help{m: m} }

func (p *help) update(msg tea.Msg) tea.Cmd {
	k, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil
	}
	for _, b := range p.m.bindings { // the same keys scroll here as everywhere
		if b.group == moving && key.Matches(k, b.key) {
			to := map[string]motion{"up": up, "down": down, "page up": pageUp, "page down": pageDown, "first": first, "last": last}
			if m, known := to[b.key.Help().Desc]; known {
				p.window.move(m)
				return nil
			}
		}
	}
	p.m.close()
	return nil
}

func (p *help) draw(w, h int) []row {
	inner := innerWidth(100, w)
	rows := helpRows(p.m.bindings, inner)
	room := max(h-4, 1)
	return box("Keys", p.window.of(rows, inner, min(room, len(rows))), hint("↑ ↓", "scroll", "any key", "close"), inner)
}

// helpRows are the keys under their headings, then the signs of the steps and the letters of the origins.
func helpRows(all []binding, w int) []row {
	var rows []row
	group := ""
	for _, b := range all {
		if b.group != group {
			if group != "" {
				rows = append(rows, nil)
			}
			group = b.group
			rows = append(rows, row{strong(accent, group)})
		}
		h := b.key.Help()
		left := row{{label(h.Key, 11).text, ink{fg: accent, attr: bold}}, say(plain, h.Desc)}
		rows = append(rows, append(left.fit(34, ink{}), say(quiet, b.doc)).fit(w, ink{}))
	}
	rows = append(rows, nil, row{strong(accent, "Signs")})
	steps := row{}
	for _, s := range []flows.Status{flows.Done, flows.Current, flows.Running, flows.Waiting, flows.Absent, flows.Refused} {
		sign, t := mark(s)
		steps = append(steps, strong(t, sign), say(quiet, " "+string(s)+"   "))
	}
	rows = append(rows, steps, row{strong(warn, "$"), say(quiet, " moves money")}, nil, row{strong(accent, "Letters of the origins")})
	line := row{}
	for _, k := range sign.Kinds() {
		item := row{{string(rune(k.Letter())), ink{fg: originOf(k), attr: bold}}, {" " + k.String() + "   ", ink{fg: originOf(k)}}}
		if line.cells()+item.cells() > w {
			rows, line = append(rows, line), nil
		}
		line = append(line, item...)
	}
	return append(rows, line)
}
