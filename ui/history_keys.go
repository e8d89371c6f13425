package ui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"countersign/flows"
)

// pastKeys is the heading of the history's keys in the help.
const pastKeys = "History"

// inPast is where the keys of the view work; it is no pane of the workbench.
const inPast = places

// motions are the keys of moving that the view knows, by their names in the table.
var motions = map[string]motion{
	"up": up, "down": down, "left": toLeft, "right": toRight, "page up": pageUp, "page down": pageDown,
	"first": first, "last": last, "part before": previousPart, "next part": nextPart, "enter": inward, "return": outward,
}

// historyKeys are the key that opens the view and those inside of it.
func historyKeys() []binding {
	in := []place{inPast}
	entry := firstOf(idle, entryless)
	own := func(f func(*historyView) tea.Cmd) func(*Model) tea.Cmd {
		return func(m *Model) tea.Cmd { return f(m.history) }
	}
	list := []binding{
		{key: on("history", "H", "H", "shift+h"), group: pastKeys, doc: "every exchange, also of other days: find, compare, replay, hand on", off: unrecorded, do: (*Model).openHistory},
		{key: on("unknown outcomes", "U", "U", "shift+u"), group: pastKeys, doc: "the exchanges of which nobody knows whether the partner acted", off: firstOf(unrecorded, allKnown), do: (*Model).openUnknown},
		{key: on("search", "/", "/"), group: pastKeys, in: in, foot: 1, doc: "words, and fields such as partner: status: code: path: key: tag: since:", off: firstOf(sheeted, paged), do: own((*historyView).find)},
		{key: on("replay", "r", "r"), group: pastKeys, in: in, foot: 2, doc: "make a draft of the entry; it is never sent from here", off: firstOf(entry, notReplayable, busy), do: own((*historyView).replay)},
		{key: on("mark", "m", "m"), group: pastKeys, in: in, foot: 3, doc: "remember the entry for a comparison; again: forget it", off: entry, do: own((*historyView).mark)},
		{key: on("compare", "c", "c"), group: pastKeys, in: in, foot: 4, doc: "the marked entry with this one, layer by layer", off: firstOf(entry, unmarked), do: own((*historyView).compare)},
		{key: on("export", "w", "w"), group: pastKeys, in: in, foot: 5, doc: "write a case file, curl, HAR or raw HTTP, secrets masked", off: entry, do: own((*historyView).export)},
		{key: on("import", "o", "o"), group: pastKeys, in: in, foot: 9, doc: "open a case file; a curl command, raw HTTP or HAR becomes a draft", off: firstOf(sheeted, idle, busy), do: own((*historyView).load)},
		{key: on("unknown outcome", "u", "u"), group: pastKeys, in: in, foot: 1, doc: "the ways on when nobody knows whether the partner acted", off: firstOf(entry, outcomeKnown), do: own((*historyView).ways)},
		{key: on("prove replay protection", "p", "p"), group: pastKeys, in: in, doc: "a drill: send it, the same bytes, the same operation, a new one", off: firstOf(entry, notReplayable, busy, productive), do: own((*historyView).drill)},
		{key: on("tags", "t", "t"), group: pastKeys, in: in, foot: 7, doc: "add and remove tags", off: firstOf(entry, fixed), do: own((*historyView).tags)},
		{key: on("note", "n", "n"), group: pastKeys, in: in, foot: 8, doc: "write a note; known secrets are masked in it", off: firstOf(entry, fixed), do: own((*historyView).note)},
		{key: on("delete", "d", "d", "delete"), group: pastKeys, in: in, doc: "remove the entry for good; asks", off: firstOf(entry, fixed), do: own((*historyView).remove)},
		{key: on("list or entry", "tab", "tab", "shift+tab"), group: pastKeys, in: in, doc: "give the keys to the other side", off: entryless, do: own((*historyView).swap)},
		{key: on("hex", "x", "x"), group: pastKeys, in: in, doc: "bytes as hexadecimal numbers, or as text", off: firstOf(sheeted, notHex), do: own((*historyView).hex)},
		{key: on("copy", "y", "y"), group: pastKeys, in: in, doc: "copy what the entry shows, secrets masked, also over SSH (OSC 52)", off: firstOf(entry, nothingToTake), do: own((*historyView).copy)},
		{key: on("zoom", "z", "z"), group: pastKeys, in: in, doc: "the entry on the whole screen, and back", off: entryless, do: own((*historyView).whole)},
		{key: on("read anew", "R", "R", "shift+r"), group: pastKeys, in: in, doc: "look for what other windows sent", off: firstOf(sheeted, paged), do: own((*historyView).anew)},
		{key: on("close", "esc", "esc"), group: pastKeys, in: in, foot: 6, doc: "a step back: the comparison, the entry, the view", do: own((*historyView).leave)},
	}
	for i, name := range tabNames {
		list = append(list, binding{key: on("entry: "+name, itoa(i+1), itoa(i+1)), group: pastKeys, in: in, doc: tabDocs[i], off: entryless, do: func(m *Model) tea.Cmd { return m.history.detail.show(tab(i)) }})
	}
	return list
}

// searchKeys are shown while a search is typed.
var searchKeys = []binding{
	{key: on("go to the list", "enter", "enter"), group: pastKeys, foot: 1},
	{key: on("complete", "tab", "tab"), group: pastKeys, foot: 2},
	{key: on("erase", "ctrl+u", "ctrl+u"), group: pastKeys, foot: 3},
	{key: on("leave", "esc", "esc"), group: pastKeys, foot: 4},
}

// press does what a key of the view or of moving says.
func (v *historyView) press(k tea.KeyPressMsg) (tea.Cmd, bool) {
	for _, b := range v.all {
		if !key.Matches(k, b.key) {
			continue
		}
		if to, moves := motions[b.key.Help().Desc]; b.group == moving && moves {
			return v.move(to), true
		}
		if b.group == pastKeys {
			return v.m.act(b), true
		}
	}
	return nil, false
}

// The reasons why a key of the view can't be used now.

func unrecorded(m *Model) string {
	return when(m.deps.History == nil, "no history is kept in this window")
}

func entryless(m *Model) string {
	if why := sheeted(m); why != "" {
		return why
	}
	return when(m.history.list.selected() == nil, "there is no entry here")
}

func sheeted(m *Model) string {
	return when(m.history.sheet != nil, "esc closes what is on the screen first")
}

func idle(m *Model) string {
	return when(m.history.doing != "", "something is under way; esc cancels it")
}

func paged(m *Model) string {
	return when(m.history.file != nil, "a case file is on the screen; esc goes back to your history")
}

func fixed(m *Model) string {
	if m.history.file != nil {
		return "an entry of a case file is read-only"
	}
	return when(m.history.status.ReadOnly != "", "the history is read-only")
}

func unmarked(m *Model) string {
	v := m.history
	switch s := v.list.selected(); {
	case v.marked == nil:
		return "mark another entry first, with m"
	case s != nil && v.marked.ID == s.ID && v.marked.Source == v.source():
		return "this is the entry that is marked; go to another one"
	}
	return ""
}

func outcomeKnown(m *Model) string {
	s := m.history.list.selected()
	if m.history.file != nil {
		return fixed(m)
	}
	return when(s == nil || !isUnknown(*s), "the outcome of this entry is known")
}

func notReplayable(m *Model) string {
	s := m.history.list.selected()
	if s != nil && s.Purpose == flows.PurposeInbound {
		return "somebody else's code sent it; d in the inbound view makes a draft of such a request"
	}
	return when(s == nil || s.Purpose != flows.PurposeRequest, "a token is fetched when it is needed; a request for one is not replayed")
}

func productive(m *Model) string {
	s := m.history.list.selected()
	return when(s == nil || s.Production, "the drill sends four requests; it never runs in production")
}

func notHex(m *Model) string {
	return when(m.history.detail.viewing() == nil, "only the canonical string has bytes to look at; 3 shows it")
}

func nothingToTake(m *Model) string {
	_, what := m.history.detail.copyable()
	return when(what == "", "there is nothing to copy here")
}

// anew reads list and entry again.
func (v *historyView) anew() tea.Cmd {
	v.detail.entry = nil
	return v.reload()
}

// swap gives the keys to the other side.
func (v *historyView) swap() tea.Cmd {
	if v.inDetail {
		v.inDetail, v.zoom = false, false
		return nil
	}
	return v.enter()
}

func (v *historyView) whole() tea.Cmd {
	if v.zoom {
		v.zoom = false
		return nil
	}
	v.zoom = true
	return v.enter()
}

func (v *historyView) hex() tea.Cmd {
	x := v.detail.viewing()
	x.hex = !x.hex
	return nil
}

func (v *historyView) copy() tea.Cmd {
	text, what := v.detail.copyable()
	v.m.say(good, "copied %s: %s", plural(len(text), "byte"), what)
	return tea.SetClipboard(text)
}
