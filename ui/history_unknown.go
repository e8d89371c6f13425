package ui

import (
	"cmp"
	"context"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"countersign/flows"
	"countersign/history"
)

// ways offers the ways on from an outcome that nobody knows.
func (v *historyView) ways() tea.Cmd { return v.get("reading the entry", v.waysOn) }

func (v *historyView) waysOn(e history.Entry) tea.Cmd {
	var list []choice
	for _, w := range e.Ways() {
		c := choice{row: row{strong(plain, w.Label)}}
		switch w.Name {
		case history.AskStatus:
			c.about = "a request that only reads: it shows whether the partner acted"
			c.do = func() tea.Cmd { return v.askStatus(e) }
		case history.SendAgain:
			c.about = "a partner that knows the idempotency key gives the first result, and acts once at most. It becomes a draft; nothing is sent from here"
			c.do = func() tea.Cmd { return v.again(e) }
		case history.Resolve:
			c.about = "for when it was found out elsewhere, by telephone or in the partner's back office"
			c.do = func() tea.Cmd { return v.resolve(e) }
		}
		list = append(list, c)
	}
	if len(list) == 0 {
		v.m.say(plain, "the outcome of entry %s is known", e.ID)
		return nil
	}
	return v.m.open(newChooser(v.m, "Nobody knows whether the partner acted", list))
}

// askStatus offers the partner's requests that only read, as drafts with the entry's place and profile.
func (v *historyView) askStatus(e history.Entry) tea.Cmd {
	d, _, err := history.Draft(e, history.NewOperation, v.m.deps.Providers, v.m.now())
	if err != nil {
		v.fail(err)
		return nil
	}
	var list []choice
	for _, s := range statusRequests(d.Provider) {
		list = append(list, choice{row: row{strong(plain, s.Name), say(quiet, "  "+s.Method+" "+s.Path)}, about: s.Summary, do: func() tea.Cmd {
			ask := flows.NewDraft(d.Provider, d.Environment, s)
			ask.Profile, ask.Options = d.Profile, d.Options
			v.m.draft(ask)
			v.m.say(good, "a draft that only reads; E fills in what it asks for, r sends it")
			return nil
		}})
	}
	if len(list) == 0 {
		v.m.say(warn, "this partner has no request that only reads; ask its support for the status")
		return nil
	}
	return v.m.open(newChooser(v.m, "Which request shows the status?", list))
}

// statusRequests are the requests that only read, a GET first. What probes an option tells nothing of an operation.
func statusRequests(p *flows.Provider) []flows.Sample {
	list := slices.DeleteFunc(slices.Clone(p.Requests), func(s flows.Sample) bool {
		return s.Writes || slices.ContainsFunc(p.Options, func(o flows.Option) bool { return o.Probe == s.Name })
	})
	slices.SortStableFunc(list, func(a, b flows.Sample) int {
		return cmp.Compare(readRank(a), readRank(b))
	})
	return list
}

func readRank(s flows.Sample) int {
	if s.Method == "GET" {
		return 0
	}
	return 1
}

// again makes a draft of the same operation.
func (v *historyView) again(e history.Entry) tea.Cmd {
	_, ticket := v.begin("making a draft")
	log, providers := v.m.deps.History, v.m.deps.Providers
	return v.m.command(0, func() message {
		o := offer{choice: history.SameOperation}
		o.replay, o.err = log.Replay(e, o.choice, providers)
		return picked{ticket, o}
	})
}

// picked is the one way that was asked for.
type picked struct {
	ticket int
	offer  offer
}

func (picked) ours()                        {}
func (msg picked) late(v *historyView) bool { return msg.ticket != v.acting.ticket }

func (msg picked) apply(v *historyView) tea.Cmd {
	v.finish()
	if msg.offer.err != nil {
		v.fail(msg.offer.err)
		return nil
	}
	return v.pick(msg.offer)
}

// resolve asks what became of the entry.
func (v *historyView) resolve(e history.Entry) tea.Cmd {
	f := &form{m: v.m, name: "What became of entry " + e.ID + "?", fields: []*field{
		textField("what", "What happened", "", "a word on how it was found out; it stays with the entry. For example: the partner confirms that it was paid"),
	}}
	f.submit = func(f *form) (string, string, bool, tea.Cmd) {
		what := strings.TrimSpace(f.value("what"))
		if what == "" {
			return "a word on what happened is needed", "for example: the partner confirms that it was paid", false, nil
		}
		return "", "", false, v.write(f, e.ID, "entry "+e.ID+" is resolved", func(ctx context.Context, log *history.Log) error {
			return log.MarkResolved(ctx, e.ID, what)
		})
	}
	return v.m.open(f)
}
