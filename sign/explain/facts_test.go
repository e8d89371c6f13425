package explain

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/sign"
)

// token makes an unsigned JWT; nobody here verifies it.
func token(claims string) string {
	e := base64.RawURLEncoding.EncodeToString
	return e([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + e([]byte(claims)) + "." + e([]byte("signature"))
}

func pairs(nv ...string) []sign.Pair {
	var all []sign.Pair
	for i := 0; i < len(nv); i += 2 {
		all = append(all, sign.Pair{Name: nv[i], Value: nv[i+1]})
	}
	return all
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestTokenFindings(t *testing.T) {
	const jpayAccess, jpayRefresh = `{"user_id":1,"app_code":2,"products":[],"exp":1772370000}`, `{"user_id":1,"refresh":true,"exp":1772370000}`
	const kunaAccess, kunaRefresh = `{"id":"a","role":"Owner","merchantId":"m","exp":1772370000}`, `{"id":"a","sessionCreatedAt":1707239715210,"exp":1772370000}`
	tests := []struct {
		name    string
		scheme  Scheme
		method  string
		target  string
		headers []sign.Pair
		body    string
		at      time.Time
		want    string // "" when nothing is wrong
	}{
		{"right", JPay, "GET", "/api/v1/wallets/balance", pairs("Authorization", "Bearer "+token(jpayAccess)), "", noon, ""},
		{"expired", JPay, "GET", "/api/v1/wallets/balance", pairs("Authorization", "Bearer "+token(jpayAccess)), "", noon.Add(2 * time.Hour), "token-expired"},
		{"refresh as bearer", JPay, "GET", "/api/v1/wallets/balance", pairs("Authorization", "Bearer "+token(jpayRefresh)), "", noon, "refresh-token-as-bearer"},
		{"no header", JPay, "GET", "/api/v1/wallets/balance", nil, "", noon, "token-missing"},
		{"other header", JPay, "GET", "/api/v1/wallets/balance", pairs("X-Access-Token", token(jpayAccess)), "", noon, "token-header-name"},
		{"no scheme", JPay, "GET", "/api/v1/wallets/balance", pairs("Authorization", token(jpayAccess)), "", noon, "token-scheme"},
		{"Token", JPay, "GET", "/api/v1/wallets/balance", pairs("Authorization", "Token "+token(jpayAccess)), "", noon, "token-scheme"},
		{"Bearer twice", JPay, "GET", "/api/v1/wallets/balance", pairs("Authorization", "Bearer Bearer "+token(jpayAccess)), "", noon, "token-scheme"},
		{"quotes", JPay, "GET", "/api/v1/wallets/balance", pairs("Authorization", `Bearer "`+token(jpayAccess)+`"`), "", noon, "token-blanks"},
		{"placeholder", JPay, "GET", "/api/v1/wallets/balance", pairs("Authorization", "Bearer $TOKEN"), "", noon, "token-placeholder"},
		{"undefined", JPay, "GET", "/api/v1/wallets/balance", pairs("Authorization", "Bearer undefined"), "", noon, "token-placeholder"},
		{"cut", JPay, "GET", "/api/v1/wallets/balance", pairs("Authorization", "Bearer "+token(jpayAccess)[:40]), "", noon, "token-malformed"},
		{"secret as bearer", JPay, "GET", "/api/v1/wallets/balance", pairs("Authorization", "Bearer the-app-secret-itself"), "", noon, "secret-as-bearer"},
		{"not yet", JPay, "GET", "/api/v1/wallets/balance", pairs("Authorization", "Bearer "+token(`{"nbf":1772370000}`)), "", noon, "token-not-yet-valid"},
		{"login", JPay, "POST", "/api/v1/auth/app/token", nil, `{"app_key":"k","app_secret":"the-app-secret-itself"}`, noon, ""},
		{"login names", JPay, "POST", "/api/v1/auth/app/token", nil, `{"appKey":"k","app_secret":"the-app-secret-itself"}`, noon, "login-member-name"},
		{"login form", JPay, "POST", "/api/v1/auth/app/token", nil, `app_key=k&app_secret=s`, noon, "login-not-json"},
		{"login secret with newline", JPay, "POST", "/api/v1/auth/app/token", nil, `{"app_key":"k","app_secret":"the-app-secret-itself\n"}`, noon, "secret-blanks"},
		{"login without secret", JPay, "POST", "/api/v1/auth/app/token", nil, `{"app_key":"k"}`, noon, "login-member-missing"},
		{"refresh name", JPay, "POST", "/api/v1/auth/refresh", nil, `{"refresh_token":"x"}`, noon, "login-member-name"},
		{"access as refresh", JPay, "POST", "/api/v1/auth/refresh", nil, `{"refresh":"` + token(jpayAccess) + `"}`, noon, "access-token-as-refresh"},
		{"refresh expired", JPay, "POST", "/api/v1/auth/refresh", nil, `{"refresh":"` + token(jpayRefresh) + `"}`, noon.AddDate(0, 0, 8), "token-expired"},

		{"kuna right", Kuna, "GET", "/v2/rate/equivalent", pairs("Authorization", "Bearer "+token(kunaAccess)), "", noon, ""},
		{"kuna refresh as bearer", Kuna, "GET", "/v2/rate/equivalent", pairs("Authorization", "Bearer "+token(kunaRefresh)), "", noon, "refresh-token-as-bearer"},
		{"email in its own field", Kuna, "POST", "/v2/auth/login", pairs("merchant_id", "m"), `{"email":"a@b.test","password":"kuna-password"}`, noon, "email-in-wrong-field"},
		{"login right", Kuna, "POST", "/v2/auth/login", pairs("merchant_id", "m"), `{"token":"a@b.test","password":"kuna-password"}`, noon, ""},
		{"no merchant", Kuna, "POST", "/v2/auth/login", nil, `{"token":"a@b.test","password":"kuna-password"}`, noon, "merchant-id-missing"},
		{"merchant with a dash", Kuna, "POST", "/v2/auth/login", pairs("merchant-id", "m"), `{"token":"a@b.test","password":"kuna-password"}`, noon, "merchant-id-renamed"},
		{"merchant in the body", Kuna, "POST", "/v2/auth/login", nil, `{"token":"a@b.test","password":"kuna-password","merchantId":"m"}`, noon, "merchant-id-renamed"},
		{"api key", Kuna, "GET", "/v2/rate/equivalent", pairs("Api-key", "kuna-api-key-1"), "", noon, ""},
		{"api key elsewhere", Kuna, "GET", "/v2/rate/equivalent", pairs("X-API-Key", "kuna-api-key-1"), "", noon, "api-key-header-name"},
		{"api key as bearer", Kuna, "GET", "/v2/rate/equivalent", pairs("Authorization", "Bearer kuna-api-key-1"), "", noon, "secret-as-bearer"},
		{"api key with a blank", Kuna, "GET", "/v2/rate/equivalent", pairs("Api-key", "kuna-api-key-"), "", noon, "secret-cut"},
		{"jiko login", Jiko, "POST", "/api/v1/login/", nil, `{"username":"u","password":"kuna-password"}`, noon, ""},
		{"jiko login names", Jiko, "POST", "/api/v1/login/", nil, `{"user":"u","password":"kuna-password"}`, noon, "login-member-name"},
		{"jiko login form", Jiko, "POST", "/api/v1/login/", nil, `username=u&password=p`, noon, "login-not-json"},
		{"jiko health", Jiko, "GET", "/health", nil, "", noon, ""},
		{"sabika token", Sabika, "POST", "/oauth/token", nil, `grant_type=client_credentials&client_id=c&client_secret=sks-of-the-client`, noon, ""},
		{"sabika token as JSON", Sabika, "POST", "/oauth/token", nil, `{"grant_type":"client_credentials"}`, noon, "login-not-form"},
		{"sabika token with another grant", Sabika, "POST", "/oauth/token", nil, `grant_type=password&client_id=c&client_secret=sks-of-the-client`, noon, "login-grant-type"},
		{"sabika token without secret", Sabika, "POST", "/base/oauth/token", nil, `grant_type=client_credentials&client_id=c`, noon, "login-member-missing"},
		{"sabika token with a secret cut off", Sabika, "POST", "/oauth/token", nil, `grant_type=client_credentials&client_id=c&client_secret=sks-of-the-clien`, noon, "secret-cut"},
		{"both", Kuna, "GET", "/v2/rate/equivalent", pairs("Api-key", "kuna-api-key-1", "Authorization", "Bearer "+token(kunaAccess)), "", noon, "both-credentials"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := Evidence{Request: sign.Captured{Method: tt.method, Target: tt.target, Header: tt.headers, Body: []byte(tt.body), HasBody: tt.body != ""}, At: tt.at,
				Secrets: []NamedSecret{{"app_secret", "", sign.NewSecret("the-app-secret-itself")}, {"password", "", sign.NewSecret("kuna-password")}, {"api_key", "", sign.NewSecret("kuna-api-key-1")}, {"client_secret", "", sign.NewSecret("sks-of-the-client")}}}
			r := Explain(context.Background(), tt.scheme, e, Budget{})
			if tt.want == "" {
				if r.Verdict != Unexplained || len(r.Findings) > 0 || len(r.Checked) == 0 {
					t.Errorf("nothing is wrong, but %s: %s; checked %q", r.Verdict, summary(r), r.Checked)
				}
				return
			}
			if !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.ID == tt.want }) {
				t.Errorf("want %s, got %s: %s", tt.want, r.Verdict, summary(r))
			}
		})
	}
}

func TestExpiryNamesTheClock(t *testing.T) {
	e := Evidence{Request: sign.Captured{Method: "GET", Target: "/x", Header: pairs("Authorization", "Bearer "+token(`{"exp":1772366400}`))},
		At: noon.Add(-time.Minute), Date: noon.Add(30 * time.Second)}
	r := Explain(context.Background(), JPay, e, Budget{})
	if len(r.Findings) != 1 {
		t.Fatal(summary(r))
	}
	all := strings.Join(r.Findings[0].Steps, "\n")
	for _, want := range []string{"30 s ago by the server's clock", "90 s behind the server's"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in:\n%s", want, all)
		}
	}
}

func TestTimestampAndNonce(t *testing.T) {
	tests := []struct {
		name, clock, nonce string
		want               string
	}{
		{"right", "1772366400", strings.Repeat("a", 16), ""},
		{"300 s are allowed", "1772366100", strings.Repeat("a", 16), ""},
		{"301 s are not", "1772366099", strings.Repeat("a", 16), "timestamp-stale"},
		{"ahead", "1772366801", strings.Repeat("a", 16), "timestamp-stale"},
		{"milliseconds", "1772366400000", strings.Repeat("a", 16), "timestamp-not-seconds"},
		{"a date", "2026-03-01T12:00:00Z", strings.Repeat("a", 16), "timestamp-not-seconds"},
		{"short nonce", "1772366400", strings.Repeat("a", 15), "nonce-short"},
		{"used nonce", "1772366400", strings.Repeat("b", 16), "nonce-reused"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := Evidence{At: noon, Nonces: []string{strings.Repeat("b", 16)}, Request: sign.Captured{Method: "POST", Target: "/v1/signed-probe", Header: pairs(
				"Authorization", "Bearer opaque", "X-Timestamp", tt.clock, "X-Nonce", tt.nonce, "X-JWS-Signature", sabikaProtected+".."+base64.RawURLEncoding.EncodeToString(make([]byte, 64)))}}
			r := Explain(context.Background(), Sabika, e, Budget{})
			if got := strings.Join(allIDs(r), " "); got != tt.want {
				t.Errorf("findings %q, want %q", got, tt.want)
			}
		})
	}
}

// certificate makes a self-signed certificate.
func certificate(t testing.TB, name string) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: noon.Add(-time.Hour), NotAfter: noon.Add(time.Hour)}, &x509.Certificate{SerialNumber: big.NewInt(1)}, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestBindingGrid(t *testing.T) {
	leaf, issuer, stranger := certificate(t, "leaf"), certificate(t, "issuer"), certificate(t, "stranger")
	c := sign.Certificate{X509: leaf, Chain: []*x509.Certificate{leaf, issuer}}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leaf.Raw})
	s1, s256, sPEM, sIssuer, sStranger := sha1.Sum(leaf.Raw), sha256.Sum256(leaf.Raw), sha256.Sum256(text), sha256.Sum256(issuer.Raw), sha256.Sum256(stranger.Raw)
	tests := []struct{ name, thumbprint, want, step string }{
		{"right", base64.RawURLEncoding.EncodeToString(s256[:]), "", ""},
		{"sha-1", base64.RawURLEncoding.EncodeToString(s1[:]), "binding-thumbprint-form", "SHA-1 over DER, in base64url without padding"},
		{"hex", hex.EncodeToString(s256[:]), "binding-thumbprint-form", "SHA-256 over DER, in hexadecimal digits"},
		{"padding", base64.URLEncoding.EncodeToString(s256[:]), "binding-thumbprint-form", "with padding"},
		{"pem", base64.RawURLEncoding.EncodeToString(sPEM[:]), "binding-thumbprint-form", "SHA-256 over the PEM text"},
		{"issuer", base64.RawURLEncoding.EncodeToString(sIssuer[:]), "binding-issuer-certificate", `"issuer"`},
		{"stranger", base64.RawURLEncoding.EncodeToString(sStranger[:]), "binding-other-certificate", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := Evidence{At: noon, Certificate: c, Request: sign.Captured{Method: "GET", Target: "/v1/quotes",
				Header: pairs("Authorization", "Bearer "+token(`{"exp":1772370000,"cnf":{"x5t#S256":"`+tt.thumbprint+`"}}`))}}
			r := Explain(context.Background(), Sabika, e, Budget{})
			if got := strings.Join(allIDs(r), " "); got != tt.want {
				t.Fatalf("findings %q, want %q", got, tt.want)
			}
			if tt.want != "" && !strings.Contains(strings.Join(r.Findings[0].Steps, "\n"), tt.step) {
				t.Errorf("steps %q, want one with %q", r.Findings[0].Steps, tt.step)
			}
		})
	}
}

func TestMTLSKeyUsedForSigning(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	leaf := certificate(t, "leaf")
	leaf.PublicKey = &key.PublicKey
	e := sabikaEvidence(t, key, "POST", "")
	e.SigningKeys = []NamedKey{{"signing_public_key", "", &other.PublicKey}}
	e.Certificate = sign.Certificate{X509: leaf, Chain: []*x509.Certificate{leaf}}
	r := Explain(context.Background(), Sabika, e, Budget{})
	if r.Verdict != Explained || r.Findings[0].ID != "mtls-key-used" {
		t.Errorf("%s: %s", r.Verdict, summary(r))
	}
}
