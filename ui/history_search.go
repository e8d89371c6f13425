package ui

import (
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"countersign/history"
)

// searchLine is the line in which a search is typed. It is read behind a short pause; what can't be read is named
// and stays, and so does what was found before.
type searchLine struct {
	typed   *edit
	open    bool // it has the keys
	query   history.Query
	asked   string // the text of query
	shows   string // the text of the query whose rows are on the screen
	problem error
	pauses  int
	lent    bool // nobody typed it: a key brought it along
}

// find opens the line.
func (v *historyView) find() tea.Cmd {
	v.search.open, v.inDetail, v.zoom = true, false, false
	return nil
}

// lend puts a search into the line that nobody typed. The list is to be read anew.
func (s *searchLine) lend(text string, now time.Time) {
	q, err := history.ParseQuery(text, now.UTC())
	s.typed, s.open, s.query, s.asked, s.problem, s.lent = newEdit(text, false), false, q, text, err, text != ""
	s.pauses++
}

// searched takes a key or a paste for the line.
func (v *historyView) searched(msg tea.Msg) (tea.Cmd, bool) {
	s := &v.search
	if !s.open {
		return nil, false
	}
	k, isKey := msg.(tea.KeyPressMsg)
	switch {
	case isKey && key.Matches(k, dismiss):
		s.open = false
	case isKey && key.Matches(k, accept):
		s.open = false
		return v.ask(), true
	case isKey && key.Matches(k, goUp):
		return v.choose(up), true
	case isKey && key.Matches(k, goDown):
		return v.choose(down), true
	case isKey && key.Matches(k, goPageUp):
		return v.choose(pageUp), true
	case isKey && key.Matches(k, goPageDn):
		return v.choose(pageDown), true
	case isKey && key.Matches(k, goNext):
		s.complete()
		return v.typedOn(), true
	default:
		if !s.typed.update(msg) {
			return nil, true
		}
		return v.typedOn(), true
	}
	return nil, true
}

// typedOn waits for a pause in the typing.
func (v *historyView) typedOn() tea.Cmd {
	s := &v.search
	s.pauses++
	s.lent = false
	ticket := s.pauses
	s.problem = nil
	if _, err := history.ParseQuery(s.typed.value(), v.m.now().UTC()); err != nil {
		s.problem = err
	}
	return v.m.deps.Every(typingPause, func(time.Time) tea.Msg { return paused{ticket} })
}

func (msg paused) apply(v *historyView) tea.Cmd { return v.ask() }

// ask reads what was typed and looks for it, unless it is what the list shows already.
func (v *historyView) ask() tea.Cmd {
	s := &v.search
	s.pauses++
	text := strings.TrimSpace(s.typed.value())
	q, err := history.ParseQuery(text, v.m.now().UTC())
	if s.problem = err; err != nil || text == s.asked {
		return nil
	}
	s.query, s.asked = q, text
	return v.reload()
}

// word is the word that ends at the cursor.
func (s *searchLine) word() string {
	text := s.typed.value()[:s.typed.at]
	return text[strings.LastIndexAny(text, " \t")+1:]
}

// fieldsLike are the fields of the query language whose names begin like the word at the cursor.
func (s *searchLine) fieldsLike() [][2]string {
	name, _, _ := strings.Cut(s.word(), ":")
	var out [][2]string
	for _, f := range history.QueryFields() {
		if strings.HasPrefix(f[0], name) {
			out = append(out, f)
		}
	}
	return out
}

// complete writes the name of a field to its end.
func (s *searchLine) complete() {
	if like := s.fieldsLike(); len(like) > 0 && s.word() != "" && !strings.Contains(s.word(), ":") {
		s.typed.insert(strings.TrimPrefix(like[0][0], s.word()) + ":")
	}
}

// draw is the line, and below it what is wrong or what can be typed.
func (s *searchLine) draw(v *historyView, w int) []row {
	lead := row{strong(quiet, " / ")}
	if s.open {
		lead = row{{" / ", ink{fg: accent, attr: bold}}}
	}
	count := v.count()
	room := max(w-lead.cells()-count.cells()-3, 10)
	text := s.typed.draw(room, 1, s.open)[0]
	if len(s.typed.text) == 0 && !s.open {
		text = row{say(faint, "search: words, partner: status: code: path: key: tag: outcome: since: until:")}.fit(room, ink{})
	}
	line := append(append(lead, text...), bit{" ", ink{}})
	rows := []row{spread(line, append(count, bit{" ", ink{}}), w, ink{}).on(chip)}
	switch {
	case s.problem != nil:
		list := paragraph(strong(bad, " ✗ "), s.problem.Error(), ink{fg: bad}, w-1)
		rows = append(rows, list[:min(len(list), 3)]...)
	case s.open:
		rows = append(rows, s.help(w))
	}
	return rows
}

// help is one line about the word at the cursor.
func (s *searchLine) help(w int) row {
	like := s.fieldsLike()
	out := row{{"   ", ink{}}}
	switch {
	case s.word() == "":
		for _, f := range like {
			out = append(out, say(quiet, f[0]+": "))
		}
	case len(like) == 0:
		out = append(out, say(quiet, "a word: in path, error, note, body; the beginning of it is enough; -word and -field: leave out"))
	default:
		if !strings.Contains(s.word(), ":") {
			out = append(out, strong(accent, "tab "))
		}
		for _, f := range like[:min(len(like), 3)] {
			out = append(out, say(plain, f[1]), say(faint, "   "))
		}
	}
	return out.fit(w, ink{})
}

// count is how many entries there are, as far as is known.
func (v *historyView) count() row {
	n := v.list.size()
	switch {
	case v.trouble != nil:
		return row{say(bad, "not available")}
	case len(v.list.pages) == 0:
		return nil
	case v.list.whole:
		text := "1 entry"
		if n != 1 {
			text = grouped(n) + " entries"
		}
		return row{say(quiet, text)}
	}
	return row{say(quiet, grouped(n)+"+ entries")}
}
