package flows_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"countersign/flows"
)

// shown is everything that is shown of a run's exchanges: the records as a whole, and the answers.
func shown(t *testing.T, run flows.Run) string {
	t.Helper()
	var out strings.Builder
	list := run.TokenLog
	if run.Exchange != nil {
		list = append(list, *run.Exchange)
	}
	for _, x := range list {
		j, err := json.Marshal(x)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "%+v\n%s\n%v\n", x, j, x.Err)
		if x.Response != nil {
			fmt.Fprintf(&out, "%s %s %v %v\n", x.Response.Body.Raw(), x.Response.Reason.Raw(), x.Response.Header, x.Response.Error)
		}
	}
	fmt.Fprintf(&out, "%v %+v", run.Err, run.Steps())
	return out.String()
}

// A partner that repeats a secret, anywhere in its answer and in any form, does not bring it to the screen.
func TestRepeatedSecretsAreMasked(t *testing.T) {
	for _, password := range []string{"CNRY-6f1d9a52c0e3", "CNRY-6f"} {
		basic := base64.StdEncoding.EncodeToString([]byte("demoApiUser:" + password))
		quoted := `"` + password + `"`
		for name, answer := range map[string]string{
			"in the body":        "HTTP/1.1 200 OK\r\n\r\n{\"echo\":" + quoted + "}",
			"in an error":        "HTTP/1.1 401 Unauthorized\r\n\r\n{\"success\":false,\"error\":{\"code\":\"x\",\"message\":\"wrong: " + basic + "\"}}",
			"as the code":        "HTTP/1.1 401 Unauthorized\r\n\r\n{\"success\":false,\"error\":{\"code\":\"" + basic + "\"}}",
			"in the reason":      "HTTP/1.1 401 no " + basic + "\r\n\r\n",
			"in a header":        "HTTP/1.1 200 OK\r\nX-Echo: Basic " + basic + "\r\n\r\n",
			"in a redirect":      "HTTP/1.1 302 Found\r\nLocation: /?auth=" + basic + "\r\n\r\n",
			"in a cut off body":  "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{\"echo\":\"" + basic[:len(basic)-4],
			"in what is no JSON": "HTTP/1.1 500 Oops\r\n\r\n<p>" + basic,
		} {
			p := startPartner(t, nil, answering(answer))
			r, run := p.runOf(t, "jupico", "status", map[string]string{"username": "demoApiUser", "password": password})
			run = r.Through(t.Context(), run, flows.StepResponse)
			if run.Exchange == nil || run.Exchange.Response == nil {
				t.Fatalf("%s: %v", name, run.Err)
			}
			if s := shown(t, run); strings.Contains(s, password) || strings.Contains(s, basic[:20]) {
				t.Errorf("%s: the password %q is shown: %s", name, password, s)
			}
		}
	}
}

// A published key hides a password, which is as secret as the key.
func TestThePasswordInsideAKeyIsMasked(t *testing.T) {
	const password = "CNRY-6f1d9a52c0e3"
	p := startPartner(t, nil, answering("HTTP/1.1 401 Unauthorized\r\n\r\n{\"error\":{\"message\":\"no user with "+password+"\"}}"))
	r, run := p.runOf(t, "jupico", "status", map[string]string{"username": "u", "password": "another password",
		"api_key": base64.StdEncoding.EncodeToString([]byte("user:" + password + "\n"))})
	run = r.Through(t.Context(), run.Edit(func(d *flows.Draft) { d.Options["credentials"] = "published" }), flows.StepResponse)
	if s := shown(t, run); run.Exchange == nil || strings.Contains(s, password) {
		t.Errorf("%v: %s", run.Err, s)
	}
}

// A token in an answer that cannot be used is masked like any other.
func TestUnreadTokensAreMasked(t *testing.T) {
	const token = "CNRY6f1d9a52c0e34b7f"
	jwt := "eyJhbGciOiJIUzI1NiJ9." + token + "." + token
	for name, answer := range map[string]string{
		"a line end in it":     "HTTP/1.1 200 OK\r\n\r\n{\"token\":\"" + token + "\\n\"}",
		"another case":         "HTTP/1.1 200 OK\r\n\r\n{\"Token\":\"" + token + "\"}",
		"another name":         "HTTP/1.1 200 OK\r\n\r\n{\"data\":{\"accessToken\" : \"" + token + "\"}}",
		"another type beside":  "HTTP/1.1 200 OK\r\n\r\n{\"token\":\"" + token + "\",\"expires\":7}",
		"cut off":              "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{\"token\":\"" + token,
		"cut off in an escape": "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{\"token\":\"" + token + "\\",
		"a form":               "HTTP/1.1 200 OK\r\n\r\naccess_token=" + token + "&token_type=bearer",
		"a JWT":                "HTTP/1.1 200 OK\r\n\r\n" + jwt,
		"with an error":        "HTTP/1.1 418 Teapot\r\n\r\n{\"token\":\"" + token + "\"}",
		"used":                 "HTTP/1.1 200 OK\r\n\r\n{\"token\":\"" + token + "\"}",
		"short, and used":      "HTTP/1.1 200 OK\r\n\r\n{\"token\":\"" + token[:6] + "\"}",
	} {
		p := startPartner(t, nil, answering(answer))
		r, run := p.runOf(t, "jiko", "agreements", map[string]string{"username": "u", "password": "a password", "signing_secret": "a secret"})
		run = r.Through(t.Context(), run, flows.StepToken)
		if len(run.TokenLog) != 1 {
			t.Fatalf("%s: %v", name, run.Err)
		}
		if s := shown(t, run); strings.Contains(s, token[:6]) {
			t.Errorf("%s: the token is shown: %s", name, s)
		}
	}
	p := startPartner(t, nil, answering("HTTP/1.1 200 OK\r\n\r\n{\"token\":\"\",\"token_type\":\"Bearer\"}"))
	r, run := p.runOf(t, "jiko", "agreements", map[string]string{"username": "u", "password": "a password", "signing_secret": "a secret"})
	run = r.Through(t.Context(), run, flows.StepToken)
	if body := run.TokenLog[0].Response.Body.Raw(); body != `{"token":"","token_type":"Bearer"}` {
		t.Errorf("what is no token is masked: %s", body)
	}
}

// Words of the partner in a sentence are bounded.
func TestSentencesAreBounded(t *testing.T) {
	long := strings.Repeat("\u202e", 1<<20)
	for _, answer := range []string{
		"HTTP/1.1 400 Bad Request\r\n\r\n{\"success\":false,\"error\":{\"code\":\"" + long + "\",\"message\":\"" + long + "\"}}",
		"HTTP/1.1 302 Found\r\nLocation: /" + long[:3<<10] + "\r\n\r\n",
	} {
		x := startPartner(t, nil, answering(answer)).send(t, t.Context(), "status")
		if x.Err == nil || len(x.Err.Message) > 1000 || strings.Contains(x.Err.Message, "\u202e") {
			t.Errorf("%v", x.Err)
		}
	}
}

// An answer that is no success is not taken for one.
func TestOnlySuccessIsSuccess(t *testing.T) {
	for status, want := range map[string]string{
		"304 Not Modified": "the partner refused with 304",
		"302 Found":        "the partner refused with 302",
		"600 Odd":          "the partner refused with 600",
	} {
		x := startPartner(t, nil, answering("HTTP/1.1 "+status+"\r\nContent-Length: 0\r\n\r\n")).send(t, t.Context(), "rollback")
		if x.Err == nil || x.Err.Message != want {
			t.Errorf("%s: %v, want %q", status, x.Err, want)
		}
	}
}
