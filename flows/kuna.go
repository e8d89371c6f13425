package flows

import (
	"encoding/json"
	"time"

	"countersign/flows/credentials"
	"countersign/sign"
	"countersign/sign/untrusted"
)

// kuna is KUNA Core: email and password give a JWT with refresh, or a persistent API key.
// Page: https://docs.kunacore.io/docs/authentication
func kuna() *Provider {
	return &Provider{
		ID:      "kuna",
		Name:    "KUNA Core",
		Docs:    "https://docs.kunacore.io/docs/authentication",
		Summary: "JWT (30 min) with refresh (2 d), or a persistent API key",
		Environments: []Environment{
			embedded,
			{Name: Sandbox, Source: "not published; KUNA gives it to you"},
			{Name: Production, Production: true, Source: "not published; KUNA gives it to you"},
		},
		Fields: []credentials.Field{
			{Name: "email", Label: "Email", Help: "sent in the field token of the login, not in a field email"},
			{Name: "password", Label: "Password", Secret: true, Help: "assigned at onboarding"},
			{Name: "merchant_id", Label: "Merchant ID", Help: "goes into the header merchant_id, with an underscore"},
			{Name: "api_key", Label: "API key", Secret: true, Optional: true, Help: "the alternative to a login; persistent"},
		},
		Needs: func(o map[string]string) []string {
			if o["auth"] == "api-key" {
				return []string{"api_key"}
			}
			return []string{"email", "password", "merchant_id"}
		},
		Options: []Option{{
			Name: "auth", Label: "Authentication", Help: "the page offers two ways",
			Values: []OptionValue{{"jwt", "login with email and password"}, {"api-key", "the persistent API key"}},
		}},
		Token: kunaToken(),
		Instead: map[StepName]string{
			StepToken:     "there is no token in this mode: the persistent API key goes with every request",
			StepCanonical: "nothing is signed: whoever holds the token or key may send any request",
			StepSignature: "there is no signature: TLS and the life of the token protect the request",
		},
		Scheme: func(s Sample, o map[string]string) sign.Scheme {
			if o["auth"] == "api-key" {
				return signedOrOpen(s, sign.APIKey("api_key", "Api-key"))
			}
			return signedOrOpen(s, sign.Bearer)
		},
		Requests: []Sample{
			{Name: "rates", Summary: "market rates; a simple read", Method: "GET", Path: "/v2/rate/equivalent", Header: kunaHeader},
			{Name: "balance", Summary: "balance of a wallet", Method: "POST", Path: "/v2/balance", Header: kunaHeader, Body: text(`{"walletId":"{wallet_id}","assets":["BTC"]}`),
				Variables: []Variable{{"wallet_id", "Wallet", "1f44b1c7-9fd4-4d20-b9a4-7aca3646d0d5"}}},
			{Name: "customer", Summary: "create a customer", Method: "POST", Path: "/v2/customer/create", Header: kunaHeader, Writes: true, Variables: []Variable{{"customer_email", "Email of the customer", "alexsmith@example.com"}},
				Body: text(`{"email":"{customer_email}","phoneNumber":"+380991234567","firstName":"Alex","lastName":"Smith","country":"FR","verificationDocumentId":"FV633452","residenceAddress":"Champ de Mars, 75007 Paris, France"}`)},
			{Name: "customer-details", Summary: "look at a customer", Method: "POST", Path: "/v2/customer/details", Header: kunaHeader, Body: text(`{"id":"{customer_id}"}`),
				Variables: []Variable{{"customer_id", "Customer", "1f44b1c7-9fd4-4d20-b9a4-7aca3646d0d5"}}},
			{Name: "transfer", Summary: "move money between wallets", Method: "POST", Path: "/v2/transfer", Header: kunaHeader, Writes: true, MovesMoney: true,
				Body:      text(`{"fromWalletId":"1f44b1c7-9fd4-4d20-b9a4-7aca3646d0d5","toWalletId":"b34555b7-dca4-5ec1-ade3-64a3ad545310","amount":"0.01","asset":"BTC","externalId":"{external_id}"}`),
				Variables: []Variable{{"external_id", "External ID, unique per transfer", "12124d80-dd80-4c70-aa9c-c2aa014cc29e"}}},
		},
		ReadError: kunaError,
		Errors: []KnownError{
			{Code: "UNAUTHORIZED", Message: "jwt expired", Meaning: "the access token expired, by the partner's clock", Remedy: "renew the token: the refresh token is tried first", DropsToken: true},
			{Code: "UNAUTHORIZED", Meaning: "the token, key, email or password is not accepted", Remedy: "check that the email goes into the field token, and merchant_id into the header", DropsToken: true},
			{Code: "REFRESH_TOKEN_EXPIRED", Meaning: "the refresh token is over", Remedy: "log in again", DropsToken: true},
			{Status: 401, Meaning: "not authenticated", Remedy: "renew the token, or check the API key", Assumed: true, DropsToken: true},
			{Status: 404, Meaning: "there is no such path or object", Remedy: "paths begin with /v2", Assumed: true},
		},
	}
}

var kunaHeader = []sign.Pair{{Name: "Accept", Value: "application/json"}, {Name: "Content-Type", Value: "application/json"}}

func kunaToken() *TokenRules {
	return &TokenRules{
		Doc:             "POST /v2/auth/login with the email in the field token; expiresIn is an absolute time",
		Lifetime:        30 * time.Minute,
		RefreshLifetime: 48 * time.Hour,
		Early:           time.Minute,
		Skip:            func(o map[string]string) bool { return o["auth"] == "api-key" },
		Login: func(in TokenInput) (sign.Request, error) {
			var body sign.Builder
			body.Constant(`{"token":"`, "JSON; the email goes into the field token")
			body.Take(sign.Origin{Kind: sign.Field, Name: "email"}, []byte(in.Fields["email"]), sign.JSONString)
			body.Constant(`","password":"`, "JSON")
			body.Key("password", in.Secrets["password"], sign.JSONString)
			body.Constant(`"}`, "JSON")
			return kunaTokenRequest(in, "/v2/auth/login", body.Text()), body.Err()
		},
		Refresh: func(in TokenInput, refresh sign.Secret) (sign.Request, error) {
			var body sign.Builder
			body.Constant(`{"refreshToken":"`, "JSON")
			body.Key("refreshToken", refresh, sign.JSONString)
			body.Constant(`"}`, "JSON")
			return kunaTokenRequest(in, "/v2/auth/refresh", body.Text()), body.Err()
		},
		Read: func(body []byte, received time.Time) (Token, error) {
			answer, err := readObject(body)
			if err != nil {
				return Token{}, err
			}
			access, err := answer.need("data", "accessToken")
			if err != nil {
				return Token{}, err
			}
			data := answer.within("data")
			t, err := newToken(access, data.text("refreshToken"))
			t.Facts.expiresIn(data, "expiresIn", received)
			return t, err
		},
	}
}

func kunaTokenRequest(in TokenInput, path string, body sign.Text) sign.Request {
	merchant := sign.Plain(sign.Origin{Kind: sign.Field, Name: "merchant_id"}, []byte(in.Fields["merchant_id"]))
	r := tokenRequest(in, path, "application/json", body)
	return r.With(sign.ByProvider, "Accept", constant("application/json")).With(sign.ByProvider, "merchant_id", merchant)
}

// kunaError reads {"errors": [{"code", "message"}]}, in which message is a string or node jsonwebtoken's error object.
func kunaError(status int, body []byte) (PartnerError, bool) {
	answer, _ := readObject(body) // an error body that is no JSON has no errors
	var list []json.RawMessage
	json.Unmarshal(answer["errors"], &list) // nor has another type
	if len(list) == 0 {
		return PartnerError{}, status >= 400
	}
	first, _ := readObject(list[0]) // an error without members is one all the same
	message, inner := stringOrRaw(first["message"]), first.within("message")
	if inner.text("message") != "" {
		message = inner.text("name") + ": " + inner.text("message")
		if at := inner.text("expiredAt"); at != "" {
			message += " at " + at
		}
	}
	return PartnerError{Code: untrusted.From(first.text("code")), Message: untrusted.From(message)}, true
}
