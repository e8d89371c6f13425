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

func TestSabikaLowerCaseMethod(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	body := `{"quote_id":"q_demo_1"}`
	sum := sha256.Sum256([]byte(body))
	canonical := "post\n/v1/orders\n" + hex.EncodeToString(sum[:]) + "\n1760000000\n0123456789abcdef0123456789abcdef"
	digest := sha256.Sum256([]byte(sabikaProtected + "." + canonical))
	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	raw := make([]byte, 64)
	r.FillBytes(raw[:32])
	s.FillBytes(raw[32:])
	e := Evidence{Request: sign.Captured{Method: "POST", Target: "/v1/orders", Body: []byte(body), HasBody: true, Header: []sign.Pair{
		{Name: "X-Timestamp", Value: "1760000000"}, {Name: "X-Nonce", Value: "0123456789abcdef0123456789abcdef"},
		{Name: "X-JWS-Signature", Value: sabikaProtected + ".." + base64.RawURLEncoding.EncodeToString(raw)}}},
		SigningKeys: []NamedKey{{"signing_public_key", "", &key.PublicKey}}}
	report := Explain(context.Background(), Sabika, e, Budget{Now: time.Now})
	if report.Verdict != Explained || report.Findings[0].ID != "method-lower-case" {
		t.Errorf("%s %+v", report.Verdict, report.Findings)
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
