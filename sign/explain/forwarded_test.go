package explain

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/url"
	"strings"
	"testing"

	"countersign/sign"
)

// A proxy hands the certificate on in one of many forms. All are read, and the token is compared with what they hold.
func TestForwardedCertificate(t *testing.T) {
	leaf, other := certificate(t, "leaf"), certificate(t, "other")
	text := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: leaf.Raw}))
	der := base64.StdEncoding.EncodeToString(leaf.Raw)
	bound := func(over string) string {
		sum := sha256.Sum256([]byte(over))
		return base64.RawURLEncoding.EncodeToString(sum[:])
	}
	for _, tt := range []struct {
		name, header, value string
		thumbprint          string
		want                string // findings
	}{
		{"nginx, escaped", "X-SSL-Client-Cert", url.PathEscape(text), bound(string(leaf.Raw)), "certificate-in-header"},
		{"nginx, folded", "ssl-client-cert", strings.ReplaceAll(text, "\n", " \t"), bound(string(leaf.Raw)), "certificate-in-header"},
		{"RFC 9440", "Client-Cert", ":" + der + ":", bound(string(leaf.Raw)), "certificate-in-header"},
		{"DER", "X-ARR-ClientCert", der, bound(string(leaf.Raw)), "certificate-in-header"},
		{"Envoy", "X-Forwarded-Client-Cert", `Hash=468e;Cert="` + url.PathEscape(text) + `";Subject="CN=leaf"`, bound(string(leaf.Raw)), "certificate-in-header"},
		{"the thumbprint was made over what the proxy sent", "X-Client-Cert", url.PathEscape(text), bound(strings.ReplaceAll(url.QueryEscape(text), "+", "%20")), "binding-thumbprint-form certificate-in-header"},
		{"over the folded text", "X-Client-Cert", der, bound(strings.TrimSpace(strings.ReplaceAll(text, "\n", "\n\t"))), "binding-thumbprint-form certificate-in-header"},
		{"another certificate", "X-Client-Cert", der, bound(string(other.Raw)), "binding-other-certificate certificate-in-header"},
		{"no certificate", "X-Certified", "yes", bound("x"), ""},
		{"damaged", "X-Client-Cert", der[:len(der)-8], bound("x"), ""},
		{"damaged escapes", "X-Client-Cert", "%zz" + der, bound("x"), ""},
	} {
		e := Evidence{At: noon, Request: sign.Captured{Method: "GET", Target: "/v1/quotes",
			Header: pairs(tt.header, tt.value, "Authorization", "Bearer "+token(`{"exp":1772370000,"cnf":{"x5t#S256":"`+tt.thumbprint+`"}}`))}}
		if got := strings.Join(allIDs(Explain(context.Background(), Sabika, e, Budget{})), " "); got != tt.want {
			t.Errorf("%s: findings %q, want %q", tt.name, got, tt.want)
		}
	}
}

// What is at hand is what counts; the header is told beside it, also where the token is fetched.
func TestForwardedCertificateBesideAnother(t *testing.T) {
	leaf, other := certificate(t, "leaf"), certificate(t, "other")
	for want, c := range map[string]*x509.Certificate{"it is the certificate at hand": leaf, "it is not the certificate at hand": other} {
		e := Evidence{At: noon, Certificate: sign.Certificate{X509: c, Chain: []*x509.Certificate{c}}, Request: sign.Captured{Method: "POST", Target: "/oauth/token",
			Body: []byte("grant_type=client_credentials&client_secret=b&client_id=" + c.Subject.CommonName), Header: pairs("Client-Cert", ":"+base64.StdEncoding.EncodeToString(leaf.Raw)+":")}}
		r := Explain(context.Background(), Sabika, e, Budget{})
		if len(r.Findings) != 1 || !strings.Contains(strings.Join(r.Findings[0].Steps, "\n"), want) {
			t.Errorf("want %q, got %s", want, summary(r))
		}
	}
}
