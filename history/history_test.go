package history_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"countersign/flows"
	"countersign/flows/credentials"
	"countersign/flows/sandbox"
	"countersign/history"
	"countersign/sign"
	"countersign/sign/untrusted"
)

// open opens a history in a fresh directory.
func open(t testing.TB, dir string) *history.Log {
	t.Helper()
	l, err := history.Open(t.Context(), history.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// startSandbox starts the partners and a runner that writes into a history.
func startSandbox(t testing.TB, l *history.Log) *flows.Runner {
	t.Helper()
	server, err := sandbox.Start(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	r := flows.NewRunner(&credentials.Store{})
	if l != nil {
		r.Ledger = l
	}
	r.Given = func(_ context.Context, id string) (flows.Given, error) {
		return flows.Given{BaseURL: server.BaseURL(id), Values: server.Credentials(id), PEM: server.PEM(id), CA: server.CAPEM()}, nil
	}
	return r
}

func newRun(t testing.TB, provider, sample string) flows.Run {
	t.Helper()
	p, ok := flows.Find(flows.All(), provider)
	if !ok {
		t.Fatalf("no provider %q", provider)
	}
	env, _ := p.Environment(flows.Embedded)
	s, ok := p.Sample(sample)
	if !ok {
		t.Fatalf("no request %q", sample)
	}
	return flows.NewRun(flows.NewDraft(p, env, s))
}

func send(t testing.TB, r *flows.Runner, run flows.Run) flows.Run {
	t.Helper()
	run = r.Through(t.Context(), run, flows.StepResponse)
	if run.Err != nil {
		t.Fatalf("%s: %s", run.Err.Step, run.Err.Message)
	}
	return run
}

// made is an exchange as a runner hands it over, without a network.
func made(change func(*flows.Exchange)) flows.Exchange {
	x := flows.Exchange{
		Purpose: flows.PurposeRequest, Provider: "sabika", Environment: "sandbox", Profile: "default", BaseURL: "https://api.example.com",
		Sample: "order", Writes: true, MovesMoney: true, IdempotencyKey: "key-1", Started: time.Date(2026, 11, 22, 14, 2, 11, 0, time.UTC),
		Outcome: flows.OutcomePrepared, Signed: sign.Signed{Request: sign.Request{
			Method: "POST", Scheme: "https", Authority: "api.example.com", Path: "/v1/orders",
			Body: sign.Plain(sign.Origin{Kind: sign.Body}, []byte(`{"quote_id":"q_1"}`)),
		}},
	}
	if change != nil {
		change(&x)
	}
	return x
}

// answered is the same exchange with an answer.
func answered(x flows.Exchange, id string, status int, body string) flows.Exchange {
	x.ID, x.Outcome = id, flows.OutcomeAnswered
	x.Response = &flows.Response{Status: status, Proto: "HTTP/1.1", Body: untrusted.From(body), Size: len(body)}
	if status >= 400 {
		x.Response.Error = &flows.PartnerError{Code: untrusted.From("invalid_signature"), Message: untrusted.From("the signature does not verify")}
		x.Err = &flows.Error{Kind: flows.KindRefused, Step: flows.StepResponse, Message: "the partner refused"}
	}
	x.Timing.Total = 31 * time.Millisecond
	return x
}

func intend(t testing.TB, l *history.Log, x flows.Exchange) string {
	t.Helper()
	id, err := l.Intend(t.Context(), x)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func outside(s string) untrusted.Text { return untrusted.From(s) }

func find(t testing.TB, l *history.Log, query string) []history.Summary {
	t.Helper()
	q, err := history.ParseQuery(query, time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	page, err := l.Find(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return page.Entries
}

// Every request of every partner is kept as it was sent, and can be found by what it is.
func TestEverythingSentIsKept(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	r := startSandbox(t, l)
	for _, p := range flows.All() {
		run := send(t, r, newRun(t, p.ID, ""))
		x := run.Exchange
		e, err := l.Get(t.Context(), x.ID)
		if err != nil {
			t.Fatal(err)
		}
		got, want := e.Exchange.Signed, x.Signed
		if e.State != history.Finished || e.Exchange.Response.Status != x.Response.Status || got.Request.URL() != want.Request.URL() {
			t.Errorf("%s: kept %s %d %s", p.ID, e.State, e.Exchange.Response.Status, got.Request.URL())
		}
		if e.Exchange.Response.Body.Raw() != x.Response.Body.Raw() && !x.NoStore && !strings.Contains(x.Response.Body.Raw(), "[secret]") {
			t.Errorf("%s: body %q, want %q", p.ID, e.Exchange.Response.Body.Raw(), x.Response.Body.Raw())
		}
		canonical, ok := want.Stage(sign.StageCanonical)
		kept, _ := got.Stage(sign.StageCanonical)
		if ok && !x.NoStore && (kept.String() != canonical.String() || len(kept.Spans()) != len(canonical.Spans())) {
			t.Errorf("%s: canonical string %q, want %q", p.ID, kept, canonical)
		}
		if list := find(t, l, "partner:"+p.ID+" purpose:request status:2xx"); len(list) != 1 || list[0].ID != x.ID {
			t.Errorf("%s: found %+v", p.ID, list)
		}
	}
}

// The same operation is not sent twice at a time, from here or from another window.
func TestOneOperationAtATime(t *testing.T) {
	dir := t.TempDir()
	here, there := open(t, dir), open(t, dir)
	id := intend(t, here, made(nil))
	for name, l := range map[string]*history.Log{"this window": here, "another window": there} {
		_, err := l.Intend(t.Context(), made(nil))
		var told *flows.Error
		if !errors.As(err, &told) || told.Kind == flows.KindLocal || !strings.Contains(told.Message, "begun at ") || !strings.Contains(told.Message, name) {
			t.Errorf("a second send from %s: %v", name, err)
		}
	}
	if err := here.Complete(t.Context(), answered(made(nil), id, 200, "{}")); err != nil {
		t.Fatal(err)
	}
	intend(t, there, made(nil))
}

// What only reads is sent again without a word on a key that it has not; what writes without a key is not offered again.
func TestWays(t *testing.T) {
	for _, c := range []struct {
		x    flows.Exchange
		want string // the names, and the label of sending again
	}{
		{flows.Exchange{Writes: true, IdempotencyKey: "k"}, "ask-status same-operation resolve: send the same operation again, with the same idempotency key"},
		{flows.Exchange{IdempotencyKey: "k"}, "ask-status same-operation resolve: send the same operation again, with the same idempotency key"},
		{flows.Exchange{}, "ask-status same-operation resolve: send it again: it changes nothing"},
		{flows.Exchange{Writes: true}, "ask-status resolve: "},
	} {
		var names []string
		again := ""
		for _, w := range (history.Entry{State: history.Unknown, Exchange: c.x}).Ways() {
			names = append(names, w.Name)
			if w.Name == history.SendAgain {
				again = w.Label
			}
		}
		if got := strings.Join(names, " ") + ": " + again; got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
