package flows_test

import (
	"context"
	"net"
	"testing"

	"countersign/flows"
	"countersign/flows/credentials"
	"countersign/flows/sandbox"
	"countersign/sign"
)

// Offline, a signed request gets its canonical string and its signature; nothing is dialled.
func TestOffline(t *testing.T) {
	r, _ := startSandbox(t, func(e sandbox.Event) { t.Errorf("%s %s arrived", e.Method, e.Target) })
	r.Dial = func(context.Context, string, string) (net.Conn, error) {
		t.Error("something was dialled")
		return nil, net.ErrClosed
	}
	for _, c := range []struct {
		provider, sample string
		signs            bool
		err              string
	}{
		{"jiko", "agreements", true, ""},
		{"sabika", "signed-probe", true, ""},
		{"sabika", "quote", false, "Sabika needs a token, there is none in memory, and the run is offline"},
		{"jpay", "balance", false, "JPay Africa needs a token, there is none in memory, and the run is offline"},
		{"jupico", "status", false, ""},
		{"jiko", "health", false, ""},
	} {
		run := newRun(t, c.provider, c.sample)
		run.Offline = true
		run = r.Through(t.Context(), run, flows.StepSignature)
		if c.err != "" {
			if run.Err == nil || run.Err.Message != c.err {
				t.Errorf("%s: %v, want %q", c.provider, run.Err, c.err)
			}
			continue
		}
		if run.Err != nil {
			t.Errorf("%s: %v", c.provider, run.Err)
			continue
		}
		_, has := run.Prepared.Signed.Stage(sign.StageCanonical)
		if has != c.signs {
			t.Errorf("%s: canonical string %v, want %v", c.provider, has, c.signs)
		}
		if _, sent := run.Prepared.Signed.Request.Get("Authorization"); sent && c.signs {
			t.Errorf("%s: there is an Authorization header", c.provider)
		}
		if c.signs && run.Steps()[1].Status != flows.Waiting {
			t.Errorf("%s: the token step is %s", c.provider, run.Steps()[1].Status)
		}
		if run = r.Next(t.Context(), run); run.Err == nil || run.Err.Step != flows.StepResponse {
			t.Errorf("%s was sent: %v", c.provider, run.Err)
		}
	}
}

// Offline, a token in memory is used.
func TestOfflineUsesTheTokenInMemory(t *testing.T) {
	r, _ := startSandbox(t, nil)
	run := r.Through(t.Context(), newRun(t, "jpay", "balance"), flows.StepToken)
	again := newRun(t, "jpay", "balance")
	again.Offline = true
	again = r.Through(t.Context(), again, flows.StepSignature)
	if again.Err != nil || !again.Token.Access.Equal(run.Token.Access) {
		t.Fatalf("token %v, %v", again.Token, again.Err)
	}
}

// What is only odd about a credential does not stop a run.
func TestWarningsDoNotStop(t *testing.T) {
	r, _ := startSandbox(t, nil)
	r.Credentials = &credentials.Store{}
	run := newRun(t, "jpay", "balance")
	run.Set = map[string]string{"app_secret": "wrong\n"}
	run = r.Next(t.Context(), run)
	if run.Err != nil || len(run.Problems) != 1 || !run.Problems[0].Warning {
		t.Fatalf("%v, %v", run.Err, run.Problems)
	}
}

// On the command line one option sets a field, a variable or a setting, so no partner may use a name twice.
func TestNamesAreUnique(t *testing.T) {
	for _, p := range flows.All() {
		fixed := map[string]bool{}
		for _, f := range p.Fields {
			fixed[f.Name] = true
		}
		for _, o := range p.Options {
			if fixed[o.Name] {
				t.Errorf("%s: option %s is a field as well", p.ID, o.Name)
			}
			fixed[o.Name] = true
		}
		for _, s := range p.Requests {
			for _, v := range s.Variables {
				if fixed[v.Name] {
					t.Errorf("%s %s: variable %s is a field or an option as well", p.ID, s.Name, v.Name)
				}
			}
		}
	}
}

// A literal body is sent byte for byte.
func TestLiteralBody(t *testing.T) {
	r, _ := startSandbox(t, nil)
	const body = "{\"note\": \"{amount}\"}\r\n"
	run := newRun(t, "jupico", "sale").Edit(func(d *flows.Draft) {
		b := body
		d.Body, d.Literal = &b, true
	})
	run = r.Through(t.Context(), run, flows.StepSignature)
	if run.Err != nil {
		t.Fatal(run.Err)
	}
	if got := run.Prepared.Signed.Request.Body.String(); got != body {
		t.Errorf("the body is %q", got)
	}
}
