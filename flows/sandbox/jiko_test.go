package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
	"time"
)

const testUUID = "3f2b8c1e-9d47-4a6b-8f10-2c5d7e9a1b34"

// jikoSign is the page's one sentence: base64 of HMAC-SHA256 over key, pathname and body.
func jikoSign(secret, key, path, body string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(key + path + body))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func (b *bench) jikoLogin() string {
	c := b.Credentials("jiko")
	answer := b.must(200, request{provider: "jiko", line: "POST /api/v1/login/", header: []string{"Content-Type: application/json"},
		body: `{"username": "` + c["username"] + `", "password": "` + c["password"] + `"}`})
	token, _ := answer.field("token").(string)
	return token
}

func TestJikoVectors(t *testing.T) {
	const secret, accounts = "demo-shared-signing-secret", "/api/v1/customers/c26ed6d6-cdd0-41a3-ab54-84597309ae3a/jiko-accounts/"
	vectors := []struct{ key, path, body, want string }{
		{testUUID, "/api/v1/agreements/", "", "BBCWOrSohM29ImNa0+TMj1RKCHuk/a2zb7ZCTTyJjA4="},
		{testUUID, "/api/v1/agreements/", "{}", "Av9seZklnq/buLjGRjgnfMIhMhln9G1DtJpc6clNJyc="},
		{testUUID, "/api/v1/agreements", "", "C7Zt22D/tqd4iFuILbYWF6th+UuQ1GxA1OB58d8FU8c="},
		{testUUID, accounts, "{}", "ojCEIFYe6niz9qqzbm0HPtk7/GfWLDZzvXd3ebBaipk="},
		{testUUID, accounts + "?limit=10", "", "rgal2yZK0wIh01seabvcDPDALfSGkBw/Ke+f9mwkXLY="},
		{strings.ToUpper(testUUID), "/api/v1/agreements/", "", "8fbBuAyDnRAdD4DA4t4lhJ+cihY6s3tgtJE2S2PdWVw="},
	}
	j := &jiko{account: &account{fields: map[string]string{"signing_secret": secret}}}
	for _, v := range vectors {
		got := base64.StdEncoding.EncodeToString(j.mac(jikoCanonical(v.key, v.path, []byte(v.body))))
		if got != v.want {
			t.Errorf("%s %s: %s, want %s", v.path, v.body, got, v.want)
		}
	}
}

func TestJikoRequest(t *testing.T) {
	b := start(t)
	secret, token := b.Credentials("jiko")["signing_secret"], b.jikoLogin()
	const path = "/api/v1/agreements/"
	good := jikoSign(secret, testUUID, path, "")
	sum, _ := base64.StdEncoding.DecodeString(good)
	signed := func(key, signature string) []string {
		return []string{"Authorization: Bearer " + token, "x-jiko-idempotency: " + key, "x-jiko-signature: " + signature}
	}
	tests := []struct {
		name   string
		line   string
		header []string
		body   string
		status int
		check  string
		note   string
	}{
		{name: "no token", line: "GET " + path, header: signed(testUUID, good)[1:], status: 401, check: "token"},
		{name: "another scheme", line: "GET " + path, header: append(signed(testUUID, good)[1:], "Authorization: Basic "+token), status: 401, check: "token"},
		{name: "unknown token", line: "GET " + path, header: append(signed(testUUID, good)[1:], "Authorization: Bearer abc"), status: 401, check: "token"},
		{name: "no key", line: "GET " + path, header: []string{signed("", "")[0], "x-jiko-signature: " + good}, status: 422, check: "idempotency"},
		{name: "key is no UUID", line: "GET " + path, header: signed("abc", jikoSign(secret, "abc", path, "")), status: 422, check: "idempotency"},
		{name: "no signature", line: "GET " + path, header: signed(testUUID, good)[:2], status: 422, check: "signature"},
		{name: "two signatures", line: "GET " + path, header: append(signed(testUUID, good), "x-jiko-signature: "+good), status: 403, check: "signature"},
		{name: "hex", line: "GET " + path, header: signed(testUUID, hex.EncodeToString(sum)), status: 403, check: "signature"},
		{name: "URL-safe base64", line: "GET " + path, header: signed(testUUID, base64.URLEncoding.EncodeToString(sum[:31])+"-_"), status: 403, check: "signature"},
		{name: "no padding", line: "GET " + path, header: signed(testUUID, strings.TrimRight(good, "=")), status: 403, check: "signature"},
		{name: "stray bits", line: "GET " + path, header: signed(testUUID, strayBits(good)), status: 403, check: "signature"},
		{name: "another secret", line: "GET " + path, header: signed(testUUID, jikoSign(secret+"\n", testUUID, path, "")), status: 403, check: "signature"},
		{name: "signed {} and sent nothing", line: "GET " + path, header: signed(testUUID, jikoSign(secret, testUUID, path, "{}")), status: 403, check: "signature",
			note: "the signature fits a body of {}, which did not arrive"},
		{name: "signed nothing and sent {}", line: "GET " + path, header: signed(testUUID, good), body: "{}", status: 403, check: "signature", note: "the signature fits an empty body"},
		{name: "signed the query", line: "GET " + path + "?a=b", header: signed(testUUID, jikoSign(secret, testUUID, path+"?a=b", "")), status: 403, check: "signature",
			note: "the signature fits the path with its query string"},
		{name: "signed another case", line: "GET " + path, header: signed(testUUID, jikoSign(secret, strings.ToUpper(testUUID), path, "")), status: 403, check: "signature",
			note: "the signature fits the key in upper case"},
		{name: "no slash", line: "GET /api/v1/agreements", header: signed(testUUID, good), status: 307, check: "route"},
		{name: "no such path", line: "GET /api/v2/agreements/", header: signed(testUUID, good), status: 404, check: "route"},
		{name: "another method", line: "PUT " + path, header: signed(testUUID, good), status: 405, check: "route"},
		{name: "accepted", line: "GET " + path, header: signed(testUUID, good), status: 200},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			answer := b.must(test.status, request{provider: "jiko", line: test.line, header: test.header, body: test.body})
			b.refusedBy(answer, test.check)
			if got := b.last().Note; test.note != "" && got != test.note {
				t.Errorf("note %q, want %q", got, test.note)
			}
			if test.check == "signature" {
				path, _, _ := strings.Cut(strings.Fields(test.line)[1], "?")
				want := base64.StdEncoding.EncodeToString([]byte(testUUID + path + test.body))
				if got := answer.Header.Get("Sandbox-Expected"); got != want {
					t.Errorf("Sandbox-Expected %q, want %q", got, want)
				}
			}
		})
	}
}

// strayBits changes the last character's unused bits, which a lax decoder ignores.
func strayBits(signature string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	at := len(signature) - 2
	return signature[:at] + string(alphabet[strings.IndexByte(alphabet, signature[at])|1]) + "="
}

func TestJikoRepeat(t *testing.T) {
	b := start(t)
	secret := b.Credentials("jiko")["signing_secret"]
	send := func(status int, line, body string) reply {
		_, path, _ := strings.Cut(line, " ")
		path, _, _ = strings.Cut(path, "?")
		return b.must(status, request{provider: "jiko", line: line, body: body, header: []string{"Authorization: Bearer " + b.jikoLogin(),
			"Content-Type: application/json", "x-jiko-idempotency: " + testUUID, "x-jiko-signature: " + jikoSign(secret, testUUID, path, body)}})
	}
	const transfer = `{"type": "INTERNAL_REALLOCATION", "amount": {"type": "REQUESTED_AMOUNT", "value": 100}}`
	first := send(201, "POST /api/v1/transfers/on-us/", transfer)
	again := send(201, "POST /api/v1/transfers/on-us/", transfer)
	if first.text != again.text || again.Header.Get("Sandbox-Replayed") != "true" || first.Header.Get("Sandbox-Replayed") != "" {
		t.Errorf("a repeat got %s, the first %s", again.text, first.text)
	}
	b.refusedBy(send(409, "POST /api/v1/transfers/on-us/", transfer+" "), "repeat")
	b.refusedBy(send(409, "POST /api/v1/transfers/on-us/?x=1", transfer), "repeat")
	b.clock.add(time.Hour)
	if got := send(201, "POST /api/v1/transfers/on-us/", transfer).text; got != first.text {
		t.Error("a repeat after exactly an hour was executed again")
	}
	b.clock.add(time.Second)
	if got := send(201, "POST /api/v1/transfers/on-us/", transfer).text; got == first.text {
		t.Error("a key was remembered for more than an hour")
	}
}

func TestJikoLogin(t *testing.T) {
	b := start(t)
	c := b.Credentials("jiko")
	login := func(status int, body string) reply {
		return b.must(status, request{provider: "jiko", line: "POST /api/v1/login/", body: body})
	}
	answer := login(200, `{"username":"`+c["username"]+`","password":"`+c["password"]+`"}`)
	if got := answer.field("expires"); got != "2026-03-01T13:00:00.000000+00:00" {
		t.Errorf("expires %v", got)
	}
	b.refusedBy(login(401, `{"username":"`+c["username"]+`","password":"no"}`), "credentials")
	b.refusedBy(login(401, `{"username":"no","password":"`+c["password"]+`"}`), "credentials")
	b.refusedBy(login(422, `{"username":"`+c["username"]+`"}`), "body")
	b.refusedBy(login(422, `[]`), "body")
	b.refusedBy(login(422, `{`), "body")
	b.set("jiko", "revoke", "on")
	b.refusedBy(login(401, `{"username":"`+c["username"]+`","password":"`+c["password"]+`"}`), "credentials")
}
