package sandbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"
)

// Jiko's Auth guide and authentication page: tokens live an hour; a key seen within the last hour marks a repeat.
const (
	jikoTokenLife = time.Hour
	jikoRepeats   = time.Hour
)

// jikoTime is the form of the sample: microseconds and a numeric offset.
const jikoTime = "2006-01-02T15:04:05.000000-07:00"

// jiko imitates the Partner API. Source: docs.jiko.io, guide "Auth".
//
// Jiko publishes no catalogue of authentication errors. 401, 403, 409 and 503 with {"detail": "..."} are assumptions, in
// the manner of the framework whose validation errors (422) it does publish.
type jiko struct {
	*desk
	account       *account
	repeats       *repeats
	subscriptions map[string]jikoSubscription
}

func newJiko(d *desk, _ setting) (imitation, error) {
	j := &jiko{desk: d, repeats: newRepeats(jikoRepeats), subscriptions: make(map[string]jikoSubscription)}
	j.account = &account{fields: map[string]string{
		"username":       "partner-" + d.stream.hex(3),
		"password":       d.stream.base64url(18),
		"signing_secret": d.stream.base64url(32),
		"prefix":         "your-partner-name",
	}}
	return imitation{account: j.account, issuesTokens: true, routes: j.routes(), refusal: jikoDetail, unrouted: j.unrouted}, nil
}

func jikoDetail(status int, message string) answer {
	return object(status, map[string]string{"detail": message})
}

// jikoInvalid is an HTTPValidationError: loc, msg and type are Jiko's, the wrapper "detail" is an assumption.
func jikoInvalid(message, kind string, location ...string) answer {
	return object(http.StatusUnprocessableEntity, map[string]any{
		"detail": []any{map[string]any{"loc": location, "msg": message, "type": kind}}})
}

// unrouted redirects a path that lacks its trailing slash, as the framework does (assumption: 307). The redirected request
// has another path and the old signature, which is the lesson.
func (j *jiko) unrouted(c *call, status int) answer {
	if _, _, found := find(j.routes(), c.request.Method, c.path+"/"); found == http.StatusOK {
		location := "https://" + c.request.Host + c.path + "/"
		if c.query != "" {
			location += "?" + c.query
		}
		return answer{status: http.StatusTemporaryRedirect}.with("Location", location).
			because("the documented path ends with a slash")
	}
	if status == http.StatusMethodNotAllowed {
		return jikoDetail(status, "Method Not Allowed").because("this path takes another method")
	}
	return jikoDetail(status, "Not Found").because(fmt.Sprintf("no operation at %+.200q", c.path))
}

// login is POST /api/v1/login/, the one call without token, key and signature.
func (j *jiko) login(c *call) answer {
	fields, err := c.fields()
	if err != nil {
		return jikoInvalid("value is not a valid dict", "type_error.dict", "body").because(err.Error())
	}
	for _, name := range []string{"username", "password"} {
		value, isText := fields[name].(string)
		switch {
		case fields[name] == nil:
			return jikoInvalid("field required", "value_error.missing", "body", name).because("the body has no " + name)
		case !isText || len(value) > 128:
			return jikoInvalid("str type expected", "type_error.str", "body", name).
				because(name + " is no string of at most 128 characters")
		}
	}
	user, pass := j.account.is("username", text(fields, "username")), j.account.is("password", text(fields, "password"))
	switch {
	case j.switches.revoked():
		return jikoDetail(http.StatusUnauthorized, "Unauthorized").because("the credentials are revoked (switch revoke)")
	case !user:
		return jikoDetail(http.StatusUnauthorized, "Unauthorized").because("unknown username")
	case !pass:
		return jikoDetail(http.StatusUnauthorized, "Unauthorized").because("wrong password")
	}
	token := base64.StdEncoding.EncodeToString(j.stream.bytes(48))
	expires := c.now.Add(jikoTokenLife)
	j.tokens.add(token, &grant{expires: expires})
	return object(http.StatusOK, struct {
		Token   string `json:"token"`
		Expires string `json:"expires"`
	}{token, expires.UTC().Format(jikoTime)})
}

// signed are the checks of a normal request.
func (j *jiko) signed() []stage {
	return []stage{{"token", j.checkToken}, {"idempotency", j.checkKey}, {"signature", j.checkSignature}, {"repeat", j.checkRepeat}}
}

// unsigned are the checks of the operations that the reference lists without a signature.
func (j *jiko) unsigned() []stage { return []stage{{"token", j.checkToken}} }

func (j *jiko) checkToken(c *call) outcome {
	token, problem := c.bearer()
	if problem != "" {
		return refuse(jikoDetail(http.StatusUnauthorized, "Not authenticated"), problem)
	}
	g := j.tokens.find(token)
	if g == nil {
		return refuse(jikoDetail(http.StatusUnauthorized, "Unauthorized"), "this token was not issued here, or is forgotten")
	}
	c.token = g
	if !g.alive(c.now) {
		return refuse(jikoDetail(http.StatusUnauthorized, "Unauthorized"),
			"the token expired at "+g.expires.UTC().Format(time.RFC3339))
	}
	return pass("valid until " + g.expires.UTC().Format(time.RFC3339))
}

var uuidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

func (j *jiko) checkKey(c *call) outcome {
	key, n := c.one("x-jiko-idempotency")
	switch {
	case n == 0:
		return refuse(jikoInvalid("field required", "value_error.missing", "header", "x-jiko-idempotency"),
			"no x-jiko-idempotency header")
	case n > 1:
		return refuse(jikoInvalid("value is not a valid uuid", "type_error.uuid", "header", "x-jiko-idempotency"),
			"more than one x-jiko-idempotency header")
	case !uuidForm.MatchString(key):
		return refuse(jikoInvalid("value is not a valid uuid", "type_error.uuid", "header", "x-jiko-idempotency"),
			fmt.Sprintf("%+.80q is not a UUID of 36 characters", key))
	}
	return pass(key)
}

// jikoCanonical is "x-jiko-idempotency+request pathname+body": nothing between, the path as sent and without its query.
func jikoCanonical(key, path string, body []byte) []byte {
	return append([]byte(key+path), body...)
}

func (j *jiko) checkSignature(c *call) outcome {
	key, _ := c.one("x-jiko-idempotency")
	c.event.Expected = jikoCanonical(key, c.path, c.body)
	value, n := c.one("x-jiko-signature")
	if n == 0 {
		return refuse(jikoInvalid("field required", "value_error.missing", "header", "x-jiko-signature"),
			"no x-jiko-signature header")
	}
	wrong := jikoDetail(http.StatusForbidden, "Invalid signature")
	if n > 1 {
		return refuse(wrong, "more than one x-jiko-signature header")
	}
	got, err := base64.StdEncoding.Strict().DecodeString(value)
	if err != nil || strings.ContainsAny(value, "\r\n") {
		return refuse(wrong, "x-jiko-signature is not standard base64 with padding")
	}
	if len(got) != sha256.Size {
		return refuse(wrong, fmt.Sprintf("x-jiko-signature decodes to %d bytes; HMAC-SHA256 has %d", len(got), sha256.Size))
	}
	if hmac.Equal(got, j.mac(c.event.Expected)) {
		return pass("HMAC-SHA256 over idempotency key, path and body")
	}
	j.explain(c, key, got)
	return refuse(wrong, "the HMAC is over other bytes, or with another secret")
}

func (j *jiko) mac(message []byte) []byte {
	mac := hmac.New(sha256.New, []byte(j.account.fields["signing_secret"]))
	mac.Write(message)
	return mac.Sum(nil)
}

// explain tries the mistakes that the page itself invites.
func (j *jiko) explain(c *call, key string, got []byte) {
	tries := []struct {
		message []byte
		note    string
	}{
		{jikoCanonical(key, c.path+"?"+c.query, c.body), "the signature fits the path with its query string"},
		{jikoCanonical(key, c.path, []byte("{}")), "the signature fits a body of {}, which did not arrive"},
		{jikoCanonical(key, c.path, nil), "the signature fits an empty body"},
		{jikoCanonical(key, strings.TrimSuffix(c.path, "/"), c.body), "the signature fits the path without its trailing slash"},
		{jikoCanonical(strings.ToUpper(key), c.path, c.body), "the signature fits the key in upper case"},
		{jikoCanonical(strings.ToLower(key), c.path, c.body), "the signature fits the key in lower case"},
	}
	for _, try := range tries {
		if hmac.Equal(got, j.mac(try.message)) {
			c.note(try.note)
			return
		}
	}
}

// checkRepeat recognises a key seen within the last hour. What a repeat gets is not documented; assumption: the stored
// answer, marked, when it is the same request, and 409 otherwise. The method and the query are compared as well, because
// the signature does not cover them.
func (j *jiko) checkRepeat(c *call) outcome {
	key, _ := c.one("x-jiko-idempotency")
	signature, _ := c.one("x-jiko-signature")
	key = strings.ToLower(key)
	parameters := c.request.Method + " " + c.target + " " + signature
	if earlier, found := j.repeats.find(key, c.now); found {
		if earlier.parameters != parameters {
			return refuse(jikoDetail(http.StatusConflict, "Idempotency key already used"),
				"this key was used within the last hour for another request; an action of its own needs a new UUID")
		}
		return done(earlier.answer.with("Sandbox-Replayed", "true"), "a repeat; the stored answer is given again")
	}
	if !j.repeats.room(c.now) {
		return refuse(jikoDetail(http.StatusServiceUnavailable, "Service Unavailable"),
			"the sandbox remembers all the keys it can; wait an hour or restart it")
	}
	c.keep = func(a answer) { j.repeats.add(key, parameters, a, c.now) }
	return pass("not seen within the last hour")
}
