package explain

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"countersign/sign"
)

const (
	demoSecret = "demo-shared-signing-secret"
	demoID     = "3f2b8c1e-9d47-4a6b-8f10-2c5d7e9a1b34"
)

func macOf(key, message string) []byte {
	m := hmac.New(sha256.New, []byte(key))
	m.Write([]byte(message))
	return m.Sum(nil)
}

func jikoRequest(method, target, body, signature string) sign.Captured {
	return sign.Captured{Method: method, Scheme: "https", Authority: "partner.example.test", Target: target, Body: []byte(body), HasBody: body != "",
		Header: []sign.Pair{{Name: "Authorization", Value: "Bearer opaque"}, {Name: "x-jiko-idempotency", Value: demoID}, {Name: "x-jiko-signature", Value: signature}}}
}

func jikoEvidence(r sign.Captured) Evidence {
	return Evidence{Request: r, Profile: "sandbox", Secrets: []NamedSecret{
		{"signing_secret", "sandbox", sign.NewSecret(demoSecret)},
		{"signing_secret", "production", sign.NewSecret("another-secret-of-production")},
		{"password", "sandbox", sign.NewSecret("hunter2!")},
	}}
}

func b64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

func TestJikoOneMistake(t *testing.T) {
	const path, body = "/api/v1/agreements/", `{"a": 1, "b": "x/y"}`
	tests := []struct{ name, target, body, signature, want string }{
		{"hex", path, body, hex.EncodeToString(macOf(demoSecret, demoID+path+body)), "output-hex"},
		{"query", path + "?limit=10", "", b64(macOf(demoSecret, demoID+path+"?limit=10")), "query-included"},
		{"slash", path, "", b64(macOf(demoSecret, demoID+"/api/v1/agreements")), "path-slash-lost"},
		{"empty object", path, "", b64(macOf(demoSecret, demoID+path+"{}")), "body-empty-object"},
		{"upper", path, "", b64(macOf(demoSecret, strings.ToUpper(demoID)+path)), "uuid-case"},
		{"swapped", path, "", b64(macOf(demoID+path, demoSecret)), "hmac-swapped"},
		{"production", path, "", b64(macOf("another-secret-of-production", demoID+path)), "wrong-secret"},
		{"newline", path, "", b64(macOf(demoSecret+"\n", demoID+path)), "secret-blanks"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := Explain(context.Background(), Jiko, jikoEvidence(jikoRequest("GET", tt.target, tt.body, tt.signature)), Budget{Now: time.Now})
			if r.Verdict != Explained || r.Findings[0].ID != tt.want || r.Findings[0].Proof != Proved {
				t.Errorf("%s %+v (tried %d)", r.Verdict, r.Findings, r.Tried)
			}
		})
	}
}

// sabikaEvidence signs an order with the method as given; extra stands behind the canonical string.
func sabikaEvidence(t testing.TB, key *ecdsa.PrivateKey, method, extra string) Evidence {
	t.Helper()
	const body, clock, nonce = `{"quote_id":"q_demo_1"}`, "1760000000", "0123456789abcdef0123456789abcdef"
	sum := sha256.Sum256([]byte(body))
	canonical := method + "\n/v1/orders\n" + hex.EncodeToString(sum[:]) + "\n" + clock + "\n" + nonce + extra
	digest := sha256.Sum256([]byte(sabikaProtected + "." + canonical))
	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	raw := make([]byte, 64)
	r.FillBytes(raw[:32])
	s.FillBytes(raw[32:])
	return Evidence{Request: sign.Captured{Method: "POST", Authority: "api.example.test", Target: "/v1/orders", Body: []byte(body), HasBody: true, Header: pairs(
		"Authorization", "Bearer opaque", "Idempotency-Key", "k", "X-Timestamp", clock, "X-Nonce", nonce,
		"X-JWS-Signature", sabikaProtected+".."+base64.RawURLEncoding.EncodeToString(raw))},
		SigningKeys: []NamedKey{{"signing_public_key", "", &key.PublicKey}}}
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestReportShowsBothStrings(t *testing.T) {
	r := Explain(context.Background(), Sabika, sabikaEvidence(t, newKey(t), "post", ""), Budget{})
	if r.Verdict != Explained || r.Findings[0].ID != "method-lower-case" {
		t.Fatalf("%s: %s", r.Verdict, summary(r))
	}
	want, got := r.Canonical.String(), r.Signed.String()
	if !strings.HasPrefix(want, "POST\n/v1/orders\n") || !strings.HasPrefix(got, "post\n/v1/orders\n") {
		t.Errorf("canonical %q, signed %q", want, got)
	}
	if at, ok := r.Difference(); !ok || at != 0 {
		t.Errorf("they differ at %d, %v", at, ok)
	}
	if s, ok := r.Signed.At(5); !ok || s.Origin.Kind != sign.Path {
		t.Errorf("byte 5 of what was signed is of %v", s.Origin)
	}
}

func TestReportHidesTheExpectedSignature(t *testing.T) {
	expected := b64(macOf(demoSecret, demoID+"/api/v1/agreements/"))
	r := Explain(context.Background(), Jiko, jikoEvidence(jikoRequest("GET", "/api/v1/agreements/", "", b64(make([]byte, 32)))), Budget{Candidates: 1000})
	out, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{expected, demoSecret, "hunter2!"} {
		if strings.Contains(string(out), secret) || strings.Contains(fmt.Sprintf("%+v", r), secret) {
			t.Errorf("%q stands in the report", secret)
		}
	}
	if r.Expected.Reveal() != expected {
		t.Error("the expected signature is not the right one")
	}
}

func TestReportWithoutFindingsHasEmptyLists(t *testing.T) {
	out, err := json.Marshal(Explain(context.Background(), "nobody", Evidence{}, Budget{}))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"verdict":"unexplained","findings":[],"checked":[],"excluded":0,"tried":0,"complete":true,"canonical":null,"signed":null}`
	if string(out) != want {
		t.Errorf("got  %s\nwant %s", out, want)
	}
}

func TestBudgetEndsTheSearch(t *testing.T) {
	e := jikoEvidence(jikoRequest("GET", "/api/v1/agreements/", `{"a":1}`, b64(make([]byte, 32))))
	t.Run("candidates", func(t *testing.T) {
		r := Explain(context.Background(), Jiko, e, Budget{Candidates: 3000})
		if r.Complete || r.Verdict != Unexplained || r.Tried < 3000 || r.Tried > 3000+lookEvery {
			t.Errorf("%+v", r)
		}
	})
	t.Run("time", func(t *testing.T) {
		now := noon
		r := Explain(context.Background(), Jiko, e, Budget{Time: 10 * time.Second, Now: func() time.Time { now = now.Add(time.Second); return now }})
		if r.Complete {
			t.Errorf("the search went on behind its time: %d tried", r.Tried)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		calls := 0
		r := Explain(ctx, Jiko, e, Budget{Progress: func(tried, of int) {
			if calls++; calls > 100 {
				cancel()
			}
		}})
		if r.Complete || calls > 110 {
			t.Errorf("the search went on: complete %v, %d calls", r.Complete, calls)
		}
	})
	t.Run("over before it begins", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if r := Explain(ctx, Jiko, e, Budget{}); r.Complete || r.Verdict == Explained {
			t.Errorf("%+v", r)
		}
	})
}

// A chain has no step that could be left out: every shorter chain was tried before it.
func TestChainsAreMinimal(t *testing.T) {
	for _, c := range corpus(t) {
		if len(c.Cause) < 2 || c.Scheme != Jiko && c.Scheme != Sabika {
			continue
		}
		r := Explain(context.Background(), c.Scheme, c.evidence(t), Budget{})
		if len(r.Findings) == 0 || len(r.Findings[0].IDs()) > len(c.Cause) {
			t.Errorf("%s: %d mistakes were made, %s were found", c.Name, len(c.Cause), summary(r))
		}
	}
}

func TestTiesNameARequestThatSeparatesThem(t *testing.T) {
	r := Explain(context.Background(), Jiko, jikoEvidence(jikoRequest("POST", "/x/", `{"a": 1}`, b64(macOf(demoSecret, demoID+`/x/{"a":1}`)))), Budget{})
	if r.Verdict != Explained || len(r.Findings[0].Also) < 3 || !strings.Contains(r.Findings[0].Separate, "é") {
		t.Errorf("%s: %+v", r.Verdict, r.Findings)
	}
}

func TestWithoutAKeyOnlyTheFormIsTold(t *testing.T) {
	e := Evidence{Request: jikoRequest("GET", "/x/", "", hex.EncodeToString(macOf("unknown", "x")))}
	r := Explain(context.Background(), Jiko, e, Budget{})
	if r.Tried != 0 || len(r.Findings) != 1 || r.Findings[0].ID != "output-hex" || r.Findings[0].Proof != Certain {
		t.Errorf("%s, tried %d: %s", r.Verdict, r.Tried, summary(r))
	}
}

func TestRandomSignatureHasNoCause(t *testing.T) {
	raw := make([]byte, 32)
	rand.Read(raw)
	start := time.Now()
	r := Explain(context.Background(), Jiko, jikoEvidence(jikoRequest("POST", "/api/v1/agreements/?a=1", `{"a": 1, "b": "x/y é"}`, b64(raw))), Budget{Now: time.Now})
	if r.Verdict != Unexplained {
		t.Errorf("%s %+v", r.Verdict, r.Findings)
	}
	t.Logf("tried %d, excluded %d, complete %v in %v", r.Tried, r.Excluded, r.Complete, time.Since(start))
}
