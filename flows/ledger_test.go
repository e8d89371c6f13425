package flows_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"countersign/flows"
	"countersign/flows/sandbox"
)

// ledger is a ledger that fails as told and remembers the order of calls.
type ledger struct {
	intend, complete error
	calls            []string
}

func (l *ledger) Intend(_ context.Context, x flows.Exchange) (string, error) {
	l.calls = append(l.calls, "intend "+string(x.Purpose)+" "+string(x.Outcome))
	return "id", l.intend
}

func (l *ledger) Complete(_ context.Context, x flows.Exchange) error {
	l.calls = append(l.calls, "complete "+string(x.Purpose)+" "+string(x.Outcome))
	return l.complete
}

// The intent is recorded before anything is sent. Without a record no write is sent; a read is, and says so.
func TestLedgerComesFirst(t *testing.T) {
	full := errors.New("disk full")
	busy := &flows.Error{Kind: flows.KindUsage, Message: "this operation is already under way"}
	tests := []struct {
		request  string
		ledger   ledger
		received int
		err      string
	}{
		{"signed-probe", ledger{}, 1, ""},
		{"order", ledger{}, 1, ""},
		{"signed-probe", ledger{intend: full}, 1, ""},
		{"order", ledger{intend: full}, 0, "disk full"},
		{"signed-probe", ledger{intend: busy}, 0, "under way"},
		{"order", ledger{complete: full}, 1, ""},
	}
	for _, tt := range tests {
		received := 0
		r, server := startSandbox(t, func(e sandbox.Event) {
			if strings.HasPrefix(e.Target, "/v1/") {
				received++
			}
		})
		run := r.Through(t.Context(), newRun(t, "sabika", tt.request), flows.StepSignature)
		if run.Err != nil {
			t.Fatal(run.Err)
		}
		l := tt.ledger
		r.Ledger = &l
		run = r.Next(t.Context(), run)
		server.Close()
		x := run.Exchange
		if received != tt.received {
			t.Errorf("%s, %v: %d requests were received, want %d", tt.request, tt.ledger, received, tt.received)
		}
		if tt.err != "" && (x.Err == nil || !strings.Contains(x.Err.Message, tt.err)) {
			t.Errorf("%s: error %v, want %q", tt.request, x.Err, tt.err)
		}
		if failed := tt.ledger.intend == full && tt.received == 1 || tt.ledger.complete != nil; failed != (x.LedgerErr != nil) {
			t.Errorf("%s, %v: the trouble of the ledger is told: %v", tt.request, tt.ledger, x.LedgerErr)
		}
		if l.calls[0] != "intend request prepared" {
			t.Errorf("calls %q", l.calls)
		}
	}
}

// Sending again is the same operation: the key stays, clock and nonce are fresh, and the partner gives the first result.
func TestSendAgainIsTheSameOperation(t *testing.T) {
	r, _ := startSandbox(t, nil)
	first := r.Through(t.Context(), newRun(t, "sabika", "order"), flows.StepResponse)
	second := r.Through(t.Context(), first, flows.StepResponse)
	if second.Err != nil || second.Exchange.Err != nil {
		t.Fatal(second.Err, second.Exchange.Err)
	}
	a, b := first.Exchange, second.Exchange
	if a.IdempotencyKey != b.IdempotencyKey || a.Nonce == b.Nonce {
		t.Errorf("keys %q and %q, nonces %q and %q", a.IdempotencyKey, b.IdempotencyKey, a.Nonce, b.Nonce)
	}
	if id := found(t, a, "order_id"); id == "" || id != found(t, b, "order_id") {
		t.Errorf("two orders were made: %s, %s", a.Response.Body, b.Response.Body)
	}
	edited := second.Edit(func(d *flows.Draft) { d.Header = append(d.Header, d.Header[0]) })
	edited = r.Through(t.Context(), edited, flows.StepSignature)
	if edited.Prepared.Input.IdempotencyKey == a.IdempotencyKey {
		t.Error("an edited request keeps the key of another operation")
	}
}

// A second send that fails on the way is told of the response, not of the signature, which was made.
func TestSecondSendThatFails(t *testing.T) {
	r, server := startSandbox(t, nil)
	run := r.Through(t.Context(), newRun(t, "sabika", "order"), flows.StepResponse)
	if err := server.Set("sabika", "fail", "drop"); err != nil {
		t.Fatal(err)
	}
	run = r.Next(t.Context(), run)
	for _, s := range run.Steps() {
		if want := s.Name == flows.StepResponse; (s.Status == flows.Failed) != want {
			t.Errorf("step %s is %s (%s)", s.Name, s.Status, s.Detail)
		}
	}
	if !strings.Contains(run.Err.Hint, "same idempotency key") {
		t.Errorf("hint %q", run.Err.Hint)
	}
}
