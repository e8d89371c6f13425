package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

func (b *bench) jpayTokens() (access, refresh string) {
	b.t.Helper()
	c := b.Credentials("jpay")
	answer := b.must(200, request{provider: "jpay", line: "POST /api/v1/auth/app/token", header: []string{jsonType},
		body: `{"app_key":"` + c["app_key"] + `","app_secret":"` + c["app_secret"] + `"}`})
	return answer.field("access").(string), answer.field("refresh").(string)
}

func (b *bench) jpayRefresh(status int, token string) reply {
	b.t.Helper()
	return b.must(status, request{provider: "jpay", line: "POST /api/v1/auth/refresh", body: `{"refresh":"` + token + `"}`})
}

func (b *bench) jpayGet(status int, path, token string) reply {
	b.t.Helper()
	return b.must(status, request{provider: "jpay", line: "GET /api/v1" + path, header: []string{"Authorization: Bearer " + token}})
}

func TestJPayTokens(t *testing.T) {
	b := start(t)
	if !strings.HasSuffix(b.BaseURL("jpay"), "/api/v1") {
		t.Errorf("base URL %s", b.BaseURL("jpay"))
	}
	access, refresh := b.jpayTokens()
	for _, token := range []struct {
		text    string
		life    int64
		refresh bool
	}{{access, 900, false}, {refresh, 7 * 86400, true}} {
		parts := strings.Split(token.text, ".")
		// The first thing that JPay draws from the fixed seed is its signing secret.
		mac := hmac.New(sha256.New, newStream([32]byte{}, "jpay").bytes(32))
		mac.Write([]byte(parts[0] + "." + parts[1]))
		if base64.RawURLEncoding.EncodeToString(mac.Sum(nil)) != parts[2] {
			t.Error("not an HS256 JWT")
		}
		data, _ := base64.RawURLEncoding.DecodeString(parts[1])
		var claims struct {
			Iat, Exp int64
			Refresh  bool
		}
		if err := json.Unmarshal(data, &claims); err != nil || claims.Exp-claims.Iat != token.life || claims.Refresh != token.refresh || claims.Iat != moment.Unix() {
			t.Errorf("claims %s: %v", data, err)
		}
	}
	b.jpayGet(200, "/wallets/balance", access)
	if string(b.last().TokenClaims) == "" {
		t.Error("the claims of a known token are not in the event")
	}
	b.refusedBy(b.jpayGet(401, "/wallets/balance", refresh), "token")
	b.refusedBy(b.jpayRefresh(401, access), "refresh-token")
	if got := b.must(401, request{provider: "jpay", line: "GET /api/v1/wallets/balance"}).text; got != `{"detail":"Authentication credentials were not provided"}` {
		t.Error(got)
	}
	b.clock.add(15*time.Minute - time.Second)
	b.jpayGet(200, "/wallets/balance", access)
	b.clock.add(time.Second)
	if got := b.jpayGet(401, "/wallets/balance", access).text; got != `{"detail":"Invalid or expired token"}` {
		t.Error(got)
	}
}

// The page's sample client keeps its first refresh token. It works once and fails at its second refresh.
func TestJPayRotation(t *testing.T) {
	b := start(t)
	_, first := b.jpayTokens()
	second := b.jpayRefresh(200, first).field("refresh").(string)
	b.refusedBy(b.jpayRefresh(401, first), "refresh-token")
	b.jpayRefresh(200, second)
	b.set("jpay", "rotation", "lenient")
	b.jpayRefresh(200, first)
	b.jpayRefresh(200, first)
	b.clock.add(7 * 24 * time.Hour)
	b.jpayRefresh(401, first)
}

func TestJPayCredentials(t *testing.T) {
	b := start(t)
	c := b.Credentials("jpay")
	obtain := func(status int, body string) reply {
		t.Helper()
		return b.must(status, request{provider: "jpay", line: "POST /api/v1/auth/app/token", body: body})
	}
	obtain(400, `{"app_key":"`+c["app_key"]+`"}`)
	obtain(401, `{"app_key":"`+c["app_key"]+`","app_secret":"x"}`)
	obtain(401, `{"app_key":"x","app_secret":"`+c["app_secret"]+`"}`)
	if got := obtain(400, `{`).text; got != `{"detail":"JSON parse error"}` {
		t.Error(got)
	}
	b.set("jpay", "revoke", "on")
	obtain(403, `{"app_key":"`+c["app_key"]+`","app_secret":"`+c["app_secret"]+`"}`)
}

func TestJPayOperations(t *testing.T) {
	b := start(t)
	access, _ := b.jpayTokens()
	post := func(status int, path, body string) reply {
		t.Helper()
		return b.must(status, request{provider: "jpay", line: "POST /api/v1" + path, header: []string{"Authorization: Bearer " + access, jsonType}, body: body})
	}
	const good = `{"payfrom":"+254700000001","amount":"1000.00","ref_no":"r1","callback_url":"https://example.com/cb","app_code":12345}`
	const initiate = "/payments/collections/checkouts/initiate"
	tests := []struct{ old, new, detail string }{
		{`+254700000001`, `0700000001`, "Invalid phone number"},
		{`"1000.00"`, `"1000"`, "Invalid amount"},
		{`"1000.00"`, `1000.00`, "Invalid amount"},
		{`"1000.00"`, `"0.99"`, "Invalid amount"},
		{`"ref_no":"r1",`, ``, "ref_no field is required"},
	}
	for _, test := range tests {
		if got := post(400, initiate, strings.Replace(good, test.old, test.new, 1)).field("detail"); got != test.detail {
			t.Errorf("%s: %v, want %s", test.new, got, test.detail)
		}
	}
	post(404, initiate, strings.Replace(good, "12345}", "1}", 1))
	collection := post(200, initiate, good)
	if collection.field("status") != "pending" || collection.field("created_at") != "01/03/2026 12:00:00" {
		t.Error(collection.text)
	}
	if got := b.jpayGet(200, "/payments/collections/checkouts?page=1&page_size=10", access); got.field("count") != 1.0 {
		t.Error(got.text)
	}
	b.jpayGet(200, "/payments/collections/checkouts/"+collection.field("id").(string), access)
	b.jpayGet(400, "/payments/collections/checkouts?page_size=101", access)
	b.jpayGet(200, "/channels?type=bank", access)
	payout := strings.Replace(good, "payfrom", "payto", 1)
	post(200, "/payments/payouts/initiate", payout)
	if got := b.jpayGet(200, "/wallets/balance", access).field("payout_wallet_balance"); got != "11000.00" {
		t.Errorf("balance %v", got)
	}
	if got := post(400, "/payments/payouts/initiate", strings.Replace(payout, "1000.00", "11000.01", 1)).field("detail"); got != "Insufficient balance in payout wallet" {
		t.Error(got)
	}
}
