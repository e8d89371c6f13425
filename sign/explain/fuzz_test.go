package explain

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"

	"countersign/sign"
)

// FuzzExplain never panics, and a signature of random bytes never gets a cause that claims to have been recomputed.
func FuzzExplain(f *testing.F) {
	f.Add(uint8(0), "POST", "/api/v1/x/?a=1", "x-jiko-signature", "abc", "{\"a\":1}")
	f.Add(uint8(1), "POST", "/v1/orders?b=2&a", "X-JWS-Signature", sabikaProtected+"..abc", `{"q": "é"}`)
	f.Add(uint8(2), "GET", "/status", "Authorization", "Basic ZGVtb0FwaVVzZXI6VjhtIXhQI2wyUXozCg==", "")
	f.Add(uint8(3), "POST", "/auth/app/token", "Authorization", "Bearer "+token(`{"exp":1}`), `{"app_key":1}`)
	f.Add(uint8(4), "POST", "/v2/auth/login", "merchant-id", "x", `{"email":"a"}`)
	f.Add(uint8(1), "POST", "https://h/v1/orders", "X-JWS-Signature", "\x01.\x02.\x03", "\x00\xff")
	key := newKey(f)
	f.Fuzz(func(t *testing.T, which uint8, method, target, name, value, body string) {
		if len(body) > 1<<12 || len(value) > 1<<12 || len(target) > 1<<10 {
			return
		}
		random := sha256.Sum256([]byte(method + target + value + body))
		signature := base64.StdEncoding.EncodeToString(random[:])
		jws := sabikaProtected + ".." + base64.RawURLEncoding.EncodeToString(append(random[:], random[:]...))
		e := Evidence{At: noon, Date: noon, Request: sign.Captured{Method: method, Target: target, Authority: "h", Body: []byte(body), HasBody: body != "",
			Header: pairs(name, value, "x-jiko-signature", signature, "x-jiko-idempotency", demoID, "X-JWS-Signature", jws, "X-Timestamp", "1772366400", "X-Nonce", "0123456789abcdef")},
			Secrets:     []NamedSecret{{"signing_secret", "", sign.NewSecret(demoSecret)}, {"password", "", sign.NewSecret("V8m!xP#l2Qz3")}},
			SigningKeys: []NamedKey{{"signing_public_key", "", &key.PublicKey}},
			Earlier:     []sign.Captured{{Method: "POST", Target: "/other", Body: []byte("x"), Header: pairs("X-JWS-Signature", jws)}},
		}
		scheme := partners[int(which)%len(partners)].scheme
		r := Explain(context.Background(), scheme, e, Budget{Candidates: 4000})
		if scheme != Jiko && scheme != Sabika {
			return
		}
		if r.Verdict == Verifies {
			t.Fatalf("a random signature verifies")
		}
		for _, finding := range r.Findings {
			if finding.Proof == Proved && !strings.HasPrefix(finding.ID, "binding-") {
				t.Fatalf("a random signature has the proved cause %v", finding)
			}
		}
	})
}
