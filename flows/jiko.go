package flows

import (
	"encoding/json"
	"time"

	"countersign/flows/credentials"
	"countersign/sign"
	"countersign/sign/untrusted"
)

// jiko is Jiko's Partner API: login, HMAC-SHA256 over idempotency key, pathname and body.
// Page: https://docs.jiko.io/guides/auth
func jiko() *Provider {
	return &Provider{
		ID:      "jiko",
		Name:    "Jiko",
		Docs:    "https://docs.jiko.io/guides/auth",
		Summary: "bearer token (1 h), idempotency key, HMAC-SHA256 over key + pathname + body",
		Environments: []Environment{
			embedded,
			{Name: Sandbox, BaseURL: "https://{prefix}.sandbox-api.jikoservices.com", Source: "docs.jiko.io/guides/auth"},
			{Name: Production, BaseURL: "https://{prefix}.partner-api.jikoservices.com", Production: true, Source: "docs.jiko.io/products/partner-api/reference.md"},
		},
		Fields: []credentials.Field{
			{Name: "username", Label: "User name", Env: "JIKO_USER", Help: "from your Jiko contact"},
			{Name: "password", Label: "Password", Env: "JIKO_PASS", Secret: true, Help: "from your Jiko contact"},
			{Name: "signing_secret", Label: "Signing secret", Env: "JIKO_SIGNING_SECRET", Secret: true, Help: "shared secret; its UTF-8 bytes are the HMAC key, never sent"},
			{Name: "prefix", Label: "URL prefix", Env: "PREFIX", Optional: true, Help: "assigned to your company; part of the host name"},
		},
		Token:  jikoToken(),
		Scheme: func(s Sample, _ map[string]string) sign.Scheme { return signedOrOpen(s, sign.Jiko) },
		Requests: []Sample{
			{Name: "agreements", Summary: "list the agreements; the guide's first call", Method: "GET", Path: "/api/v1/agreements/", Signed: true, Idempotency: true},
			{Name: "agreements-object", Summary: "the same with the body {} that the guide's shell helper sends", Method: "GET", Path: "/api/v1/agreements/",
				Header: jsonHeader, Body: text("{}"), Signed: true, Idempotency: true},
			{Name: "accounts", Summary: "accounts of a customer", Method: "GET", Path: "/api/v1/customers/{customer_id}/jiko-accounts/", Signed: true, Idempotency: true,
				Variables: []Variable{{"customer_id", "Customer", "c26ed6d6-cdd0-41a3-ab54-84597309ae3a"}}},
			{Name: "accounts-page", Summary: "the same with a query, which is not signed", Method: "GET", Path: "/api/v1/customers/{customer_id}/jiko-accounts/", Query: "?offset=0&limit=10",
				Signed: true, Idempotency: true, Variables: []Variable{{"customer_id", "Customer", "c26ed6d6-cdd0-41a3-ab54-84597309ae3a"}}},
			{Name: "subscription", Summary: "subscribe to events", Method: "POST", Path: "/api/v1/subscriptions/", Header: jsonHeader, Writes: true, Signed: true, Idempotency: true,
				Body: text(`{"events": ["application.approved"], "url": "https://example.com/hook", "shared_secret": "0123456789123456"}`)},
			{Name: "transfer", Summary: "move money between a partner and a customer account", Method: "POST", Path: "/api/v1/transfers/on-us/", Header: jsonHeader,
				Writes: true, MovesMoney: true, Signed: true, Idempotency: true, Assumed: true,
				Body: text(`{"type": "PARTNER_CUSTOMER_FUNDING", "customer_id": "c26ed6d6-cdd0-41a3-ab54-84597309ae3a", "amount": {"type": "REQUESTED_AMOUNT", "value": 100, "currency": "USD"}}`)},
			{Name: "health", Summary: "is the API up; needs no authentication", Method: "GET", Path: "/health", Open: true},
		},
		ReadError: jikoError,
		Errors: []KnownError{
			{Status: 401, Message: "signature", Meaning: "the signature does not match what the partner computed", Remedy: jikoCompare, Assumed: true},
			{Status: 403, Message: "signature", Meaning: "the signature does not match what the partner computed", Remedy: jikoCompare, Assumed: true},
			{Status: 401, Message: "not authenticated", Meaning: "the Authorization header is missing or malformed", Remedy: "send Authorization: Bearer and the token", Assumed: true},
			{Status: 401, Message: "token", Meaning: "the token is missing, expired or unknown", Remedy: "log in again; the idempotency key may stay", Assumed: true, DropsToken: true},
			{Status: 401, Meaning: "user name or password is wrong, or the token is not accepted", Remedy: "check the credentials, then log in again", DropsToken: true},
			{Status: 403, Meaning: "not allowed; Jiko accepts only addresses on its allowlist", Remedy: "ask your Jiko contact to add this machine's address"},
			{Status: 404, Meaning: "there is no such object", Remedy: "check the id in the path, and the slash at its end"},
			{Status: 409, Meaning: "the idempotency key was used within the last hour for another request", Remedy: "use a new key for a new action", Assumed: true},
			{Status: 412, Meaning: "already closed, or the document is already approved", Remedy: "do not retry"},
			{Status: 422, Meaning: "a field or a required header is missing or wrong", Remedy: "the answer names where; fix the request"},
		},
	}
}

// jikoCompare is what to do about a signature that does not match.
const jikoCompare = "compare the canonical strings, byte for byte; the pathname has no query and keeps its slash"

var jsonHeader = []sign.Pair{{Name: "Content-Type", Value: "application/json"}}

func jikoToken() *TokenRules {
	return &TokenRules{
		Doc:      "POST /api/v1/login/ with user name and password; the token lives 1 h and is not refreshed",
		Lifetime: time.Hour,
		Early:    time.Minute,
		Login: func(in TokenInput) (sign.Request, error) {
			var body sign.Builder
			body.Constant(`{"username": "`, "JSON")
			body.Take(sign.Origin{Kind: sign.Field, Name: "username"}, []byte(in.Fields["username"]), sign.JSONString)
			body.Constant(`", "password": "`, "JSON")
			body.Key("password", in.Secrets["password"], sign.JSONString)
			body.Constant(`"}`, "JSON")
			return tokenRequest(in, "/api/v1/login/", "application/json", body.Text()), body.Err()
		},
		Read: func(body []byte, _ time.Time) (Token, error) {
			answer, err := readObject(body)
			if err != nil {
				return Token{}, err
			}
			token, err := answer.need("token")
			if err != nil {
				return Token{}, err
			}
			t, err := newToken(token, "")
			t.Facts.expiresAt(stringOrRaw(answer["expires"]), "field expires (RFC 3339)")
			return t, err
		},
	}
}

// jikoError reads {"detail": "..."} and FastAPI's {"detail": [{"loc": [...], "msg": "..."}]}.
func jikoError(status int, body []byte) (PartnerError, bool) {
	if status < 400 {
		return PartnerError{}, false
	}
	answer, _ := readObject(body) // an error body that is no JSON has no message
	var list []struct {
		Loc []any  `json:"loc"`
		Msg string `json:"msg"`
	}
	if json.Unmarshal(answer["detail"], &list) == nil && len(list) > 0 {
		return PartnerError{Message: untrusted.From(joinLoc(list[0].Loc) + ": " + list[0].Msg)}, true
	}
	return PartnerError{Message: untrusted.From(stringOrRaw(answer["detail"]))}, true
}
