package flows_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"countersign/flows"
	"countersign/flows/sandbox"
)

// One confirmed send is one request on the wire, also when the partner acts and then drops the connection
// and the request carries an Idempotency-Key, which makes net/http repeat it on a connection that it reuses.
func TestOneSendIsOneRequest(t *testing.T) {
	for _, tt := range []struct{ provider, request string }{
		{"sabika", "order"}, {"sabika", "signed-probe"}, {"jiko", "subscription"}, {"jiko", "agreements"}, {"jupico", "sale"}, {"jpay", "payout"}, {"kuna", "transfer"},
	} {
		t.Run(tt.provider+"/"+tt.request, func(t *testing.T) {
			var received atomic.Int32
			r, server := startSandbox(t, func(e sandbox.Event) {
				if !strings.Contains(e.Target, "login") && !strings.Contains(e.Target, "token") && e.Method != "" {
					received.Add(1)
				}
			})
			run := r.Through(t.Context(), newRun(t, tt.provider, tt.request), flows.StepSignature)
			if run.Err != nil {
				t.Fatal(run.Err)
			}
			if err := server.Set(tt.provider, "fail", "drop"); err != nil {
				t.Fatal(err)
			}
			run = r.Next(t.Context(), run)
			x := run.Exchange
			if x.Outcome != flows.OutcomeUnknown || x.Err == nil || x.Err.Kind != flows.KindNetwork {
				t.Errorf("outcome %q, error %v; the partner acted and did not answer", x.Outcome, x.Err)
			}
			server.Close() // waits until every request was observed
			if n := received.Load(); n != 1 {
				t.Errorf("the partner received %d requests, want 1", n)
			}
		})
	}
}

// What goes wrong between us and the partner is told in one sentence that names the cause.
func TestNetworkErrors(t *testing.T) {
	silent := func(c net.Conn) { io.Copy(io.Discard, c) }
	tests := []struct {
		name    string
		serve   func(net.Conn)
		want    string
		outcome flows.Outcome
	}{
		{"no TLS", func(c net.Conn) { c.Read(make([]byte, 1)); io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n") }, "does not speak TLS", flows.OutcomeNotSent},
		{"closed at once", func(c net.Conn) { c.Read(make([]byte, 64<<10)); c.Close() }, "closed the connection", flows.OutcomeNotSent},
		{"silence in the handshake", silent, "did not answer in time", flows.OutcomeNotSent},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			address := listen(t, tt.serve)
			x := sendTo(t, address, nil)
			if x.Err == nil || !strings.Contains(x.Err.Message, tt.want) || x.Err.Kind != flows.KindNetwork {
				t.Errorf("error %v, want one with %q", x.Err, tt.want)
			}
			if x.Outcome != tt.outcome {
				t.Errorf("outcome %q, want %q", x.Outcome, tt.outcome)
			}
		})
	}
	t.Run("silence is not waited for to the end", func(t *testing.T) {
		r, _ := startSandbox(t, nil)
		r.Limits = flows.Limits{Stall: 50 * time.Millisecond} // Total stays a minute: the test would hang
		run := newRun(t, "jupico", "status").Edit(func(d *flows.Draft) {
			d.Environment = flows.Environment{Name: "test", BaseURL: "https://" + listen(t, silent)}
		})
		run.Set = map[string]string{"username": "demoApiUser", "password": "a password of this test"}
		x := r.Through(t.Context(), run, flows.StepResponse).Exchange
		if x == nil || x.Err == nil || x.Outcome != flows.OutcomeNotSent || x.Timing.Total > 10*time.Second {
			t.Errorf("exchange %+v", x)
		}
	})
	t.Run("nothing listens", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := l.Addr().String()
		l.Close()
		if x := sendTo(t, address, nil); x.Err == nil || !strings.Contains(x.Err.Message, "refused the connection") || x.Outcome != flows.OutcomeNotSent {
			t.Errorf("error %v, outcome %q", x.Err, x.Outcome)
		}
	})
	t.Run("no such host", func(t *testing.T) {
		dial := func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.DNSError{Err: "no such host", Name: "partner.\u202etest", IsNotFound: true}
		}
		x := sendTo(t, "partner.test", dial)
		if x.Err == nil || !strings.Contains(x.Err.Message, "there is no host") || strings.Contains(x.Err.Message, "\u202e") {
			t.Errorf("error %v", x.Err)
		}
	})
}

// listen serves each connection with f until the test ends.
func listen(t *testing.T, f func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { defer c.Close(); f(c) }()
		}
	}()
	return l.Addr().String()
}

// sendTo sends Jupico's probe, which needs no token, to an address.
func sendTo(t *testing.T, address string, dial func(context.Context, string, string) (net.Conn, error)) *flows.Exchange {
	t.Helper()
	r, _ := startSandbox(t, nil)
	r.Limits = flows.Limits{Total: 300 * time.Millisecond}
	if dial != nil {
		r.Dial = dial
	}
	run := newRun(t, "jupico", "status").Edit(func(d *flows.Draft) {
		d.Environment = flows.Environment{Name: "test", BaseURL: "https://" + address}
	})
	run.Set = map[string]string{"username": "demoApiUser", "password": "a password of this test"}
	run = r.Through(t.Context(), run, flows.StepResponse)
	if run.Exchange == nil {
		t.Fatalf("nothing was sent: %v", run.Err)
	}
	return run.Exchange
}

// A partner that answers nonsense is told, and what arrived is kept.
func TestFaultsOfThePartner(t *testing.T) {
	tests := []struct {
		fault, want string
		check       func(*testing.T, *flows.Exchange)
	}{
		{"half", "cut off", func(t *testing.T, x *flows.Exchange) {
			if x.Response == nil || x.Response.Size == 0 {
				t.Error("the half that arrived is lost")
			}
		}},
		{"redirect", "not followed", nil},
		{"once-500", "500", func(t *testing.T, x *flows.Exchange) {
			if !strings.Contains(x.Err.Hint, "may have acted") {
				t.Errorf("the hint is %q: it executed, and nobody says that it may have", x.Err.Hint)
			}
		}},
		{"html", "not the partner", func(t *testing.T, x *flows.Exchange) {
			if x.Outcome != flows.OutcomeUnknown || x.Response.Status != 200 {
				t.Errorf("a page of a proxy reads as %s with %d", x.Outcome, x.Response.Status)
			}
		}},
		{"hostile", "", func(t *testing.T, x *flows.Exchange) {
			if shown := x.Response.Body.Block().String(); strings.ContainsAny(shown, "\x1b\x07\r") {
				t.Errorf("terminal escapes are shown: %q", shown)
			}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.fault, func(t *testing.T) {
			r, server := startSandbox(t, nil)
			if err := server.Set("jupico", "fail", tt.fault); err != nil {
				t.Fatal(err)
			}
			run := r.Through(t.Context(), newRun(t, "jupico", "sale"), flows.StepResponse)
			x := run.Exchange
			if x == nil {
				t.Fatal(run.Err)
			}
			if tt.want != "" && (x.Err == nil || !strings.Contains(x.Err.Message, tt.want)) {
				t.Errorf("error %v, want one with %q", x.Err, tt.want)
			}
			if tt.check != nil {
				tt.check(t, x)
			}
		})
	}
}

// Whoever only asked is not told to ask whether the partner acted.
func TestFaultsOfAReadAreHarmless(t *testing.T) {
	for _, fault := range []string{"half", "html", "drop"} {
		r, server := startSandbox(t, nil)
		if err := server.Set("jupico", "fail", fault); err != nil {
			t.Fatal(err)
		}
		x := r.Through(t.Context(), newRun(t, "jupico", "status"), flows.StepResponse).Exchange
		if x == nil || x.Err == nil || x.Outcome != flows.OutcomeUnknown {
			t.Fatalf("%s: %+v", fault, x)
		}
		if !strings.HasSuffix(x.Err.Hint, "changes nothing at the partner: send it again") || strings.Contains(x.Err.Hint, "acted") {
			t.Errorf("%s: %s", fault, x.Err.Hint)
		}
	}
}

// Bytes changed after signing are refused by a verifier that we did not write, and the record says what was changed.
func TestTamperedRequestsAreRefused(t *testing.T) {
	for _, tt := range []struct {
		provider, request, where string
		offset                   int
		check                    string
	}{
		{"jiko", "subscription", "body", 5, "signature"},
		{"jiko", "agreements", "signature", 3, "signature"},
		{"sabika", "signed-probe", "body", 0, "signature"},
		{"sabika", "order", "header X-Nonce", 0, "signature"},
		{"sabika", "order", "header X-Timestamp", 9, "timestamp"},
	} {
		t.Run(tt.provider+"/"+tt.where, func(t *testing.T) {
			var last sandbox.Event
			r, server := startSandbox(t, func(e sandbox.Event) { last = e })
			run := newRun(t, tt.provider, tt.request).Edit(func(d *flows.Draft) {
				d.Tamper = []flows.Tamper{{Where: tt.where, Offset: tt.offset, To: '~'}}
			})
			run = r.Through(t.Context(), run, flows.StepResponse)
			if run.Exchange == nil {
				t.Fatal(run.Err)
			}
			server.Close()
			x := run.Exchange
			if x.Err == nil || x.Err.Kind != flows.KindRefused || len(x.Changed) != 1 {
				t.Fatalf("error %v, changes %q: a changed request was accepted", x.Err, x.Changed)
			}
			for _, c := range last.Checks {
				if !c.OK && !c.Skipped && c.Name != tt.check {
					t.Errorf("check %s failed, want %s (%s)", c.Name, tt.check, c.Detail)
				}
			}
			if x.Sent.Difference != "" {
				t.Errorf("what was prepared did not go out: %s", x.Sent.Difference)
			}
		})
	}
}

// Path, query and percent-encoding reach the partner as they were typed, behind a base URL with a path prefix.
func TestTargetGoesOutByteForByte(t *testing.T) {
	for _, target := range []string{"/a%2Fb/../c//d?x=%7e&y=+&y&z=", "//double", "/?", "/caf%C3%A9;v=1,2:@!$&'()*"} {
		path, query, _ := strings.Cut(target, "?")
		if strings.Contains(target, "?") {
			query = "?" + query
		}
		for _, prefix := range []string{"", "/pre%20fix"} {
			var last sandbox.Event
			r, server := startSandbox(t, func(e sandbox.Event) { last = e })
			run := newRun(t, "jupico", "status").Edit(func(d *flows.Draft) {
				d.Path, d.Query = path, query
			})
			r.Given = withPrefix(r.Given, prefix)
			run = r.Through(t.Context(), run, flows.StepResponse)
			if run.Exchange == nil {
				t.Fatal(run.Err)
			}
			server.Close()
			if want := prefix + target; last.Target != want || run.Exchange.Sent.Difference != "" {
				t.Errorf("received %q, want %q; %s", last.Target, want, run.Exchange.Sent.Difference)
			}
			if !bytes.HasPrefix(last.Raw, []byte("GET "+prefix+target+" HTTP/1.1\r\n")) {
				t.Errorf("raw request %.80q", last.Raw)
			}
		}
	}
}

func withPrefix(given func(context.Context, string) (flows.Given, error), prefix string) func(context.Context, string) (flows.Given, error) {
	return func(ctx context.Context, id string) (flows.Given, error) {
		g, err := given(ctx, id)
		g.BaseURL += prefix
		return g, err
	}
}
