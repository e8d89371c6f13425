package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// JPay's authentication overview: access tokens live 15 minutes, refresh tokens 7 days, and a refresh gives both anew.
const (
	jpayAccessLife  = 15 * time.Minute
	jpayRefreshLife = 7 * 24 * time.Hour
	jpayPrefix      = "/api/v1"
)

var jpayProducts = []string{"collections", "payouts"}

const switchRotation = "rotation"

// jpay imitates the payments API. Source: docs.api.jpay.africa.
type jpay struct {
	*desk
	account          *account
	secret           []byte // signs the tokens; never handed out
	merchant, app    int
	collections      []map[string]any
	collectionWallet int64 // hundredths of KES
	payoutWallet     int64
}

func newJPay(d *desk, _ setting) (imitation, error) {
	j := &jpay{desk: d, secret: d.stream.bytes(32), merchant: 1024, app: 12345, collectionWallet: 4500000, payoutWallet: 1200000}
	j.account = &account{fields: map[string]string{
		"app_key":    "jpk_" + d.stream.hex(12),
		"app_secret": d.stream.base64url(32),
	}}
	return imitation{
		prefix:       jpayPrefix,
		account:      j.account,
		issuesTokens: true,
		ownSwitches: []Switch{{Name: switchRotation, Title: "Refresh token rotation",
			Doc: "The page says that both tokens are replaced, its sample keeps the old refresh token. strict: a refresh token works " +
				"once; lenient: until it expires.",
			Values: []string{"strict", "lenient"}}},
		routes:   j.routes(),
		refusal:  jpayDetail,
		unrouted: j.unrouted,
	}, nil
}

// jpayDetail is the one error shape of the API.
func jpayDetail(status int, message string) answer {
	return object(status, map[string]string{"detail": message})
}

func (j *jpay) unrouted(c *call, status int) answer {
	problem := fmt.Sprintf("no operation %s %+.200q", c.request.Method, c.path)
	if status == http.StatusMethodNotAllowed {
		return jpayDetail(status, fmt.Sprintf("Method %q not allowed.", c.request.Method)).because(problem) // assumption
	}
	return jpayDetail(status, "Not found.").because(problem)
}

// obtain is POST /auth/app/token. The wording for wrong credentials is not published; assumption.
func (j *jpay) obtain(c *call) answer {
	fields, a := c.jpayFields()
	if a != nil {
		return *a
	}
	for _, name := range []string{"app_key", "app_secret"} {
		if text(fields, name) == "" {
			return jpayDetail(http.StatusBadRequest, name+" field is required").because("the body has no " + name)
		}
	}
	key, secret := j.account.is("app_key", text(fields, "app_key")), j.account.is("app_secret", text(fields, "app_secret"))
	switch {
	case !key:
		return jpayDetail(http.StatusUnauthorized, "Invalid app key or secret").because("unknown app_key")
	case !secret:
		return jpayDetail(http.StatusUnauthorized, "Invalid app key or secret").because("wrong app_secret")
	case j.switches.revoked():
		return jpayDetail(http.StatusForbidden, "App is inactive").because("the credentials are revoked (switch revoke)")
	}
	access, refresh := j.issue(c.now)
	return object(http.StatusOK, map[string]any{"access": access, "refresh": refresh, "merchant_id": j.merchant, "app_code": j.app,
		"products": jpayProducts})
}

// refresh is POST /auth/refresh.
func (j *jpay) refresh(c *call) answer {
	fields, a := c.jpayFields()
	if a != nil {
		return *a
	}
	if text(fields, "refresh") == "" {
		return jpayDetail(http.StatusBadRequest, "refresh field is required").because("the body has no refresh")
	}
	expired := jpayDetail(http.StatusUnauthorized, "Invalid or expired token")
	g := j.tokens.find(text(fields, "refresh"))
	switch {
	case g == nil:
		return expired.because("this token was not issued here, or is forgotten")
	case !g.refresh:
		return expired.because("this is an access token; send the one from the member refresh")
	case !g.alive(c.now):
		return expired.because("the refresh token expired at " + g.expires.UTC().Format(time.RFC3339))
	case g.spent && j.switches.value(switchRotation) == "strict":
		return expired.because("this refresh token was used before and was replaced by the one in that answer (switch rotation)")
	case j.switches.revoked():
		return jpayDetail(http.StatusForbidden, "App is inactive").because("the credentials are revoked (switch revoke)")
	}
	c.token, g.spent = g, true
	access, refresh := j.issue(c.now)
	return object(http.StatusOK, map[string]any{"access": access, "refresh": refresh})
}

// issue makes a pair of JWTs. The samples' claims are user_id, app_code and products, and refresh; their times are cut
// off, so exp, iat, jti and token_type are an assumption in the manner of the framework the API is written in.
func (j *jpay) issue(now time.Time) (access, refresh string) {
	access = j.token(map[string]any{"token_type": "access", "user_id": 123, "app_code": j.app, "products": jpayProducts}, now, jpayAccessLife)
	refresh = j.token(map[string]any{"token_type": "refresh", "user_id": 123, "refresh": true}, now, jpayRefreshLife)
	return access, refresh
}

func (j *jpay) token(claims map[string]any, now time.Time, life time.Duration) string {
	expires := now.Add(life).Truncate(time.Second)
	claims["iat"], claims["exp"], claims["jti"] = now.Unix(), expires.Unix(), j.stream.hex(16)
	data, _ := json.Marshal(claims)                                                  // strings, numbers and a list cannot fail
	token, _ := compactJWS(`{"typ":"JWT","alg":"HS256"}`, data, signHS256(j.secret)) // nor can an HMAC
	j.tokens.add(token, &grant{refresh: claims["refresh"] == true, claims: data, expires: expires})
	return token
}

func (j *jpay) stages() []stage { return []stage{{"token", j.checkToken}} }

func (j *jpay) checkToken(c *call) outcome {
	invalid := jpayDetail(http.StatusUnauthorized, "Invalid or expired token")
	if len(c.request.Header.Values("Authorization")) == 0 {
		return refuse(jpayDetail(http.StatusUnauthorized, "Authentication credentials were not provided"),
			"no Authorization header")
	}
	token, problem := c.bearer()
	if problem != "" {
		return refuse(invalid, problem)
	}
	g := j.tokens.find(token)
	if g == nil {
		return refuse(invalid, "this token was not issued here, or is forgotten")
	}
	c.token = g
	switch {
	case g.refresh:
		return refuse(invalid, "this is the refresh token; Authorization takes the one from the member access")
	case !g.alive(c.now):
		return refuse(invalid, "the access token expired at "+g.expires.UTC().Format(time.RFC3339))
	}
	return pass("valid until " + g.expires.UTC().Format(time.RFC3339))
}

// jpayFields decodes a JSON body.
func (c *call) jpayFields() (map[string]any, *answer) {
	fields, err := c.fields()
	if err == nil {
		return fields, nil
	}
	a := jpayDetail(http.StatusBadRequest, "JSON parse error").because(err.Error())
	return nil, &a
}

// jpayPage reads page and page_size.
func (c *call) jpayPage() (page, size int, bad *answer) {
	page, size = 1, 50
	for name, target := range map[string]*int{"page": &page, "page_size": &size} {
		value, ok := c.queryValue(name)
		if ok && value == "" {
			continue
		}
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 || n > 1<<20 || name == "page_size" && n > 100 {
			a := jpayDetail(http.StatusBadRequest, "Invalid query parameter: "+name).because(name + " is out of range")
			return 0, 0, &a
		}
		*target = n
	}
	return page, size, nil
}
