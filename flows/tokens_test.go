package flows_test

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"countersign/flows"
	"countersign/sign"
)

// Tokens of different credentials are never mixed up: not of short passwords, which have no fingerprint, and not of values
// that look alike when they are put behind each other.
func TestTokensAreKeptApart(t *testing.T) {
	logins := []map[string]string{
		{"username": "user", "password": "one"},
		{"username": "user", "password": "two"},
		{"username": "user", "password": "one", "prefix": "p"},
		{"username": "user\nprefix=p", "password": "one"},
		{"username": "use", "password": "rone"},
	}
	asked := 0
	p := startPartner(t, nil, answering("HTTP/1.1 200 OK\r\n\r\n{\"token\":\"a-token\"}"))
	r, _ := p.run(t, "status")
	for range 2 {
		for _, set := range logins {
			_, run := p.runOf(t, "jiko", "agreements", nil)
			run.Set = map[string]string{"signing_secret": "a secret"}
			for name, value := range set {
				run = run.Type(name, sign.NewSecret(value))
			}
			run = r.Through(t.Context(), run, flows.StepToken)
			if run.Err != nil {
				t.Fatal(run.Err)
			}
			if !run.FromCache {
				asked++
			}
		}
	}
	if asked != len(logins) {
		t.Errorf("%d logins for %d credentials", asked, len(logins))
	}
}

// A token that the partner does not accept any more is renewed with the next send, by the refresh token where there is
// one, and the operation stays the same.
func TestARefusedTokenIsRenewedWithTheNextSend(t *testing.T) {
	for provider, want := range map[string]string{"kuna": "login refresh", "jpay": "app/token refresh", "jiko": "login login", "sabika": "oauth/token oauth/token"} {
		t.Run(provider, func(t *testing.T) {
			c := &clock{now: time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)}
			r, server, calls := startAt(t, c)
			run := r.Through(t.Context(), newRun(t, provider, ""), flows.StepSignature)
			if err := server.Set(provider, "expire", "access"); err != nil {
				t.Fatal(err)
			}
			first := r.Next(t.Context(), run)
			if first.Exchange == nil || first.Exchange.Response.Status != 401 {
				t.Fatalf("the expired token was not refused: %v", first.Err)
			}
			second := r.Next(t.Context(), first)
			if second.Err != nil || second.Exchange.Err != nil {
				t.Fatalf("%v, %v", second.Err, second.Exchange)
			}
			server.Close()
			if got := strings.Join(calls(), " "); got != want {
				t.Errorf("token requests %q, want %q", got, want)
			}
			if first.Exchange.IdempotencyKey != second.Exchange.IdempotencyKey {
				t.Error("the second send was another operation")
			}
		})
	}
}

// Going back, or for another token, does not begin another operation: what was sent may have been done. An edit does.
func TestBackIsTheSameOperation(t *testing.T) {
	r, _ := startSandbox(t, nil)
	first := r.Through(t.Context(), newRun(t, "sabika", "order"), flows.StepResponse)
	key := first.Exchange.IdempotencyKey
	back := first
	for range 4 {
		back = back.Back()
	}
	for name, run := range map[string]flows.Run{"back": back, "back once": first.Back(), "another token": r.RenewToken(t.Context(), first)} {
		if run = r.Through(t.Context(), run, flows.StepResponse); run.Err != nil || run.Exchange.IdempotencyKey != key {
			t.Errorf("%s: %v, another key", name, run.Err)
		}
	}
	edit := func(d *flows.Draft) { d.Header = append(d.Header, d.Header[0]) }
	for name, run := range map[string]flows.Run{"edit": back.Edit(edit), "reset": first.Reset()} {
		if run = r.Through(t.Context(), run, flows.StepSignature); run.Err != nil || run.Prepared.Input.IdempotencyKey == key {
			t.Errorf("%s: %v, the same key", name, run.Err)
		}
	}
}

// A renewal that never left costs no token: the refresh token was not used.
func TestARenewalThatNeverLeftCostsNothing(t *testing.T) {
	c := &clock{now: time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)}
	r, server, calls := startAt(t, c)
	run := r.Through(t.Context(), newRun(t, "jpay", ""), flows.StepToken)
	dial := r.Dial
	r.Dial = func(context.Context, string, string) (net.Conn, error) { return nil, net.ErrClosed }
	if failed := r.RenewToken(t.Context(), run); failed.Err == nil {
		t.Fatal("renewed without a network")
	}
	r.Dial = dial
	if run = r.RenewToken(t.Context(), run); run.Err != nil {
		t.Fatal(run.Err)
	}
	server.Close()
	if got := strings.Join(calls(), " "); got != "app/token refresh" {
		t.Errorf("token requests %q", got)
	}
}
