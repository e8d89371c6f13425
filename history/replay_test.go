package history_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"countersign/flows"
	"countersign/history"
	"countersign/sign"
)

func entry(t testing.TB, l *history.Log, id string) history.Entry {
	t.Helper()
	e, err := l.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// The three ways to send an order once more, and what the partner makes of each.
func TestReplay(t *testing.T) {
	l := open(t, t.TempDir())
	r := startSandbox(t, l)
	run := send(t, r, newRun(t, "sabika", "order"))
	first := run.Exchange
	tests := []struct {
		choice  history.Choice
		status  int
		sameKey bool
		same    bool // the partner gives the first result
	}{
		{history.SameOperation, 200, true, true},
		{history.Verbatim, 401, true, false},
	}
	for _, tt := range tests {
		replay, err := l.Replay(entry(t, l, first.ID), tt.choice, flows.All())
		if err != nil {
			t.Fatal(err)
		}
		if replay.Blocked() || replay.AskWord || (replay.Verbatim != nil) != (tt.choice == history.Verbatim) {
			t.Errorf("%s: %+v", tt.choice, replay.Remarks)
		}
		var again flows.Run
		if replay.Verbatim != nil {
			again = r.Resend(t.Context(), flows.NewRun(replay.Draft), *replay.Verbatim)
		} else {
			again = r.Through(t.Context(), flows.NewRun(replay.Draft), flows.StepResponse)
		}
		x := again.Exchange
		if x == nil || x.Response == nil || x.Response.Status != tt.status || (x.IdempotencyKey == first.IdempotencyKey) != tt.sameKey || x.ReplayOf != first.ID {
			t.Fatalf("%s: %v %d %s %s", tt.choice, again.Err, x.Response.Status, x.Response.Body, x.ReplayOf)
		}
		if got := x.Response.Body.Raw() == first.Response.Body.Raw(); got != tt.same {
			t.Errorf("%s: the first result again: %v, want %v", tt.choice, got, tt.same)
		}
		if sent := x.Sent.Raw.Reveal() == first.Sent.Raw.Reveal(); sent != (tt.choice == history.Verbatim) {
			t.Errorf("%s: the same bytes: %v", tt.choice, sent)
		}
	}
	replay, err := l.Replay(entry(t, l, first.ID), history.NewOperation, flows.All())
	if err != nil || replay.Draft.IdempotencyKey != "" || len(replay.Remarks) == 0 || !strings.Contains(replay.Remarks[0].Text, "once more") {
		t.Errorf("a new operation: %+v, %v", replay, err)
	}
	if list := find(t, l, "replay:"+first.ID); len(list) != 2 {
		t.Errorf("%d replays are found", len(list))
	}
}

// Every request of every partner can be replayed as the same operation from what was recorded.
func TestEveryRequestReplays(t *testing.T) {
	l := open(t, t.TempDir())
	r := startSandbox(t, l)
	for _, p := range flows.All() {
		for _, s := range p.Requests {
			first := send(t, r, newRun(t, p.ID, s.Name)).Exchange
			replay, err := l.Replay(entry(t, l, first.ID), history.SameOperation, flows.All())
			if err != nil {
				t.Errorf("%s %s: %v", p.ID, s.Name, err)
				continue
			}
			if replay.Blocked() { // a secret was in the body: it must be typed again
				if b := first.Signed.Request.Body.String(); !strings.Contains(b, "secret") && !strings.Contains(b, "oken") {
					t.Errorf("%s %s is blocked: %v", p.ID, s.Name, replay.Remarks)
				}
				continue
			}
			again := r.Through(t.Context(), flows.NewRun(replay.Draft), flows.StepSignature)
			if again.Err != nil {
				t.Errorf("%s %s: %v", p.ID, s.Name, again.Err)
				continue
			}
			q, want := again.Prepared.Signed.Request, first.Signed.Request
			if q.URL() != want.URL() || q.Body.String() != want.Body.String() || len(q.Header) != len(want.Header) {
				t.Errorf("%s %s: replayed\n%v\nwant\n%v", p.ID, s.Name, q, want)
			}
		}
	}
}

// What another window sent, or this one before it was closed, cannot be sent verbatim, and says why.
func TestVerbatimNeedsTheSecrets(t *testing.T) {
	dir := t.TempDir()
	id := intend(t, open(t, dir), made(nil))
	there := open(t, dir)
	_, err := there.Replay(entry(t, there, id), history.Verbatim, flows.All())
	if err == nil || !strings.Contains(err.Error(), "memory only") {
		t.Errorf("got %v", err)
	}
}

// A draft is not more than a draft: what cannot be sent says so, and real money asks for a word.
func TestDraftRemarks(t *testing.T) {
	base := func(change func(*history.Entry)) history.Entry {
		e := history.Entry{ID: "7", State: history.Finished, Exchange: made(nil)}
		if change != nil {
			change(&e)
		}
		return e
	}
	body := func(s string) sign.Text { return sign.Plain(sign.Origin{Kind: sign.Body}, []byte(s)) }
	tests := []struct {
		name   string
		entry  history.Entry
		choice history.Choice
		want   string
		blocks bool
	}{
		{"fresh", base(nil), history.SameOperation, "", false},
		{"old", base(func(e *history.Entry) { e.Exchange.Started = e.Exchange.Started.AddDate(0, 0, -3) }), history.SameOperation, "3 days ago", false},
		{"no key", base(func(e *history.Entry) { e.Exchange.IdempotencyKey = "" }), history.SameOperation, "no idempotency key", false},
		{"money again", base(nil), history.NewOperation, "moves the money once more", false},
		{"unknown", base(func(e *history.Entry) { e.State = history.Unknown }), history.NewOperation, "outcome of this entry is unknown", false},
		{"masked", base(func(e *history.Entry) { e.Exchange.Signed.Request.Body = body(`{"pin":"<redacted:pin>"}`) }), history.SameOperation, "type the value again", true},
		{"withheld", base(func(e *history.Entry) { e.Exchange.NoStore = true }), history.SameOperation, "forbids to store", true},
	}
	for _, tt := range tests {
		_, remarks, err := history.Draft(tt.entry, tt.choice, flows.All(), made(nil).Started.Add(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		all, blocks := "", false
		for _, r := range remarks {
			all, blocks = all+r.Text+"; ", blocks || r.Blocks
		}
		if !strings.Contains(all, tt.want) || tt.want == "" && all != "" || blocks != tt.blocks {
			t.Errorf("%s: %q, blocks %v", tt.name, all, blocks)
		}
	}
	d, _, err := history.Draft(base(func(e *history.Entry) { e.Exchange.Environment, e.Exchange.Production = "production", true }), history.SameOperation, flows.All(), time.Now())
	if err != nil || !history.AskWord(d) {
		t.Errorf("real money does not ask for a word: %v", err)
	}
}

// A key that belongs to another body is refused before anything is sent, and so is an operation under way.
func TestCheckSend(t *testing.T) {
	l := open(t, t.TempDir())
	r := startSandbox(t, l)
	run := r.Through(t.Context(), newRun(t, "sabika", "quote").Edit(func(d *flows.Draft) { d.IdempotencyKey = "key-of-the-first" }), flows.StepResponse)
	if run.Err != nil {
		t.Fatal(run.Err)
	}
	same := r.Through(t.Context(), flows.NewRun(run.Draft), flows.StepSignature)
	if err := l.CheckSend(t.Context(), same); err != nil {
		t.Errorf("the same body: %v", err)
	}
	other := r.Through(t.Context(), same.Edit(func(d *flows.Draft) { b := `{"side":"buy","grams":"2.00"}`; d.Body = &b }), flows.StepSignature)
	err := l.CheckSend(t.Context(), other)
	var told *flows.Error
	if !errors.As(err, &told) || !strings.Contains(told.Message, "belongs to another body") || told.Hint == "" {
		t.Errorf("another body: %v", err)
	}
	x := made(func(x *flows.Exchange) { x.Production, x.Environment = true, "production" })
	id := intend(t, l, x)
	l.Complete(t.Context(), answered(x, id, 200, "{}"))
	x.Signed.Request.Body = sign.Plain(sign.Origin{Kind: sign.Body}, []byte(`{"quote_id":"q_2"}`))
	if _, err := l.Intend(t.Context(), x); err == nil || !strings.Contains(err.Error(), "belongs to another body") {
		t.Errorf("in production it is not even intended: %v", err)
	}
}

// The drill shows, side by side, what a partner makes of a replay.
func TestDrill(t *testing.T) {
	l := open(t, t.TempDir())
	r := startSandbox(t, l)
	for partner, want := range map[string][]string{
		"sabika": {"200", "401 replayed_nonce", "200", "200"},
		"jiko":   {"200", "200", "200", "200"}, // nothing in its scheme tells a replay from the original
	} {
		steps, err := history.Drill(t.Context(), r, newRun(t, partner, "").Draft)
		if err != nil || len(steps) != 4 {
			t.Fatal(partner, steps, err)
		}
		for i, s := range steps {
			if !strings.Contains(s.Verdict, want[i]) || !s.Met {
				t.Errorf("%s %s: %s, met %v", partner, s.Name, s.Verdict, s.Met)
			}
		}
	}
	d := newRun(t, "sabika", "").Draft
	d.Environment.Production = true
	if _, err := history.Drill(t.Context(), r, d); err == nil {
		t.Error("it runs in production")
	}
}
