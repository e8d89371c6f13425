package ui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"countersign/flows"
)

// inboundKeys are the bindings of the live inspector; the table has them with all others.
func inboundKeys() []binding {
	in := func(f func(*inboundScreen) tea.Cmd) func(*Model) tea.Cmd {
		return func(m *Model) tea.Cmd { return f(m.inbound) }
	}
	all := []binding{
		{key: on("draft", "d", "d"), foot: 1, doc: "make a draft of one's own of the request: method, path, query, headers, body, idempotency key", off: firstOf(busy, nothingArrived, nothingToDraft),
			do: in((*inboundScreen).draft)},
		{key: on("keep", "s", "s"), doc: "keep the request in the history, secrets masked", off: firstOf(unrecorded, nothingArrived, notForKeeping), do: in((*inboundScreen).keep)},
		{key: on("filter", "f", "f"), foot: 4, doc: "all requests, those of other programs, or the refused ones", off: emptyInbox, do: in((*inboundScreen).filter)},
		{key: on("search on", "e", "e"), foot: 2, doc: "look for the mistake again, for longer", off: firstOf(nothingArrived, nothingToSearch), do: in((*inboundScreen).searchOn)},
		{key: on("forget all", "delete", "delete"), doc: "empty the list", off: emptyInbox, do: in(func(s *inboundScreen) tea.Cmd {
			s.box.clear()
			s.chosen = nil
			s.focus(inboundList)
			return s.attend()
		})},
		{key: on("value before", "←", "left", "h"), doc: "the language before, or the value of a switch before", off: nothingToAlter, do: in(func(s *inboundScreen) tea.Cmd { return s.alter(-1) })},
		{key: on("next value", "→", "right", "l"), doc: "the next language, or the next value of a switch", off: nothingToAlter, do: in(func(s *inboundScreen) tea.Cmd { return s.alter(1) })},
		{key: on("another partner", "]", "]"), doc: "the address and the switches of the next partner", do: in(func(s *inboundScreen) tea.Cmd { return s.nextPartner(1) })},
		{key: on("partner before", "[", "["), doc: "the address and the switches of the partner before", do: in(func(s *inboundScreen) tea.Cmd { return s.nextPartner(-1) })},
		{key: on("copy", "y", "y"), foot: 6, doc: "copy what the part shows, secrets masked, or the selected line of 5, also over SSH (OSC 52)", off: nothingInboundToCopy, do: in((*inboundScreen).copy)},
		{key: on("reveal", "!", "!"), doc: "show the secrets of the part for ten seconds", off: nothingInboundToReveal, do: (*Model).reveal},
		{key: on("list or part", "tab", "tab", "shift+tab"), foot: 5, doc: "from the list to what stands beside it, or back", do: in(func(s *inboundScreen) tea.Cmd { s.other(); return nil })},
		{key: on("back", "esc", "esc"), foot: 3, doc: "stop the search that is under way; otherwise back to the workbench", do: in((*inboundScreen).close)},
	}
	for p, about := range [inboundParts]string{
		"what arrived, the newest first", "why it was refused: the mistake, and each check", "what should have been signed beside what was",
		"the request as it was received", "the answer that it got", "address, credentials and lines for one's own code", "faults and disagreements of the sandbox",
	} {
		all = append(all, binding{key: on(partKeys[p], itoa(p), itoa(p)), doc: about, do: in(func(s *inboundScreen) tea.Cmd { s.focus(inboundPart(p)); return nil })})
	}
	for i := range all {
		all[i].group, all[i].in = inspecting, []place{inInbound}
	}
	open := binding{key: on("inbound", "I", "I", "shift+i"), group: inspecting, off: noSandbox, do: (*Model).openInbound,
		doc: "what anybody's code sends to the embedded sandbox, as it arrives"}
	return append([]binding{open}, all...)
}

// inInbound is where the keys of the screen work; it is no pane of the workbench.
const inInbound = places + 2

// inboundMotions are the keys of moving that the screen knows, by their names in the table.
var inboundMotions = map[string]motion{
	"up": up, "down": down, "page up": pageUp, "page down": pageDown, "first": first, "last": last,
	"part before": previousPart, "next part": nextPart, "enter": inward, "return": outward,
}

// inspecting is the heading of these keys in the help.
const inspecting = "Inbound"

// partKeys are the names of the keys that go to a part.
var partKeys = [inboundParts]string{"inbound requests", "why refused", "canonical strings", "inbound request", "inbound answer", "your own code", "switches"}

// The reasons why a key can't be used on this screen.

func noSandbox(m *Model) string {
	return when(m.deps.Embedded == nil || m.deps.Inbound == nil, "there is no embedded sandbox to listen with")
}

func emptyInbox(m *Model) string {
	return when(len(m.inbound.box.kept) == 0, "nothing has arrived yet; 5 says how to get here")
}

func nothingArrived(m *Model) string {
	if why := emptyInbox(m); why != "" {
		return why
	}
	return when(m.inbound.current() == nil, "no request is selected; f changes the filter")
}

func notForKeeping(m *Model) string {
	in := m.inbound.current().in
	p, known := flows.Find(m.deps.Providers, in.Provider)
	switch {
	case !known || m.embedding == nil || in.Request.Method == "":
		return "no request arrived on this connection"
	case in.FetchesToken(p):
		return "a call for a token is not kept: its answer holds one"
	}
	return ""
}

func nothingToSearch(m *Model) string {
	s, c := m.inbound, m.inbound.current()
	switch {
	case s.doctor != nil:
		return "a search is under way; esc stops it"
	case !c.in.Explainable():
		return "no signature, token or credential was refused"
	case m.embedding == nil:
		return "the embedded sandbox is starting"
	case c.state == searched && c.found.Complete:
		return "all that is known was tried"
	case c.state == unsearchable:
		return "it cannot be looked for: " + c.trouble
	}
	return ""
}

func nothingToAlter(m *Model) string {
	return when(m.inbound.part != inboundPaste && m.inbound.part != inboundSwitches, "the languages (5) and the switches (6) have values to go through")
}

func nothingToDraft(m *Model) string {
	_, why := m.inbound.draftable(m.inbound.current())
	return why
}

func nothingInboundToCopy(m *Model) string {
	return when(!m.inbound.copies(), "there is nothing to copy here")
}

func nothingInboundToReveal(m *Model) string {
	return when(!m.inbound.revealable(), "no secret is masked here; request, answer, strings and your own code may hold one")
}

func (s *inboundScreen) copy() tea.Cmd {
	text, what := s.copyable()
	s.m.say(good, "copied %s: %s", plural(len(text), "byte"), what)
	return tea.SetClipboard(text)
}

// copies reports whether there is something to copy. The footer asks this whenever it is drawn.
func (s *inboundScreen) copies() bool {
	c := s.current()
	switch s.part {
	case inboundPaste:
		return s.m.embedding != nil
	case inboundSwitches:
		return false
	case inboundStrings:
		return c != nil && c.in.Expected != nil
	}
	return c != nil
}

// copyable is what y copies on this screen.
func (s *inboundScreen) copyable() (text, what string) {
	if s.part == inboundPaste {
		items := s.pasteItems()
		if len(items) == 0 {
			return "", ""
		}
		x := items[max(0, min(s.line, len(items)-1))]
		return x.text(), x.what
	}
	c := s.current()
	if c == nil || s.part == inboundSwitches {
		return "", ""
	}
	switch s.part {
	case inboundRequest:
		return s.copiedRequest(c), "the request as it was received, secrets masked"
	case inboundAnswer:
		return string(s.maskerOf(c).text([]byte(c.in.Body.Raw()))), "the body of the answer, secrets masked"
	case inboundStrings:
		if k := s.maskerOf(c); c.in.Expected != nil {
			return string(k.text(c.in.Expected)), "the canonical string that the sandbox expected, secrets masked"
		}
		return "", ""
	}
	for _, r := range s.whyRows(c, 100, false) {
		text += strings.TrimRight(r.text(), " ") + "\n"
	}
	return text, "why it was refused"
}

// revealable reports whether the part holds secrets that are masked.
func (s *inboundScreen) revealable() bool {
	switch s.part {
	case inboundPaste:
		return s.m.embedding != nil
	case inboundRequest, inboundAnswer, inboundStrings:
		return s.current() != nil
	}
	return false
}
