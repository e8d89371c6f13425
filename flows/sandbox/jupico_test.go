package sandbox

import (
	"encoding/base64"
	"strings"
	"testing"
)

func basic(credentials string) string {
	return "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(credentials))
}

const jsonType = "Content-Type: application/json"

func TestJupicoAuthentication(t *testing.T) {
	b := start(t)
	// The header as the page prints it, and the one that its table of user and password gives.
	const published, clean = "Authorization: Basic ZGVtb0FwaVVzZXI6VjhtIXhQI2wyUXozCg==", "Authorization: Basic ZGVtb0FwaVVzZXI6VjhtIXhQI2wyUXoz"
	tests := []struct {
		name, newline string
		header        []string
		status        int
		code, check   string
	}{
		{"published", "accept", []string{jsonType, published}, 200, "", ""},
		{"clean", "accept", []string{jsonType, clean}, 200, "", ""},
		{"published", "clean", []string{jsonType, published}, 401, "auth_invalid_api_token", "credentials"},
		{"clean", "clean", []string{jsonType, clean}, 200, "", ""},
		{"published", "published", []string{jsonType, published}, 200, "", ""},
		{"clean", "published", []string{jsonType, clean}, 401, "auth_invalid_api_token", "credentials"},
		{"none", "accept", []string{jsonType}, 401, "auth_header_not_present", "credentials"},
		{"Bearer", "accept", []string{jsonType, "Authorization: Bearer x"}, 401, "auth_invalid_api_token", "credentials"},
		{"twice", "accept", []string{jsonType, clean, clean}, 401, "auth_invalid_api_token", "credentials"},
		{"CR LF", "accept", []string{jsonType, basic("demoApiUser:V8m!xP#l2Qz3\r\n")}, 401, "auth_invalid_api_token", "credentials"},
		{"two newlines", "accept", []string{jsonType, basic("demoApiUser:V8m!xP#l2Qz3\n\n")}, 401, "auth_invalid_api_token", "credentials"},
		{"wrong user", "accept", []string{jsonType, basic("demoapiuser:V8m!xP#l2Qz3")}, 401, "auth_invalid_api_token", "credentials"},
		{"wrong password", "accept", []string{jsonType, basic("demoApiUser:demo2019")}, 401, "auth_invalid_api_token", "credentials"},
		{"no type", "accept", []string{clean}, 401, "auth_invalid_content_type", "content-type"},
		{"another type", "accept", []string{"Content-Type: text/json", clean}, 401, "auth_invalid_content_type", "content-type"},
		{"type with a parameter", "accept", []string{"Content-Type: application/JSON; charset=utf-8", clean}, 200, "", ""},
	}
	for _, test := range tests {
		t.Run(test.name+"/"+test.newline, func(t *testing.T) {
			b.set("jupico", "newline", test.newline)
			answer := b.must(test.status, request{provider: "jupico", line: "GET /status", header: test.header})
			b.refusedBy(answer, test.check)
			if got := answer.field("error", "code"); test.code != "" && got != test.code {
				t.Errorf("code %v, want %s", got, test.code)
			}
		})
	}
	b.set("jupico", "newline", "accept")
	b.must(200, request{provider: "jupico", line: "GET /status", header: []string{jsonType, published}})
	if !strings.Contains(b.last().Note, "with a trailing newline") {
		t.Errorf("the form that arrived is not noted: %q", b.last().Note)
	}
	b.set("jupico", "revoke", "on")
	if got := b.must(401, request{provider: "jupico", line: "GET /status", header: []string{jsonType, clean}}).field("error", "code"); got != "auth_invalid_api_user" {
		t.Errorf("revoked: %v", got)
	}
	if got := b.must(404, request{provider: "jupico", line: "GET /nothing", header: []string{jsonType}}).field("error", "code"); got != "wrong_url" {
		t.Errorf("another path: %v", got)
	}
}

func TestJupicoAmountSelectsOutcome(t *testing.T) {
	b := start(t)
	header := []string{jsonType, basic("demoApiUser:V8m!xP#l2Qz3")}
	send := func(status int, operation, body string) reply {
		t.Helper()
		return b.must(status, request{provider: "jupico", line: "POST /v1/transactions/creditcard/" + operation, header: header, body: body})
	}
	sale := func(amount string) string {
		return `{"amount":` + amount + `,"cardToken":"b0a67cc8-d78e-4e71-afc3-2e8b00646973","reference":"r-` + strings.Trim(amount, `"`) + `"}`
	}
	tests := []struct {
		amount  string
		status  int
		success bool
		code    any
	}{
		{`"10.00"`, 200, true, nil},
		{`10.00`, 200, true, nil},
		{`"90.20"`, 200, false, "tx_cc_declined"},
		{`"90.23"`, 200, false, "tx_cc_declined_insufficient_funds"},
		{`"90.24"`, 200, false, "tx_cc_declined_do_not_honor"},
		{`"101.10"`, 503, false, "service_unavailable"},
		{`"101.11"`, 500, false, "internal_server_error"},
		{`"-1.00"`, 400, false, "invalid_payload"},
		{`"1.0"`, 400, false, "invalid_payload"},
		{`1e3`, 400, false, "invalid_payload"},
		{`"0.00"`, 400, false, "invalid_payload"},
	}
	for _, test := range tests {
		answer := send(test.status, "sale", sale(test.amount))
		if answer.field("success") != test.success || answer.field("error", "code") != test.code {
			t.Errorf("%s: %s", test.amount, answer.text)
		}
	}
	id, _ := send(200, "sale", sale(`"12.34"`)).field("transactionId").(string)
	if got := send(200, "rollback", `{"transactionId":"`+id+`"}`).field("status"); got != "reversed" {
		t.Errorf("rollback: %v", got)
	}
	// A 500 leaves something to roll back, a 503 does not.
	send(200, "rollback", `{"reference":"r-101.11"}`)
	send(400, "rollback", `{"reference":"r-101.10"}`)
	send(400, "rollback", `{}`)
}

func FuzzDecodeBasic(f *testing.F) {
	f.Add("Basic ZGVtb0FwaVVzZXI6VjhtIXhQI2wyUXozCg==")
	f.Add("basic YTpi")
	f.Add("Basic  YTpi")
	f.Add("Basic YTpi\n")
	f.Add("Basic YTo=")
	f.Fuzz(func(t *testing.T, header string) {
		user, password, err := decodeBasic(header)
		if err != nil {
			return
		}
		// What is accepted has exactly one spelling.
		scheme, parameter, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "basic") || parameter != base64.StdEncoding.EncodeToString([]byte(user+":"+password)) {
			t.Errorf("%q was read as %q, %q", header, user, password)
		}
	})
}
