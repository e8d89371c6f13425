package flows

import (
	"time"

	"countersign/flows/credentials"
	"countersign/sign"
	"countersign/sign/untrusted"
)

// jpay is JPay Africa: app key and secret give a pair of JWTs, the refresh token rotates.
// Page: https://docs.api.jpay.africa/docs/auth/overview
func jpay() *Provider {
	return &Provider{
		ID:      "jpay",
		Name:    "JPay Africa",
		Docs:    "https://docs.api.jpay.africa/docs/auth/overview",
		Summary: "app key and secret give an access token (15 min) and a refresh token (7 d)",
		Environments: []Environment{
			embedded,
			{Name: Sandbox, BaseURL: "https://sandbox.api.jpay.africa/api/v1", Source: "docs.api.jpay.africa/docs/auth/overview"},
			{Name: Production, BaseURL: "https://api.jpay.africa/api/v1", Production: true, Source: "docs.api.jpay.africa/docs/intro"},
		},
		Fields: []credentials.Field{
			{Name: "app_key", Label: "App key", Env: "JPAY_APP_KEY", Help: "merchants.jpay.africa, Settings, Applications"},
			{Name: "app_secret", Label: "App secret", Env: "JPAY_APP_SECRET", Secret: true, Help: "shown once when the application is made"},
		},
		Options: []Option{{
			Name: "rotation", Label: "After a refresh", Help: "the prose says to store both tokens, the page's sample keeps the old refresh token",
			Values: []OptionValue{{"replace", "the new refresh token replaces the old one (prose)"}, {"keep", "the old refresh token is kept (sample)"}},
		}},
		Token: jpayToken(),
		Instead: map[StepName]string{
			StepCanonical: "nothing is signed: whoever holds the bearer token may send any request until it expires",
			StepSignature: "there is no signature: TLS, the short life of the token and the app's address allowlist protect the request",
		},
		Scheme: func(s Sample, _ map[string]string) sign.Scheme { return signedOrOpen(s, sign.Bearer) },
		Requests: []Sample{
			{Name: "balance", Summary: "wallet balances; the safest probe", Method: "GET", Path: "/wallets/balance", Header: jsonHeader},
			{Name: "collections", Summary: "list collections; the page's sample request", Method: "GET", Path: "/payments/collections/checkouts", Header: jsonHeader},
			{Name: "channels", Summary: "payment channels", Method: "GET", Path: "/channels", Query: "?active_only=true", Header: jsonHeader},
			{Name: "collect", Summary: "ask a customer to pay", Method: "POST", Path: "/payments/collections/checkouts/initiate", Header: jsonHeader, Writes: true, MovesMoney: true,
				Body: text(`{"payfrom": "+254700000000", "amount": "1000.00", "ref_no": "{ref_no}", "callback_url": "https://example.com/callback", "app_code": 12345}`), Variables: []Variable{{"ref_no", "Reference", "ORDER-1"}}},
			{Name: "payout", Summary: "pay somebody", Method: "POST", Path: "/payments/payouts/initiate", Header: jsonHeader, Writes: true, MovesMoney: true,
				Body: text(`{"payto": "+254700000000", "amount": "500.00", "ref_no": "{ref_no}", "callback_url": "https://example.com/callback", "app_code": 12345}`), Variables: []Variable{{"ref_no", "Reference", "PAYOUT-1"}}},
		},
		ReadError: jpayError,
		Errors: []KnownError{
			{Status: 401, Message: "Invalid or expired token", Meaning: "the token expired, or is not an access token; the answer does not tell which", Remedy: "renew the token; a refresh token is not accepted as bearer", DropsToken: true},
			{Status: 401, Message: "credentials were not provided", Meaning: "the Authorization header is missing or malformed", Remedy: "send Authorization: Bearer and the access token"},
			{Status: 401, Meaning: "app key or app secret is wrong, or the token is not accepted", Remedy: "check the application on the dashboard", DropsToken: true},
			{Status: 403, Message: "IP address not allowed", Meaning: "this machine's address is not on the application's allowlist", Remedy: "add it on the dashboard"},
			{Status: 403, Meaning: "the merchant is not approved, the app lacks the product, or the account is suspended", Remedy: "look at the dashboard, then ask support"},
			{Status: 400, Message: "Invalid phone number", Meaning: "the phone number is not in the form +2547...", Remedy: "use the E.164 form"},
			{Status: 400, Message: "Invalid amount", Meaning: "the amount is not a string with two decimals", Remedy: `write "1000.00"`},
			{Status: 400, Message: "Insufficient balance", Meaning: "the payout wallet has not enough money", Remedy: "top it up"},
			{Status: 400, Message: "JSON parse error", Meaning: "the body cannot be read", Remedy: "fix the JSON"},
			{Status: 400, Meaning: "a field or query parameter is missing or wrong", Remedy: "the answer names it"},
			{Status: 404, Meaning: "there is no such app or object", Remedy: "check app_code and id"},
			{Status: 429, Meaning: "too many requests", Remedy: "wait, then try again"},
			{Status: 500, Meaning: "the partner failed", Remedy: jpayLookUp},
			{Status: 502, Meaning: "the partner failed", Remedy: jpayLookUp},
			{Status: 503, Meaning: "the partner is away", Remedy: jpayLookUp},
		},
	}
}

// jpayLookUp is what to do behind an answer that does not tell whether money moved.
const jpayLookUp = "wait; look a payment up by its ref_no before it is sent again"

func jpayToken() *TokenRules {
	return &TokenRules{
		Doc:             "POST /auth/app/token with app key and secret; POST /auth/refresh with the refresh token",
		Lifetime:        15 * time.Minute,
		RefreshLifetime: 7 * 24 * time.Hour,
		Early:           time.Minute,
		KeepsRefresh:    func(o map[string]string) bool { return o["rotation"] == "keep" },
		Login: func(in TokenInput) (sign.Request, error) {
			var body sign.Builder
			body.Constant(`{"app_key": "`, "JSON")
			body.Take(sign.Origin{Kind: sign.Field, Name: "app_key"}, []byte(in.Fields["app_key"]), sign.JSONString)
			body.Constant(`", "app_secret": "`, "JSON")
			body.Key("app_secret", in.Secrets["app_secret"], sign.JSONString)
			body.Constant(`"}`, "JSON")
			return tokenRequest(in, "/auth/app/token", "application/json", body.Text()), body.Err()
		},
		Refresh: func(in TokenInput, refresh sign.Secret) (sign.Request, error) {
			var body sign.Builder
			body.Constant(`{"refresh": "`, "JSON")
			body.Key("refresh", refresh, sign.JSONString)
			body.Constant(`"}`, "JSON")
			return tokenRequest(in, "/auth/refresh", "application/json", body.Text()), body.Err()
		},
		Read: func(body []byte, _ time.Time) (Token, error) {
			answer, err := readObject(body)
			if err != nil {
				return Token{}, err
			}
			access, err := answer.need("access")
			if err != nil {
				return Token{}, err
			}
			return newToken(access, answer.text("refresh"))
		},
	}
}

// jpayError reads {"detail": "..."}.
func jpayError(status int, body []byte) (PartnerError, bool) {
	answer, _ := readObject(body) // an error body that is no JSON has no message
	return PartnerError{Message: untrusted.From(stringOrRaw(answer["detail"]))}, status >= 400
}
