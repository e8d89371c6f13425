package history_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"countersign/flows"
	"countersign/history"
	"countersign/sign"
)

// Two entries that differ in one thing: the comparison names it, and nothing before it.
func TestCompareNamesTheCause(t *testing.T) {
	ok := func() history.Entry {
		x := signedFor("api.example.com")
		var canonical sign.Builder
		canonical.Take(sign.Origin{Kind: sign.Method}, []byte("POST"))
		canonical.Separator("\n", "LF")
		canonical.Take(sign.Origin{Kind: sign.Path}, []byte("/v1/orders"))
		canonical.Separator("\n", "LF")
		canonical.Take(sign.Origin{Kind: sign.Nonce}, []byte("nonce-a"))
		canonical.Separator("\n", "LF")
		canonical.Take(sign.Origin{Kind: sign.Clock}, []byte(strconv.FormatInt(x.Started.Unix(), 10)))
		x.Signed.Stages[0].Text = canonical.Text()
		x.Token = &flows.TokenFacts{Expires: x.Started.Add(time.Hour), Claims: outside(`{"iss":"https://a","exp":1,"scope":"orders"}`), Fingerprint: "aa"}
		return history.Entry{ID: "1", Exchange: answered(x, "1", 200, `{"status":"ok"}`), Keys: map[string]string{"signing_secret": "f1"}}
	}
	tests := []struct {
		name   string
		change func(*history.Entry)
		layer  string
		where  string
	}{
		{"key", func(e *history.Entry) { e.Keys = map[string]string{"signing_secret": "f2"} }, "credentials", "signing_secret"},
		{"key of another profile", func(e *history.Entry) {
			e.Exchange.Profile, e.Keys = "new", map[string]string{"signing_secret": "f2"}
		}, "credentials", "signing_secret"},
		{"profile alone", func(e *history.Entry) { e.Exchange.Profile = "new" }, "place", "profile"},
		{"certificate", func(e *history.Entry) { e.Exchange.ClientKey = "other" }, "credentials", "client certificate"},
		{"expired", func(e *history.Entry) { e.Exchange.Token.Expires = e.Exchange.Started.Add(-time.Second) }, "token", "life"},
		{"claim", func(e *history.Entry) {
			e.Exchange.Token.Claims = outside(`{"iss":"https://a","exp":2,"scope":"read"}`)
		}, "token", "claim scope"},
		{"base url", func(e *history.Entry) { e.Exchange.BaseURL = "https://other.example.com" }, "place", "base url"},
		{"query", func(e *history.Entry) { e.Exchange.Signed.Request.Query = "?a=1" }, "request", "query"},
		{"span", func(e *history.Entry) {
			var b sign.Builder
			b.Take(sign.Origin{Kind: sign.Method}, []byte("POST"))
			b.Separator("\n", "LF")
			b.Take(sign.Origin{Kind: sign.Path}, []byte("/v1/orders/"))
			b.Separator("\n", "LF")
			b.Take(sign.Origin{Kind: sign.Nonce}, []byte("nonce-b"))
			b.Separator("\n", "LF")
			b.Take(sign.Origin{Kind: sign.Clock}, []byte("1"))
			e.Exchange.Signed.Stages[0].Text = b.Text()
		}, "canonical string", "part 3, path"},
		{"header", func(e *history.Entry) {
			e.Exchange.Signed.Request = e.Exchange.Signed.Request.With(sign.ByPerson, "X-Extra", sign.Plain(sign.Origin{}, []byte("1")))
		}, "headers", "X-Extra"},
		{"body", func(e *history.Entry) {
			e.Exchange.Signed.Request.Body = sign.Plain(sign.Origin{Kind: sign.Body}, []byte(`{"quote_id":"q_2"}`))
		}, "body", "$.quote_id"},
		{"spaces in the body", func(e *history.Entry) {
			e.Exchange.Signed.Request.Body = sign.Plain(sign.Origin{Kind: sign.Body}, []byte(`{"quote_id": "q_1"}`))
		}, "body", "bytes"},
		{"clock", func(e *history.Entry) { e.Exchange.Skew = &flows.Skew{Offset: 4 * time.Minute} }, "clock", "skew"},
		{"clock that was set", func(e *history.Entry) {
			e.Exchange.Started = e.Exchange.Started.Add(48 * time.Hour)
			e.Exchange.Token.Expires = e.Exchange.Token.Expires.Add(48 * time.Hour)
		}, "clock", "time signed"},
	}
	for _, tt := range tests {
		a, b := ok(), ok()
		b.Exchange = answered(b.Exchange, "2", 401, `{"error":"invalid_signature"}`)
		tt.change(&b)
		c := history.Compare(a, b)
		if c.First == nil || c.First.Layer != tt.layer || !strings.Contains(c.First.Difference.Where, tt.where) {
			t.Errorf("%s: %s (%+v)", tt.name, c.Verdict, c.First)
		}
	}
	a, b := ok(), ok()
	b.Exchange = answered(b.Exchange, "2", 401, `{}`)
	b.Exchange.Response.Error.Code = outside("")
	a.Exchange.Nonce, b.Exchange.Nonce = "n", "n"
	if c := history.Compare(a, b); c.First != nil || !strings.HasSuffix(c.Verdict, "was refused with 401; both carry the same nonce, which a partner that watches for replays takes once") {
		t.Errorf("a nonce used twice: %s", c.Verdict)
	}
	b.Exchange.Nonce = "m"
	if c := history.Compare(a, b); c.First != nil || !strings.Contains(c.Verdict, "nothing but clock") {
		t.Errorf("without a difference: %s", c.Verdict)
	}
	b.Exchange.Skew = &flows.Skew{Offset: time.Second}
	if c := history.Compare(a, b); c.First != nil {
		t.Errorf("a clock that is right, beside one that is not known: %+v", c.First)
	}
	b.Exchange.Skew.Offset = 4 * time.Minute
	if c := history.Compare(a, b); c.First == nil || c.First.Difference.A != "" || c.First.Difference.B != "4m0s" {
		t.Errorf("a skew beside one that is not known: %+v", c.First)
	}
	if c := history.Compare(ok(), ok()); c.Verdict != "both were accepted with 200" {
		t.Errorf("alike: %s", c.Verdict)
	}
}

// Two sends of the same request differ in what every send differs in, and in nothing else.
func TestCompareTwoSends(t *testing.T) {
	l := open(t, t.TempDir())
	r := startSandbox(t, l)
	for _, p := range flows.All() {
		a := send(t, r, newRun(t, p.ID, "")).Exchange
		b := send(t, r, newRun(t, p.ID, "")).Exchange
		for _, layer := range history.Compare(entry(t, l, a.ID), entry(t, l, b.ID)).Layers {
			if layer.Name != "response" && !layer.Same() {
				t.Errorf("%s, %s: %+v", p.ID, layer.Name, layer.Differences)
			}
		}
	}
}
