package flows_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"countersign/flows"
	"countersign/flows/embedded"
	"countersign/flows/sandbox"
	"countersign/sign"
	"countersign/sign/explain"
)

// listener keeps what reached the sandbox, in the terms of package flows.
type listener struct {
	mu  sync.Mutex
	all []flows.Inbound
}

func (l *listener) hear(e sandbox.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, embedded.Inbound(e))
}

// heard is what arrived, in order.
func (l *listener) heard() []flows.Inbound {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.all)
}

// evidence is what is known of the last request that arrived, which must have been refused by this check.
func (l *listener) evidence(t *testing.T, server *sandbox.Server, check string) explain.Evidence {
	t.Helper()
	all := l.heard()
	last := all[len(all)-1]
	if failed, _ := last.Failed(); failed.Name != check {
		t.Fatalf("refused by %q (%s), want %q", failed.Name, failed.Detail, check)
	}
	p, _ := flows.Find(flows.All(), last.Provider)
	e, err := last.Evidence(p, flows.Given{Values: server.Credentials(p.ID), PEM: server.PEM(p.ID)}, embedded.Of(server).Switches(last.Provider), all...)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// told is the first finding with its proof.
func told(t *testing.T, provider string, e explain.Evidence) string {
	t.Helper()
	r := explain.Explain(t.Context(), explain.Scheme(provider), e, explain.Budget{Candidates: 50_000})
	if len(r.Findings) == 0 {
		return ""
	}
	return string(r.Findings[0].Proof) + " " + r.Findings[0].ID
}

// The clock that judges is the partner's, which its Date tells. By our own clock the timestamp would be right, and the
// token not valid yet, which is not why the partner refuses.
func TestEvidenceHasThePartnersClock(t *testing.T) {
	var l listener
	r, server := startSandbox(t, l.hear)
	if err := server.Set("sabika", "clock", "600"); err != nil {
		t.Fatal(err)
	}
	r.Through(t.Context(), newRun(t, "sabika", "signed-probe"), flows.StepResponse)
	e := l.evidence(t, server, "timestamp")
	if got := told(t, "sabika", e); got != "certain timestamp-stale" {
		t.Errorf("told %q", got)
	}
	e.Date = time.Time{}
	if got := told(t, "sabika", e); got != "certain token-not-yet-valid" {
		t.Errorf("told %q without the Date: then it decides nothing here", got)
	}
}

// A nonce that was taken long ago is known; one of a request that was refused before its nonce mattered is not taken.
func TestEvidenceHasTheNonces(t *testing.T) {
	var l listener
	r, server := startSandbox(t, l.hear)
	probe := func(nonce string) {
		run := newRun(t, "sabika", "signed-probe")
		run.Draft.Nonce = nonce
		r.Through(t.Context(), run, flows.StepResponse)
	}
	probe("taken-0123456789")
	for i := range 20 {
		probe(fmt.Sprintf("between-%010d", i))
	}
	probe("taken-0123456789")
	e := l.evidence(t, server, "nonce")
	if got := told(t, "sabika", e); got != "certain nonce-reused" || slices.ContainsFunc(e.Earlier, func(c sign.Captured) bool { n, _ := c.Get("X-Nonce"); return n == "taken-0123456789" }) {
		t.Errorf("told %q; the request itself is %d requests back", got, len(e.Earlier))
	}

	for _, turn := range []string{"unregistered", "registered", "unregistered"} {
		if err := server.Set("sabika", "signing_key", turn); err != nil {
			t.Fatal(err)
		}
		probe("refused-01234567" + map[bool]string{true: "", false: "8"}[turn == "unregistered"])
	}
	e = l.evidence(t, server, "signing-key")
	if slices.Contains(e.Nonces, "refused-01234567") || !slices.Contains(e.Nonces, "refused-012345678") {
		t.Errorf("nonces %q", e.Nonces)
	}
	if got := told(t, "sabika", e); got != "likely nonce-reused" {
		t.Errorf("told %q", got)
	}
}

// What became of a token on its way is told when it was refused, and only then: an older token may be as good.
func TestEvidenceHasTheTokenThatWasIssued(t *testing.T) {
	for _, provider := range []string{"jiko", "jpay", "kuna", "sabika"} {
		var l listener
		r, server := startSandbox(t, l.hear)
		run := r.Through(t.Context(), newRun(t, provider, ""), flows.StepResponse)
		if run.Err != nil || run.Exchange.Err != nil {
			t.Fatal(provider, run.Err)
		}
		call := &l.all[len(l.all)-1]
		if e := l.evidence(t, server, ""); !e.Token.Empty() {
			t.Errorf("%s: a token although the request's was accepted", provider)
		}
		i := slices.IndexFunc(call.Request.Header, func(p sign.Pair) bool { return p.Name == "Authorization" })
		cut := &call.Request.Header[i].Value
		*cut = (*cut)[:len(*cut)-5]
		call.Checks = []flows.Check{{Name: flows.CheckToken}}
		if got := told(t, provider, l.evidence(t, server, "token")); got != "proved token-malformed" {
			t.Errorf("%s: told %q", provider, got)
		}
	}
}
