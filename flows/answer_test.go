package flows_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"countersign/flows"
)

var answersToTokenRequests = map[string]string{
	"jiko":   `{"token":"the-one","TOKEN":"another","expires":"2030-01-01T00:00:00Z"}`,
	"jpay":   `{"Access":"another","access":"the-one","ACCESS":"another","refresh":"kept","Refresh":"another"}`,
	"sabika": `{"access_token":"the-one","Access_Token":"another","ACCESS_TOKEN":"another","expires_in":600}`,
	"kuna":   `{"data":{"accessToken":"the-one","AccessToken":"another"},"Data":{"accessToken":"another"}}`,
}

// The token is the member of exactly that name; one that stands there twice could be either, and is refused.
func TestTheTokenIsTheExactMember(t *testing.T) {
	for id, body := range answersToTokenRequests {
		p, _ := flows.Find(flows.All(), id)
		token, err := p.Token.Read([]byte(body), time.Unix(0, 0))
		if err != nil || token.Access.Reveal() != "the-one" || !token.Refresh.Empty() && token.Refresh.Reveal() != "kept" {
			t.Errorf("%s: another member was taken: %v", id, err)
		}
		for _, s := range []string{"Another", "ANOTHER", "AccessToken", "Access_Token", "ACCESS_TOKEN", "TOKEN", "ACCESS", "Access", "Data"} {
			body = strings.ReplaceAll(body, `"`+s+`":`, `"x`+s+`":`)
		}
		twice := strings.Replace(body, `{`, `{"token":"a","token":"b","access":"a","access":"b","access_token":"a","access_token":"b","data":{},"data":{},`, 1)
		if _, err := p.Token.Read([]byte(twice), time.Unix(0, 0)); err == nil || !strings.Contains(err.Error(), "twice") {
			t.Errorf("%s: a token that stands there twice: %v", id, err)
		}
	}
}

// An odd expiry, of whatever type, costs no token, and names the field it came from.
func TestOddExpiries(t *testing.T) {
	received := time.Date(2024, 2, 6, 17, 15, 16, 0, time.UTC)
	tests := []struct{ expiry, source, remark string }{
		{`600`, "field expires_in (seconds from now)", ""},
		{`6e2`, "field expires_in (seconds from now)", ""},
		{`0.5`, "field expires_in (seconds from now)", ""},
		{`1707241515`, "field expires_in (Unix seconds, absolute)", ""},
		{`null`, "", ""},
		{`""`, "", ""},
		{`0`, "", "absurd"},
		{`-600`, "", "absurd"},
		{`1e400`, "", "absurd"},
		{`"NaN"`, "", "absurd"},
		{`"Infinity"`, "", "absurd"},
		{`"soon"`, "", "absurd"},
		{`{"in":600}`, "", "absurd"},
		{`true`, "", "absurd"},
		{`"\u001b]52;c;"`, "", "^[]52"},
	}
	p, _ := flows.Find(flows.All(), "sabika")
	for _, tt := range tests {
		token, err := p.Token.Read([]byte(`{"access_token":"a","expires_in":`+tt.expiry+`}`), received)
		remarks := strings.Join(token.Facts.Remarks, " ")
		if err != nil || token.Facts.Source != tt.source || !strings.Contains(remarks, tt.remark) || tt.remark == "" && remarks != "" {
			t.Errorf("%s: %v, source %q, remarks %q", tt.expiry, err, token.Facts.Source, remarks)
		}
	}
}

// What a token says of itself is read only where it has its form, and shown only made visible.
func TestOddClaims(t *testing.T) {
	jwt := func(claims string) string {
		enc := base64.RawURLEncoding.EncodeToString
		return enc([]byte(`{"alg":"none"}`)) + "." + enc([]byte(claims)) + "."
	}
	tests := []struct{ claims, remark string }{
		{`{"cnf":{"x5t#S256":"A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0"}}`, ""},
		{`{"cnf":{"X5T#s256":"A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0"}}`, "no thumbprint"},
		{`{"cnf":{"x5t#S256":"\u001b]0;x\u0007"}}`, "no thumbprint"},
		{`{"cnf":{"x5t#S256":7}}`, "no thumbprint"},
		{`{"cnf":"A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0"}`, "no thumbprint"},
		{`{"exp":1e300}`, "exp is no time"},
		{`{"exp":"1707241515"}`, "exp is no time"},
		{`{"exp":-1}`, "exp is no time"},
	}
	p, _ := flows.Find(flows.All(), "sabika")
	for _, tt := range tests {
		token, err := p.Token.Read([]byte(`{"access_token":"`+jwt(tt.claims)+`"}`), time.Unix(0, 0))
		remarks := strings.Join(token.Facts.Remarks, " ")
		if err != nil || !strings.Contains(remarks, tt.remark) || (remarks == "") != (tt.remark == "") || (token.Facts.Binding == "") != (tt.remark != "" || !strings.Contains(tt.claims, "cnf")) {
			t.Errorf("%s: %v, binding %q, remarks %q", tt.claims, err, token.Facts.Binding, remarks)
		}
	}
}

// An envelope that differs from what the pages suggest is not taken for a success.
func TestErrorsInOtherShapes(t *testing.T) {
	tests := []struct {
		provider      string
		status        int
		body          string
		code, message string
		ok            bool
	}{
		{"jupico", 200, `{"success":false,"error":"Declined"}`, "", "Declined", true},
		{"jupico", 200, `{"success":false,"code":"tx_cc_declined","message":"Declined"}`, "tx_cc_declined", "Declined", true},
		{"jupico", 200, `{"success":false,"error":{"code":7}}`, "", "", true},
		{"jupico", 200, `{"success":"false"}`, "", "", true},
		{"jupico", 200, `{"success":true,"success":false}`, "", "", true},
		{"jupico", 200, `{"success":tru`, "", "", true},
		{"jupico", 200, `{"success":true,"Success":false}`, "", "", false},
		{"jupico", 200, `OK`, "", "", false},
		{"jupico", 200, ``, "", "", false},
		{"sabika", 401, `{"error":{"code":"invalid_token","message":"no"}}`, "invalid_token", "no", true},
		{"sabika", 401, `{"code":"invalid_token"}`, "invalid_token", "", true},
		{"kuna", 200, `{"errors":[{"code":7,"message":["no"]}]}`, "", `["no"]`, true},
		{"kuna", 200, `{"errors":[7]}`, "", "", true},
		{"kuna", 200, `{"errors":[],"data":{}}`, "", "", false},
	}
	for _, tt := range tests {
		p, _ := flows.Find(flows.All(), tt.provider)
		e, ok := p.ReadError(tt.status, []byte(tt.body))
		if ok != tt.ok || e.Code.Raw() != tt.code || e.Message.Raw() != tt.message {
			t.Errorf("%s %s: %v, code %q, message %q", tt.provider, tt.body, ok, e.Code, e.Message)
		}
	}
}

// No answer breaks a reader; what it says in sentences is short and visible; a failed status is always an error.
func FuzzAnswers(f *testing.F) {
	for _, body := range answersToTokenRequests {
		f.Add(200, []byte(body))
	}
	f.Add(422, []byte(`{"detail":[{"loc":["body",1],"msg":"m"}]}`))
	f.Add(200, []byte(`{"success":false,"error":{"code":"c","message":"m"}}`))
	f.Add(401, []byte(`{"errors":[{"code":"UNAUTHORIZED","message":{"name":"n","message":"m","expiredAt":"t"}}]}`))
	f.Add(200, []byte(`{"access_token":"eyJhbGciOiJub25lIn0.eyJleHAiOjF9.","expires_in":1e30,"token_type":"\u202e"}`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		for _, p := range flows.All() {
			if _, ok := p.ReadError(status, body); !ok && status >= 400 {
				t.Errorf("%s: status %d is no error", p.ID, status)
			}
			if p.Token == nil {
				continue
			}
			token, err := p.Token.Read(body, time.Unix(1700000000, 0))
			says := append(token.Facts.Remarks, token.Facts.Source, token.Facts.Type, token.Facts.Binding)
			if err != nil {
				says = append(says, err.Error())
			}
			for _, s := range says {
				if len(s) > 4000 || !utf8.ValidString(s) || strings.ContainsAny(s, "\x1b\r\n\x00\u202e\u009b") {
					t.Errorf("%s says %q", p.ID, s)
				}
			}
			if err == nil && token.Access.Empty() {
				t.Errorf("%s: an empty token was read", p.ID)
			}
		}
	})
}
