package flows_test

import (
	"testing"

	"countersign/flows"
)

// The same bytes once more: the partner that keeps nonces refuses them, and nothing was signed afresh.
func TestResendSendsTheSameBytes(t *testing.T) {
	r, _ := startSandbox(t, nil)
	run := r.Through(t.Context(), newRun(t, "sabika", "signed-probe"), flows.StepResponse)
	if run.Err != nil || run.Exchange.Response.Status != 200 {
		t.Fatalf("the first send: %v", run.Err)
	}
	first := *run.Exchange
	again := r.Resend(t.Context(), flows.NewRun(run.Draft), first)
	if again.Err != nil {
		t.Fatal(again.Err)
	}
	x := again.Exchange
	if x.Sent.Raw.Reveal() != first.Sent.Raw.Reveal() {
		t.Error("the bytes on the wire differ from those of the first send")
	}
	if x.Response.Status != 401 || x.Response.Error.Code.Raw() != "replayed_nonce" {
		t.Errorf("got %d %s, want 401 replayed_nonce", x.Response.Status, x.Response.Error.Code)
	}
	after := r.Next(t.Context(), again)
	if after.Err != nil || after.Exchange.Response.Status != 200 {
		t.Errorf("the next send is not signed afresh: %v", after.Err)
	}
}

// A record without its bytes is refused before anything is sent.
func TestResendNeedsTheBytes(t *testing.T) {
	r, _ := startSandbox(t, nil)
	run := r.Resend(t.Context(), newRun(t, "sabika", "signed-probe"), flows.Exchange{})
	if run.Err == nil || run.Exchange != nil {
		t.Fatal("sent something")
	}
}
