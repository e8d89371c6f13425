package explain

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"net/url"
	"strings"
	"testing"

	"countersign/sign"
)

// A signature that lost an end is known by what is left of it, where a shared secret makes the whole.
func TestCutSignature(t *testing.T) {
	const id, path = "3f2b8c1e-9d47-4a6b-8f10-2c5d7e9a1b34", "/api/v1/agreements/"
	mac := hmac.New(sha256.New, []byte("a-signing-secret"))
	mac.Write([]byte(id + path))
	whole := base64.StdEncoding.EncodeToString(mac.Sum(nil))
	for name, tt := range map[string]struct{ sent, want string }{
		"whole":            {whole, ""},
		"end lost":         {whole[:40], "proved signature-cut"},
		"beginning lost":   {whole[3:], "proved signature-cut"},
		"padding lost":     {strings.TrimRight(whole, "="), "proved output-unpadded"},
		"half":             {whole[:20], "proved signature-cut"},
		"chance":           {whole[:8], "certain signature-malformed"},
		"cut, and changed": {"A" + whole[2:40], "certain signature-malformed"},
	} {
		e := Evidence{Secrets: []NamedSecret{{"signing_secret", "", sign.NewSecret("a-signing-secret")}}, Request: sign.Captured{Method: "GET", Target: path,
			Header: pairs("Authorization", "Bearer opaque", jikoIdempotency, id, jikoSignature, tt.sent)}}
		var got string
		if r := Explain(context.Background(), Jiko, e, Budget{Candidates: 20_000}); len(r.Findings) > 0 {
			got = string(r.Findings[0].Proof) + " " + r.Findings[0].ID
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// An ES256 signature that is a byte short lost its end or a zero. Neither is certain; where a key is at hand, verifying
// with zeros tells the zero.
func TestShortES256IsNotCertain(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for want, keys := range map[string]bool{"unexplained: likely signature-cut (also )": true, "explained: likely signature-zero-lost (also ); likely signature-cut (also )": false} {
		e := sabikaEvidence(t, key, "POST", "")
		for i, h := range e.Request.Header {
			if h.Name == sabikaSignature {
				e.Request.Header[i].Value = h.Value[:len(h.Value)-2]
			}
		}
		if !keys {
			e.SigningKeys = nil
		}
		r := Explain(context.Background(), Sabika, e, Budget{})
		if got := r.Verdict + ": " + summary(r); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// The certificate of another client is told where the token is fetched.
func TestCertificateOfAnotherClient(t *testing.T) {
	leaf := certificate(t, "sbk_one")
	for client, want := range map[string]string{"sbk_one": "", "sbk_two": "certificate-other-client"} {
		form := url.Values{"grant_type": {"client_credentials"}, "client_id": {client}, "client_secret": {"s"}}
		e := Evidence{At: noon, Certificate: sign.Certificate{X509: leaf, Chain: []*x509.Certificate{leaf}}, Request: sign.Captured{Method: "POST", Target: "/oauth/token", Body: []byte(form.Encode())}}
		if got := strings.Join(allIDs(Explain(context.Background(), Sabika, e, Budget{})), " "); got != want {
			t.Errorf("%s: %q, want %q", client, got, want)
		}
	}
}

// A refresh token is held against the one that was issued last, unless it is an access token.
func TestIssuedRefreshToken(t *testing.T) {
	refresh, access := token(`{"exp":1772370000,"refresh":true}`), token(`{"exp":1772370000,"app_code":1}`)
	for name, tt := range map[string]struct{ sent, want string }{
		"the same": {refresh, ""}, "cut": {refresh[:len(refresh)-9], "token-malformed"}, "spent": {token(`{"exp":1772370000,"refresh":true,"jti":"1"}`), "token-other"},
		"the access token": {access, "access-token-as-refresh"},
	} {
		e := Evidence{At: noon, Token: sign.NewSecret(refresh), Request: sign.Captured{Method: "POST", Target: "/api/v1/auth/refresh", Body: []byte(`{"refresh":"` + tt.sent + `"}`)}}
		if got := strings.Join(allIDs(Explain(context.Background(), JPay, e, Budget{})), " "); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
