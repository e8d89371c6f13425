package sign

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// A secret is found in every form in which a partner may give it back.
func TestRedactorKnowsTheForms(t *testing.T) {
	const secret = `s3cr+t/"value"&\é`
	r := NewRedactor(NewSecret(secret))
	quoted, _ := json.Marshal(secret)
	forms := map[string]string{
		"raw":                     secret,
		"json":                    string(quoted),
		"json as PHP writes it":   `"s3cr+t\/\"value\"&\\\u00e9"`,
		"json as .NET writes it":  `"s3cr\u002Bt/\u0022value\u0022\u0026\\\u00E9"`,
		"json, all escaped":       `"\u00733\u0063\u0072\u002b\u0074\u002f\u0022value\u0022\u0026\u005c\u00e9"`,
		"url":                     url.QueryEscape(secret),
		"url in lower case":       strings.ToLower(url.QueryEscape(secret)),
		"url, all escaped":        "%73%33%63%72%2B%74%2F%22%76%61%6C%75%65%22%26%5C%C3%A9",
		"html":                    "s3cr+t/&quot;value&quot;&amp;\\é",
		"html in numbers":         "s3cr&#43;t/&#34;value&#x22;&#38;\\&#233;",
		"hex":                     hex.EncodeToString([]byte(secret)),
		"base64":                  base64.StdEncoding.EncodeToString([]byte("user:" + secret)),
		"base64 in a url":         base64.URLEncoding.EncodeToString([]byte("us:" + secret)),
		"cut off":                 secret[:10],
		"cut off in another form": url.QueryEscape(secret)[:12],
	}
	for name, form := range forms {
		got, n := r.Redact([]byte("before " + form))
		if n == 0 || !bytes.HasPrefix(got, []byte("before ")) || bytes.Contains(got, []byte("value")) || !r.Finds([]byte(form)) {
			t.Errorf("%s: %q becomes %q", name, form, got)
		}
	}
	if got, _ := NewRedactor(NewSecret("abcdefg+h")).Redact([]byte(`"abcdefg\u002bh","another"`)); string(got) != `"[secret]","another"` {
		t.Errorf("an escape near the end: %s", got)
	}
	for _, innocent := range []string{"", "%", "&", `\`, `\u`, "&amp;", "s3cr", strings.Repeat("%zz\\u12&", 9)} {
		if got, n := r.Redact([]byte(innocent)); n != 0 || string(got) != innocent {
			t.Errorf("%q becomes %q", innocent, got)
		}
	}
}

// A short secret is hidden where a JSON string is nothing else, and nowhere else.
func TestRedactorHidesShortSecretsByPlace(t *testing.T) {
	got, n := NewRedactor(NewSecret("ab1")).Redact([]byte(`{"echo":"ab1","text":"ab1c"}`))
	if string(got) != `{"echo":"[secret]","text":"ab1c"}` || n != 1 {
		t.Errorf("%s, %d", got, n)
	}
}

// Types that hold secrets print none, wherever they stand.
func TestHoldersOfSecretsNeverPrint(t *testing.T) {
	var b Builder
	b.Key("k", NewSecret(canary))
	c := Captured{Method: "GET", Header: []Pair{{"Authorization", canary}}, Body: []byte(canary)}
	r := NewRedactor(NewSecret(canary))
	var out strings.Builder
	for _, v := range []any{b, &b, c, &c, r, &r, struct{ r Redactor }{r}, struct{ R *Redactor }{&r}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
	}
	for _, form := range []string{canary, hex.EncodeToString([]byte(canary)), strings.Trim(fmt.Sprint([]byte(canary)), "[]"), strings.Trim(fmt.Sprintf("%#v", []byte(canary)), "[]byte{}")} {
		if strings.Contains(strings.ToLower(out.String()), strings.ToLower(form)) {
			t.Errorf("%s was printed:\n%s", form, out.String())
		}
	}
}

// The secrets in a text are those of its secret spans.
func TestSecretsOfAText(t *testing.T) {
	var inner, b Builder
	inner.Take(Origin{Field, "username"}, []byte("user"))
	inner.Separator(":", "")
	inner.Key("password", NewSecret("short"))
	b.Constant("Basic ", "")
	b.Within(Stage{"user-pass", inner.Text()}, Base64)
	b.Key("signing", NewSecret("one way"), SHA256)
	got := b.Text().Secrets()
	if want := base64.StdEncoding.EncodeToString([]byte("user:short")); len(got) != 1 || got[0].Reveal() != want {
		t.Errorf("%d secrets, want the encoded pair", len(got))
	}
	if len(Text{}.Secrets()) != 0 {
		t.Error("an absent text has secrets")
	}
}
