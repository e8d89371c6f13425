package ui

import (
	tea "charm.land/bubbletea/v2"

	"countersign/flows"
	"countersign/history"
	"countersign/sign"
)

// drill asks before it sends four requests.
func (v *historyView) drill() tea.Cmd { return v.get("reading the entry", v.askDrill) }

func (v *historyView) askDrill(e history.Entry) tea.Cmd {
	d, remarks, err := history.Draft(e, history.NewOperation, v.m.deps.Providers, v.m.now())
	for _, r := range remarks {
		if r.Blocks && err == nil {
			err = &flows.Error{Kind: flows.KindUsage, Message: r.Text}
		}
	}
	if err != nil {
		v.fail(err)
		return nil
	}
	line := append(typed(d.Method+" ", ink{attr: bold}), typed(d.Path+d.Query, ink{})...)
	where := append(row{say(quiet, "to ")}, typed(d.Provider.Name+", "+d.Environment.Name, ink{})...)
	return v.m.open(&confirm{m: v.m, name: "Prove replay protection?", tone: warn, lines: []row{
		line, where, nil,
		{say(plain, "It sends "), strong(plain, "four requests"), say(plain, ", one after the other:")},
		{say(quiet, "  1. this one, signed afresh")},
		{say(quiet, "  2. the very same bytes: they must be refused")},
		{say(quiet, "  3. the same operation, signed afresh: it gives the first result")},
		{say(quiet, "  4. a new operation: judged on its own")},
	}, yes: func() tea.Cmd { return v.startDrill(d) }})
}

func (v *historyView) startDrill(d flows.Draft) tea.Cmd {
	ctx, ticket := v.begin("sending four requests")
	runner := v.m.deps.Runner
	return v.m.command(0, func() message {
		steps, err := history.Drill(ctx, runner, d)
		return drilled{ticket, steps, err}
	})
}

func (msg drilled) apply(v *historyView) tea.Cmd {
	v.finish()
	if msg.err != nil {
		v.fail(msg.err)
		return nil
	}
	steps := msg.steps
	v.sheet = &sheet{name: "Replay protection", rows: func(w int) []row { return drillRows(steps, w) }}
	return v.reload()
}

// drillColumn is the least width of an answer beside others.
const drillColumn = 26

// drillRows are the answers, side by side where there is room.
func drillRows(steps []history.DrillStep, w int) []row {
	rows := append(drillVerdict(steps, w), nil)
	n := len(steps)
	each := (w - 3*(n-1)) / n
	if each < drillColumn {
		for i, s := range steps {
			for _, section := range drillStep(i, s, w) {
				rows = append(rows, section...)
			}
			rows = append(rows, nil)
		}
		return rows
	}
	columns := make([][][]row, n)
	for i, s := range steps {
		columns[i] = drillStep(i, s, each)
	}
	for at := range columns[0] {
		height := 0
		for _, c := range columns {
			height = max(height, len(c[at]))
		}
		for y := range height + 1 { // a blank row behind each section
			rows = append(rows, drillLine(columns, at, y, each))
		}
	}
	return rows
}

// drillLine is one row through the same section of all columns.
func drillLine(columns [][][]row, at, y, w int) row {
	line := row{}
	for i, c := range columns {
		if i > 0 {
			line = append(line, say(faint, " │ "))
		}
		r := row(nil)
		if y < len(c[at]) {
			r = c[at][y]
		}
		line = append(line, r.fit(w, ink{})...)
	}
	return line
}

// drillVerdict says in one line what the drill shows.
func drillVerdict(steps []history.DrillStep, w int) []row {
	for _, s := range steps {
		if !s.Met {
			return paragraph(strong(bad, "✗ "), s.Verdict, ink{attr: bold}, w)
		}
	}
	if len(steps) < 4 {
		return paragraph(strong(warn, "! "), "the drill ended early: a request got no answer", ink{attr: bold}, w)
	}
	for _, s := range steps {
		if s.Name == string(history.Verbatim) && s.Run.Exchange.Response.Error == nil {
			return paragraph(strong(warn, "! "), "the very same bytes were accepted: nothing in this scheme tells a replay from the original", ink{attr: bold}, w)
		}
	}
	return paragraph(strong(good, "✓ "), "every answer is the one that a careful partner gives", ink{attr: bold}, w)
}

// drillStep is one send in sections: what it was, what came back, what should come, what it carried, the answer.
func drillStep(i int, s history.DrillStep, w int) [][]row {
	x := s.Run.Exchange
	title := row{strong(accent, itoa(i+1)+" "), strong(plain, s.Title)}.wrapped(w)
	expected := paragraph(bit{}, "expected: it "+s.Expected, ink{fg: quiet}, w)
	if s.Met {
		expected = append(expected, row{strong(good, "✓ "), say(good, "as expected")})
	} else {
		expected = append(expected, row{strong(bad, "✗ "), say(bad, "not as expected")})
	}
	if x == nil {
		why := []row(nil)
		if s.Run.Err != nil {
			why = paragraph(strong(bad, "✗ "), s.Run.Err.Message, ink{}, w)
		}
		return [][]row{title, why, expected, nil, nil}
	}
	answer := []row{statusRow(x)}
	if x.Response != nil && x.Response.Error != nil {
		answer = append(answer, shown(x.Response.Error.Code, ink{fg: bad, attr: bold}).wrapped(w)...)
		answer = append(answer, shown(x.Response.Error.Message, ink{fg: bad}).wrapped(w)...)
	}
	var body []row
	if x.Response != nil {
		body = append([]row{{strong(quiet, "Answer")}}, prettyRows(newDocument(x.Response.Body), w)...)
	}
	return [][]row{title, answer, expected, carried(x), body}
}

// carried is what tells the sends of a drill apart.
func carried(x *flows.Exchange) []row {
	var rows []row
	if x.IdempotencyKey != "" {
		rows = append(rows, row{say(quiet, "key    "), {short(x.IdempotencyKey), ink{fg: originOf(sign.IdempotencyKey)}}})
	}
	if x.Nonce != "" {
		rows = append(rows, row{say(quiet, "nonce  "), {short(x.Nonce), ink{fg: originOf(sign.Nonce)}}})
	}
	if x.ID != "" {
		rows = append(rows, row{say(quiet, "entry  "), say(plain, x.ID)})
	}
	return rows
}

// short is the beginning of a value, enough to tell it from another.
func short(s string) string {
	d := typed(s, ink{}).fit(13, ink{})
	return d.text()
}
