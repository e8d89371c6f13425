package flows

import (
	"strings"
	"testing"
)

// What a partner says, on its page or in the sandbox, is explained by the entry that was meant for it.
func TestKnownErrors(t *testing.T) {
	tests := []struct {
		provider string
		status   int
		body     string
		meaning  string
		drops    bool
	}{
		{"jiko", 403, `{"detail":"Invalid signature"}`, "signature does not match", false},
		{"jiko", 401, `{"detail":"Signature mismatch"}`, "signature does not match", false},
		{"jiko", 403, `{"detail":"Forbidden"}`, "allowlist", false},
		{"jiko", 401, `{"detail":"Not authenticated"}`, "header is missing", false},
		{"jiko", 401, `{"detail":"Token expired"}`, "the token is missing, expired", true},
		{"jiko", 401, `{"detail":"Unauthorized"}`, "user name or password", true},
		{"jiko", 422, `{"detail":[{"loc":["header","x-jiko-signature"],"msg":"field required"}]}`, "a required header", false},
		{"jiko", 409, `{"detail":"Idempotency key already used"}`, "within the last hour", false},
		{"jpay", 400, `{"detail":"Invalid amount"}`, "two decimals", false},
		{"jpay", 400, `{"detail":"amount field is required"}`, "missing or wrong", false},
		{"jpay", 400, `{"detail":"Invalid phone number"}`, "+2547", false},
		{"jpay", 400, `{"detail":"Insufficient balance in payout wallet"}`, "not enough money", false},
		{"jpay", 401, `{"detail":"Invalid or expired token"}`, "not an access token", true},
		{"jpay", 401, `{"detail":"Authentication credentials were not provided"}`, "missing or malformed", false},
		{"jpay", 401, `{"detail":"Invalid app key or secret"}`, "app key or app secret", true},
		{"jpay", 403, `{"detail":"Access denied: IP address not allowed"}`, "allowlist", false},
		{"jpay", 403, `{"detail":"App is inactive"}`, "not approved", false},
		{"jpay", 503, `<html>`, "away", false},
		{"jupico", 401, `{"success":false,"error":{"code":"auth_invalid_api_token"}}`, "base64 is wrong", false},
		{"jupico", 400, `{"success":false,"status":"failed"}`, "not determined", false},
		{"jupico", 400, `{"success":false,"error":{"code":"invalid_payload"}}`, "cannot be read", false},
		{"jupico", 200, `{"success":false,"error":{"code":"tx_cc_declined_do_not_honor"}}`, "by the bank", false},
		{"jupico", 200, `{"success":false,"error":{"code":"tx_cc_declined"}}`, "declined: HTTP 200", false},
		{"sabika", 401, `{"error":"invalid_token"}`, "another certificate", true},
		{"sabika", 401, `{"error":"invalid_signature"}`, "does not verify", false},
		{"sabika", 404, `{"error":"order_not_found"}`, "no such order", false},
		{"sabika", 404, `{"error":"account_not_provisioned"}`, "no funding account", false},
		{"sabika", 404, `<html>`, "no such path", false},
		{"kuna", 401, `{"errors":[{"code":"UNAUTHORIZED","message":{"name":"TokenExpiredError","message":"jwt expired"}}]}`, "expired, by the partner's clock", true},
		{"kuna", 401, `{"errors":[{"code":"UNAUTHORIZED","message":"Invalid credentials"}]}`, "is not accepted", true},
		{"kuna", 401, `{"errors":[{"code":"REFRESH_TOKEN_EXPIRED","message":"Invalid token"}]}`, "refresh token is over", true},
	}
	for _, tt := range tests {
		p, _ := Find(All(), tt.provider)
		e := partnerError(p, Response{Status: tt.status}, []byte(tt.body))
		if e == nil || e.Known == nil || !strings.Contains(e.Known.Meaning, tt.meaning) || e.Known.DropsToken != tt.drops {
			t.Errorf("%s %d %s: explained as %+v, want %q", tt.provider, tt.status, tt.body, e, tt.meaning)
		}
	}
}

// Every entry can be reached: none stands behind one that takes everything it would take.
func TestNoKnownErrorIsHidden(t *testing.T) {
	for _, p := range All() {
		for i, k := range p.Errors {
			for _, before := range p.Errors[:i] {
				if (before.Status == 0 || before.Status == k.Status) && (before.Code == "" || before.Code == k.Code) &&
					strings.Contains(strings.ToLower(k.Message), strings.ToLower(before.Message)) {
					t.Errorf("%s: %+v hides %+v", p.ID, before, k)
				}
			}
		}
	}
}
