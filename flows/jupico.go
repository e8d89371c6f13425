package flows

import (
	"bytes"
	"cmp"

	"countersign/flows/credentials"
	"countersign/sign"
	"countersign/sign/untrusted"
)

// jupico is Jupico: HTTP Basic on every request, nothing else.
// Page: https://docs.jupico.com/reference/authentication
func jupico() *Provider {
	return &Provider{
		ID:      "jupico",
		Name:    "Jupico",
		Docs:    "https://docs.jupico.com/reference/authentication",
		Summary: "HTTP Basic on every request; Content-Type is part of the check",
		Environments: []Environment{
			embedded,
			{Name: Sandbox, BaseURL: "https://sandbox-platform.jupico.com", Source: "docs.jupico.com, Authentication"},
			{Name: Production, Production: true, Source: "not published; ask Jupico"},
		},
		Fields: []credentials.Field{
			{Name: "username", Label: "User name", Help: "the page's shared sandbox user is demoApiUser"},
			{Name: "password", Label: "Password", Secret: true, Help: "published for the shared sandbox; quote it singly in a shell, it has ! and #"},
			{Name: "api_key", Label: "API key", Secret: true, Optional: true, Help: "a ready-made base64 value, as published or from the back office"},
		},
		Needs: func(o map[string]string) []string {
			if c := o["credentials"]; c == "published" || c == "clean" {
				return []string{"api_key"}
			}
			return []string{"username", "password"}
		},
		Options: []Option{{
			Name: "credentials", Label: "Credentials sent", Help: "the published key ends in a line end that user and password do not have",
			Values: []OptionValue{
				{"fields", "built from user name and password"},
				{"published", "the API key as it was published"},
				{"clean", "the API key without its stray line end"},
			},
		}},
		Instead: map[StepName]string{
			StepToken:     "there is no token: user name and password go with every request, protected by TLS alone",
			StepCanonical: "nothing is signed: what is sent is base64(user name : password), which anyone who sees it can use again",
			StepSignature: "there is no signature: the header is an encoding, not a proof (RFC 7617 section 4)",
		},
		Scheme: func(s Sample, _ map[string]string) sign.Scheme { return signedOrOpen(s, sign.Basic) },
		Requests: []Sample{
			{Name: "status", Summary: "is the API up and are the credentials right", Method: "GET", Path: "/status", Header: jsonHeader, Body: text("")},
			{Name: "sale", Summary: "card sale with the test token; the amount chooses the outcome", Method: "POST", Path: "/v1/transactions/creditcard/sale", Header: jsonHeader,
				Writes: true, MovesMoney: true, Assumed: true, Variables: []Variable{{"amount", "Amount (90.20 is declined, 101.10 gives 503)", "10.00"}},
				Body: text(`{"cardToken": "b0a67cc8-d78e-4e71-afc3-2e8b00646973", "amount": "{amount}", "reference": "ORDER-1"}`)},
			{Name: "rollback", Summary: "undo a transaction that got no answer", Method: "POST", Path: "/v1/transactions/creditcard/rollback", Header: jsonHeader,
				Writes: true, MovesMoney: true, Assumed: true, Body: text(`{"reference": "ORDER-1"}`)},
		},
		ReadError: jupicoError,
		Errors: []KnownError{
			{Status: 401, Code: "auth_header_not_present", Meaning: "the Authorization header is missing", Remedy: "send it with each request; there is no challenge to wait for"},
			{Status: 401, Code: "auth_invalid_api_token", Meaning: "user name, password or their base64 is wrong", Remedy: "look at the decoded bytes: a line end, a wrong alphabet, another environment's key"},
			{Status: 401, Code: "auth_invalid_api_user", Meaning: "the API user is not active", Remedy: "reactivate it in the back office"},
			{Status: 401, Code: "auth_invalid_role", Meaning: "the API user lacks the permission", Remedy: "grant the role to the key"},
			{Status: 401, Code: "auth_invalid_submerchant", Meaning: "the sub-merchant is unknown or inactive", Remedy: "check its id"},
			{Status: 401, Code: "auth_invalid_facilitator", Meaning: "the facilitator is unknown or inactive", Remedy: "contact Jupico"},
			{Status: 401, Code: "auth_invalid_product", Meaning: "the product is unknown or inactive", Remedy: "enable it"},
			{Status: 401, Code: "auth_invalid_content_type", Meaning: "Content-Type is not application/json", Remedy: "send it even with GET"},
			{Status: 400, Code: "invalid_payload", Meaning: "the body cannot be read", Remedy: "fix the JSON"},
			{Status: 400, Meaning: "refused; with status failed it is not determined whether the transaction took place", Remedy: "send a rollback when the answer says failed, then correct the request"},
			{Status: 403, Code: "forbidden", Meaning: "not allowed from this address, or for this key", Remedy: "production accepts listed addresses only"},
			{Status: 404, Code: "wrong_url", Meaning: "there is no such resource", Remedy: "check the path"},
			{Status: 500, Code: "internal_server_error", Meaning: "the partner failed in the middle", Remedy: "send a rollback, then ask support"},
			{Status: 503, Code: "service_unavailable", Meaning: "a service behind the partner is away", Remedy: "try again later; no rollback is needed"},
			{Status: 200, Code: "tx_cc_declined_insufficient_funds", Meaning: "declined: the card has not enough money", Remedy: "tell the payer"},
			{Status: 200, Code: "tx_cc_declined_do_not_honor", Meaning: "declined by the bank without a reason", Remedy: "tell the payer to ask the bank"},
			{Status: 200, Meaning: "declined: HTTP 200 with success false is a no", Remedy: "tell the payer"},
		},
	}
}

// jupicoError reads {"success": false, "error": {"code", "message"}}, which also comes with HTTP 200 (a decline). The page
// does not print the envelope, so the members are read at the top as well; and what looks like an envelope and cannot be
// read is not taken for a success.
func jupicoError(status int, body []byte) (PartnerError, bool) {
	answer, err := readObject(body)
	inner := answer.within("error")
	code := cmp.Or(inner.text("code"), answer.text("code"))
	message := cmp.Or(inner.text("message"), answer.text("error"), answer.text("message"))
	success, there := answer["success"]
	declined := there && string(success) != "true" || err != nil && bytes.HasPrefix(bytes.TrimSpace(body), []byte("{"))
	return PartnerError{Code: untrusted.From(code), Message: untrusted.From(message)}, declined || status >= 400
}
