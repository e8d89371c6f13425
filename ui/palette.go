package ui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/sahilm/fuzzy"
)

// palette finds an action, a request or an environment by a few letters of its name.
type palette struct {
	m      *Model
	typed  *edit
	all    []entryOf
	found  []fuzzy.Match
	at     int
	window window
}

// entryOf is one thing that the palette can do.
type entryOf struct {
	name, doc, key string
	why            string // why it can't be done now
	do             func() tea.Cmd
}

// names makes the entries searchable.
type entryNames []entryOf

// String is the text in which letters are searched.
func (n entryNames) String(i int) string { return n[i].name }

// Len is the number of entries.
func (n entryNames) Len() int { return len(n) }

func newPalette(m *Model) *palette {
	p := &palette{m: m, typed: newEdit("", false)}
	for _, b := range m.here() {
		if b.group == moving && len(b.key.Keys()) > 0 && b.off == nil {
			continue // moving by name is no help
		}
		p.all = append(p.all, entryOf{name: b.key.Help().Desc, doc: b.doc, key: b.key.Help().Key, why: b.why(m), do: func() tea.Cmd { return b.do(m) }})
	}
	if m.screen != nil { // what follows is about the workbench
		p.search()
		return p
	}
	for _, e := range m.run.Draft.Provider.Environments {
		p.all = append(p.all, entryOf{name: "environment: " + e.Name, doc: e.Source, why: busy(m), do: func() tea.Cmd { return m.move(e) }})
	}
	for _, provider := range m.deps.Providers {
		for _, s := range provider.Requests {
			p.all = append(p.all, entryOf{name: provider.Name + ": " + s.Name, doc: s.Summary, why: busy(m), do: func() tea.Cmd { return m.visit(provider, s.Name) }})
		}
	}
	p.search()
	return p
}

func (p *palette) search() {
	p.at = 0
	if s := p.typed.value(); s != "" {
		p.found = fuzzy.FindFrom(s, entryNames(p.all))
		return
	}
	p.found = make([]fuzzy.Match, len(p.all))
	for i := range p.all {
		p.found[i].Index = i
	}
}

func (p *palette) update(msg tea.Msg) tea.Cmd {
	k, isKey := msg.(tea.KeyPressMsg)
	switch {
	case isKey && key.Matches(k, dismiss):
		p.m.close()
	case isKey && key.Matches(k, goUp) && len(p.found) > 0:
		p.at = (p.at + len(p.found) - 1) % len(p.found)
	case isKey && key.Matches(k, goDown, goNext) && len(p.found) > 0:
		p.at = (p.at + 1) % len(p.found)
	case isKey && key.Matches(k, goPageUp):
		p.at = max(p.at-p.window.h, 0)
	case isKey && key.Matches(k, goPageDn):
		p.at = max(min(p.at+p.window.h, len(p.found)-1), 0)
	case isKey && key.Matches(k, accept):
		return p.choose()
	default:
		if p.typed.update(msg) {
			p.search()
		}
	}
	return nil
}

func (p *palette) choose() tea.Cmd {
	if p.at >= len(p.found) {
		return nil
	}
	e := p.all[p.found[p.at].Index]
	p.m.close()
	if e.why != "" {
		p.m.say(warn, "%s: %s", e.name, e.why)
		return nil
	}
	return e.do()
}

func (p *palette) draw(w, h int) []row {
	inner := innerWidth(84, w)
	rows := []row{append(row{strong(accent, "› ")}, p.typed.draw(inner-2, 1, true)[0]...), {say(faint, repeat("─", inner))}}
	room := max(min(h-4-len(rows), 20), 1)
	p.window.set(len(p.found), room)
	p.window.show(p.at)
	for i := p.window.top; i < min(p.window.top+room, len(p.found)); i++ {
		rows = append(rows, p.entry(p.found[i], inner, i == p.at))
	}
	if len(p.found) == 0 {
		rows = append(rows, row{say(quiet, "nothing has these letters in this order")})
	}
	for len(rows) < room+2 {
		rows = append(rows, nil)
	}
	return box("Commands", rows, hint("enter", "do it", "esc", "close"), inner)
}

// entry is one line: the name with the letters that were found, what it does, its key.
func (p *palette) entry(f fuzzy.Match, w int, here bool) row {
	e := p.all[f.Index]
	hit := map[int]bool{}
	for _, i := range f.MatchedIndexes {
		hit[i] = true
	}
	base := ink{}
	doc := e.doc
	if e.why != "" {
		base.fg, doc = quiet, "not now: "+e.why
	}
	name := row{}
	for i, c := range e.name {
		k := base
		if hit[i] {
			k = ink{fg: accent, attr: bold | underline}
		}
		name = append(name, bit{string(c), k})
	}
	left := append(name.fit(30, ink{}), say(quiet, " "))
	left = append(left, typed(doc, ink{fg: quiet})...)
	r := spread(left, row{strong(accent, e.key)}, w, ink{})
	if here {
		return r.on(chosen)
	}
	return r
}
