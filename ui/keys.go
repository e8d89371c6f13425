package ui

import (
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"countersign/flows"
)

// binding is a key with everything that is said about it: help, footer, palette and the printed table are
// made of these.
type binding struct {
	key   key.Binding // its help holds the key as shown and the name of the action
	doc   string      // one line for help and palette
	group string      // heading in the help
	in    []place     // panes in which it works; empty: everywhere
	foot  int         // place in the footer, from the left; 0: not there
	off   func(*Model) string
	do    func(*Model) tea.Cmd
}

// why says why the binding can't be used now; "" when it can.
func (b binding) why(m *Model) string {
	if b.off == nil {
		return ""
	}
	return b.off(m)
}

// here are the bindings that count now: those of the screen, or those of the focused pane first.
func (m *Model) here() []binding {
	if m.screen != nil {
		return m.screen.keys()
	}
	return m.scopes[m.focus]
}

// scoped sorts the bindings by the panes in which they work.
func scoped(all []binding) (scopes [places][]binding) {
	for at := range places {
		var everywhere []binding
		for _, b := range all {
			switch {
			case len(b.in) == 0:
				everywhere = append(everywhere, b)
			case slices.Contains(b.in, at):
				scopes[at] = append(scopes[at], b)
			}
		}
		scopes[at] = append(scopes[at], everywhere...)
	}
	return scopes
}

// on makes a key binding: the name of the action, how the key is shown, and the keys themselves.
func on(name, shown string, keys ...string) key.Binding {
	return key.NewBinding(key.WithKeys(keys...), key.WithHelp(shown, name))
}

// Keys that overlays share. They are the usual ones, so no table explains them.
var (
	interrupt  = on("quit", "ctrl+c", "ctrl+c")
	leaveBlind = on("quit", "q", "q")
	accept     = on("accept", "enter", "enter")
	dismiss    = on("close", "esc", "esc")
	goUp       = on("up", "↑", "up", "ctrl+p")
	goDown     = on("down", "↓", "down", "ctrl+n")
	goLeft     = on("left", "←", "left")
	goRight    = on("right", "→", "right")
	goNext     = on("next", "tab", "tab")
	goBack     = on("previous", "shift+tab", "shift+tab")
	goPageUp   = on("page up", "pgup", "pgup")
	goPageDn   = on("page down", "pgdn", "pgdown")
	save       = on("save", "ctrl+s", "ctrl+s")
	yes        = on("yes", "y", "y", "Y")
)

// Headings of the help.
const (
	walking  = "The walk"
	changing = "Change"
	looking  = "Look"
	moving   = "Move"
	program  = "Program"
)

// table lists every key of the workbench. The order is that of the help.
func table() []binding {
	all := slices.Concat(walkKeys(), changeKeys(), lookKeys(), moveKeys(), historyKeys(), profileKeys(), inboundKeys(), programKeys())
	return all
}

func walkKeys() []binding {
	return []binding{
		{key: on("step", "space", "space"), group: walking, foot: 1, doc: "do the next step and look at what it gave",
			off: firstOf(busyBeyond, finished), do: (*Model).step},
		{key: on("run all", "r", "r"), group: walking, foot: 2, doc: "do all steps that are left and send; when all are done, again",
			off: busy, do: func(m *Model) tea.Cmd { return m.advance(flows.StepResponse) }},
		{key: on("back", "b", "b"), group: walking, foot: 7, doc: "undo the last step", off: firstOf(busy, nothingDone), do: func(m *Model) tea.Cmd {
			m.set(m.run.Back())
			m.focus = placeOf(m.run.Next())
			return nil
		}},
		{key: on("reset", "R", "R", "shift+r"), group: walking, doc: "undo all steps; what was typed stays", off: firstOf(busy, nothingDone), do: func(m *Model) tea.Cmd {
			m.set(m.run.Reset())
			m.focus = atCredentials
			return nil
		}},
		{key: on("cancel", "esc", "esc"), group: walking, doc: "cancel what is under way; otherwise leave the full-screen pane", off: nothingToLeave, do: leave},
		{key: on("renew token", "n", "n"), group: walking, doc: "drop the token and get another: refresh first, then log in", off: firstOf(busy, tokenless), do: (*Model).renew},
	}
}

func changeKeys() []binding {
	return []binding{
		{key: on("edit", "e", "e", "enter"), group: changing, in: []place{atCredentials}, foot: 3, doc: "edit the selected value; a secret is hidden as it is typed", off: busy,
			do: func(m *Model) tea.Cmd { return m.panes[atCredentials].(*credentialsPane).edit() }},
		{key: on("clear", "delete", "delete", "backspace"), group: changing, in: []place{atCredentials}, doc: "take back a value that was typed", off: firstOf(busy, notTyped),
			do: func(m *Model) tea.Cmd { return m.panes[atCredentials].(*credentialsPane).clear() }},
		{key: on("edit request", "E", "E", "shift+e", "e"), group: changing, foot: 4, doc: "method, path, query, headers, body, idempotency key, nonce, time", off: busy,
			do: func(m *Model) tea.Cmd { return m.open(newRequestForm(m)) }},
		{key: on("new idempotency key", "i", "i"), group: changing, doc: "the next signature gets a fresh idempotency key", off: firstOf(busy, keyless), do: (*Model).freshKey},
		{key: on("tamper", "t", "t"), group: changing, foot: 5, doc: "change one byte after signing; send it to see it refused", off: firstOf(busy, unsigned),
			do: func(m *Model) tea.Cmd { return m.open(newTamperForm(m)) }},
		{key: on("undo tampering", "T", "T", "shift+t"), group: changing, doc: "take all changed bytes back", off: firstOf(busy, untampered), do: (*Model).mend},
		{key: on("environment", "v", "v"), group: changing, doc: "choose where requests go", off: busy, do: func(m *Model) tea.Cmd { return m.open(newEnvironments(m)) }},
		{key: on("base URL", "u", "u"), group: changing, doc: "edit the base URL and the file of trusted certificates", off: busy, do: func(m *Model) tea.Cmd { return m.open(newEndpointForm(m)) }},
		{key: on("profile", "p", "p"), group: changing, doc: "choose among several sets of credentials", off: busy, do: func(m *Model) tea.Cmd { return m.open(newProfiles(m)) }},
		{key: on("options", "o", "o"), group: changing, doc: "settings where the partner's pages leave a choice", off: firstOf(busy, optionless), do: func(m *Model) tea.Cmd { return m.open(newOptions(m)) }},
		{key: on("probe", "P", "P", "shift+p"), group: changing, doc: "ask the partner, harmlessly, which value of an option it accepts", off: firstOf(busy, probeless), do: (*Model).probe},
		{key: on("sandbox switches", "f", "f"), group: changing, doc: "faults and disagreements of the embedded sandbox", off: firstOf(busy, unembedded), do: func(m *Model) tea.Cmd { return m.open(newSwitches(m)) }},
	}
}

func lookKeys() []binding {
	texts := []place{atCanonical, atSignature}
	return []binding{
		{key: on("hex", "x", "x"), group: looking, in: texts, foot: 3, doc: "bytes as hexadecimal numbers, or as text", do: func(m *Model) tea.Cmd {
			if v := m.viewer(); v != nil {
				v.hex = !v.hex
			}
			return nil
		}},
		{key: on("copy", "y", "y"), group: looking, foot: 6, doc: "copy what the pane shows, secrets masked, also over SSH (OSC 52)", off: nothingToCopy, do: (*Model).copy},
		{key: on("reveal", "!", "!"), group: looking, doc: "show the secret of the pane for ten seconds", off: nothingToReveal, do: (*Model).reveal},
		{key: on("zoom", "z", "z"), group: looking, foot: 8, doc: "the focused pane on the whole screen, and back", do: func(m *Model) tea.Cmd { m.zoom = !m.zoom; return nil }},
		{key: on("next pane", "tab", "tab"), group: looking, doc: "focus the next pane", do: func(m *Model) tea.Cmd { m.focus = (m.focus + 1) % places; return nil }},
		{key: on("previous pane", "shift+tab", "shift+tab"), group: looking, doc: "focus the pane before", do: func(m *Model) tea.Cmd { m.focus = (m.focus + places - 1) % places; return nil }},
		{key: on("partners", "0", "0"), group: looking, doc: "partners, their requests, recent exchanges", do: focusOn(atPartners)},
		{key: on("credentials", "1", "1"), group: looking, doc: "values, where each came from, and settings", do: focusOn(atCredentials)},
		{key: on("token", "2", "2"), group: looking, doc: "the token, its claims and what is left of it", do: focusOn(atToken)},
		{key: on("canonical string", "3", "3"), group: looking, doc: "the bytes that are signed, and where each came from", do: focusOn(atCanonical)},
		{key: on("signature", "4", "4"), group: looking, doc: "the signature and the headers that carry it", do: focusOn(atSignature)},
		{key: on("response", "5", "5"), group: looking, doc: "the answer, timings, TLS, what was sent", do: focusOn(atResponse)},
	}
}

func moveKeys() []binding {
	m := func(to motion, name, shown, doc string, keys ...string) binding {
		return binding{key: on(name, shown, keys...), group: moving, doc: doc, do: func(m *Model) tea.Cmd { return m.panes[m.focus].move(to) }}
	}
	return []binding{
		m(up, "up", "↑ k", "a line up", "up", "k"),
		m(down, "down", "↓ j", "a line down", "down", "j"),
		m(toLeft, "left", "← h", "a byte or a column to the left", "left", "h"),
		m(toRight, "right", "→ l", "a byte or a column to the right", "right", "l"),
		m(pageUp, "page up", "pgup", "a page up", "pgup", "ctrl+u"),
		m(pageDown, "page down", "pgdn", "a page down", "pgdown", "ctrl+d"),
		m(first, "first", "home g", "the beginning", "home", "g"),
		m(last, "last", "end G", "the end", "end", "G", "shift+g"),
		m(previousPart, "part before", ",", "the part of the text before, or the view before", ","),
		m(nextPart, "next part", ".", "the next part of the text, or the next view", "."),
		m(inward, "enter", "enter", "choose; from an earlier stage: walk into it", "enter"),
		m(outward, "return", "backspace", "walk back out of an earlier stage", "backspace"),
		{key: on("next partner", "]", "]"), group: moving, doc: "the next partner", off: busy, do: func(m *Model) tea.Cmd { return m.partner(1) }},
		{key: on("previous partner", "[", "["), group: moving, doc: "the partner before", off: busy, do: func(m *Model) tea.Cmd { return m.partner(-1) }},
		{key: on("next request", "}", "}"), group: moving, doc: "the partner's next request", off: busy, do: func(m *Model) tea.Cmd { return m.request(1) }},
		{key: on("previous request", "{", "{"), group: moving, doc: "the partner's request before", off: busy, do: func(m *Model) tea.Cmd { return m.request(-1) }},
	}
}

func programKeys() []binding {
	return []binding{
		{key: on("commands", "ctrl+p", "ctrl+p", ":"), group: program, foot: 9, doc: "find an action, a request or an environment by its name; : does the same", do: func(m *Model) tea.Cmd { return m.open(newPalette(m)) }},
		{key: on("help", "?", "?"), group: program, foot: 10, doc: "all keys", do: func(m *Model) tea.Cmd { return m.open(newHelp(m)) }},
		{key: on("quit", "q", "q", "ctrl+c"), group: program, foot: 11, doc: "leave; asks when something is under way", do: (*Model).quit},
	}
}

func focusOn(at place) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd { m.focus = at; return nil }
}
