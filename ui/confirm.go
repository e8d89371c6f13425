package ui

import (
	"cmp"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"countersign/flows"
)

// confirm asks before something that cannot be undone. With a word, the word has to be typed; without one, y.
type confirm struct {
	m     *Model
	name  string
	lines []row
	word  string
	verb  string // what enter does with a word; "send" by default
	typed *edit
	yes   func() tea.Cmd
	tone  tone
}

func (c *confirm) update(msg tea.Msg) tea.Cmd {
	k, isKey := msg.(tea.KeyPressMsg)
	switch {
	case isKey && key.Matches(k, dismiss):
		c.m.close()
	case isKey && c.word == "" && key.Matches(k, yes):
		c.m.close()
		return c.yes()
	case isKey && key.Matches(k, accept) && c.word != "" && c.typed.value() == c.word:
		c.m.close()
		return c.yes()
	case isKey && c.word != "":
		c.typed.update(msg) // pasting the word would be no thought
	}
	return nil
}

func (c *confirm) draw(w, h int) []row {
	inner := innerWidth(64, w)
	rows := append([]row{}, c.lines...)
	hints := hint("y", "yes", "esc", "no")
	verb := cmp.Or(c.verb, "send")
	if c.word != "" {
		rows = append(rows, nil, append(row{say(quiet, "type ")}, append(typed(c.word, ink{attr: bold}), say(quiet, " and enter to "+verb))...))
		rows = append(rows, c.typed.draw(inner, 1, true)[0].on(chip))
		hints = hint("enter", verb, "esc", "don't "+verb)
	}
	return boxIn(c.tone, c.name, rows, hints, inner)
}

// unknown reports whether nobody knows what became of the last send, and a second one might act twice.
func (m *Model) unknown() bool {
	x, d := m.run.Exchange, m.run.Draft
	return x != nil && x.Outcome == flows.OutcomeUnknown && (x.Writes || x.MovesMoney) && d.IdempotencyKey == ""
}

// guard is what has to be asked before the request is sent; nil when nothing has.
func (m *Model) guard() overlay {
	d := m.run.Draft
	switch {
	case d.Environment.Production && d.Sample.MovesMoney:
		return m.production("This moves real money", d.Sample.Name)
	case d.Environment.Production && d.Sample.Writes:
		return m.production("This changes something in production", "")
	}
	return nil
}

// production asks before a write in production. What moves money needs the name of the request, typed.
func (m *Model) production(name, word string) *confirm {
	d := m.run.Draft
	line := append(typed(d.Method+" ", ink{attr: bold}), typed(d.Path+d.Query, ink{})...)
	return &confirm{m: m, name: "▲ PRODUCTION ▲ " + name, word: word, typed: newEdit("", false), tone: bad,
		lines: []row{line, append(row{say(quiet, "at ")}, typed(d.Environment.BaseURL, ink{})...), {say(quiet, d.Sample.Summary)}},
		yes:   func() tea.Cmd { return m.start(flows.StepResponse) }}
}

// newAgain asks what a second send is, when nobody knows what became of the first.
func newAgain(m *Model) *chooser {
	const name = "The first request left and no answer came"
	nothing := choice{row: row{say(plain, "send nothing")}, do: func() tea.Cmd { return nil }}
	key := m.run.Exchange.IdempotencyKey
	if key == "" {
		return newChooser(m, name, []choice{nothing, {row: row{say(warn, "send it again")}, do: m.send,
			about: "this request carries no idempotency key: if the partner acted on the first, it acts twice; look at its state there first"}})
	}
	return newChooser(m, name, []choice{
		{row: row{say(plain, "send the same operation again")}, about: "same idempotency key, fresh nonce and signature: the partner must not act twice", do: func() tea.Cmd {
			m.edit(func(d *flows.Draft) { d.IdempotencyKey = key })
			return m.send()
		}},
		{row: row{say(warn, "send a new operation")}, about: "a new idempotency key: if the partner acted on the first, it acts twice", do: func() tea.Cmd {
			m.edit(func(*flows.Draft) {})
			return m.send()
		}},
		nothing,
	})
}

// freshKey lets the next signature have a fresh idempotency key.
func (m *Model) freshKey() tea.Cmd {
	m.edit(func(d *flows.Draft) { d.IdempotencyKey = "" })
	m.say(good, "the next signature gets a fresh idempotency key")
	return nil
}

// mend takes all changed bytes back.
func (m *Model) mend() tea.Cmd {
	m.edit(func(d *flows.Draft) { d.Tamper = nil })
	m.say(good, "nothing is changed after signing any more")
	return nil
}

const quitName = "Quit?"

// asksToQuit reports whether the question is on the screen already.
func (m *Model) asksToQuit() bool {
	if len(m.overlays) == 0 {
		return false
	}
	c, ok := m.overlays[len(m.overlays)-1].(*confirm)
	return ok && c.name == quitName
}

// quit leaves. While something is under way it asks first, then cancels it and waits for what is known.
func (m *Model) quit() tea.Cmd {
	if m.asksToQuit() { // asked for twice
		return tea.Quit
	}
	if m.job == nil || m.quitting {
		return tea.Quit
	}
	return m.open(&confirm{m: m, name: quitName, tone: warn, lines: []row{
		{say(plain, "Something is under way: "+m.doing()+".")},
		{say(quiet, "It is cancelled, and what is known of it is recorded.")},
	}, yes: func() tea.Cmd {
		if m.job == nil {
			return tea.Quit
		}
		m.quitting = true
		return m.cancel()
	}})
}
