package ui

import (
	"context"
	"strings"

	tea "charm.land/bubbletea/v2"

	"countersign/flows"
	"countersign/history"
)

// offer is one way to replay an entry, or why it can't be used.
type offer struct {
	choice history.Choice
	about  string
	replay history.Replay
	err    error
}

// titles name the choices as a person reads them.
var titles = map[history.Choice]string{
	history.SameOperation: "same operation",
	history.NewOperation:  "new operation",
	history.Verbatim:      "verbatim",
}

// begin starts an errand of the view that may take a while; what says what it does.
func (v *historyView) begin(what string) (context.Context, int) {
	v.doing = what
	return v.acting.begin()
}

// finish is the end of an errand.
func (v *historyView) finish() {
	v.doing = ""
	v.acting.end()
}

// get reads the selected entry as a whole and goes on with it.
func (v *historyView) get(what string, then func(history.Entry) tea.Cmd) tea.Cmd {
	if v.file != nil {
		return then(v.file.entries[v.list.at])
	}
	ctx, ticket := v.begin(what)
	log, id := v.m.deps.History, v.list.selected().ID
	return v.m.command(0, func() message {
		e, err := log.Get(ctx, id)
		return fetched{ticket, e, err, then}
	})
}

func (msg fetched) apply(v *historyView) tea.Cmd {
	v.finish()
	if msg.err != nil {
		v.fail(msg.err)
		return nil
	}
	return msg.then(msg.entry)
}

// fail says what went wrong, in one line.
func (v *historyView) fail(err error) {
	message, hint := v.told(err)
	if hint != "" {
		message += "; " + hint
	}
	v.m.say(bad, "%s", message)
}

// replay offers the ways in which the entry can be sent once more. None of them sends.
func (v *historyView) replay() tea.Cmd { return v.get("reading the entry", v.offers) }

// offers finds out which ways there are.
func (v *historyView) offers(e history.Entry) tea.Cmd {
	_, ticket := v.begin("making drafts")
	log, providers := v.m.deps.History, v.m.deps.Providers
	return v.m.command(0, func() message {
		msg := offered{ticket: ticket}
		for _, c := range history.Choices() {
			o := offer{choice: history.Choice(c[0]), about: c[1]}
			o.replay, o.err = log.Replay(e, o.choice, providers)
			msg.list = append(msg.list, o)
		}
		return msg
	})
}

func (msg offered) apply(v *historyView) tea.Cmd {
	v.finish()
	var list []choice
	for _, o := range msg.list {
		list = append(list, v.offer(o))
	}
	c := newChooser(v.m, "Replay: what shall it be? Nothing is sent from here", list)
	return v.m.open(c)
}

// offer is one line of the chooser: what it does, what to know about it, or why it is off.
func (v *historyView) offer(o offer) choice {
	if o.err != nil {
		message, hint := v.told(o.err)
		why := message
		if hint != "" {
			why += "; " + hint
		}
		return choice{row: row{say(quiet, "– "+titles[o.choice]+", not now")}, about: why, do: func() tea.Cmd {
			v.m.say(warn, "%s: %s", titles[o.choice], message)
			return nil
		}}
	}
	about := o.about
	for _, r := range o.replay.Remarks {
		about += ". But: " + r.Text
	}
	r := row{strong(plain, titles[o.choice])}
	if o.replay.AskWord {
		r = append(r, say(bad, "  ▲ real money: asks for a word before it is sent"))
	}
	return choice{row: r, about: about, do: func() tea.Cmd { return v.pick(o) }}
}

// pick puts a replay on the workbench.
func (v *historyView) pick(o offer) tea.Cmd {
	if o.replay.Verbatim != nil {
		return v.stand(o.replay)
	}
	v.m.draft(o.replay.Draft)
	note := "a draft of entry " + o.replay.Draft.ReplayOf + ", " + titles[o.choice] + "; nothing is sent: r signs and sends it"
	tone := good
	if o.replay.Draft.Environment.Production {
		note, tone = note+"; it is PRODUCTION", warn
	}
	for _, r := range o.replay.Remarks {
		if r.Blocks {
			note, tone = r.Text+"; E edits the request", warn
		}
	}
	v.m.say(tone, "%s", strings.TrimPrefix(note, "a draft of entry , "))
	return nil
}

// draft puts a request on the workbench and leaves the history. What was there is kept for the way back.
func (m *Model) draft(d flows.Draft) {
	m.kept[keepKey(m.run.Draft)] = m.run
	here := m.run.Draft
	if d.Provider == here.Provider && d.Environment == here.Environment && d.Profile == here.Profile {
		d.CAFile = here.CAFile
		m.edit(func(x *flows.Draft) { *x = d })
	} else {
		m.set(flows.NewRun(d))
	}
	m.screen = nil
	m.focus = atCanonical
	m.panes[atPartners].(*partnersPane).follow()
}

// verbatim is an earlier exchange that stands on the workbench to be sent byte for byte. It counts as long as its
// signed request is the one on the screen.
type verbatim struct {
	prepared *flows.Prepared
	earlier  *flows.Exchange
}

// stand looks the credentials up, for the handshake, and puts the earlier exchange on the workbench.
func (v *historyView) stand(r history.Replay) tea.Cmd {
	ctx, ticket := v.begin("looking for the credentials")
	runner, run := v.m.deps.Runner, flows.NewRun(r.Draft)
	if r.Draft.Provider == v.m.run.Draft.Provider {
		run.Typed, run.Set = v.m.run.Typed, v.m.run.Set
	}
	return v.m.command(0, func() message {
		return stood{ticket, runner.Next(ctx, run), r.Verbatim}
	})
}

func (msg stood) apply(v *historyView) tea.Cmd {
	v.finish()
	m, run, x := v.m, msg.run, msg.earlier
	m.kept[keepKey(m.run.Draft)] = m.run
	if run.Err == nil {
		run.Prepared = &flows.Prepared{Draft: run.Draft, Signed: x.Signed, Changed: x.Changed,
			Input: flows.Frozen{Time: x.Started, Nonce: x.Nonce, IdempotencyKey: x.IdempotencyKey}}
		run.Reached = flows.StepSignature
		m.verbatim = &verbatim{run.Prepared, x}
	}
	m.set(run)
	m.screen = nil
	m.follow()
	m.panes[atPartners].(*partnersPane).follow()
	if run.Err == nil {
		m.say(warn, "the very bytes of entry %s, signature and all; nothing is sent: space sends them", x.ID)
	}
	return nil
}
