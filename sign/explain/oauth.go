package explain

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
)

// sabikaTokenPath is where Sabika gives tokens (docs.sabikagold.com/authentication.html): a form over mutual TLS, no signature.
const sabikaTokenPath = "/oauth/token"

// sabikaToken judges the call that fetches a token: client id and secret stand in the form.
func (x *examination) sabikaToken() {
	x.checked("this request fetches the token: it needs neither a token nor a signature")
	x.forwardedCertificate()
	if _, isJSON := members(x.e.Request.Body); isJSON {
		x.find("login-not-form", Certain, true, "the body is JSON")
		return
	}
	form, err := url.ParseQuery(string(x.e.Request.Body))
	if err != nil {
		x.find("login-not-form", Certain, true, "the body is damaged: its percent-encoding or separators cannot be read")
		return
	}
	m := map[string]json.RawMessage{}
	for name := range form {
		m[name], _ = json.Marshal(form.Get(name)) // a string has a form in JSON
	}
	for _, w := range []loginMember{
		{"grant_type", []string{"grantType", "grant-type"}},
		{"client_id", []string{"clientId", "client-id", "id", "username"}},
		{"client_secret", []string{"clientSecret", "client-secret", "secret", "password"}},
	} {
		x.loginMember(m, w)
	}
	if c, id := x.e.Certificate, form.Get("client_id"); c.Present() && id != "" && c.X509.Subject.CommonName != id {
		x.find("certificate-other-client", Likely, false, fmt.Sprintf("it was issued to %s, client_id is %s", quote(c.X509.Subject.CommonName), quote(id)))
	}
	if grant := form.Get("grant_type"); grant != "" && grant != "client_credentials" {
		x.find("login-grant-type", Certain, true, "grant_type has another value")
	}
}

// isTokenCall reports whether a path ends in that of a call which fetches a token; a base URL may stand in front.
func isTokenCall(path, token string) bool {
	return strings.HasSuffix(strings.TrimRight(path, "/"), token)
}
