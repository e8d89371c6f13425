package ui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// chooser is a list to choose from.
type chooser struct {
	m      *Model
	name   string
	list   []choice
	at     int
	window window
	stays  bool // stays open behind a choice
}

// choice is one entry of a chooser.
type choice struct {
	row   row
	about string
	here  bool // what is in force now
	do    func() tea.Cmd
}

// newChooser begins at what is in force.
func newChooser(m *Model, name string, list []choice) *chooser {
	c := &chooser{m: m, name: name, list: list}
	for i, x := range list {
		if x.here {
			c.at = i
		}
	}
	return c
}

func (c *chooser) update(msg tea.Msg) tea.Cmd {
	k, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil
	}
	switch {
	case key.Matches(k, dismiss):
		c.m.close()
	case key.Matches(k, goUp, goBack):
		c.at = (c.at + len(c.list) - 1) % len(c.list)
	case key.Matches(k, goDown, goNext):
		c.at = (c.at + 1) % len(c.list)
	case key.Matches(k, accept), k.Text == " ":
		if !c.stays {
			c.m.close()
		}
		return c.list[c.at].do()
	}
	return nil
}

func (c *chooser) draw(w, h int) []row {
	inner := 30
	for _, x := range c.list {
		inner = max(inner, x.row.cells()+4, min(width(x.about), 72))
	}
	inner = innerWidth(inner, w)
	about := paragraph(bit{}, c.list[c.at].about, ink{fg: quiet}, inner)
	if c.list[c.at].about == "" {
		about = nil
	}
	room := max(h-4-len(about), 1)
	c.window.set(len(c.list), min(room, len(c.list)))
	c.window.show(c.at)
	var rows []row
	for i := c.window.top; i < min(c.window.top+c.window.h, len(c.list)); i++ {
		x := c.list[i]
		mark := bit{"  ", ink{}}
		if x.here {
			mark = strong(accent, "● ")
		}
		r := append(row{mark}, x.row...).fit(inner, ink{})
		if i == c.at {
			r = append(row{mark}, x.row...).fit(inner, ink{}).on(chosen)
		}
		rows = append(rows, r)
	}
	if about != nil {
		rows = append(append(rows, nil), about...)
	}
	return box(c.name, rows, hint("enter", "choose", "esc", "close"), inner)
}
