package history

import (
	"context"
	"fmt"

	"countersign/flows"
)

// DrillStep is one send of a drill, with what should come of it.
type DrillStep struct {
	Name     string // "original", or a Choice
	Title    string
	Expected string
	Run      flows.Run // holds the exchange, for the panes
	Met      bool
	Verdict  string // one sentence: what the answer shows
}

// Drill proves replay protection: it sends a request, then the very same bytes, then the same operation signed afresh,
// then a new operation, and says of each answer whether it is what a careful partner gives. It sends four requests, so
// it refuses production, and stops at the first send that gets no answer.
func Drill(ctx context.Context, runner *flows.Runner, d flows.Draft) ([]DrillStep, error) {
	return DrillWith(ctx, runner, d, nil)
}

// DrillWith is Drill with values that were typed for credential fields, by their names.
func DrillWith(ctx context.Context, runner *flows.Runner, d flows.Draft, set map[string]string) ([]DrillStep, error) {
	if d.Environment.Production {
		return nil, &flows.Error{Kind: flows.KindUsage, Message: "the drill sends four requests; it does not run in production", Hint: "choose the sandbox"}
	}
	start := func(d flows.Draft) flows.Run {
		run := flows.NewRun(d)
		run.Set = set
		return run
	}
	d = d.Clone()
	d.IdempotencyKey, d.Nonce = "", ""
	protected := d.Provider.Nonce != nil && d.Sample.Signed
	original := runner.Through(ctx, start(d), flows.StepResponse)
	steps := []DrillStep{judged("original", "the request, signed", "is accepted", original, accepted(original))}
	if original.Err != nil || original.Exchange == nil || original.Exchange.Response == nil {
		return steps, nil
	}
	key := original.Exchange.IdempotencyKey

	again := runner.Resend(ctx, start(d), *original.Exchange)
	expected := "is refused: the nonce was used"
	if !protected {
		expected = "is answered: nothing in this scheme tells a replay from the original"
	}
	steps = append(steps, judged(string(Verbatim), "the very same bytes", expected, again, refused(again) == protected && again.Err == nil))

	same := d.Clone()
	same.IdempotencyKey, same.ReplayOf = key, original.Exchange.ID
	run := runner.Through(ctx, start(same), flows.StepResponse)
	steps = append(steps, judged(string(SameOperation), "the same operation, signed afresh", "is accepted, and gives the first result", run, accepted(run)))

	fresh := d.Clone()
	fresh.ReplayOf = original.Exchange.ID
	run = runner.Through(ctx, start(fresh), flows.StepResponse)
	return append(steps, judged(string(NewOperation), "a new operation", "is judged on its own", run, run.Err == nil && run.Exchange.Response != nil)), nil
}

func accepted(r flows.Run) bool {
	return r.Err == nil && r.Exchange != nil && r.Exchange.Response != nil && r.Exchange.Response.Error == nil
}

func refused(r flows.Run) bool {
	return r.Exchange != nil && r.Exchange.Response != nil && r.Exchange.Response.Error != nil
}

// judged puts what came of a send into one sentence.
func judged(name, title, expected string, r flows.Run, met bool) DrillStep {
	s := DrillStep{Name: name, Title: title, Expected: expected, Run: r, Met: met}
	answer := "got no answer"
	switch x := r.Exchange; {
	case r.Err != nil:
		answer = "was not answered: " + r.Err.Message
	case refused(r):
		e := x.Response.Error
		answer = fmt.Sprintf("was refused with %d %s", x.Response.Status, e.Code.String())
	case x != nil && x.Response != nil:
		answer = fmt.Sprintf("was answered with %d", x.Response.Status)
	}
	s.Verdict = fmt.Sprintf("%s %s; expected: it %s", title, answer, expected)
	return s
}
