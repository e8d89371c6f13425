package sandbox

import (
	"net/http"
	"strings"
	"testing"
)

// A check is named by what it looked at, with every partner alike.
func TestOperationsNameTheirChecks(t *testing.T) {
	s := startSabika(t)
	jiko := s.Credentials("jiko")
	access, _ := s.jpayTokens()
	for _, tt := range []struct {
		request request
		want    string // names in order, ! in front of the one that failed
	}{
		{request{provider: "jiko", line: "POST /api/v1/login/", body: `{"username":"` + jiko["username"] + `","password":"` + jiko["password"] + `"}`}, "body credentials"},
		{request{provider: "jiko", line: "POST /api/v1/login/", body: `{"username":"` + jiko["username"] + `","password":"x"}`}, "body !credentials"},
		{request{provider: "jiko", line: "POST /api/v1/login/", body: `{"username":"`}, "!body"},
		{request{provider: "jpay", line: "POST /api/v1/auth/refresh", body: `{"refresh":"` + access + `"}`}, "body !refresh-token"},
		{request{provider: "jpay", line: "POST /api/v1/auth/refresh", body: `{}`}, "!body"},
		{request{provider: "jpay", line: "GET /api/v1/payments/collections/checkouts?page=x", header: []string{"Authorization: Bearer " + access}}, "token !query"},
		{request{provider: "jpay", line: "GET /api/v1/payments/collections/checkouts/none", header: []string{"Authorization: Bearer " + access}}, "token !operation"},
		{s.signed("POST /v1/orders", `{"quote_id":"none"}`, "key-1", nil), "certificate token binding signing-key headers timestamp signature nonce idempotency body !operation"},
	} {
		if _, err := s.send(tt.request); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range s.last().Checks[3:] { // behind transport, host and origin
			switch {
			case !c.OK && !c.Skipped:
				got = append(got, "!"+c.Name)
			case c.OK:
				got = append(got, c.Name)
			}
		}
		if got := strings.Join(got, " "); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.request.line, got, tt.want)
		}
	}
}

// The check is told by the status, because that is how the partners tell these causes apart.
func TestFailedCheck(t *testing.T) {
	login, read, write := route{method: http.MethodPost, proves: checkCredentials}, route{method: http.MethodGet}, route{method: http.MethodPost}
	for _, tt := range []struct {
		route  route
		status int
		want   string
	}{
		{login, http.StatusUnauthorized, checkCredentials}, {login, http.StatusForbidden, checkCredentials}, {login, http.StatusBadRequest, checkBody}, {login, http.StatusInternalServerError, checkOperation},
		{read, http.StatusUnprocessableEntity, checkQuery}, {read, http.StatusNotFound, checkOperation},
		{write, http.StatusBadRequest, checkBody}, {write, http.StatusConflict, checkOperation}, {write, http.StatusForbidden, checkOperation},
	} {
		if got := tt.route.failed(answer{status: tt.status, problem: "no"}); got != tt.want {
			t.Errorf("%s %q %d: %s, want %s", tt.route.method, tt.route.proves, tt.status, got, tt.want)
		}
	}
	if got := login.failed(answer{status: http.StatusOK}); got != "" {
		t.Errorf("an accepted request failed at %s", got)
	}
}
