package sandbox

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// KUNA's authentication page: access tokens live 30 minutes, refresh tokens 2 days.
const (
	kunaAccessLife  = 30 * time.Minute
	kunaRefreshLife = 48 * time.Hour
)

const switchWindow = "refresh_window"

// kunaTime is the form of the sample's expiredAt: milliseconds, Z.
const kunaTime = "2006-01-02T15:04:05.000Z07:00"

// kuna imitates KUNA Core. Source: docs.kunacore.io, authentication. No status code is documented: 401 for both published
// errors, and the codes beside UNAUTHORIZED and REFRESH_TOKEN_EXPIRED, are assumptions.
type kuna struct {
	*desk
	account     *account
	key         func() (*rsa.PrivateKey, error)
	user        string
	institution string
	fingerprint string
	ledger      ledger
}

func newKuna(d *desk, given setting) (imitation, error) {
	k := &kuna{desk: d, user: d.stream.uuid(), institution: d.stream.uuid(), fingerprint: d.stream.hex(16)}
	k.key = sync.OnceValues(func() (*rsa.PrivateKey, error) {
		if given.rsaKey != nil {
			return given.rsaKey, nil
		}
		return rsa.GenerateKey(rand.Reader, 2048)
	})
	k.account = &account{fields: map[string]string{
		"email":       "owner-" + d.stream.hex(3) + "@partner.example",
		"password":    d.stream.base64url(18),
		"merchant_id": d.stream.uuid(),
		"api_key":     d.stream.hex(32),
	}}
	k.ledger = newLedger(given.now)
	return imitation{
		account:      k.account,
		issuesTokens: true,
		ownSwitches: []Switch{{Name: switchWindow, Title: "Refresh window",
			Doc: "The page says a refresh token lives for 2 days and not whether a refresh begins them anew. sliding: it does; fixed: " +
				"they count from the login.",
			Values: []string{"sliding", "fixed"}}},
		routes:   k.routes(),
		refusal:  func(status int, message string) answer { return kunaError(status, kunaCode(status), message) },
		unrouted: k.unrouted,
	}, nil
}

// kunaError has the documented envelope. The message is text or an object.
func kunaError(status int, code string, message any) answer {
	return object(status, map[string]any{"errors": []any{map[string]any{"code": code, "message": message}}})
}

func kunaCode(status int) string {
	codes := map[int]string{http.StatusUnauthorized: "UNAUTHORIZED", http.StatusForbidden: "FORBIDDEN", http.StatusNotFound: "NOT_FOUND",
		http.StatusInternalServerError: "INTERNAL_SERVER_ERROR", http.StatusServiceUnavailable: "SERVICE_UNAVAILABLE"}
	if code := codes[status]; code != "" {
		return code
	}
	return "BAD_REQUEST"
}

func (k *kuna) unrouted(c *call, status int) answer {
	return kunaError(status, kunaCode(status), fmt.Sprintf("Cannot %s %s", c.request.Method, c.path)).
		because(fmt.Sprintf("no operation %s %+.200q", c.request.Method, c.path))
}

// kunaData is the envelope of every success.
func kunaData(value any) answer { return object(http.StatusOK, map[string]any{"data": value}) }

func kunaInvalid(message string) answer {
	return kunaError(http.StatusBadRequest, "VALIDATION_ERROR", message).because(message)
}

func (k *kuna) checkMerchant(c *call) outcome {
	value, n := c.one("merchant_id")
	refused := kunaError(http.StatusUnauthorized, "UNAUTHORIZED", "Invalid merchant")
	switch {
	case n == 0 && len(c.request.Header.Values("merchant-id")) > 0:
		return refuse(refused, "the header is called merchant_id, with an underscore")
	case n != 1:
		return refuse(refused, "want one merchant_id header; some proxies drop header names with an underscore")
	case !k.account.is("merchant_id", value):
		return refuse(refused, "unknown merchant_id")
	}
	return pass("merchant_id")
}

// checkRefreshMerchant: one page sends merchant_id with a refresh, another says it is for the login only. Its absence is
// noted; a wrong one is refused.
func (k *kuna) checkRefreshMerchant(c *call) outcome {
	if len(c.request.Header.Values("merchant_id")) == 0 {
		c.note("the refresh came without merchant_id, which the authentication page sends")
		return skip("absent; one of two pages wants it")
	}
	return k.checkMerchant(c)
}

// login is POST /v2/auth/login: the e-mail address goes into the member token.
func (k *kuna) login(c *call) answer {
	fields, err := c.fields()
	if err != nil {
		return kunaInvalid("Invalid JSON").because(err.Error())
	}
	if text(fields, "token") == "" {
		a := kunaInvalid("token is required")
		if text(fields, "email") != "" {
			return a.because("the e-mail address is in the member email; this API takes it in the member token")
		}
		return a.because("the body has no token; it takes the e-mail address")
	}
	if text(fields, "password") == "" {
		return kunaInvalid("password is required").because("the body has no password")
	}
	user, pass := k.account.is("email", text(fields, "token")), k.account.is("password", text(fields, "password"))
	refused := kunaError(http.StatusUnauthorized, "UNAUTHORIZED", "Invalid credentials")
	switch {
	case !user:
		return refused.because("unknown e-mail address in the member token")
	case !pass:
		return refused.because("wrong password")
	case k.switches.revoked():
		return refused.because("the credentials are revoked (switch revoke)")
	}
	return k.issue(c, c.now, c.now.Add(kunaRefreshLife))
}

// refresh is POST /v2/auth/refresh. The old refresh token stays valid: the page does not say that it is replaced.
func (k *kuna) refresh(c *call) answer {
	fields, err := c.fields()
	if err != nil {
		return kunaInvalid("Invalid JSON").because(err.Error())
	}
	if text(fields, "refreshToken") == "" {
		return kunaInvalid("refreshToken is required").because("the body has no refreshToken")
	}
	refused := kunaError(http.StatusUnauthorized, "REFRESH_TOKEN_EXPIRED", "Invalid token")
	g := k.tokens.find(text(fields, "refreshToken"))
	switch {
	case g == nil:
		return refused.because("this token was not issued here, or is forgotten")
	case !g.refresh:
		return refused.because("this is the access token; send the refresh token")
	case !g.alive(c.now):
		return refused.because("the refresh token expired at " + g.expires.UTC().Format(time.RFC3339))
	case k.switches.revoked():
		return refused.because("the credentials are revoked (switch revoke)")
	}
	until := c.now.Add(kunaRefreshLife)
	if k.switches.value(switchWindow) == "fixed" {
		until = g.session.Add(kunaRefreshLife)
	}
	a := k.issue(c, g.session, until)
	c.token = g
	return a
}

// kunaClaims has the members of the sample tokens, in their order.
type kunaClaims struct {
	ID               string           `json:"id"`
	Email            string           `json:"email,omitempty"`
	Role             string           `json:"role,omitempty"`
	Username         string           `json:"username,omitempty"`
	T                string           `json:"t,omitempty"`
	MerchantID       string           `json:"merchantId,omitempty"`
	Institution      *kunaInstitution `json:"institution,omitempty"`
	Fingerprint      string           `json:"fingerprint"`
	JWTID            string           `json:"jwtId,omitempty"`
	SessionCreatedAt int64            `json:"sessionCreatedAt,omitempty"` // milliseconds
	IssuedAt         int64            `json:"iat"`
	Expires          int64            `json:"exp"`
}

type kunaInstitution struct {
	ID     string              `json:"id"`
	Title  string              `json:"title"`
	Groups []map[string]string `json:"groups"`
}

// issue answers with a pair of tokens. expiresIn is the moment of expiry in unix seconds, as in the sample, not a duration.
func (k *kuna) issue(c *call, session, refreshUntil time.Time) answer {
	expires := c.now.Add(kunaAccessLife).Truncate(time.Second)
	refreshUntil = refreshUntil.Truncate(time.Second)
	access, err := k.token(kunaClaims{ID: k.user, Email: k.account.fields["email"], Role: "Owner", Username: "SEED_INSTITUTION_OWNER_PROFILE", T: "u",
		MerchantID: k.account.fields["merchant_id"], Institution: &kunaInstitution{k.institution, "Cool Company", []map[string]string{
			{"id": "bank2_exchange", "type": "Exchange"}, {"id": "bank2_deposit", "type": "Deposit"},
			{"id": "bank2_transfer", "type": "Transfer"}, {"id": "bank2_withdraw", "type": "Withdraw"}}},
		Fingerprint: k.fingerprint, JWTID: k.stream.uuid(), IssuedAt: c.now.Unix(), Expires: expires.Unix()}, &grant{expires: expires, session: session})
	if err != nil {
		return kunaError(http.StatusInternalServerError, "INTERNAL_SERVER_ERROR", "Internal server error").
			because(err.Error())
	}
	refresh, err := k.token(kunaClaims{ID: k.user, Fingerprint: k.fingerprint, SessionCreatedAt: session.UnixMilli(),
		IssuedAt: c.now.Unix(), Expires: refreshUntil.Unix()}, &grant{refresh: true, expires: refreshUntil, session: session})
	if err != nil {
		return kunaError(http.StatusInternalServerError, "INTERNAL_SERVER_ERROR", "Internal server error").
			because(err.Error())
	}
	return kunaData(struct {
		AccessToken  string `json:"accessToken"`
		ExpiresIn    int64  `json:"expiresIn"`
		RefreshToken string `json:"refreshToken"`
	}{access, expires.Unix(), refresh})
}

func (k *kuna) token(claims kunaClaims, g *grant) (string, error) {
	key, err := k.key()
	if err != nil {
		return "", err
	}
	if g.claims, err = json.Marshal(claims); err != nil {
		return "", err
	}
	token, err := compactJWS(`{"alg":"RS256","typ":"JWT"}`, g.claims, signRS256(key))
	k.tokens.add(token, g)
	return token, err
}

func (k *kuna) stages() []stage {
	return []stage{{"credentials", k.checkKey}, {"token", k.checkToken}}
}

// checkKey is the Api-key header. Sending both is not documented; assumption: Authorization wins.
func (k *kuna) checkKey(c *call) outcome {
	value, n := c.one("Api-key")
	if _, bearer := c.one("Authorization"); bearer > 0 {
		if n > 0 {
			c.note("both Authorization and Api-key were sent; Authorization is used")
		}
		return skip("Authorization is used")
	}
	refused := kunaError(http.StatusUnauthorized, "UNAUTHORIZED", "Unauthorized")
	switch {
	case n == 0:
		return refuse(refused, "neither Authorization nor Api-key")
	case n > 1:
		return refuse(refused, "more than one Api-key header")
	case !k.account.is("api_key", value):
		return refuse(refused, "unknown API key")
	case k.switches.revoked():
		return refuse(refused, "the credentials are revoked (switch revoke)")
	}
	return pass("Api-key")
}

// checkToken judges a JWT. The errors are those of the library whose error object the page prints; beside TokenExpiredError
// they are an assumption.
func (k *kuna) checkToken(c *call) outcome {
	if _, n := c.one("Authorization"); n == 0 {
		return skip("Api-key is used")
	}
	malformed := kunaError(http.StatusUnauthorized, "UNAUTHORIZED", map[string]string{"name": "JsonWebTokenError", "message": "invalid token"})
	token, problem := c.bearer()
	if problem != "" {
		return refuse(malformed, problem)
	}
	g := k.tokens.find(token)
	if g == nil {
		return refuse(malformed, "this token was not issued here, or is forgotten")
	}
	c.token = g
	if g.refresh {
		return refuse(malformed, "this is the refresh token; Authorization takes the access token")
	}
	if !g.alive(c.now) {
		return refuse(kunaError(http.StatusUnauthorized, "UNAUTHORIZED", map[string]string{"name": "TokenExpiredError", "message": "jwt expired",
			"expiredAt": g.expires.UTC().Format(kunaTime)}), "the access token expired at "+g.expires.UTC().Format(time.RFC3339))
	}
	return pass("valid until " + g.expires.UTC().Format(time.RFC3339))
}
