package sign

import (
	"bytes"
	"crypto/ecdsa"
	"encoding/base64"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// says fails when a sentence could command a terminal or is not one line.
func says(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	if s := err.Error(); s == "" || !utf8.ValidString(s) || strings.ContainsAny(s, "\x1b\r\n\x00\u202e\u009b") {
		t.Errorf("error %q", s)
	}
}

// A URL that is taken is the one that net/url reads, keeps its bytes, and can be sent once it has a path.
func FuzzParseURL(f *testing.F) {
	for _, s := range []string{"https://api.test", "https://[::1]:8443/v1%2F/x/?a=b", "https://u:p@h/", "https://h/#x", "http://h", "https://h:99999/", "https://a\\b/", "https://h//?", "\u202e", "https://h/%"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ParseURL(s)
		says(t, err)
		if err != nil {
			return
		}
		if r.Origin()+r.Target() != "https"+s[len("https"):] {
			t.Fatalf("%q became %q", s, r.URL())
		}
		if u, err := url.Parse(r.Origin()); err != nil || u.Host != r.Authority || u.User != nil || u.Hostname() == "" {
			t.Fatalf("%q has authority %q, net/url reads %v, %v", s, r.Authority, u, err)
		}
		r.Method, r.Path = "GET", r.Path+"/"
		if err := r.Check(); err != nil {
			t.Fatalf("%q was taken and cannot be sent: %v", s, err)
		}
	})
}

// A JWT that is read has an exact form, and its times are in bounds.
func FuzzParseJWT(f *testing.F) {
	f.Add("eyJhbGciOiJub25lIn0.eyJleHAiOjE3MDcyNDE1MTUsImNuZiI6eyJ4NXQjUzI1NiI6IkE0RHRMMkptVU1oQXN2Smo1dEt5bjY0U3F6bXVYYk1ySmEwbjc2MXk1djAifX0.")
	f.Add("a.b.c")
	f.Add("...")
	f.Add("e30.e30.")
	f.Fuzz(func(t *testing.T, token string) {
		j, err := ParseJWT(token)
		says(t, err)
		if err != nil {
			return
		}
		if enc := base64.RawURLEncoding.EncodeToString(j.Raw); strings.Split(token, ".")[1] != enc {
			t.Fatalf("claims %q", j.Raw)
		}
		for name := range j.Claims {
			if at, ok := j.Time(name); ok && (at.Before(time.Unix(0, 0)) || at.Year() > 9999) {
				t.Fatalf("%s is %s", name, at)
			}
			j.Text(name)
		}
		if b, ok := j.Binding(); ok != (len(b) == 43) {
			t.Fatalf("binding %q, %v", b, ok)
		}
	})
}

// No JWS verifies but one with exactly the header that is asked for.
func FuzzVerifyDetached(f *testing.F) {
	s := "eyJhbGciOiJFUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19..4HuYw2TP3LUoV4e5hRMU1fCoiQwuGctKImqtrDcNneK-f1YOIr6NM9oglh9L28_7Ei7RPzJ-uPSBm8MKcIgz3A"
	f.Add([]byte("POST\n"), s)
	f.Add([]byte(""), "..")
	f.Add([]byte("x"), strings.Replace(s, "..", ".", 1))
	key := rfc7515Key(f).Public().(*ecdsa.PublicKey)
	f.Fuzz(func(t *testing.T, payload []byte, compact string) {
		p, err := VerifyDetached(payload, compact, key)
		says(t, err)
		if err == nil && (p.Algorithm != "ES256" || p.Encoded || len(p.Critical) != 1) {
			t.Fatalf("%+v verified", p)
		}
		if again, err := ParseProtected(strings.SplitN(compact, ".", 2)[0]); err == nil && again.Algorithm != p.Algorithm && strings.Count(compact, ".") == 2 {
			t.Fatalf("read %+v, then %+v", p, again)
		}
	})
}

// A Basic value that is read gives itself again when its parts are put together.
func FuzzDecodeBasic(f *testing.F) {
	for _, s := range []string{"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "basic ZGVtb0FwaVVzZXI6VjhtIXhQI2wyUXozCg==", "Basic ", "Basic Og==", "Bearer x", "Basic  Og=="} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, value string) {
		up, err := DecodeBasic(value)
		says(t, err)
		if err != nil {
			return
		}
		pair := up.User + ":" + up.Password.Reveal() + up.Stray
		if got := base64.StdEncoding.EncodeToString([]byte(pair)); !strings.HasSuffix(value, got) {
			t.Fatalf("%q decodes to %q", value, pair)
		}
	})
}

// A key or certificate file that is refused gets one sentence, one that is taken is usable.
func FuzzParsePEM(f *testing.F) {
	for _, s := range []string{"", "0", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n", "-----BEGIN X\u202e-----\n-----END X\u202e-----\n", "-----BEGIN \\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		k, err := ParsePrivateKey(text)
		says(t, err)
		if (err == nil) != k.Present() {
			t.Fatalf("%v, %v", k, err)
		}
		c, err := ParseCertificate(text)
		says(t, err)
		if (err == nil) != c.Present() {
			t.Fatalf("%v", err)
		}
		_, err = ParsePublicKey(text)
		says(t, err)
	})
}

// What was redacted has no known form any more, whatever stood around it; other text is left alone.
func FuzzRedact(f *testing.F) {
	f.Add("secret-value", "before", `"}`)
	f.Add(`a"b\c/d+e%f&`, "%", `\`)
	f.Add("\u00e9\u00e9\u00e9\u00e9\u00e9", `\u00`, "e9")
	f.Fuzz(func(t *testing.T, secret, before, behind string) {
		s := NewSecret(secret)
		r := NewRedactor(s)
		if s.Len() < minRedact || strings.Contains(mask, secret) {
			return
		}
		got, n := r.Redact([]byte(before + secret + behind))
		if n == 0 || bytes.Contains(got, []byte(secret)) {
			t.Fatalf("%q became %q", before+secret+behind, got)
		}
		if same, n := NewRedactor().Redact([]byte(before)); n != 0 || string(same) != before {
			t.Fatalf("nothing is known, and %q became %q", before, same)
		}
	})
}
