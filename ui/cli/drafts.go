package cli

import (
	"context"
	"fmt"
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

// offer prints a draft, or sends it when that was asked for.
func (a *app) offer(ctx context.Context, d flows.Draft, choice history.Choice, remarks []history.Remark, f *sending) error {
	if f.baseURL != "" {
		d.Environment.BaseURL = f.baseURL
	}
	if f.ca != "" {
		d.CAFile = f.ca
	}
	run := flows.NewRun(d)
	run.Set = map[string]string{}
	if err := assign(&run, f.set); err != nil {
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
	for _, r := range shown.Remarks {
		a.notes = append(a.notes, r)
	}
	return a.walk(ctx, run, flows.StepResponse, &f.asked)
}

func (a *app) historyReplay() *cobra.Command {
	f := &sending{}
	var choice string
	var drill bool
	c := a.leaf("replay ID", "make a draft of an exchange; --send sends it", 1, 1, nil)
	c.RunE = func(c *cobra.Command, args []string) error {
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
	steps, err := history.Drill(ctx, a.runner(store, f.noHistory), d)
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

func (a *app) historyImport() *cobra.Command {
	f := &sending{}
	var partner string
	var entry int
	c := a.leaf("import [FILE]", "make a draft of a case file, a curl command, raw HTTP or a HAR entry; --send sends it", 0, 1, nil)
	c.RunE = func(c *cobra.Command, args []string) error {
		name := strings.Join(args, "")
		if name == "" {
			name = "-"
		}
		text, err := a.readInput(name)
		if err != nil {
			return err
		}
		list, err := history.Import(text, history.ImportOptions{Providers: flows.All(), Provider: partner, ReadFile: a.readInput, Entry: entry, Name: name, Now: a.Now()})
		if err != nil {
			return err
		}
		if len(list) == 1 && list[0].Draft.Provider != nil {
			return a.offer(c.Context(), list[0].Draft, "", list[0].Remarks, f)
		}
		if f.send {
			return wrong("", "%q holds %d exchanges; only one can be sent at a time", name, len(list))
		}
		return a.imported(list)
	}
	c.Flags().StringVar(&partner, "provider", "", "the partner's `ID`, where host and path do not tell")
	c.Flags().IntVar(&entry, "entry", 0, "`NUMBER` of the entry of a HAR file, from 0")
	f.flags(c)
	return c
}

// imported prints a case file of several exchanges.
func (a *app) imported(list []history.Imported) error {
	entries := []entryJSON{}
	v := view{page: &page{w: a.Stdout}, now: a.Now}
	for _, one := range list {
		if one.Entry == nil {
			continue
		}
		if a.json {
			entries = append(entries, entryOf(*one.Entry))
			continue
		}
		v.entry(*one.Entry)
		v.page.line("")
	}
	if a.json {
		return a.object(struct {
			Entries []entryJSON `json:"entries"`
		}{entries})
	}
	return v.page.err
}

func (a *app) historyExport() *cobra.Command {
	var format, output string
	var show []string
	var force bool
	c := a.leaf("export ID...", "write exchanges as a file that holds the evidence and no secret", 1, many, func(ctx context.Context, log *history.Log, args []string) error {
		entries, known := []history.Entry{}, map[string]sign.Secret{}
		for _, id := range args {
			e, err := log.Get(ctx, id)
			if err != nil {
				return err
			}
			entries = append(entries, e)
			if err := a.liveSecrets(ctx, e.Exchange, known); err != nil {
				return err
			}
		}
		made, err := log.Export(ctx, entries, history.Format(strings.TrimSuffix(format, "file")), history.ExportOptions{Show: show, Secrets: known})
		if err != nil {
			return err
		}
		for _, m := range made.Removed {
			fmt.Fprintf(a.Stderr, "removed: %s\n", untrusted.From(strings.TrimSpace(m.Where+" "+m.Name)))
		}
		if output == "" {
			text := made.Text
			if a.Terminal() { // a person reads it; into a file or a pipe it goes byte for byte
				text = []byte(untrusted.From(text).Block().String())
			}
			_, err := a.Stdout.Write(text)
			return err
		}
		return history.WriteFile(output, made.Text, force)
	})
	var formats []string
	for _, f := range history.Formats() {
		formats = append(formats, string(f))
	}
	c.Flags().StringVar(&format, "as", string(history.CaseFile), "`FORMAT`, one of "+strings.Join(formats, ", "))
	c.Flags().StringVarP(&output, "output", "o", "", "`FILE`; standard output otherwise")
	c.Flags().StringArrayVar(&show, "show", nil, "`NAME` of a header or member whose value may be shown")
	c.Flags().BoolVar(&force, "force", false, "overwrite the file")
	return c
}

// liveSecrets adds the secrets that are in use where an exchange took place: what must not be in the file.
func (a *app) liveSecrets(ctx context.Context, x flows.Exchange, known map[string]sign.Secret) error {
	p, ok := flows.Find(flows.All(), x.Provider)
	if !ok || x.Environment == flows.Embedded {
		return nil
	}
	store, err := a.store(x.Environment)
	if err != nil {
		return err
	}
	values, _ := store.Resolve(ctx, queryOf(p, x.Environment, x.Profile)) // what is missing cannot be in the file
	for _, f := range p.Fields {
		if v := values[f.Name].Secret; f.Secret && !v.Empty() {
			known[strings.Join([]string{f.Name, p.ID, x.Environment, x.Profile}, " ")] = v
		}
	}
	return nil
}

// comparisonJSON is what history compare prints.
type comparisonJSON struct {
	Verdict string      `json:"verdict"`
	Layers  []layerJSON `json:"layers"`
}

type layerJSON struct {
	Name        string           `json:"name"`
	Same        bool             `json:"same"` // but for what every send differs in
	Differences []differenceJSON `json:"differences"`
}

type differenceJSON struct {
	Where    untrusted.Text `json:"where"`
	A        untrusted.Text `json:"a"`
	B        untrusted.Text `json:"b"`
	Expected bool           `json:"expected"`
	Note     string         `json:"note,omitempty"`
}

func (a *app) historyCompare() *cobra.Command {
	return a.leaf("compare ID ID", "two exchanges, layer by layer, and the first difference that explains the outcome", 2, 2, func(ctx context.Context, log *history.Log, args []string) error {
		one, err := log.Get(ctx, args[0])
		if err != nil {
			return err
		}
		other, err := log.Get(ctx, args[1])
		if err != nil {
			return err
		}
		c := history.Compare(one, other)
		if a.json {
			return a.object(comparisonOf(c))
		}
		p := &page{w: a.Stdout}
		p.line("%s", untrusted.From(c.Verdict))
		for _, l := range c.Layers {
			if len(l.Differences) == 0 {
				p.line("%s: same", l.Name)
				continue
			}
			p.line("%s:", l.Name)
			for _, d := range l.Differences {
				note := d.Note
				if d.Expected {
					note = strings.TrimSpace("differs in every send " + note)
				}
				p.line("  %s: %s | %s  %s", untrusted.From(d.Where), untrusted.From(d.A), untrusted.From(d.B), untrusted.From(note))
			}
		}
		return p.err
	})
}

func comparisonOf(c history.Comparison) comparisonJSON {
	out := comparisonJSON{Verdict: c.Verdict}
	for _, l := range c.Layers {
		j := layerJSON{Name: l.Name, Same: l.Same(), Differences: []differenceJSON{}}
		for _, d := range l.Differences {
			j.Differences = append(j.Differences, differenceJSON{untrusted.From(d.Where), untrusted.From(d.A), untrusted.From(d.B), d.Expected, d.Note})
		}
		out.Layers = append(out.Layers, j)
	}
	return out
}
