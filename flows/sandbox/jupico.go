package sandbox

import (
	"fmt"
	"net/http"
	"strings"
)

// Jupico's shared sandbox credentials, as its authentication page prints them. The key is base64 of user, colon, password
// and a newline, which the table's password does not have: the page disagrees with itself, hence the newline switch.
const (
	jupicoUser     = "demoApiUser"
	jupicoPassword = "V8m!xP#l2Qz3"
	jupicoKey      = "ZGVtb0FwaVVzZXI6VjhtIXhQI2wyUXozCg=="
)

const switchNewline = "newline"

// jupico imitates the payments API. Sources: docs.jupico.com, "Authentication", "Error codes", "Transaction status handling".
type jupico struct {
	*desk
	transactions map[string]*jupicoTransaction
	order        []string
}

func newJupico(d *desk, _ setting) (imitation, error) {
	j := &jupico{desk: d, transactions: make(map[string]*jupicoTransaction)}
	// A transaction stands there from the start, so that a first rollback needs no sale.
	j.remember(&jupicoTransaction{id: d.stream.uuid(), reference: jupicoDemoReference, status: "succeeded", cents: 10_00})
	return imitation{
		account: &account{fields: map[string]string{"username": jupicoUser, "password": jupicoPassword, "api_key": jupicoKey}},
		ownSwitches: []Switch{{Name: switchNewline, Title: "Newline in the key",
			Doc: "The published key ends with a newline, the published password does not. accept: both pass; clean: only without; " +
				"published: only with.",
			Values: []string{"accept", "clean", "published"}}},
		routes:   j.routes(),
		refusal:  jupicoFailure,
		unrouted: j.unrouted,
	}, nil
}

// jupicoError is the error envelope. The members are documented, their nesting is an assumption.
func jupicoError(status int, code, message string) answer {
	a := object(status, map[string]any{"success": false, "error": map[string]string{"code": code, "message": message}})
	if status == http.StatusUnauthorized {
		a = a.with("Www-Authenticate", `Basic realm="jupico", charset="UTF-8"`) // RFC 9110 section 11.6.1; assumption
	}
	return a
}

func jupicoFailure(status int, _ string) answer {
	switch status {
	case http.StatusForbidden:
		return jupicoError(status, "forbidden", "Forbidden")
	case http.StatusServiceUnavailable:
		return jupicoError(status, "service_unavailable", "External service unavailable, try again later.")
	case http.StatusInternalServerError:
		return jupicoError(status, "internal_server_error", "Internal server error.")
	}
	return jupicoError(status, "invalid_payload", "Invalid payload.") // assumption for what the list does not name
}

func (j *jupico) unrouted(c *call, _ int) answer {
	return jupicoError(http.StatusNotFound, "wrong_url", "Requested resource not found.").
		because(fmt.Sprintf("no operation %s %+.200q", c.request.Method, c.path))
}

func (j *jupico) stages() []stage {
	return []stage{{"credentials", j.checkBasic}, {"content-type", j.checkType}}
}

func (j *jupico) checkBasic(c *call) outcome {
	header, n := c.one("Authorization")
	if n == 0 {
		return refuse(jupicoError(http.StatusUnauthorized, "auth_header_not_present", "Authorization header missing."),
			"no Authorization header")
	}
	invalid := jupicoError(http.StatusUnauthorized, "auth_invalid_api_token", "Invalid api token.")
	if n > 1 {
		return refuse(invalid, "more than one Authorization header")
	}
	user, password, err := decodeBasic(header)
	if err != nil {
		return refuse(invalid, err.Error())
	}
	clean, newline := strings.CutSuffix(password, "\n")
	form := "without a trailing newline, as the published user and password"
	if newline {
		form = "with a trailing newline, as the published key"
	}
	account := account{fields: map[string]string{"username": jupicoUser, "password": jupicoPassword}}
	userFits, passwordFits := account.is("username", user), account.is("password", clean)
	switch {
	case !userFits:
		return refuse(invalid, "unknown user")
	case !passwordFits:
		return refuse(invalid, "wrong password")
	case newline && j.switches.value(switchNewline) == "clean":
		return refuse(invalid, "the credentials came "+form+"; switch newline is clean")
	case !newline && j.switches.value(switchNewline) == "published":
		return refuse(invalid, "the credentials came "+form+"; switch newline is published")
	case j.switches.revoked():
		return refuse(jupicoError(http.StatusUnauthorized, "auth_invalid_api_user", "ApiUser not active."),
			"the credentials are revoked (switch revoke)")
	}
	c.note("the credentials came " + form)
	return pass(form)
}

// checkType is part of authentication at Jupico: a wrong type is a 401, also on GET.
func (j *jupico) checkType(c *call) outcome {
	if media := c.media(); media != "application/json" {
		return refuse(jupicoError(http.StatusUnauthorized, "auth_invalid_content_type", "Invalid content type, expected application/json."),

			fmt.Sprintf("Content-Type is %+.80q; want application/json, without a body as well", c.request.Header.Get("Content-Type")))
	}
	return pass("application/json")
}
