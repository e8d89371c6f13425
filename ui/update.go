package ui

import (
	"fmt"
	"runtime/debug"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// Update takes a message, in this order: of the program, of ours, for the topmost overlay, for the focused
// pane, for the whole workbench.
func (m *Model) Update(msg tea.Msg) (_ tea.Model, cmd tea.Cmd) {
	defer m.survive(&cmd)
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		cmd = m.resize(msg)
	case tea.BackgroundColorMsg:
		m.dark = msg.IsDark()
		m.theme = newTheme(m.dark, m.few)
	case tea.ColorProfileMsg:
		m.few = m.deps.NoColor || msg.Profile <= colorprofile.ANSI
		m.theme = newTheme(m.dark, m.few)
	case message:
		if !m.late(msg) {
			cmd = m.receive(msg)
		}
	case tea.KeyPressMsg:
		m.notice = notice{}
		before := m.focus
		if cmd = m.press(msg); m.focus != before {
			m.shown = time.Time{} // a secret is shown only as long as one looks at it
		}
	case tea.PasteMsg:
		cmd = m.paste(msg)
	default:
		if m.screen != nil {
			cmd, _ = m.screen.update(msg)
		}
	}
	if s, ok := m.screen.(interface{ refresh() tea.Cmd }); ok {
		cmd = tea.Batch(cmd, s.refresh())
	}
	m.turn()
	return m, tea.Batch(cmd, m.tend(), m.schedule())
}

// survive keeps the program alive after a mistake of ours, and says so.
func (m *Model) survive(cmd *tea.Cmd) {
	if m.deps.Strict {
		return
	}
	if cause := recover(); cause != nil {
		m.overlays, *cmd = nil, nil
		m.say(bad, "an internal error was caught: %v (%s)", cause, origins(debug.Stack()))
	}
}

// resize takes the size of the terminal. Some say 0x0 when they don't know it; the renderer must hear of the
// size that is taken instead.
func (m *Model) resize(msg tea.WindowSizeMsg) tea.Cmd {
	if msg.Width <= 0 || msg.Height <= 0 {
		return func() tea.Msg { return tea.WindowSizeMsg{Width: 80, Height: 24} }
	}
	m.width, m.height = msg.Width, msg.Height
	return nil
}

// late is the one place where answers are dropped that nobody waits for any more.
func (m *Model) late(msg message) bool {
	switch msg := msg.(type) {
	case stepped:
		return m.job == nil || msg.job != m.job.id
	case probed:
		return m.job == nil || msg.job != m.job.id
	case panicked:
		return msg.job != 0 && (m.job == nil || msg.job != m.job.id)
	case ticked:
		return msg.chain != m.ticks
	case past:
		return msg.late(m.history)
	case surveyed:
		return msg.number != m.profiles.survey
	case examined:
		return m.inbound.late(msg)
	}
	return false
}

// receive takes a message of ours that is not late.
func (m *Model) receive(msg message) tea.Cmd {
	switch msg := msg.(type) {
	case stepped:
		return tea.Batch(m.done(msg), m.inbound.attend())
	case probed:
		return m.settle(msg)
	case ticked:
		m.pace = 0 // schedule begins the next round
	case arrived:
		m.inbound.arrive(msg.inbound)
		return tea.Batch(m.listen(), m.inbound.attend())
	case examined:
		return m.inbound.learn(msg)
	case past:
		return msg.apply(m.history)
	case tended:
		m.upkeep.learn(m, msg)
	case surveyed:
		m.profiles.learn(msg)
	case altered:
		return m.profiles.take(msg.alteration, msg.outcome)
	case kept:
		msg.tell(m)
	case met:
		m.embedding = &msg.embedding
		return m.inbound.attend()
	case panicked:
		m.job = nil
		m.say(bad, "an internal error was caught: %s", fmt.Sprint(msg.cause))
	}
	return nil
}

// press takes a key.
func (m *Model) press(msg tea.KeyPressMsg) tea.Cmd {
	if key.Matches(msg, interrupt) || m.blind() && key.Matches(msg, leaveBlind) {
		return m.quit()
	}
	if m.blind() {
		return nil
	}
	if n := len(m.overlays); n > 0 {
		return m.overlays[n-1].update(msg)
	}
	if m.screen != nil {
		if cmd, taken := m.screen.update(msg); taken {
			return cmd
		}
	}
	for _, b := range m.here() {
		if key.Matches(msg, b.key) && (m.screen == nil || b.group == program) {
			return m.act(b)
		}
	}
	return nil
}

// blind reports whether the terminal is too small to draw anything: nothing is done then that cannot be seen.
func (m *Model) blind() bool {
	return m.width > 0 && frame(m.focus, m.zoom, m.width, m.height).tooSmall
}

// paste goes to the overlay that can use it. It never acts as keys.
func (m *Model) paste(msg tea.PasteMsg) tea.Cmd {
	if m.blind() {
		return nil
	}
	if n := len(m.overlays); n > 0 {
		return m.overlays[n-1].update(msg)
	}
	if m.screen != nil {
		if cmd, taken := m.screen.update(msg); taken {
			return cmd
		}
	}
	m.say(warn, "pasted text is taken only where something can be typed; e opens a field")
	return nil
}

// act does what a binding says, or says why it can't.
func (m *Model) act(b binding) tea.Cmd {
	if why := b.why(m); why != "" {
		m.say(warn, "%s: %s", b.key.Help().Desc, why)
		return nil
	}
	return b.do(m)
}

// open puts an overlay on top.
func (m *Model) open(o overlay) tea.Cmd {
	m.overlays = append(m.overlays, o)
	return nil
}

// close takes the topmost overlay away.
func (m *Model) close() {
	if n := len(m.overlays); n > 0 {
		m.overlays = m.overlays[:n-1]
	}
}
