package ui

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"countersign/flows"
)

// partnersPane lists the partners, the requests of the one at hand, and what happened in this session.
type partnersPane struct {
	m      *Model
	window window
	at     int // selected line
}

// recent is an exchange of this session, with the run as it was behind it.
type recent struct {
	when time.Time
	name string
	sign string
	tone tone
	word string // what came of it
	run  flows.Run
	body *document // of its answer; nil when there is none
}

// Bounds on the runs that are kept; each may hold an answer of megabytes.
const (
	maxRecent      = 50
	maxRecentBytes = 64 << 20
)

// line is one line of the list. do is nil for a heading.
type line struct {
	row row
	do  func() tea.Cmd
}

func (p *partnersPane) title() (string, row) { return "Partners", p.window.position() }

func (p *partnersPane) draw(w, h int, focused bool) []row {
	lines := p.lines(w)
	p.at = max(0, min(p.at, len(lines)-1))
	rows := make([]row, len(lines))
	for i, l := range lines {
		rows[i] = l.row.fit(w, ink{})
		if i == p.at && focused {
			rows[i] = rows[i].on(chosen)
		}
	}
	p.window.set(len(rows), h)
	if focused {
		p.window.show(p.at)
	}
	return p.window.of(rows, w, h)
}

// lines are the list: every partner, under the one at hand its requests, then the session.
func (p *partnersPane) lines(w int) []line {
	m := p.m
	d := m.run.Draft
	var out []line
	for _, provider := range m.deps.Providers {
		here := provider == d.Provider
		name := bit{"  " + provider.Name, ink{}}
		if here {
			name = bit{"▾ " + provider.Name, ink{fg: accent, attr: bold}}
		}
		out = append(out, line{row{name}, func() tea.Cmd { return m.visit(provider, "") }})
		if !here {
			continue
		}
		for _, s := range provider.Requests {
			out = append(out, line{sampleRow(s, s.Name == d.Sample.Name, w), func() tea.Cmd { return m.visit(provider, s.Name) }})
		}
	}
	out = append(out, m.upkeep.lines(m, w)...)
	if len(m.recent) == 0 {
		return out
	}
	out = append(out, line{}, line{row: row{strong(quiet, "This session")}})
	for i := len(m.recent) - 1; i >= 0; i-- {
		r := m.recent[i]
		left := row{strong(r.tone, r.sign+" "+r.word+" "), say(plain, r.name)}
		out = append(out, line{spread(left, row{say(quiet, r.when.UTC().Format("15:04:05"))}, w, ink{}), func() tea.Cmd { return m.recall(r) }})
	}
	return out
}

// sampleRow is one request: its name and method, and a mark for what it can do.
func sampleRow(s flows.Sample, here bool, w int) row {
	name := bit{"    " + s.Name, ink{fg: quiet}}
	if here {
		name = bit{"  ▸ " + s.Name, ink{attr: bold}}
	}
	method := row{say(quiet, s.Method)}
	if s.MovesMoney {
		method = row{say(warn, "$ "), say(quiet, s.Method)}
	}
	return spread(row{name}, method, w, ink{})
}

func (p *partnersPane) move(to motion) tea.Cmd {
	lines := p.lines(80)
	step := map[motion]int{up: -1, down: 1, pageUp: -p.window.h, pageDown: p.window.h, first: -len(lines), last: len(lines)}[to]
	if to == inward {
		if p.at < len(lines) && lines[p.at].do != nil {
			return lines[p.at].do()
		}
		return nil
	}
	p.at = max(0, min(p.at+step, len(lines)-1))
	for p.at > 0 && p.at < len(lines)-1 && lines[p.at].do == nil {
		p.at += sgn(step)
	}
	return nil
}

func sgn(n int) int {
	if n < 0 {
		return -1
	}
	return 1
}

// follow selects the request at hand.
func (p *partnersPane) follow() {
	at := 0
	for _, provider := range p.m.deps.Providers {
		if provider == p.m.run.Draft.Provider {
			break
		}
		at++
	}
	for i, s := range p.m.run.Draft.Provider.Requests {
		if s.Name == p.m.run.Draft.Sample.Name {
			at += i + 1
		}
	}
	p.at = at
}

// visit puts another request on the screen. What was typed for the one at hand is kept for the way back.
func (m *Model) visit(p *flows.Provider, request string) tea.Cmd {
	if why := busy(m); why != "" {
		m.say(warn, "%s", why)
		return nil
	}
	m.kept[keepKey(m.run.Draft)] = m.run
	if p == m.run.Draft.Provider {
		m.change(p, request)
	} else {
		m.enter(p, request)
	}
	m.panes[atPartners].(*partnersPane).follow()
	return nil
}

func keepKey(d flows.Draft) string { return d.Provider.ID + "/" + d.Sample.Name }

// change takes another request of the same partner: credentials and token stay.
func (m *Model) change(p *flows.Provider, request string) {
	s, ok := p.Sample(request)
	if !ok || s.Name == m.run.Draft.Sample.Name {
		return
	}
	before := m.run.Draft
	fresh := flows.NewDraft(p, before.Environment, s)
	if old, ok := m.kept[p.ID+"/"+s.Name]; ok {
		fresh = old.Draft.Clone()
	}
	fresh.Environment, fresh.Profile, fresh.CAFile, fresh.Options = before.Environment, before.Profile, before.CAFile, before.Options
	m.edit(func(d *flows.Draft) { *d = fresh })
}

// enter goes to another partner, as it was left when it was visited before.
func (m *Model) enter(p *flows.Provider, request string) {
	s, _ := p.Sample(request)
	if old, ok := m.kept[p.ID+"/"+s.Name]; ok {
		m.set(old)
		return
	}
	env, ok := p.Environment(m.run.Draft.Environment.Name)
	if !ok || env.Production { // production is entered on purpose only
		env = p.Environments[0]
	}
	m.set(flows.NewRun(flows.NewDraft(p, env, s)))
	m.endpoint()
	m.focus = min(m.focus, atCredentials)
}

// partner goes to the partner n places on, round and round.
func (m *Model) partner(n int) tea.Cmd {
	all := m.deps.Providers
	for i, p := range all {
		if p == m.run.Draft.Provider {
			return m.visit(all[(i+n+len(all))%len(all)], "")
		}
	}
	return nil
}

// request goes to the request n places on, round and round.
func (m *Model) request(n int) tea.Cmd {
	p := m.run.Draft.Provider
	for i, s := range p.Requests {
		if s.Name == m.run.Draft.Sample.Name {
			return m.visit(p, p.Requests[(i+n+len(p.Requests))%len(p.Requests)].Name)
		}
	}
	return nil
}

// remember notes the exchanges that a step added.
func (m *Model) remember(run flows.Run, body *document) {
	for i := range run.TokenLog {
		x := &run.TokenLog[i]
		if i >= len(m.run.TokenLog) || !m.run.TokenLog[i].Started.Equal(x.Started) {
			m.note(x, string(x.Purpose), run, nil)
		}
	}
	if run.Exchange != nil && run.Exchange != m.run.Exchange {
		m.note(run.Exchange, run.Exchange.Sample, run, body)
	}
}

func (m *Model) note(x *flows.Exchange, name string, run flows.Run, body *document) {
	m.inbound.box.ours(x)
	r := recent{when: x.Started, name: name, run: run, sign: "✓", tone: good, body: body}
	switch {
	case x.Response != nil:
		r.word = itoa(x.Response.Status)
	case x.Outcome == flows.OutcomeUnknown:
		r.word = "???"
	default:
		r.word = "—"
	}
	if x.Err != nil || x.Response == nil || x.Response.Error != nil {
		r.sign, r.tone = "✗", bad
	}
	if x.Outcome == flows.OutcomeUnknown {
		r.sign, r.tone = "?", warn
		m.upkeep.due = true
	}
	m.recent = append(m.recent, r)
	size := 0
	for i := len(m.recent) - 1; i >= 0; i-- {
		if b := m.recent[i].body; b != nil {
			size += len(b.raw)
		}
		if len(m.recent)-i > maxRecent || size > maxRecentBytes && i < len(m.recent)-1 {
			m.recent = slices.Clone(m.recent[i+1:])
			return
		}
	}
}

// recall shows a run of this session as it was.
func (m *Model) recall(r recent) tea.Cmd {
	if why := busy(m); why != "" {
		m.say(warn, "%s", why)
		return nil
	}
	m.kept[keepKey(m.run.Draft)] = m.run
	m.set(r.run)
	if r.body != nil {
		m.panes[atResponse].(*responsePane).keep(r.run.Exchange, r.body)
	}
	m.follow()
	m.say(plain, "%s at %s, as it was; r signs afresh and sends again", r.name, r.when.UTC().Format("15:04:05"))
	return m.inbound.attend()
}
