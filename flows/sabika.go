package flows

import (
	"cmp"
	"time"

	"countersign/flows/credentials"
	"countersign/sign"
	"countersign/sign/untrusted"
)

// sabika is Sabika: mutual TLS on every request, a token bound to the client certificate, and a detached JWS
// over the requests that move money. Page: https://docs.sabikagold.com/authentication.html
func sabika() *Provider {
	return &Provider{
		ID:      "sabika",
		Name:    "Sabika",
		Docs:    "https://docs.sabikagold.com/authentication.html",
		Summary: "mutual TLS, certificate-bound token (10 min), detached JWS (ES256) on orders and withdrawals",
		Environments: []Environment{
			embedded,
			{Name: Sandbox, Source: "not published; Sabika gives it to you"},
			{Name: Production, Production: true, Source: "not published; Sabika gives it to you"},
		},
		Fields: []credentials.Field{
			{Name: "client_id", Label: "Client ID", Help: "sbk_live_...; the common name of the certificate"},
			{Name: "client_secret", Label: "Client secret", Secret: true, Help: "sks_...; goes into the body of the token request"},
			{Name: "client_certificate", Label: "Client certificate", File: true, Help: "partner.crt, PEM, issued by Sabika for one year"},
			{Name: "client_key", Label: "Key of the certificate", File: true, Secret: true, Help: "partner.key, PEM, EC P-256; never leaves this machine"},
			{Name: "signing_key", Label: "Signing key", File: true, Secret: true, Help: "PEM, EC P-256; its public half is registered with Sabika"},
		},
		Live:      map[string]string{"client_id": "sbk_live_"},
		MutualTLS: true,
		Options: []Option{{
			Name: "url", Label: "URL in the canonical string", Help: "the page does not say which form; the signed probe tells which one verifies",
			Probe:  "signed-probe",
			Values: []OptionValue{{"path", "path and query"}, {"absolute", "absolute URL"}},
		}},
		Token:             sabikaToken(),
		Nonce:             hexNonce,
		IdempotencyHeader: "Idempotency-Key",
		Instead: map[StepName]string{
			StepCanonical: "this request is not signed; the certificate-bound token and mutual TLS protect it",
			StepSignature: "this request is not signed; a stolen token is useless without the client certificate (RFC 8705)",
		},
		Scheme: func(s Sample, _ map[string]string) sign.Scheme {
			if !s.Signed {
				return signedOrOpen(s, sign.Bearer)
			}
			return sign.Sabika
		},
		Requests: []Sample{
			{Name: "signed-probe", Summary: "checks the whole signature without moving money", Method: "POST", Path: "/v1/signed-probe", Header: jsonHeader, Body: text("{}"),
				Signed: true, Idempotency: true},
			{Name: "order", Summary: "buy or sell gold at a quote", Method: "POST", Path: "/v1/orders", Header: jsonHeader, Body: text(`{"quote_id":"{quote_id}"}`),
				Variables: []Variable{{"quote_id", "Quote", "q_demo_1"}}, Writes: true, MovesMoney: true, Signed: true, Idempotency: true, Assumed: true},
			{Name: "withdrawal", Summary: "withdraw riyals to the registered IBAN", Method: "POST", Path: "/v1/withdrawals", Header: jsonHeader, Body: text(`{"amount":"{amount}","currency":"SAR"}`),
				Variables: []Variable{{"amount", "Amount in SAR", "100.00"}}, Writes: true, MovesMoney: true, Signed: true, Idempotency: true, Assumed: true},
			{Name: "quote", Summary: "ask for a price, good for 60 seconds", Method: "POST", Path: "/v1/quotes", Header: jsonHeader, Body: text(`{"side":"buy","grams":"1.00"}`),
				Writes: true, Idempotency: true, Assumed: true},
			{Name: "order-status", Summary: "look at an order", Method: "GET", Path: "/v1/orders/{order_id}", Variables: []Variable{{"order_id", "Order", "ord_demo_1"}}, Assumed: true},
		},
		ReadError: sabikaError,
		Errors: []KnownError{
			{Status: 400, Code: "invalid_request", Meaning: "the body or a field is not valid", Remedy: "fix the body"},
			{Status: 400, Code: "idempotency_key_required", Meaning: "a request that moves money carries no Idempotency-Key", Remedy: "add the header"},
			{Status: 400, Code: "unsupported_grant_type", Meaning: "only client_credentials is accepted", Remedy: "fix the token request"},
			{Status: 401, Code: "client_certificate_required", Meaning: "no client certificate was presented", Remedy: "load certificate and key; a proxy in between may strip them"},
			{Status: 401, Code: "invalid_client", Meaning: "client id or secret is wrong, revoked, or of the other environment", Remedy: "check both, and the environment"},
			{Status: 401, Code: "invalid_token", Meaning: "the token is missing, expired, malformed, or bound to another certificate", Remedy: "fetch a new one with the certificate that is loaded now", DropsToken: true},
			{Status: 401, Code: "invalid_signature", Meaning: "the JWS does not verify", Remedy: "compare the canonical strings; try the other URL form; check that this signing key is registered"},
			{Status: 401, Code: "stale_timestamp", Meaning: "X-Timestamp is more than 300 seconds away from the partner's clock", Remedy: "set the clock right; the skew is in the status line"},
			{Status: 401, Code: "replayed_nonce", Meaning: "the nonce was used before; a byte-identical resend is always refused", Remedy: "send again: nonce, timestamp and signature are made afresh, the idempotency key stays"},
			{Status: 401, Code: "signing_key_not_registered", Meaning: "the partner has no public key for this client", Remedy: "register the public half of the signing key"},
			{Status: 403, Code: "ip_not_allowed", Meaning: "this machine's address is not on the allowlist", Remedy: "ask operations to add it"},
			{Status: 404, Code: "account_not_provisioned", Meaning: "there is no funding account yet", Remedy: "ask operations"},
			{Status: 404, Code: "quote_not_found", Meaning: "there is no such quote, or it is another partner's", Remedy: "check the id"},
			{Status: 404, Code: "order_not_found", Meaning: "there is no such order, or it is another partner's", Remedy: "check the id"},
			{Status: 404, Code: "withdrawal_not_found", Meaning: "there is no such withdrawal, or it is another partner's", Remedy: "check the id"},
			{Status: 404, Meaning: "there is no such path", Remedy: "check the base url and the path", Assumed: true},
			{Status: 409, Code: "quote_already_used", Meaning: "a quote is good for one order", Remedy: "ask for a new quote"},
			{Status: 409, Code: "quote_expired", Meaning: "the 60 seconds of the quote are over", Remedy: "ask for a new quote"},
			{Status: 409, Code: "insufficient_funds", Meaning: "not enough riyals", Remedy: "deposit first"},
			{Status: 409, Code: "insufficient_gold", Meaning: "not enough gold to sell", Remedy: "sell less"},
			{Status: 409, Code: "idempotency_key_conflict", Meaning: "the key was used with other parameters", Remedy: "take a new key for a new operation, or resend the original parameters"},
			{Status: 409, Code: "settlement_iban_not_configured", Meaning: "no IBAN is registered for withdrawals", Remedy: "register one"},
		},
	}
}

func sabikaToken() *TokenRules {
	return &TokenRules{
		Doc:      "POST /oauth/token over mutual TLS, client_credentials; 600 s, no refresh token, never stored",
		Lifetime: 10 * time.Minute,
		Early:    30 * time.Second,
		NoStore:  true,
		Login: func(in TokenInput) (sign.Request, error) {
			var body sign.Builder
			body.Constant("grant_type=client_credentials&client_id=", "RFC 6749 section 4.4.2")
			body.Take(sign.Origin{Kind: sign.Field, Name: "client_id"}, []byte(in.Fields["client_id"]), sign.FormEncoded)
			body.Constant("&client_secret=", "client_secret_post")
			body.Key("client_secret", in.Secrets["client_secret"], sign.FormEncoded)
			return tokenRequest(in, "/oauth/token", "application/x-www-form-urlencoded", body.Text()), body.Err()
		},
		Read: func(body []byte, received time.Time) (Token, error) {
			answer, err := readObject(body)
			if err != nil {
				return Token{}, err
			}
			access, err := answer.need("access_token")
			if err != nil {
				return Token{}, err
			}
			t, err := newToken(access, "")
			t.Facts.tokenType(answer.text("token_type"))
			t.Facts.expiresIn(answer, "expires_in", received)
			return t, err
		},
	}
}

// sabikaError reads {"error": "code", "error_description" or "message": "..."}. The page promises a stable code and does
// not show the member that holds it, so {"code": ...} and {"error": {"code": ...}} are read as well.
func sabikaError(status int, body []byte) (PartnerError, bool) {
	answer, _ := readObject(body) // an error body that is no JSON has no code
	inner := answer.within("error")
	code := cmp.Or(answer.text("error"), answer.text("code"), inner.text("code"))
	message := cmp.Or(answer.text("error_description"), answer.text("message"), inner.text("message"))
	return PartnerError{Code: untrusted.From(code), Message: untrusted.From(message)}, status >= 400
}
