package ui

import (
	"maps"
	"slices"
	"strings"

	"countersign/flows"
	"countersign/history"
	"countersign/sign"
	"countersign/sign/untrusted"
)

// overview is what a person asks first.
func (d *entryDetail) overview(w int) []row {
	e := d.entry
	rows := d.outcome(w)
	rows = append(rows, nil)
	rows = append(rows, d.place(w)...)
	rows = append(rows, d.links(w)...)
	rows = append(rows, keysRows(*e, w)...)
	if !e.Verdict.Empty() {
		rows = append(rows, entry("verdict", entryLabel, shown(e.Verdict, ink{attr: bold}), w)...)
	}
	if len(e.Tags) > 0 {
		rows = append(rows, entry("tags", entryLabel, typed("#"+strings.Join(e.Tags, " #"), ink{fg: member}), w)...)
	}
	if !e.Note.Empty() {
		rows = append(rows, nil, row{strong(quiet, "Note")})
		for _, line := range e.Note.Block().Lines() {
			rows = append(rows, display(line, ink{}).wrapped(w)...)
		}
	}
	if times := timingRows(e.Exchange.Timing, w); len(times) > 0 {
		rows = append(append(rows, nil, row{strong(quiet, "Time")}), times...)
		rows = append(rows, d.clock(&e.Exchange, w)...)
	}
	return append(rows, maskedRows(*e, w)...)
}

// outcome is what came of it; what is unknown stands out and names its ways on.
func (d *entryDetail) outcome(w int) []row {
	e := d.entry
	x := &e.Exchange
	switch e.State {
	case history.Unknown:
		k := ink{fg: warn, attr: bold | reverse}
		rows := []row{{{" ? OUTCOME UNKNOWN ", k}}}
		rows = append(rows, paragraph(bit{}, "It left, and no answer was recorded: the partner may have acted.", ink{attr: bold}, w)...)
		for i, way := range e.Ways() {
			rows = append(rows, entry("  "+itoa(i+1)+".", 5, row{say(plain, way.Label)}, w)...)
		}
		if len(e.Ways()) > 0 {
			rows = append(rows, row{strong(accent, "u"), say(quiet, " offers them")})
		}
		if x.Err != nil {
			rows = append(rows, trouble(untrusted.From(x.Err.Message).String(), "", w)...) // what to do stands above
		}
		return rows
	case history.Sending:
		return []row{{strong(accent, "● "), say(plain, "being sent; its answer is not there yet")}}
	case history.Resolved:
		rows := []row{{strong(good, "✓ RESOLVED"), say(quiet, "  no answer came; a person found out what happened:")}}
		return append(rows, entry("", 2, shown(e.Resolution, ink{attr: bold}), w)...)
	}
	rows := []row{statusRow(x)}
	if x.Err != nil || x.Response != nil && x.Response.Error != nil {
		rows = append(rows, refusal(x, w)...)
	}
	return rows
}

// refusal is why there is no good answer.
func refusal(x *flows.Exchange, w int) []row {
	if x.Err != nil {
		return explained(x, w)
	}
	told := *x
	told.Err = &flows.Error{Kind: flows.KindRefused, Message: "the partner refused it"}
	return explained(&told, w)
}

// place is where and when it went, and as what.
func (d *entryDetail) place(w int) []row {
	x := &d.entry.Exchange
	line := func(name string, value row) []row { return entry(name, entryLabel, value, w) }
	rows := line("when", row{say(plain, x.Started.UTC().Format("2006-01-02 15:04:05")+" UTC")})
	where := append(typed(x.Provider, ink{attr: bold}), bit{"  ", ink{}})
	if x.Production {
		where = append(where, bit{" ▲ PRODUCTION ▲ ", ink{fg: loud, bg: danger, attr: bold}})
	} else {
		where = append(where, typed(x.Environment, ink{})...)
	}
	rows = append(rows, line("where", where)...)
	rows = append(rows, line("", typed(x.BaseURL, ink{fg: quiet}))...)
	name := x.Sample
	if x.Purpose != flows.PurposeRequest {
		name = string(x.Purpose)
	}
	what := typed(name, ink{attr: bold})
	if x.MovesMoney {
		what = append(what, say(warn, "  $ moves money"))
	}
	rows = append(rows, line("request", what)...)
	q := x.Signed.Request
	target := append(typed(q.Method+" ", ink{fg: originOf(sign.Method)}), typed(q.Path, ink{fg: originOf(sign.Path)})...)
	rows = append(rows, line("", append(target, typed(q.Query, ink{fg: originOf(sign.Query)})...))...)
	rows = append(rows, line("profile", typed(x.Profile, ink{}))...)
	return append(rows, momentRows(x, w)...)
}

// momentRows are what the signature took from the moment, and what was chosen or changed.
func momentRows(x *flows.Exchange, w int) []row {
	line := func(name string, value row) []row { return entry(name, entryLabel, value, w) }
	var rows []row
	if x.IdempotencyKey != "" {
		rows = append(rows, line("idempotency", typed(x.IdempotencyKey, ink{fg: originOf(sign.IdempotencyKey)}))...)
	}
	if x.Nonce != "" {
		rows = append(rows, line("nonce", typed(x.Nonce, ink{fg: originOf(sign.Nonce)}))...)
	}
	for _, name := range slices.Sorted(maps.Keys(x.Options)) {
		rows = append(rows, line("option", append(typed(name, ink{fg: quiet}), typed(" "+x.Options[name], ink{})...))...)
	}
	for _, c := range x.Changed {
		rows = append(rows, paragraph(strong(warn, "! "), c, ink{fg: warn}, w)...)
	}
	return rows
}

// links are what the entry repeats and what repeats it.
func (d *entryDetail) links(w int) []row {
	var rows []row
	if of := d.entry.Exchange.ReplayOf; of != "" {
		line := row{say(plain, "of entry "), strong(plain, untrusted.From(of).String())}
		for i, e := range d.chain {
			if i > 0 {
				line = append(line, say(quiet, " ← "), strong(plain, e.ID))
			}
			line = append(line, say(quiet, " ("+endingOf(e)+")"))
		}
		if len(d.chain) == 0 {
			line = append(line, say(quiet, " (no longer there)"))
		}
		rows = append(rows, entry("replay", entryLabel, line, w)...)
	}
	if len(d.repeats) > 0 {
		line := row{}
		for i := len(d.repeats) - 1; i >= 0; i-- {
			s := d.repeats[i]
			if len(line) > 0 {
				line = append(line, say(quiet, ", "))
			}
			line = append(line, strong(plain, s.ID), say(quiet, " ("+endingWord(s.State, s.Status, s.Outcome)+")"))
		}
		rows = append(rows, entry("replayed by", entryLabel, line, w)...)
	}
	return rows
}

// endingOf is what came of an entry, in a word.
func endingOf(e history.Entry) string {
	status := 0
	if r := e.Exchange.Response; r != nil {
		status = r.Status
	}
	return endingWord(e.State, status, e.Exchange.Outcome)
}

func endingWord(s history.State, status int, o flows.Outcome) string {
	switch {
	case s != history.Finished:
		return string(s)
	case status > 0:
		return itoa(status)
	}
	return string(o)
}

// keysRows are the keys that went in, by their fingerprints.
func keysRows(e history.Entry, w int) []row {
	var rows []row
	name := "keys"
	for _, k := range slices.Sorted(maps.Keys(e.Keys)) {
		value := append(typed(k, ink{fg: originOf(sign.Key)}), say(quiet, "  #"))
		value = append(value, typed(strings.TrimPrefix(e.Keys[k], "#"), ink{})...)
		rows = append(rows, entry(name, entryLabel, value, w)...)
		name = ""
	}
	return rows
}

// clock is the difference of the clocks.
func (d *entryDetail) clock(x *flows.Exchange, w int) []row {
	if x.Skew == nil {
		return entry("skew", entryLabel, row{say(quiet, "unknown: the answer told no time")}, w)
	}
	return entry("skew", entryLabel, row{say(plain, signed(x.Skew.Offset)), say(quiet, " ± "+signed(x.Skew.Error)[1:]+", partner against this machine")}, w)
}

// maskedRows say what was masked before the entry was written.
func maskedRows(e history.Entry, w int) []row {
	if len(e.Masked) == 0 && e.Withheld == "" {
		return nil
	}
	rows := []row{nil, {strong(quiet, "Not on the disk"), say(quiet, "  masked before it was written")}}
	if e.Withheld != "" {
		rows = append(rows, paragraph(say(quiet, "· "), e.Withheld, ink{}, w)...)
	}
	for _, m := range e.Masked {
		line := append(row{say(quiet, "· ")}, typed(m.Name, ink{fg: originOf(sign.Key)})...)
		line = append(line, say(quiet, " in "))
		line = append(line, typed(m.Where, ink{})...)
		if m.Count > 1 {
			line = append(line, say(quiet, ", "+itoa(m.Count)+" times"))
		}
		rows = append(rows, spread(line, row{say(quiet, "by "+untrusted.From(m.Layer).String())}, w, ink{}))
	}
	return rows
}
