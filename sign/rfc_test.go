package sign

import (
	"crypto/ecdsa"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
)

// RFC 4231 sections 4.2 to 4.8, without 4.6, which truncates.
func TestRFC4231(t *testing.T) {
	long := strings.Repeat("\xaa", 131)
	tests := []struct{ name, key, data, want string }{
		{"case 1", strings.Repeat("\x0b", 20), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
		{"case 2", "Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
		{"case 3", strings.Repeat("\xaa", 20), strings.Repeat("\xdd", 50), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
		{"case 6", long, "Test Using Larger Than Block-Size Key - Hash Key First", "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
		{"case 7", long, "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.",
			"9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
	}
	for _, tt := range tests {
		if got := hex.EncodeToString(NewSecret(tt.key).HMACSHA256([]byte(tt.data))); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// RFC 7515 appendix A.3: the example of ES256, whose payload has CRLF in it.
func TestRFC7515ES256(t *testing.T) {
	const input = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
	const signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
	sig, err := strictBase64URL(signature)
	if err != nil {
		t.Fatal(err)
	}
	key := rfc7515Key(t).Public().(*ecdsa.PublicKey)
	if err := verifyES256(input, sig, key); err != nil {
		t.Error(err)
	}
	if err := verifyES256(strings.Replace(input, "J9.", "J8.", 1), sig, key); !errors.Is(err, ErrSignature) {
		t.Errorf("a changed input gives %v", err)
	}
}

// RFC 7797 section 4.2: HS256 over an unencoded payload, which fixes how the signing input is joined.
func TestRFC7797SigningInput(t *testing.T) {
	key, err := base64.RawURLEncoding.DecodeString("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
	if err != nil {
		t.Fatal(err)
	}
	const protected = "eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19"
	mac := NewSecret(string(key)).HMACSHA256([]byte(protected + ".$.02"))
	if got := base64.RawURLEncoding.EncodeToString(mac); got != "A5dxf2s96_n5FLueVuW1Z_vh161FwXZC4YLPff6dmDY" {
		t.Errorf("MAC %s", got)
	}
	p, err := ParseProtected(protected)
	if err != nil || p.Encoded || len(p.Critical) != 1 {
		t.Errorf("%+v, %v", p, err)
	}
}

// RFC 8705 appendix A: the certificate and its thumbprint.
func TestRFC8705Thumbprint(t *testing.T) {
	c, err := ParseCertificate([]byte(`-----BEGIN CERTIFICATE-----
MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAx
ODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UEAwwEbXRsczBZMBMGByqG
SM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ
/Au08/coZwxS7LfA4vOLS9WuneIXhbGGWvsDSb0tH6IxLm8wCgYIKoZIzj0EAwID
SQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOV
bUlJSGQgjwD5vaUaKlLR50Q2DmFfQj1L+SY=
-----END CERTIFICATE-----
`))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Thumbprint(); got != "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0" {
		t.Errorf("thumbprint %s", got)
	}
	j, err := ParseJWT("eyJhbGciOiJub25lIn0." + base64.RawURLEncoding.EncodeToString([]byte(`{"cnf":{"x5t#S256":"A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0"}}`)) + ".")
	if err != nil {
		t.Fatal(err)
	}
	if b, ok := j.Binding(); !ok || b != c.Thumbprint() {
		t.Errorf("binding %q, %v", b, ok)
	}
}

// RFC 7617 sections 2 and 2.1.
func TestRFC7617(t *testing.T) {
	for _, tt := range []struct{ user, password, want string }{
		{"Aladdin", "open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="},
		{"test", "123\u00a3", "Basic dGVzdDoxMjPCow=="},
		{"demoApiUser", "V8m!xP#l2Qz3", "Basic ZGVtb0FwaVVzZXI6VjhtIXhQI2wyUXoz"}, // the page's table, without the key's line end
	} {
		s, err := Basic(Input{Fields: map[string]string{"username": tt.user}, Secrets: map[string]Secret{"password": NewSecret(tt.password)}})
		if err != nil {
			t.Fatal(err)
		}
		value, _ := s.Request.Get("authorization")
		if got := string(value.Wire()); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.user, got, tt.want)
		}
		if strings.Contains(value.String(), tt.want[10:]) {
			t.Errorf("%s: the header prints its secret: %s", tt.user, value)
		}
		up, err := DecodeBasic(tt.want)
		if err != nil || up.User != tt.user || !up.Password.Equal(NewSecret(tt.password)) {
			t.Errorf("%s: decoded %q, %v", tt.user, up.User, err)
		}
	}
}

// Jupico's published key ends in a line end; it is sent as published or clean, as asked, and shown.
func TestBasicPublishedKey(t *testing.T) {
	const published = "ZGVtb0FwaVVzZXI6VjhtIXhQI2wyUXozCg=="
	for mode, want := range map[string]string{"published": published, "clean": "ZGVtb0FwaVVzZXI6VjhtIXhQI2wyUXoz"} {
		s, err := Basic(Input{Secrets: map[string]Secret{"api_key": NewSecret(published)}, Options: map[string]string{"credentials": mode}})
		if err != nil {
			t.Fatal(err)
		}
		value, _ := s.Request.Get("Authorization")
		if got := string(value.Wire()); got != "Basic "+want {
			t.Errorf("%s: %s", mode, got)
		}
		pair, _ := s.Stage(StageCredentials)
		if stray := strings.HasSuffix(pair.String(), "\n"); stray != (mode == "published") {
			t.Errorf("%s: the line end shows %v in %q", mode, stray, pair)
		}
	}
	for _, odd := range []string{"dXNlcjpwYXNzd29yZ\nA==", "dXNlcjpwYXNzd29yZB=="} {
		_, err := Basic(Input{Secrets: map[string]Secret{"api_key": NewSecret(odd)}, Options: map[string]string{"credentials": "published"}})
		if err == nil || !strings.Contains(err.Error(), "as it is") {
			t.Errorf("%q would go out in another form: %v", odd, err)
		}
	}
	up, err := DecodeBasic("Basic " + published)
	if err != nil || up.Stray != "\n" || len(up.Remarks) != 1 {
		t.Errorf("%+v, %v", up, err)
	}
}
