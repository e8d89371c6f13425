package flows_test

import (
	"strings"
	"testing"
	"time"

	"countersign/flows"
	"countersign/flows/credentials"
	"countersign/sign"
	"countersign/sign/explain"
)

// What is at hand for an examination: public fields of the first profile, secrets and public keys of all.
func TestEvidence(t *testing.T) {
	_, server := startSandbox(t, nil)
	p, _ := flows.Find(flows.All(), "sabika")
	given := flows.Given{Values: server.Credentials("sabika"), PEM: server.PEM("sabika")}
	first, options := given.AtHand([]flows.Switch{{Name: "url", Value: "absolute"}})
	other := flows.AtHand{Profile: "old", Values: credentials.Set{"client_secret": {Secret: sign.NewSecret("an older one")}, "client_id": {Secret: sign.NewSecret("older")}}}
	e, err := flows.Evidence(p, sign.Captured{}, judged, options, first, other)
	if err != nil {
		t.Fatal(err)
	}
	if e.Profile != "default" || e.Fields["client_id"] != given.Values["client_id"] || e.Options["url"] != "absolute" || !e.Certificate.Present() || !e.At.Equal(judged) {
		t.Errorf("%+v", e)
	}
	var secrets []string
	for _, s := range e.Secrets {
		secrets = append(secrets, s.Profile+"/"+s.Name)
	}
	if got := strings.Join(secrets, " "); got != "default/client_secret old/client_secret" {
		t.Errorf("secrets %s", got)
	}
	if len(e.SigningKeys) != 2 || e.SigningKeys[0].Name != flows.FieldPublicKey || !e.SigningKeys[0].Key.Equal(e.SigningKeys[1].Key) {
		t.Errorf("keys %+v", e.SigningKeys)
	}
	broken := flows.AtHand{Values: credentials.Set{flows.FieldPublicKey: {Secret: sign.NewSecret("no key")}}}
	if _, err := flows.Evidence(p, sign.Captured{}, judged, nil, broken); err == nil || err.Field != flows.FieldPublicKey || err.Kind != flows.KindUsage {
		t.Errorf("%v", err)
	}
}

// A request of our own, as it was captured, verifies with what is at hand.
func TestEvidenceVerifies(t *testing.T) {
	for _, c := range []struct{ provider, sample string }{{"jiko", "agreements"}, {"sabika", "order"}} {
		r, server := startSandbox(t, nil)
		run := r.Through(t.Context(), newRun(t, c.provider, c.sample), flows.StepSignature)
		if run.Err != nil {
			t.Fatal(run.Err)
		}
		signed := run.Prepared.Signed.Request
		captured := sign.Captured{Method: signed.Method, Scheme: "https", Authority: signed.Authority, Target: signed.Target(), Body: signed.Body.Wire(), HasBody: signed.Body.Present()}
		for _, h := range signed.Header {
			captured.Header = append(captured.Header, sign.Pair{Name: h.Name, Value: string(h.Value.Wire())})
		}
		given := flows.Given{Values: server.Credentials(c.provider), PEM: server.PEM(c.provider)}
		in := flows.Inbound{At: run.Prepared.Input.Time, Request: captured, Certificate: run.Loaded.Certificate}
		e, err := in.Evidence(run.Draft.Provider, given, nil)
		if err != nil {
			t.Fatal(err)
		}
		if report := explain.Explain(t.Context(), explain.Scheme(c.provider), e, explain.Budget{}); report.Verdict != explain.Verifies {
			t.Errorf("%s: %s, %+v", c.provider, report.Verdict, report.Findings)
		}
	}
}

// judged is a moment at which clocks are judged.
var judged = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
