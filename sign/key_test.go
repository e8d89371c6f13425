package sign

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"
)

func pemOf(t *testing.T, kind string, der []byte, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func p256(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// selfSigned is a certificate for a key, valid for an hour from a moment.
func selfSigned(t *testing.T, k *ecdsa.PrivateKey, from time.Time) string {
	t.Helper()
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "sbk_test"}, NotBefore: from, NotAfter: from.Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &k.PublicKey, k)
	return pemOf(t, "CERTIFICATE", der, err)
}

// Each wrong key file is refused with one sentence that names the cause.
func TestParsePrivateKey(t *testing.T) {
	k := p256(t)
	der, err := x509.MarshalPKCS8PrivateKey(k)
	good := pemOf(t, "PRIVATE KEY", der, err)
	ec, err := x509.MarshalECPrivateKey(k)
	sec1 := pemOf(t, "EC PRIVATE KEY", ec, err)
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der384, err := x509.MarshalPKCS8PrivateKey(p384)
	curve := pemOf(t, "PRIVATE KEY", der384, err)
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	derRSA, err := x509.MarshalPKCS8PrivateKey(r)
	rsaPEM := pemOf(t, "PRIVATE KEY", derRSA, err)
	pub, err := x509.MarshalPKIXPublicKey(&k.PublicKey)
	public := pemOf(t, "PUBLIC KEY", pub, err)

	tests := []struct{ name, text, want string }{
		{"PKCS#8", good, ""},
		{"SEC 1", sec1, ""},
		{"with BOM, blanks and parameters", "\ufeff \n-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + sec1, ""},
		{"CRLF", strings.ReplaceAll(good, "\n", "\r\n"), ""},
		{"another curve", curve, "P-384, not P-256"},
		{"RSA", rsaPEM, "RSA (2048 bits), not EC P-256"},
		{"encrypted", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n", "protected by a passphrase"},
		{"a certificate", selfSigned(t, k, time.Now()), "holds a certificate"},
		{"a public key", public, "holds a public key"},
		{"empty", " \n", "is empty"},
		{"cut off", good[:60], "cut off or damaged"},
		{"escaped line breaks", strings.ReplaceAll(good, "\n", `\n`), `the two characters \n`},
		{"DER", string(der), "DER or PKCS#12"},
		{"garbage inside", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "cannot be read as one"},
		{"something else", "hello", "no line that begins with -----BEGIN"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			key, err := ParsePrivateKey([]byte(tt.text))
			switch {
			case tt.want == "" && (err != nil || key.Fingerprint() != KeyFingerprint(&k.PublicKey)):
				t.Errorf("%v, fingerprint %s", err, key.Fingerprint())
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestCertificateChecks(t *testing.T) {
	k, other := p256(t), p256(t)
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	c, err := ParseCertificate([]byte(selfSigned(t, k, now)))
	if err != nil {
		t.Fatal(err)
	}
	mine, _ := NewPrivateKey(k)
	theirs, _ := NewPrivateKey(other)
	if err := c.CheckPair(mine); err != nil {
		t.Error(err)
	}
	if err := c.CheckPair(theirs); err == nil || !strings.Contains(err.Error(), "does not belong") {
		t.Errorf("another key gives %v", err)
	}
	for at, want := range map[time.Duration]string{-time.Second: "not valid before", 0: "", time.Hour: "", time.Hour + time.Second: "expired at"} {
		err := c.CheckValidity(now.Add(at))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("at %s: %v, want %q", at, err, want)
		}
	}
}

// What a URL may not have is refused before a secret goes anywhere, and a password in it is not repeated.
func TestParseURL(t *testing.T) {
	tests := []struct{ url, path, query, want string }{
		{"https://api.test", "", "", ""},
		{"https://api.test:8443/v1%2F/x/?a=b&c", "/v1%2F/x/", "?a=b&c", ""},
		{"https://[::1]:8443/", "/", "", ""},
		{"http://api.test", "", "", "not https"},
		{"api.test/v1", "", "", "no scheme"},
		{"https://user:hunter2@api.test", "", "", "user information"},
		{"http://user:hunter2@api.test/#x", "", "", "user information"},
		{"https://user:hun#ter2@api.test", "", "", "an @ behind"},
		{"https://user:hun/ter2@api.test", "", "", "an @ behind"},
		{"https://user:hunter2?@api.test", "", "", "an @ behind"},
		{"http://api.test/?key=hunter2", "", "", "not https"},
		{"https://api.test/?key=hunter2&a=b c", "", "", "position 34"},
		{"api.test/?key=hunter2", "", "", "no scheme"},
		{"https://api.test/?key=hunter2#x", "", "", "fragment"},
		{"https://api.test/a@b", "/a@b", "", ""},
		{"https://api.test:0", "", "", "port"},
		{"https://api.test:00", "", "", "port"},
		{"https://api.test:00443", "", "", "port"},
		{"https://api.test/#top", "", "", "fragment"},
		{"https://api.test/a b", "", "", "position 19"},
		{"https://api.test/\u202e", "", "", "percent-encode"},
		{"https://api.test:99999", "", "", "port"},
		{"https://", "", "", "not a host"},
		{"https://a_b|c/", "", "", "not a host"},
	}
	for _, tt := range tests {
		r, err := ParseURL(tt.url)
		switch {
		case tt.want == "" && (err != nil || r.Path != tt.path || r.Query != tt.query):
			t.Errorf("%s: %+v, %v", tt.url, r, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s: error %v, want %q", tt.url, err, tt.want)
		case err != nil && strings.Contains(err.Error(), "hun"):
			t.Errorf("%s: the error repeats the password: %v", tt.url, err)
		}
	}
}

func TestCheckRefusesWhatCannotBeSent(t *testing.T) {
	good := Request{Method: "GET", Scheme: "https", Authority: "a.test", Path: "/x"}
	value := func(s string) Text { return Plain(Origin{Kind: HeaderValue}, []byte(s)) }
	tests := []struct {
		name string
		r    Request
		want string
	}{
		{"good", good.With(ByPerson, "X-A", value("b c")), ""},
		{"method", Request{Method: "GE T", Scheme: "https", Authority: "a.test", Path: "/x"}, "method"},
		{"path with LF", Request{Method: "GET", Scheme: "https", Authority: "a.test", Path: "/x\ny"}, "position 3"},
		{"path without slash", Request{Method: "GET", Scheme: "https", Authority: "a.test", Path: "x"}, "begin with /"},
		{"host with CR", Request{Method: "GET", Scheme: "https", Authority: "a.test\r\nX: y", Path: "/x"}, "not a host"},
		{"header name", good.With(ByPerson, "X A", value("b")), "not a token"},
		{"header value with CRLF", good.With(ByPerson, "X-A", value("b\r\nInjected: 1")), "0x0d at position 2"},
		{"header value with NUL", good.With(ByPerson, "X-A", value("\x00")), "0x00"},
		{"header value with a blank behind", good.With(ByPerson, "X-A", value("b ")), "blank"},
	}
	for _, tt := range tests {
		err := tt.r.Check()
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}

// A detached JWS is refused for each rule that it breaks, and the error names the rule.
func TestVerifyDetachedIsStrict(t *testing.T) {
	key := rfc7515Key(t)
	pub := key.Public().(*ecdsa.PublicKey)
	payload := Stage{StageCanonical, Plain(Origin{Kind: Body}, []byte("POST\n/v1/orders\n"))}
	sign := func(protected string) (string, string) {
		var b Builder
		b.Take(Origin{}, []byte(protected), Base64URL)
		head := b.Text().String()
		var s Builder
		s.Take(Origin{}, []byte(head+"."+payload.Text.String()), ES256("k", key, nil), Base64URL)
		return head, s.Text().String()
	}
	head, sig := sign(protectedES256)
	der, err := key.Sign(nil, make([]byte, 32), nil)
	if err != nil {
		der, _ = key.Sign(rand.Reader, make([]byte, 32), nil)
	}
	with := func(protected string) string { h, s := sign(protected); return h + ".." + s }
	enc := func(b []byte) string { x, _ := Base64URL.Apply(b); return string(x) }
	tests := []struct{ name, jws, want string }{
		{"right", head + ".." + sig, ""},
		{"another member order", with(`{"crit":["b64"],"b64":false,"alg":"ES256"}`), ""},
		{"with kid", with(`{"alg":"ES256","b64":false,"crit":["b64"],"kid":"k1"}`), ""},
		{"payload left in", head + "." + enc(payload.Text.Bytes()) + "." + sig, "detached"},
		{"two segments", head + "." + sig, "3 segments"},
		{"alg none", with(`{"alg":"none","b64":false,"crit":["b64"]}`), `alg is "none"`},
		{"alg HS256", with(`{"alg":"HS256","b64":false,"crit":["b64"]}`), "alg"},
		{"no crit", with(`{"alg":"ES256","b64":false}`), "crit"},
		{"crit with more", with(`{"alg":"ES256","b64":false,"crit":["b64","exp"]}`), "crit"},
		{"crit twice", with(`{"alg":"ES256","b64":false,"crit":["b64","b64"]}`), "crit"},
		{"crit a string", with(`{"alg":"ES256","b64":false,"crit":"b64"}`), "wrong type"},
		{"b64 true", with(`{"alg":"ES256","b64":true,"crit":["b64"]}`), "b64"},
		{"b64 absent", with(`{"alg":"ES256","crit":["b64"]}`), "b64"},
		{"member twice", with(`{"alg":"none","alg":"ES256","b64":false,"crit":["b64"]}`), "twice"},
		{"padding", head + ".." + sig + "==", "not base64url"},
		{"line break", head + ".." + sig[:40] + "\n" + sig[40:], "line break"},
		{"stray bits", head + ".." + sig[:85] + string(sig[85]+1), "base64url"},
		{"DER", head + ".." + enc(der), "64 bytes"},
		{"63 bytes", head + ".." + enc(make([]byte, 63)), "64 bytes"},
		{"zeros", head + ".." + enc(make([]byte, 64)), "does not verify"},
	}
	for _, tt := range tests {
		_, err := VerifyDetached(payload.Text.Bytes(), tt.jws, pub)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
}
