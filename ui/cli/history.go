package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"countersign/flows"
	"countersign/history"
	"countersign/sign"
	"countersign/sign/untrusted"
)

// history is the parent of what can be done with past exchanges.
func (a *app) history() *cobra.Command {
	c := parent("history", "past exchanges: find, look at, compare, replay, export")
	c.AddCommand(a.historyList(), a.historySearch(), a.historyShow(), a.historyCompare(), a.historyReplay(),
		a.historyExport(), a.historyImport(), a.historyResolve(), a.historyTag(), a.historyDelete(), a.historyPurge())
	return c
}

// parent is a command that only has others below it.
func parent(name, short string) *cobra.Command {
	return &cobra.Command{Use: name, Short: short, RunE: func(c *cobra.Command, args []string) error {
		names := commandNames(c)
		if len(args) == 0 {
			return wrong("countersign "+name+" --help", "%s needs one of %s", name, strings.Join(names, ", "))
		}
		return wrong(didYouMean(args[0], names), "there is no command %q; there are %s", name+" "+args[0], strings.Join(names, ", "))
	}}
}

// leaf is a command of history: it opens the history and takes the words behind it.
func (a *app) leaf(usage, short string, least, most int, do func(context.Context, *history.Log, []string) error) *cobra.Command {
	_, words, _ := strings.Cut(usage, " ")
	c := &cobra.Command{Use: usage, Short: short, Args: arguments(words, least, most), RunE: func(c *cobra.Command, args []string) error {
		log, err := a.openLog()
		if err != nil {
			return err
		}
		defer a.tellOf(c.Context(), log)
		return do(c.Context(), log, args)
	}}
	c.Flags().Bool("json", false, "print one JSON object")
	return c
}

// tellOf says on standard error what happened to the file of history as it was opened: it may have been damaged, and
// then an empty list is no answer. Trouble that kept it shut was told by the command.
func (a *app) tellOf(ctx context.Context, log *history.Log) {
	status, err := log.Status(ctx)
	if err != nil {
		return
	}
	for _, n := range status.Notices {
		fmt.Fprintf(a.Stderr, "countersign: %s\n", untrusted.From(n))
	}
}

// many is more words than anybody types.
const many = 10000

func (a *app) historyList() *cobra.Command {
	var limit int
	var before string
	c := a.leaf("list", "the newest exchanges", 0, 0, func(ctx context.Context, log *history.Log, _ []string) error {
		return a.find(ctx, log, history.Query{Limit: limit, Before: before})
	})
	pageFlags(c, &limit, &before)
	return c
}

func (a *app) historySearch() *cobra.Command {
	var limit int
	var before string
	c := a.leaf("search QUERY...", "find exchanges by words and fields", 1, many, func(ctx context.Context, log *history.Log, args []string) error {
		q, err := history.ParseQuery(strings.Join(args, " "), a.Now())
		if err != nil {
			return wrong("", "%s", err)
		}
		q.Limit, q.Before = limit, before
		return a.find(ctx, log, q)
	})
	var help []string
	for _, f := range history.QueryFields() {
		help = append(help, "  "+f[1])
	}
	c.Long = "All words must occur; behind -- a -WORD leaves out. Fields:\n" + strings.Join(help, "\n")
	pageFlags(c, &limit, &before)
	return c
}

func pageFlags(c *cobra.Command, limit *int, before *string) {
	c.Flags().IntVarP(limit, "limit", "n", 50, "at most this `NUMBER`")
	c.Flags().StringVar(before, "before", "", "only entries older than `ID`: the next page")
	c.PreRunE = func(c *cobra.Command, _ []string) error {
		if *limit < 1 {
			return wrong("", "--limit cannot be %d: it is a number from 1 on", *limit)
		}
		if _, err := strconv.ParseUint(*before, 10, 63); err != nil && *before != "" {
			return wrong("the end of a page names the entry that the next one comes before", "--before cannot be %q: entries have numbers", *before)
		}
		return notEmpty(c, "before")
	}
}

// summaryJSON is an entry in a list.
type summaryJSON struct {
	ID             string         `json:"id"`
	State          string         `json:"state"`
	Started        string         `json:"started"`
	Purpose        string         `json:"purpose"`
	Provider       string         `json:"provider"`
	Environment    string         `json:"environment"`
	Profile        string         `json:"profile"`
	Request        string         `json:"request"`
	Method         string         `json:"method"`
	Host           string         `json:"host"`
	Path           string         `json:"path"`
	Status         int            `json:"status,omitempty"` // absent: no answer
	Code           untrusted.Text `json:"code,omitzero"`
	Outcome        string         `json:"outcome"`
	IdempotencyKey string         `json:"idempotency_key,omitempty"`
	ReplayOf       string         `json:"replay_of,omitempty"`
	Tags           []string       `json:"tags,omitempty"`
	Note           untrusted.Text `json:"note,omitzero"`
	Verdict        untrusted.Text `json:"verdict,omitzero"`
}

func summaryOf(s history.Summary) summaryJSON {
	return summaryJSON{s.ID, string(s.State), s.Started.UTC().Format(time.RFC3339Nano), string(s.Purpose), s.Provider, s.Environment, s.Profile,
		s.Sample, s.Method, s.Host, s.Path, s.Status, s.Code, string(s.Outcome), s.IdempotencyKey, s.ReplayOf, s.Tags, s.Note, s.Verdict}
}

// find prints one page.
func (a *app) find(ctx context.Context, log *history.Log, q history.Query) error {
	found, err := log.Find(ctx, q)
	if err != nil {
		return err
	}
	if a.json {
		entries := []summaryJSON{}
		for _, s := range found.Entries {
			entries = append(entries, summaryOf(s))
		}
		return a.object(struct {
			Entries []summaryJSON `json:"entries"`
			Next    string        `json:"next,omitempty"`
		}{entries, found.Next})
	}
	p := &page{w: a.Stdout}
	t := p.table(0)
	for _, s := range found.Entries {
		outcome := string(s.Outcome)
		if s.Status != 0 {
			outcome = strings.TrimSpace(fmt.Sprintf("%d %s", s.Status, s.Code))
		}
		if s.State == history.Unknown {
			outcome = "OUTCOME UNKNOWN"
		}
		t.row(s.ID, s.Started.Local().Format(time.DateTime), s.Provider, s.Environment, string(s.Purpose), s.Method+" "+s.Path, outcome, strings.Join(s.Tags, " "))
	}
	t.end()
	switch {
	case len(found.Entries) == 0:
		p.line("nothing was found")
	case found.Next != "":
		p.line("more: --before %s", found.Next)
	}
	return p.err
}

// entryJSON is what history show prints: the object of run, and what history knows besides.
type entryJSON struct {
	walkJSON
	ID         string           `json:"id"`
	State      string           `json:"state"`
	Started    string           `json:"started"`
	Purpose    string           `json:"purpose"`
	Profile    string           `json:"profile"`
	Masked     []history.Masked `json:"masked,omitempty"` // what was masked before it was written
	Withheld   string           `json:"withheld,omitempty"`
	Tags       []string         `json:"tags,omitempty"`
	Note       untrusted.Text   `json:"note,omitzero"`
	Verdict    untrusted.Text   `json:"verdict,omitzero"`
	Resolution untrusted.Text   `json:"resolution,omitzero"`
}

func entryOf(e history.Entry) entryJSON {
	x := e.Exchange
	run := flows.Run{Prepared: &flows.Prepared{Signed: x.Signed}}
	out := entryJSON{
		ID: e.ID, State: string(e.State), Started: x.Started.UTC().Format(time.RFC3339Nano), Purpose: string(x.Purpose), Profile: x.Profile,
		Masked: e.Masked, Withheld: e.Withheld, Tags: e.Tags, Note: e.Note, Verdict: e.Verdict, Resolution: e.Resolution,
	}
	out.walkJSON = walkJSON{Provider: x.Provider, Environment: x.Environment, Request: sentOf(run, false), Steps: []stepJSON{},
		Response: answerOf(x.Response, false), HistoryID: e.ID, Outcome: string(x.Outcome), Error: failureOf(x.Err)}
	if canonical, ok := x.Signed.Stage(sign.StageCanonical); ok {
		out.Canonical = &canonical
		_, out.Signature = signatureOf(x.Signed, false)
	}
	if x.Token != nil {
		out.Token = tokenOf(flows.Token{Facts: *x.Token}, false)
	}
	return out
}

func (a *app) historyShow() *cobra.Command {
	return a.leaf("show ID", "one exchange as a whole: what was sent, what was signed, what came back", 1, 1, func(ctx context.Context, log *history.Log, args []string) error {
		e, err := log.Get(ctx, args[0])
		if err != nil {
			return err
		}
		if a.json {
			return a.object(entryOf(e))
		}
		v := view{page: &page{w: a.Stdout}, now: a.Now}
		v.entry(e)
		return v.page.err
	})
}

// entry prints an entry of history.
func (v view) entry(e history.Entry) {
	x := e.Exchange
	v.page.line("%s, %s, %s, environment %s, profile %s, %s", e.ID, moments(x.Started), untrusted.From(x.Provider), untrusted.From(x.Environment), untrusted.From(x.Profile), strings.ToUpper(string(e.State)))
	for _, line := range [][2]string{
		{"tags", strings.Join(e.Tags, " ")}, {"note", e.Note.String()}, {"verdict", e.Verdict.String()}, {"resolved", e.Resolution.String()},
		{"replay of", x.ReplayOf}, {"idempotency key", untrusted.From(x.IdempotencyKey).String()}, {"not kept", e.Withheld},
	} {
		if line[1] != "" {
			v.page.line("%s: %s", line[0], line[1])
		}
	}
	run := flows.Run{Prepared: &flows.Prepared{Signed: x.Signed}}
	v.stages(run, func(string) bool { return true })
	v.signature(run)
	v.exchange(&x, true)
	if x.Err != nil {
		v.page.line("error: %s", untrusted.From(x.Err.Message))
		if x.Err.Hint != "" {
			v.page.line("hint: %s", untrusted.From(x.Err.Hint))
		}
	}
	for _, w := range e.Ways() {
		v.page.line("way on: %s (%s)", w.Label, w.Name)
	}
	if len(e.Masked) > 0 {
		names := []string{}
		for _, m := range e.Masked {
			names = append(names, fmt.Sprintf("%s %s", m.Where, m.Name))
		}
		v.page.line("masked before it was written: %s", untrusted.From(strings.Join(names, ", ")))
	}
}

func (a *app) historyResolve() *cobra.Command {
	return a.leaf("resolve ID WORDS...", "say what became of an exchange whose outcome was unknown", 2, many, func(ctx context.Context, log *history.Log, args []string) error {
		if err := log.MarkResolved(ctx, args[0], strings.Join(args[1:], " ")); err != nil {
			return err
		}
		return a.changed(ctx, log, args[0])
	})
}

func (a *app) historyTag() *cobra.Command {
	var note string
	c := a.leaf("tag ID [TAG...]", "add tags, behind -- a -TAG takes one away; --note replaces the note", 1, many, func(ctx context.Context, log *history.Log, args []string) error {
		var add, remove []string
		for _, t := range args[1:] {
			if gone, ok := strings.CutPrefix(t, "-"); ok {
				remove = append(remove, gone)
			} else {
				add = append(add, t)
			}
		}
		if err := log.Tag(ctx, args[0], add, remove); err != nil {
			return err
		}
		if note != "" {
			if err := log.SetNote(ctx, args[0], note); err != nil {
				return err
			}
		}
		return a.changed(ctx, log, args[0])
	})
	c.Flags().StringVar(&note, "note", "", "`TEXT` of the note")
	return c
}

// changed prints the entry in one line after it was changed.
func (a *app) changed(ctx context.Context, log *history.Log, id string) error {
	e, err := log.Get(ctx, id)
	if err != nil {
		return err
	}
	if a.json {
		return a.object(entryOf(e))
	}
	p := &page{w: a.Stdout}
	p.line("%s: %s, tags %s", e.ID, e.State, strings.Join(e.Tags, " "))
	return p.err
}

func (a *app) historyDelete() *cobra.Command {
	return a.leaf("delete ID...", "remove exchanges for good", 1, many, func(ctx context.Context, log *history.Log, args []string) error {
		n, err := log.Delete(ctx, args...)
		if err != nil {
			return err
		}
		return a.deleted(n)
	})
}
