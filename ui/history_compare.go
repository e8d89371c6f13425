package ui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"countersign/flows"
	"countersign/history"
	"countersign/sign"
)

// mark remembers the entry for a comparison; a second time it forgets it.
func (v *historyView) mark() tea.Cmd {
	s := v.list.selected()
	if v.marked != nil && v.marked.ID == s.ID && v.marked.Source == v.source() {
		v.marked = nil
		v.m.say(plain, "no entry is marked any more")
		return nil
	}
	return v.get("reading the entry", func(e history.Entry) tea.Cmd {
		v.marked = &e
		v.m.say(good, "entry %s is marked; go to another one and press c", e.ID)
		return nil
	})
}

// compare shows the marked entry beside the selected one.
func (v *historyView) compare() tea.Cmd {
	a := *v.marked
	return v.get("reading the entry", func(b history.Entry) tea.Cmd {
		if b.Exchange.Started.Before(a.Exchange.Started) {
			a, b = b, a // the earlier at the left, as one reads
		}
		c := history.Compare(a, b)
		v.sheet = &sheet{name: "Entry " + a.ID + " and entry " + b.ID, rows: func(w int) []row { return comparisonRows(a, b, c, w) }}
		return nil
	})
}

// comparisonRows are the two entries, what explains their outcomes, then layer by layer what differs.
func comparisonRows(a, b history.Entry, c history.Comparison, w int) []row {
	half := (w - 3) / 2
	rows := beside(entryHead("A", a), entryHead("B", b), half)
	rows = append(rows, nil)
	rows = append(rows, explanation(c, w)...)
	var same row
	for _, l := range c.Layers {
		if len(l.Differences) == 0 {
			if len(same) > 0 {
				same = append(same, say(quiet, ", "))
			}
			same = append(same, strong(plain, l.Name))
		}
	}
	if len(same) > 0 {
		rows = append(append(rows, nil), entry("=", 2, append(same, say(quiet, "  the same")), w)...)
	}
	for _, l := range c.Layers {
		if len(l.Differences) == 0 {
			continue
		}
		rows = append(rows, nil)
		rows = append(rows, layerRows(l, c.First, w)...)
		if l.Name == "canonical string" && len(l.Differences) > 0 {
			rows = append(rows, canonicalPair(a.Exchange, b.Exchange, half)...)
		}
	}
	return rows
}

// entryHead says which entry it is.
func entryHead(letter string, e history.Entry) []row {
	x := &e.Exchange
	name := append(row{strong(accent, letter+"  "), strong(plain, "entry "+e.ID+"  ")}, typed(x.Sample, ink{attr: bold})...)
	if e.Source != "" {
		name = append(append(name, say(quiet, "  from ")), typed(e.Source, ink{fg: quiet})...)
	}
	when := row{say(quiet, "   "+x.Started.UTC().Format("2006-01-02 15:04:05")+" UTC  ")}
	when = append(when, typed(x.Provider+" "+x.Environment, ink{fg: quiet})...)
	end := statusRow(x)
	if x.Response != nil && x.Response.Error != nil {
		end = append(row{strong(bad, "✗ "+itoa(x.Response.Status)+" ")}, shown(x.Response.Error.Code, ink{fg: bad, attr: bold})...)
	}
	return []row{name, when, append(row{{"   ", ink{}}}, end...)}
}

// beside puts two lists of rows next to each other.
func beside(a, b []row, half int) []row {
	var rows []row
	for i := range max(len(a), len(b)) {
		var x, y row
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		line := append(x.fit(half, ink{}), say(faint, " │ "))
		rows = append(rows, append(line, y.fit(half, ink{})...))
	}
	return rows
}

// explanation names the first difference that explains the outcomes.
func explanation(c history.Comparison, w int) []row {
	if c.First == nil {
		return paragraph(strong(accent, "= "), c.Verdict, ink{attr: bold}, w)
	}
	d := c.First.Difference
	lead := append(row{{" THE FIRST DIFFERENCE ", ink{fg: badged, bg: badge, attr: bold}}, {"  ", ink{}}}, typed(c.First.Layer+": "+d.Where, ink{attr: bold})...)
	rows := append([]row{lead.fit(w, ink{})}, paragraph(bit{}, c.Verdict, ink{}, w)...)
	return append(rows, values(d, w)...)
}

// layerRows are the differences of a layer; what every send differs in stands back.
func layerRows(l history.Layer, first *history.Cause, w int) []row {
	n := 0
	for _, d := range l.Differences {
		if !d.Expected {
			n++
		}
	}
	head := row{strong(good, "= "), strong(plain, l.Name), say(quiet, "  nothing but what differs in every send")}
	if n > 0 {
		head = row{strong(bad, "≠ "), strong(plain, l.Name), say(quiet, "  "+plural(n, "difference"))}
	}
	rows := []row{head}
	for _, d := range l.Differences {
		if d.Expected {
			continue
		}
		name := append(row{{"  ", ink{}}}, typed(d.Where, ink{fg: member, attr: bold})...)
		if first != nil && first.Layer == l.Name && first.Difference == d {
			rows = append(rows, append(name, say(accent, "  ← the first, above")))
			continue
		}
		rows = append(rows, name)
		if d.Note != "" {
			rows = append(rows, paragraph(say(quiet, "    "), d.Note, ink{fg: quiet, attr: italic}, w)...)
		}
		rows = append(rows, values(d, w)...)
	}
	return append(rows, everySend(l, w)...)
}

// everySend names what every send differs in.
func everySend(l history.Layer, w int) []row {
	var names []string
	for _, d := range l.Differences {
		if d.Expected && !slices.Contains(names, d.Where) {
			names = append(names, d.Where)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return paragraph(say(faint, "  ~ "), "in every send: "+strings.Join(names, ", "), ink{fg: quiet}, w)
}

// values are the two sides of a difference.
func values(d history.Difference, w int) []row {
	one := func(letter, s string) []row {
		if s == "" {
			return []row{{strong(accent, "    "+letter+" "), say(quiet, "– absent")}}
		}
		return entry("    "+letter, 6, typed(s, ink{}), w)
	}
	return append(one("A", d.A), one("B", d.B)...)
}

// canonicalPair are the two canonical strings, side by side, in the colours of their origins.
func canonicalPair(a, b flows.Exchange, half int) []row {
	x, _ := a.Signed.Stage(sign.StageCanonical)
	y, _ := b.Signed.Stage(sign.StageCanonical)
	return beside(textRows(x, half), textRows(y, half), half)
}
