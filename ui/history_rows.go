package ui

import (
	"time"

	"countersign/flows"
	"countersign/history"
)

// Columns of the list, in cells. Request and outcome share what is left.
const (
	markCells    = 2
	timeCells    = 12
	partnerCells = 8
	placeCells   = 9
)

// drawList draws the rows that are seen, and no others.
func (v *historyView) drawList(w, h int) []row {
	l := &v.list
	l.window.set(l.size(), h-1)
	l.window.show(l.at)
	inner := w - 2
	var rows []row
	for i := l.window.top; i < min(l.window.top+h-1, l.size()); i++ {
		r := row{say(faint, "  …")}
		if s := l.row(i); s != nil {
			r = v.listRow(*s, inner)
		}
		r = r.fit(inner, ink{})
		if i == l.at {
			ground := chosen
			if v.inDetail && !v.search.open {
				ground = chip
			}
			r = r.on(ground)
		}
		rows = append(rows, r)
	}
	if len(rows) == 0 {
		rows = v.nothing(inner)
	}
	name, detail := v.listTitle()
	return headed(name, detail, fill(rows, inner, h-1), w, !v.inDetail && !v.search.open)
}

// listTitle is what stands above the list.
func (v *historyView) listTitle() (string, row) {
	l := &v.list
	name, detail := "Entries", row{say(quiet, "newest first")}
	if v.file != nil {
		name, detail = "Entries of the case", nil
	}
	if pos := l.window.position(); pos != nil {
		detail = pos
		if !l.whole {
			detail = append(detail, say(quiet, "+"))
		}
	}
	if l.seeking {
		detail = row{say(accent, "going to the end, "), strong(accent, "esc"), say(accent, " stops")}
	}
	return name, detail
}

// nothing says why there are no rows.
func (v *historyView) nothing(w int) []row {
	switch {
	case v.trouble != nil:
		message, hint := v.told(v.trouble)
		rows := trouble(message, hint, w)
		return append(rows, nil, row{say(quiet, "the workbench goes on without it; "), strong(accent, "R"), say(quiet, " tries again")})
	case v.list.loading:
		return []row{{say(quiet, "reading…")}}
	case v.search.shows != "":
		return []row{{say(quiet, "nothing matches")}, {strong(accent, "/"), say(quiet, " changes the search, "), strong(accent, "ctrl+u"), say(quiet, " in it takes all words away")}}
	}
	return paragraph(bit{}, "nothing was sent from here yet. Every request is written down before its first byte leaves, and its answer when it comes.", ink{fg: quiet}, w)
}

// told is an error as it is told to a person.
func (v *historyView) told(err error) (message, hint string) {
	message = err.Error()
	if e, ok := err.(*flows.Error); ok {
		hint = e.Hint
	}
	return homeDir(v.m.deps.Home).shorten(message), hint
}

// listRow is one entry in the list.
func (v *historyView) listRow(s history.Summary, w int) row {
	mark := bit{"  ", ink{}}
	if v.marked != nil && v.marked.ID == s.ID && v.marked.Source == v.source() {
		mark = strong(accent, "● ")
	}
	out := row{mark}
	out = append(out, row{say(quiet, stampOf(s.Started, v.m.now()))}.fit(timeCells, ink{})...)
	out = append(out, typed(s.Provider, ink{}).fit(partnerCells, ink{})...)
	out = append(out, placeOfEntry(s).fit(placeCells, ink{})...)
	rest := w - markCells - timeCells - partnerCells - placeCells
	name := requestName(s)
	at := max(min(rest*42/100, 20), 8)
	out = append(out, append(name.fit(at-1, ink{}), bit{" ", ink{}})...)
	return append(out, outcomeOf(s)...)
}

// stampOf is the time of day, with the date when that is another one.
func stampOf(t, now time.Time) string {
	t, now = t.UTC(), now.UTC()
	switch {
	case t.Format(time.DateOnly) == now.Format(time.DateOnly):
		return t.Format("15:04:05")
	case t.Year() == now.Year():
		return t.Format("01-02 15:04")
	}
	return t.Format(time.DateOnly)
}

func placeOfEntry(s history.Summary) row {
	if s.Production {
		return row{strong(bad, "▲ PROD")}
	}
	return typed(s.Environment, ink{fg: quiet})
}

// requestName is the request; a token request is named by its purpose.
func requestName(s history.Summary) row {
	if s.Purpose != flows.PurposeRequest {
		return row{say(quiet, "("+string(s.Purpose)+")")}
	}
	out := row{}
	if s.MovesMoney {
		out = append(out, say(warn, "$ "))
	}
	return append(out, typed(s.Sample, ink{})...)
}

func isUnknown(s history.Summary) bool { return s.State == history.Unknown }

// outcomeOf is what came of an entry, in a sign and words, then the error code and the tags.
func outcomeOf(s history.Summary) row {
	sign, t := "✓", good
	var out row
	switch {
	case isUnknown(s):
		out = row{{" ? OUTCOME UNKNOWN ", ink{fg: warn, attr: bold | reverse}}}
	case s.State == history.Sending:
		out = row{strong(accent, "● "), say(plain, "being sent")}
	case s.State == history.Resolved:
		out = row{strong(good, "✓ "), say(plain, "resolved")}
	case s.Status == 0:
		out = row{strong(bad, "✗ "), say(plain, string(s.Outcome))}
	default:
		if !s.Code.Empty() || s.Status >= 400 {
			sign, t = "✗", bad
		}
		out = row{strong(t, sign+" "+itoa(s.Status))}
	}
	if !s.Code.Empty() && !isUnknown(s) {
		out = append(append(out, bit{" ", ink{}}), shown(s.Code, ink{fg: bad})...)
	}
	for _, tag := range s.Tags {
		out = append(append(out, bit{" ", ink{}}), typed("#"+tag, ink{fg: member})...)
	}
	return out
}
