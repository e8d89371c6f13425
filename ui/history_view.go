package ui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"countersign/history"
)

// historyView is the screen on which earlier exchanges are found, looked at, compared, replayed and handed on. It
// keeps what was typed and chosen while it is closed. Nothing of its list is read before it is opened, and every
// call of it runs in a command whose answer is dropped when something else was asked for meanwhile.
type historyView struct {
	m      *Model
	all    []binding // those of the view, of moving and of the program
	search searchLine
	list   entryList
	detail entryDetail
	file   *caseList // a case file is on the screen in place of the history
	marked *history.Entry
	sheet  *sheet // a comparison or a drill, over everything

	inDetail bool // the entry has the keys, not the list
	zoom     bool
	status   history.Status
	trouble  error // why there is no history

	listing, reading, acting errand
	doing                    string // what acting does, for people; empty: nothing is under way
}

// errand is work for the view that is under way: the last one asked for counts.
type errand struct {
	ticket int
	cancel context.CancelFunc
}

// begin cancels what was under way and gives the next one its number.
func (e *errand) begin() (context.Context, int) {
	e.end()
	ctx, cancel := context.WithCancel(context.Background())
	e.ticket++
	e.cancel = cancel
	return ctx, e.ticket
}

// end cancels what is under way; its answer is late from then on.
func (e *errand) end() {
	if e.cancel != nil {
		e.cancel()
		e.cancel = nil
		e.ticket++
	}
}

func newHistoryView(m *Model) *historyView {
	v := &historyView{m: m, search: searchLine{typed: newEdit("", false)}}
	for _, b := range m.bindings {
		if _, moves := motions[b.key.Help().Desc]; b.group == pastKeys && len(b.in) > 0 || b.group == moving && moves || b.group == program {
			v.all = append(v.all, b)
		}
	}
	v.detail.v = v
	return v
}

// openHistory shows the view, without a search that nobody typed.
func (m *Model) openHistory() tea.Cmd {
	if m.history.search.lent {
		m.history.search.lend("", m.now())
	}
	return m.reopenHistory()
}

// reopenHistory shows the view. It reads anew, because something may have been sent meanwhile; what is done in the view
// may make an outcome known.
func (m *Model) reopenHistory() tea.Cmd {
	m.screen = m.history
	m.upkeep.due = true
	return m.history.reload()
}

// log is the history, told of the secrets at hand so that they are masked in what is typed and written.
func (v *historyView) log() *history.Log {
	log := v.m.deps.History
	log.Know(v.m.atHand())
	return log
}

// leave goes one step back: from a sheet, the entry, a case file, and at last from the view.
func (v *historyView) leave() tea.Cmd {
	switch {
	case v.doing != "":
		v.acting.end()
		v.m.say(warn, "%s: cancelled", v.doing)
		v.doing = ""
	case v.list.seeking:
		v.listing.end()
		v.list.seeking, v.list.loading = false, false
	case v.sheet != nil:
		v.sheet = nil
	case v.inDetail:
		v.inDetail, v.zoom = false, false
	case v.file != nil:
		return v.closeFile()
	default:
		v.m.screen = nil
	}
	return nil
}

func (v *historyView) title() string {
	switch {
	case v.sheet != nil:
		return "History: " + v.sheet.name
	case v.file != nil:
		return "Case file"
	}
	return "History"
}

func (v *historyView) keys() []binding {
	if v.search.open {
		return searchKeys
	}
	return v.all
}

func (v *historyView) update(msg tea.Msg) (tea.Cmd, bool) {
	switch msg := msg.(type) {
	case tea.PasteMsg:
		return v.searched(msg)
	case tea.KeyPressMsg:
		if cmd, taken := v.searched(msg); taken {
			return cmd, true
		}
		return v.press(msg)
	}
	return nil, false
}

// wide reports whether list and entry stand side by side.
func (v *historyView) wide() bool {
	return v.m.screenWidth() >= sidebarFrom && !v.zoom
}

// move is a key that moves within what has the keys.
func (v *historyView) move(to motion) tea.Cmd {
	switch {
	case v.sheet != nil:
		v.sheet.window.move(to)
		return nil
	case v.inDetail:
		return v.detail.move(to)
	case to == inward:
		return v.enter()
	case to == nextPart || to == previousPart:
		return v.detail.turn(to)
	}
	return v.choose(to)
}

// enter gives the keys to the selected entry.
func (v *historyView) enter() tea.Cmd {
	if v.list.selected() == nil {
		return nil
	}
	v.inDetail = true
	return v.read()
}

func (v *historyView) draw(w, h int) []row {
	if v.sheet != nil {
		return v.sheet.draw(w, h)
	}
	var rows []row
	if v.file == nil {
		rows = v.search.draw(v, w)
	}
	rows = append(rows, v.notices(w)...)
	if room := h - len(rows); v.wide() {
		left := w * 55 / 100
		list := v.drawList(left-1, room)
		entry := v.drawDetail(w-left, room)
		for i := range room {
			line := append(append(row{}, list[i]...), say(faint, "│"))
			rows = append(rows, append(line, entry[i]...))
		}
	} else if v.inDetail {
		rows = append(rows, v.drawDetail(w, room)...)
	} else {
		rows = append(rows, v.drawList(w, room)...)
	}
	return fill(rows, w, h)
}

// notices is what there is to say about the history itself: the gravest of it.
func (v *historyView) notices(w int) []row {
	home := homeDir(v.m.deps.Home)
	switch {
	case v.doing != "":
		return []row{{{" ", ink{}}, strong(accent, "● "), say(plain, v.doing), strong(accent, "   esc"), say(quiet, " cancel")}}
	case v.file != nil:
		out := row{{" ", ink{}}, strong(accent, "▪ "), say(quiet, "case file ")}
		return []row{append(append(out, typed(v.file.name, ink{attr: bold})...), say(quiet, ", read-only; "), strong(accent, "esc"), say(quiet, " goes back to your history")).fit(w, ink{bg: chip}).on(chip)}
	case v.trouble != nil && v.list.size() > 0:
		message, _ := v.told(v.trouble)
		return notice{bad, message}.rows(w)
	case v.status.ReadOnly != "":
		return notice{warn, "read-only: " + home.shorten(v.status.ReadOnly)}.rows(w)
	case len(v.status.Notices) > 0:
		return notice{warn, home.shorten(v.status.Notices[len(v.status.Notices)-1])}.rows(w)
	}
	return nil
}

// headed puts a rule with a title above rows of a pane, and a blank at each side of them.
func headed(name string, detail row, rows []row, w int, focused bool) []row {
	line, edge, title := "─", ink{fg: faint}, ink{fg: quiet, attr: bold}
	if focused {
		line, edge, title = "━", ink{fg: accent}, ink{fg: accent, attr: bold}
	}
	left := row{{line, edge}, {" " + name + " ", title}}
	right := row{}
	if n := detail.cells(); n > 0 && left.cells()+n+4 <= w {
		right = append(append(row{{" ", ink{}}}, detail...), bit{" " + line, edge})
	}
	top := append(left, bit{repeat(line, w-left.cells()-right.cells()), edge})
	out := []row{append(top, right...).fit(w, edge)}
	for _, r := range rows {
		line := append(append(make(row, 0, len(r)+2), bit{" ", ink{}}), r...)
		out = append(out, append(line, bit{" ", ink{}}))
	}
	return out
}

// sheet is something long that is read and closed.
type sheet struct {
	name   string
	rows   func(w int) []row
	window window
	width  int
	kept   []row // for that width
}

func (s *sheet) draw(w, h int) []row {
	if s.kept == nil || s.width != w {
		s.width, s.kept = w, s.rows(w-2)
	}
	s.window.set(len(s.kept), h-1)
	body := s.window.of(s.kept, w-2, h-1)
	return headed(s.name, s.window.position(), body, w, true)
}
