package ui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"countersign/history"
)

// upkeep is what the first screen tells of the history: what happened to it, and how many outcomes nobody knows. It is
// looked at in a command behind the first frame, and once more when something of it may have changed.
type upkeep struct {
	due     bool
	looking bool   // one is under way; the next begins behind it
	learnt  bool   // the first one ended
	unknown int    // changes of which nobody knows whether the partner made them
	told    int    // notices of the history that were told
	trouble string // told last; one that stays is told once
	closed  string // why nothing is recorded, as told last
}

// tended is what one look found.
type tended struct {
	found history.Upkeep
	err   error
}

func (tended) ours() {}

// tend looks at the history when that is due. The terminal tells its size behind the first frame, so nothing is read
// before it. While the history's own view is open it waits: one is looking.
func (m *Model) tend() tea.Cmd {
	log := m.deps.History
	if !m.upkeep.due || m.upkeep.looking || log == nil || m.width == 0 || m.job != nil || m.screen == screen(m.history) {
		return nil
	}
	m.upkeep.due, m.upkeep.looking = false, true
	return m.command(0, func() message {
		found, err := log.Upkeep(context.Background())
		return tended{found, err}
	})
}

// learn takes what a look found. An outcome that got lost in this window is seen where it happened, so only the first
// look speaks of the number; the line among the partners follows it.
func (u *upkeep) learn(m *Model, msg tended) {
	u.alarm(m, msg.err)
	home := homeDir(m.deps.Home)
	list := msg.found.Notices
	for _, text := range list[min(u.told, len(list)):] {
		m.tell(warn, "%s", home.shorten(text))
	}
	u.told = max(u.told, len(list))
	if why := msg.found.ReadOnly; why != "" && why != u.closed {
		m.tell(warn, "%s", home.shorten(why))
		u.closed = why
	}
	n := msg.found.Unknown
	if msg.err != nil {
		n = max(n, u.unknown) // it may not have come to counting
	}
	if n > 0 && !u.learnt {
		m.tell(warn, "%s: nobody knows whether the partner acted; U shows %s", unknownOutcomes(n), pick(n, "it", "them"))
	}
	if removed := msg.found.Removed; removed > 0 {
		m.tell(plain, "history: %d %s removed", removed, pick(removed, "entry beyond what is kept was", "entries beyond what is kept were"))
	}
	u.looking, u.learnt = false, true
	if n != u.unknown {
		u.unknown = n
		m.drawn[atPartners] = drawnPane{}
	}
}

// alarm tells why there is no history, with what helps.
func (u *upkeep) alarm(m *Model, err error) {
	text := ""
	if err != nil {
		message, hint := m.history.told(err)
		if text = message; hint != "" {
			text += "; " + hint
		}
	}
	if text != "" && text != u.trouble {
		m.tell(warn, "%s", text)
	}
	u.trouble = text
}

// unknownOutcomes is "1 outcome unknown".
func unknownOutcomes(n int) string { return plural(n, "outcome") + " unknown" }

// pick is the word for one, or that for several.
func pick(n int, one, several string) string {
	if n == 1 {
		return one
	}
	return several
}

// lines are the line among the partners that stays until the outcomes are known.
func (u *upkeep) lines(m *Model, w int) []line {
	if u.unknown == 0 {
		return nil
	}
	text := spread(row{strong(warn, "? "+unknownOutcomes(u.unknown))}, row{strong(accent, "U")}, w, ink{})
	return []line{{}, {text, m.openUnknown}}
}

// waiting says the same in the status line, where the partners are not on the screen.
func (u *upkeep) waiting(m *Model) row {
	if u.unknown == 0 || frame(m.focus, m.zoom, m.screenWidth(), m.height).grid {
		return nil
	}
	return row{{"U", ink{fg: accent, bg: chip, attr: bold}}, {" ? unknown " + itoa(u.unknown), ink{fg: warn, bg: chip, attr: bold}}, {"  ", ink{bg: chip}}}
}

func allKnown(m *Model) string {
	return when(m.upkeep.unknown == 0, "no outcome is unknown")
}

// unknownOnes is the search for outcomes that nobody knows.
const unknownOnes = "state:unknown writes:yes"

// openUnknown shows the entries in the history of which nobody knows whether the partner acted.
func (m *Model) openUnknown() tea.Cmd {
	v := m.history
	if v.file != nil {
		v.list, v.detail, v.file = v.file.list, v.file.entry, nil
	}
	v.sheet, v.inDetail, v.zoom = nil, false, false
	v.search.lend(unknownOnes, v.m.now())
	return m.reopenHistory()
}
