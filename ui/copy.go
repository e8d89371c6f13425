package ui

import tea "charm.land/bubbletea/v2"

// copier is a pane that has something to copy: the text, and what it is; or why it has not.
type copier interface {
	copyable() (text, what string)
	uncopyable() string
}

// copyable is what the focused pane offers; an empty what means nothing.
func (m *Model) copyable() (text, what string) {
	if c, ok := m.panes[m.focus].(copier); ok {
		return c.copyable()
	}
	return "", ""
}

// copy puts it on the clipboard of the terminal, which works over SSH as well (OSC 52).
func (m *Model) copy() tea.Cmd {
	text, what := m.copyable()
	m.say(good, "copied %s: %s", plural(len(text), "byte"), what)
	return tea.SetClipboard(text)
}

// viewer is the text viewer of the focused pane; nil when it shows none.
func (m *Model) viewer() *viewer {
	if v, ok := m.panes[m.focus].(interface{ viewing() *viewer }); ok {
		return v.viewing()
	}
	return nil
}
