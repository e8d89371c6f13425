package sandbox

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	jose "github.com/go-jose/go-jose/v4"
)

func (b *bench) kunaLogin() (access, refresh string) {
	b.t.Helper()
	c := b.Credentials("kuna")
	answer := b.must(200, request{provider: "kuna", line: "POST /v2/auth/login", header: []string{jsonType, "merchant_id: " + c["merchant_id"]},
		body: `{"token":"` + c["email"] + `","password":"` + c["password"] + `"}`})
	return answer.field("data", "accessToken").(string), answer.field("data", "refreshToken").(string)
}

func (b *bench) kunaRefresh(status int, token string) reply {
	b.t.Helper()
	return b.must(status, request{provider: "kuna", line: "POST /v2/auth/refresh", header: []string{jsonType, "merchant_id: " + b.Credentials("kuna")["merchant_id"]},
		body: `{"refreshToken":"` + token + `"}`})
}

func (b *bench) kunaRates(status int, header ...string) reply {
	b.t.Helper()
	return b.must(status, request{provider: "kuna", line: "GET /v2/rate/equivalent", header: header})
}

// kunaClaimsOf verifies a token with go-jose and reads its claims.
func kunaClaimsOf(t *testing.T, token string) map[string]any {
	t.Helper()
	jws, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		t.Fatal(err)
	}
	payload, err := jws.Verify(&testRSAKey().PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func TestKunaTokens(t *testing.T) {
	b := start(t)
	access, refresh := b.kunaLogin()
	claims := kunaClaimsOf(t, access)
	for _, name := range []string{"id", "email", "role", "username", "t", "merchantId", "institution", "fingerprint", "jwtId", "iat", "exp"} {
		if claims[name] == nil {
			t.Errorf("the access token has no %s", name)
		}
	}
	if claims["exp"].(float64)-claims["iat"].(float64) != 1800 {
		t.Errorf("the access token lives from %v to %v", claims["iat"], claims["exp"])
	}
	var answer struct{ Data struct{ ExpiresIn int64 } }
	if json.Unmarshal(b.last().ResponseBody, &answer); answer.Data.ExpiresIn != moment.Unix()+1800 {
		t.Errorf("expiresIn %d, want the moment %d", answer.Data.ExpiresIn, moment.Unix()+1800)
	}
	claims = kunaClaimsOf(t, refresh)
	if claims["sessionCreatedAt"] != float64(moment.UnixMilli()) || claims["exp"].(float64)-claims["iat"].(float64) != 172800 || claims["role"] != nil {
		t.Errorf("refresh token %v", claims)
	}
	b.kunaRates(200, "Authorization: Bearer "+access)
	b.refusedBy(b.kunaRates(401, "Authorization: Bearer "+refresh), "token")
	b.kunaRefresh(401, access)
	b.clock.add(30 * time.Minute)
	const expired = `{"errors":[{"code":"UNAUTHORIZED","message":{"expiredAt":"2026-03-01T12:30:00.000Z","message":"jwt expired","name":"TokenExpiredError"}}]}`
	if got := b.kunaRates(401, "Authorization: Bearer "+access).text; got != expired {
		t.Error(got)
	}
}

func TestKunaRefreshWindow(t *testing.T) {
	for _, test := range []struct {
		window string
		after  int
	}{{"sliding", 200}, {"fixed", 401}} {
		t.Run(test.window, func(t *testing.T) {
			b := start(t)
			b.set("kuna", "refresh_window", test.window)
			_, first := b.kunaLogin()
			b.clock.add(47 * time.Hour)
			second := b.kunaRefresh(200, first).field("data", "refreshToken").(string)
			if got := kunaClaimsOf(t, second)["sessionCreatedAt"]; got != float64(moment.UnixMilli()) {
				t.Errorf("the session began anew: %v", got)
			}
			b.clock.add(2 * time.Hour)
			if got := b.kunaRefresh(401, first).text; got != `{"errors":[{"code":"REFRESH_TOKEN_EXPIRED","message":"Invalid token"}]}` {
				t.Error(got)
			}
			b.kunaRefresh(test.after, second)
		})
	}
}

func TestKunaLogin(t *testing.T) {
	b := start(t)
	c := b.Credentials("kuna")
	good := `{"token":"` + c["email"] + `","password":"` + c["password"] + `"}`
	merchant := "merchant_id: " + c["merchant_id"]
	tests := []struct {
		name, header, body string
		status             int
		check, detail      string
	}{
		{"email instead of token", merchant, strings.Replace(good, `"token"`, `"email"`, 1), 400, "body", "takes it in the member token"},
		{"no merchant", "X: y", good, 401, "merchant", "want one merchant_id header"},
		{"hyphen", strings.Replace(merchant, "_", "-", 1), good, 401, "merchant", "with an underscore"},
		{"another merchant", "merchant_id: x", good, 401, "merchant", "unknown"},
		{"wrong password", merchant, strings.Replace(good, c["password"], "x", 1), 401, "credentials", "wrong password"},
		{"no JSON", merchant, "token=x", 400, "body", ""},
		{"the name in capitals", strings.Replace(merchant, "merchant_id", "Merchant_id", 1), good, 200, "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			answer := b.must(test.status, request{provider: "kuna", line: "POST /v2/auth/login", header: []string{jsonType, test.header}, body: test.body})
			b.refusedBy(answer, test.check)
			if got := answer.Header.Get("Sandbox-Detail"); !strings.Contains(got, test.detail) {
				t.Errorf("detail %q, want %q in it", got, test.detail)
			}
		})
	}
}

func TestKunaOperations(t *testing.T) {
	b := start(t)
	key := "Api-key: " + b.Credentials("kuna")["api_key"]
	b.kunaRates(200, key)
	b.refusedBy(b.kunaRates(401), "credentials")
	b.refusedBy(b.kunaRates(401, "Api-key: x"), "credentials")
	b.refusedBy(b.kunaRates(401, key, "Authorization: Bearer x"), "token")
	post := func(status int, path, body string) reply {
		t.Helper()
		return b.must(status, request{provider: "kuna", line: "POST " + path, header: []string{jsonType, key}, body: body})
	}
	const customer = `{"email":"alexsmith@mail.com","firstName":"Alex","lastName":"Smith","country":"FR","verificationDocumentId":"FV633452","residenceAddress":"Paris"}`
	created := post(200, "/v2/customer/create", customer)
	post(409, "/v2/customer/create", customer)
	post(400, "/v2/customer/create", strings.Replace(customer, `"FR"`, `"France"`, 1))
	id, _ := created.field("data", "id").(string)
	if got := post(200, "/v2/customer/details", `{"id":"`+id+`"}`).text; got != created.text {
		t.Error(got)
	}
	post(404, "/v2/customer/details", `{"id":"x"}`)
	post(200, "/v2/customer/details", `{"id":"1f44b1c7-9fd4-4d20-b9a4-7aca3646d0d5"}`) // the referrer of the page's sample
	post(200, "/v2/balance", `{"walletId":"w","assets":["BTC",{},1]}`)
	const transfer = `{"fromWalletId":"a","toWalletId":"b","amount":"0.001","externalId":"e","asset":"BTC"}`
	post(200, "/v2/transfer", transfer)
	post(409, "/v2/transfer", transfer)
	post(400, "/v2/transfer", strings.Replace(transfer, `"0.001"`, `"0.0"`, 1))
	post(400, "/v2/transfer", strings.Replace(transfer, `"0.001"`, `0.001`, 1))
}
