package explain

import (
	"fmt"
	"strings"

	"countersign/sign"
)

// Headers of KUNA Core (docs.kunacore.io/docs/authentication).
const (
	kunaMerchant = "merchant_id"
	kunaAPIKey   = "Api-key"
)

// examineKuna looks at a bearer token or API key of KUNA Core, or at the calls that fetch a token.
func examineKuna(x *examination) {
	switch path := strings.TrimRight(x.e.Request.Path(), "/"); {
	case strings.HasSuffix(path, "/auth/login"):
		x.merchant(true)
		x.kunaLogin()
	case strings.HasSuffix(path, "/auth/refresh"):
		x.merchant(false)
		if m := x.login([]loginMember{{"refreshToken", []string{"refresh_token", "refresh", "token"}}}); m != nil {
			x.refreshMember(textOf(m["refreshToken"]), func(j sign.JWT) bool { return has(j, "role") || has(j, "merchantId") })
		}
	default:
		x.kunaCredential()
	}
}

// kunaLogin judges the login body: the email goes into the member token.
func (x *examination) kunaLogin() {
	m, ok := members(x.e.Request.Body)
	if !ok {
		x.login(nil)
		return
	}
	_, hasToken := m["token"]
	for _, name := range []string{"email", "username", "login", "user", "e-mail"} {
		if _, ok := m[name]; ok && !hasToken {
			x.find("email-in-wrong-field", Certain, true, fmt.Sprintf("the body has %q and no \"token\"", name))
			x.loginMember(m, loginMember{"password", []string{"pass", "passwd", "secret"}})
			return
		}
	}
	x.login([]loginMember{{"token", nil}, {"password", []string{"pass", "passwd", "secret"}}})
	if text := textOf(m["token"]); hasToken && text != "" && !strings.Contains(text, "@") {
		x.find("login-secret-differs", Likely, false, "the member token holds no email address")
	} else if known := x.e.Fields["email"]; hasToken && known != "" && text != known {
		x.find("login-secret-differs", Certain, false, fmt.Sprintf("the member token is %s, the email at hand is %s", quote(text), quote(known)))
	}
}

// merchant looks for the merchant_id header.
func (x *examination) merchant(required bool) {
	if v, ok := x.e.Request.Get(kunaMerchant); ok {
		if known := x.e.Fields["merchant_id"]; known != "" && known != v {
			x.find("login-secret-differs", Certain, false, fmt.Sprintf("merchant_id is %s, the one at hand is %s", quote(v), quote(known)))
			return
		}
		x.checked("merchant_id is there")
		return
	}
	for _, p := range x.e.Request.Header {
		low := strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(p.Name))
		if low == "merchantid" || low == "xmerchantid" || low == "merchant" {
			x.find("merchant-id-renamed", Certain, true, "the header is called "+quote(p.Name))
			return
		}
	}
	if m, ok := members(x.e.Request.Body); ok {
		for _, name := range []string{"merchant_id", "merchantId"} {
			if _, ok := m[name]; ok {
				x.find("merchant-id-renamed", Certain, true, fmt.Sprintf("it stands in the body as %q, not in a header", name))
				return
			}
		}
	}
	if required {
		x.find("merchant-id-missing", Certain, true, "there is no header merchant_id")
		return
	}
	x.checked("merchant_id is absent; the page sends it on refresh too, one guide says only on login")
}

// apiKeyHeaders are other names under which an API key is sent.
var apiKeyHeaders = []string{"X-Api-Key", "ApiKey", "Api_Key", "X-ApiKey", "X-API-Token", "Key", "X-Key"}

// kunaCredential judges the credential of an ordinary call.
func (x *examination) kunaCredential() {
	_, bearer := x.e.Request.Get("Authorization")
	key, apiKey := x.e.Request.Get(kunaAPIKey)
	switch {
	case apiKey && bearer:
		x.find("both-credentials", Certain, false, "Authorization and Api-key are both there")
	case apiKey:
		x.kunaKey(key)
		return
	case !bearer:
		for _, name := range apiKeyHeaders {
			if _, ok := x.e.Request.Get(name); ok {
				x.find("api-key-header-name", Certain, true, fmt.Sprintf("there is no %s, but %s", kunaAPIKey, name))
				return
			}
		}
	}
	t := x.bearer()
	x.kunaExpiry()
	if t.read && has(t.jwt, "sessionCreatedAt") && !has(t.jwt, "role") && !has(t.jwt, "merchantId") {
		x.find("refresh-token-as-bearer", Certain, true, "its claims have sessionCreatedAt and neither role nor merchantId")
	}
}

// kunaExpiry reminds of what makes clients believe in tokens that have expired. What this client believes is not known.
func (x *examination) kunaExpiry() {
	for i := range x.report.Findings {
		if f := &x.report.Findings[i]; f.ID == "token-expired" {
			f.Steps = append(f.Steps, "expiresIn in the answer to the login is the moment of the expiry in unix seconds, not a number of seconds")
		}
	}
}

// kunaKey compares the API key with the one at hand.
func (x *examination) kunaKey(sent string) {
	if isPlaceholder(strings.TrimSpace(sent)) {
		x.find("token-placeholder", Certain, true, placeholderName(sent)+" stands where the API key belongs")
		return
	}
	right, others := pickSecrets(&x.e, "api_key")
	if len(right) == 0 {
		x.checked("Api-key is there; there is none at hand to compare it with")
		return
	}
	if right[0].Secret.Equal(sign.NewSecret(sent)) {
		x.checked("Api-key is the one at hand")
		return
	}
	for _, level := range keyring(x.scene(), right, others, 1) {
		for _, k := range level {
			x.meter.count(1)
			if k.secret.Equal(sign.NewSecret(sent)) {
				x.tellChains(append([][]step{k.steps}, k.ties...), "the API key that was sent is byte for byte what this mistake makes of the one at hand")
				return
			}
		}
	}
	x.find("login-secret-differs", Certain, false, "Api-key is not the one at hand, and no known mistake makes it from that")
}
