package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"countersign/flows"
	"countersign/history"
	"countersign/sign"
	"countersign/sign/untrusted"
)

// draftJSON is a request that was made ready and not sent.
type draftJSON struct {
	Provider       string         `json:"provider"`
	Environment    string         `json:"environment"`
	BaseURL        string         `json:"base_url,omitempty"`
	Profile        string         `json:"profile"`
	Request        string         `json:"request"`
	Choice         string         `json:"choice,omitempty"`
	Method         string         `json:"method"`
	Path           untrusted.Text `json:"path"`
	Query          untrusted.Text `json:"query,omitzero"`
	Headers        headersJSON    `json:"headers"`
	Body           any            `json:"body,omitempty"` // absent: none is sent
	IdempotencyKey string         `json:"idempotency_key,omitempty"`
	ReplayOf       string         `json:"replay_of,omitempty"`
	Remarks        []string       `json:"remarks,omitempty"`
	Blocked        bool           `json:"blocked,omitempty"` // it cannot be sent as it is
}

func draftOf(d flows.Draft, choice history.Choice, remarks []history.Remark) draftJSON {
	out := draftJSON{
		Provider: d.Provider.ID, Environment: d.Environment.Name, BaseURL: d.Environment.BaseURL, Profile: d.Profile, Request: d.Sample.Name,
		Choice: string(choice), Method: d.Method, Path: untrusted.From(d.Path), Query: untrusted.From(d.Query), Headers: headersOf(d.Header),
		IdempotencyKey: d.IdempotencyKey, ReplayOf: d.ReplayOf,
	}
	if d.Body != nil {
		out.Body = untrusted.From(*d.Body)
	}
	for _, r := range remarks {
		out.Remarks = append(out.Remarks, r.Text)
		out.Blocked = out.Blocked || r.Blocks
	}
	return out
}

func headersOf(list []sign.Pair) headersJSON {
	out := headersJSON{}
	for _, h := range list {
		out = append(out, header{h.Name, untrusted.From(h.Value)})
	}
	return out
}

// printDraft prints a request that was made ready.
func printDraft(p *page, d draftJSON) {
	p.line("%s, request %s, environment %s, profile %s", d.Provider, untrusted.From(d.Request), untrusted.From(d.Environment), untrusted.From(d.Profile))
	p.line("  %s %s%s%s", untrusted.From(d.Method), untrusted.From(d.BaseURL), d.Path, d.Query)
	for _, h := range d.Headers {
		p.line("  %s: %s", untrusted.From(h.name), h.value)
	}
	key := d.IdempotencyKey
	if key == "" {
		key = "a fresh one, where the request has one"
	}
	p.line("  idempotency key: %s", untrusted.From(key))
	if body, ok := d.Body.(untrusted.Text); ok {
		p.line("")
		p.block(4, body.Block().String())
	}
	for _, r := range d.Remarks {
		p.line("remark: %s", untrusted.From(r))
	}
}

// sending are the flags of what makes a draft and sends it only when asked.
type sending struct {
	asked
	send bool
}

func (f *sending) flags(c *cobra.Command) {
	c.Flags().BoolVar(&f.send, "send", false, "send it: all steps, as run does")
	c.Flags().StringVar(&f.confirm, "confirm", "", "the partner's `ID`: needed to send a request that moves money in production")
	c.Flags().StringVar(&f.baseURL, "base-url", "", "another `URL` of the partner")
	c.Flags().StringVar(&f.ca, "ca", "", "PEM `FILE` with the authorities to trust in place of the system's")
	c.Flags().StringArrayVarP(&f.set, "set", "s", nil, "`NAME=VALUE` of a credential field or an option")
	c.Flags().BoolVar(&f.reveal, "reveal", false, "print secrets and tokens in clear")
	c.Flags().BoolVar(&f.noHistory, "no-history", false, "keep no record of what is sent")
}

// start is a run of the draft with what was typed for its server and its fields.
func (f *sending) start(d flows.Draft) (flows.Run, error) {
	if f.baseURL != "" {
		d.Environment.BaseURL = f.baseURL
	}
	if f.ca != "" {
		d.CAFile = f.ca
	}
	run := flows.NewRun(d)
	run.Set = map[string]string{}
	return run, assign(&run, f.set)
}

// offer prints a draft, or sends it when that was asked for.
func (a *app) offer(ctx context.Context, d flows.Draft, choice history.Choice, remarks []history.Remark, f *sending) error {
	run, err := f.start(d)
	if err != nil {
		return err
	}
	shown := draftOf(run.Draft, choice, remarks)
	if !f.send {
		if a.json {
			return a.object(struct {
				Draft draftJSON `json:"draft"`
			}{shown})
		}
		p := &page{w: a.Stdout}
		printDraft(p, shown)
		p.line("nothing was sent; --send sends it")
		return p.err
	}
	if shown.Blocked {
		return wrong("", "it cannot be sent as it is: %s", strings.Join(shown.Remarks, "; "))
	}
	a.notes = append(a.notes, shown.Remarks...)
	return a.walk(ctx, run, flows.StepResponse, &f.asked)
}

func (a *app) historyReplay() *cobra.Command {
	f := &sending{}
	var choice string
	var drill bool
	c := a.leaf("replay ID", "make a draft of an exchange; --send sends it", 1, 1, nil)
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := notEmpty(c, "base-url", "ca"); err != nil {
			return err
		}
		log, err := a.openLog()
		if err != nil {
			return err
		}
		e, err := log.Get(c.Context(), args[0])
		if err != nil {
			return err
		}
		if drill {
			return a.drill(c.Context(), e, f)
		}
		var ways []string
		for _, w := range history.Choices() {
			ways = append(ways, w[0])
		}
		if choice == "" {
			return wrong("add --as and one of "+strings.Join(ways, ", "), "what sending %s once more shall mean must be said", e.ID)
		}
		r, err := log.Replay(e, history.Choice(choice), flows.All())
		if err != nil {
			return err
		}
		return a.offer(c.Context(), r.Draft, r.Choice, r.Remarks, f)
	}
	c.Flags().StringVar(&choice, "as", "", "`same-operation` (same idempotency key, signed afresh), new-operation (new key) or verbatim (the very same bytes)")
	c.Flags().BoolVar(&drill, "drill", false, "prove replay protection: send it, the same bytes, the same operation and a new one; never in production")
	f.flags(c)
	return c
}

// drillJSON is one send of a drill.
type drillJSON struct {
	Name     string `json:"name"`
	Title    string `json:"title"`
	Expected string `json:"expected"`
	Met      bool   `json:"met"`
	Verdict  string `json:"verdict"`
	Status   int    `json:"status,omitempty"`
	ID       string `json:"history_id,omitempty"`
}

// drill sends an exchange again in every way, and says of each answer whether it is what a careful partner gives.
func (a *app) drill(ctx context.Context, e history.Entry, f *sending) error {
	d, remarks, err := history.Draft(e, history.NewOperation, flows.All(), a.Now())
	if err != nil {
		return err
	}
	if shown := draftOf(d, "", remarks); shown.Blocked {
		return wrong("", "it cannot be sent as it is: %s", strings.Join(shown.Remarks, "; "))
	}
	store, err := a.store(d.Environment.Name)
	if err != nil {
		return err
	}
	run, err := f.start(d)
	if err != nil {
		return err
	}
	run = settle(run, store)
	steps, err := history.DrillWith(ctx, a.runner(store, f.noHistory), run.Draft, run.Set)
	if err != nil {
		return err
	}
	out, p := []drillJSON{}, &page{w: a.Stdout}
	for _, s := range steps {
		j := drillJSON{Name: s.Name, Title: s.Title, Expected: s.Expected, Met: s.Met, Verdict: s.Verdict}
		if x := s.Run.Exchange; x != nil {
			j.ID = x.ID
			if x.Response != nil {
				j.Status = x.Response.Status
			}
		}
		out = append(out, j)
		mark := "as expected"
		if !s.Met {
			mark, a.code = "NOT AS EXPECTED", exitRefused
		}
		if !a.json {
			p.line("%s: %s", mark, untrusted.From(s.Verdict))
		}
	}
	if a.json {
		return a.object(struct {
			Steps []drillJSON `json:"steps"`
		}{out})
	}
	return p.err
}
