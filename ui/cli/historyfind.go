package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"countersign/history"
	"countersign/sign/untrusted"
)

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
		t.row(s.ID, s.Started.Local().Format(time.DateTime), s.Provider, s.Environment, string(s.Purpose), s.Method+" "+s.Path, endOf(s), strings.Join(s.Tags, " "))
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

// endOf is how an entry ended, in few words: its state where a person has to know it, or else the answer.
func endOf(s history.Summary) string {
	switch {
	case s.State == history.Unknown:
		return "OUTCOME UNKNOWN"
	case s.State == history.Sending:
		return "being sent"
	case s.State == history.Resolved:
		return "resolved"
	case s.Status != 0:
		return strings.TrimSpace(fmt.Sprintf("%d %s", s.Status, s.Code))
	}
	return string(s.Outcome)
}
