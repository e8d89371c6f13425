package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"countersign/flows"
	"countersign/history"
	"countersign/sign"
	"countersign/sign/untrusted"
)

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
		v.page.line("way on: %s (%s): %s", w.Label, w.Name, wayCommand(e, w.Name))
	}
	if len(e.Masked) > 0 {
		names := []string{}
		for _, m := range e.Masked {
			names = append(names, fmt.Sprintf("%s %s", m.Where, m.Name))
		}
		v.page.line("masked before it was written: %s", untrusted.From(strings.Join(names, ", ")))
	}
}

// wayCommand is the command for a way on from an unknown outcome.
func wayCommand(e history.Entry, way string) string {
	x := e.Exchange
	switch way {
	case history.Resolve:
		return fmt.Sprintf("countersign history resolve %s WORDS", e.ID)
	case history.SendAgain:
		return fmt.Sprintf("countersign history replay %s --as same-operation --send", e.ID)
	}
	p, known := flows.Find(flows.All(), x.Provider)
	if !known {
		return "by telephone"
	}
	var reads []string
	for _, s := range p.Requests {
		if !s.Writes && !slices.ContainsFunc(p.Options, func(o flows.Option) bool { return o.Probe == s.Name }) {
			reads = append(reads, s.Name)
		}
	}
	if len(reads) == 0 {
		return "by telephone: no request of this partner only reads"
	}
	return fmt.Sprintf("countersign run %s REQUEST --environment %s --profile %s, REQUEST being one that only reads: %s", p.ID, x.Environment, x.Profile, strings.Join(reads, ", "))
}
