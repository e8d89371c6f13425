package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// The sandbox serves clients that people wrote from the partners' pages, and prints each of their requests.
func TestSandboxServesPeers(t *testing.T) {
	b := serve(t)
	jiko, sabika := b.providers["jiko"], b.providers["sabika"]
	for _, test := range []struct {
		id, needs   string
		command     []string
		environment []string
	}{
		{"jupico", "curl", []string{"sh", "jupico.sh"}, nil},
		{"jiko", "python3", []string{"python3", "jiko.py"}, []string{"JIKO_USER=" + jiko.Credentials["username"],
			"JIKO_PASS=" + jiko.Credentials["password"], "JIKO_SIGNING_SECRET=" + jiko.Credentials["signing_secret"]}},
		{"sabika", "node", []string{"node", "sabika.mjs"}, []string{"CLIENT_ID=" + sabika.Credentials["client_id"],
			"CLIENT_SECRET=" + sabika.Credentials["client_secret"], "CLIENT_CERTIFICATE=" + sabika.Files["client_certificate"],
			"CLIENT_KEY=" + sabika.Files["client_key"], "SIGNING_KEY=" + sabika.Files["signing_key"]}},
	} {
		t.Run(test.id, func(t *testing.T) {
			if _, err := exec.LookPath(test.needs); err != nil {
				t.Skipf("SKIPPED: %s is not installed", test.needs)
			}
			if test.needs == "node" && os.Getenv("COUNTERSIGN_NODE_MODULES") == "" {
				t.Skip("SKIPPED: COUNTERSIGN_NODE_MODULES names no node_modules directory with jose (npm install jose@6)")
			}
			command := exec.CommandContext(t.Context(), test.command[0], test.command[1:]...)
			command.Dir = filepath.Join("flows", "sandbox", "testdata", "peers")
			command.Env = append(os.Environ(), "URL="+b.providers[test.id].BaseURL, "CA="+b.caFile, "NO_PROXY=*", "no_proxy=*")
			command.Env = append(command.Env, test.environment...)
			if output, err := command.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, output)
			}
		})
	}
	for _, a := range b.stop(t, syscall.SIGHUP) {
		if a.Provider == "" || a.Method == "" || !strings.HasPrefix(a.Path, "/") || a.Status == 0 || len(a.Checks) == 0 {
			t.Errorf("%+v", a)
		}
	}
}

// A refused request comes with the check that refused it and with what should have been signed.
func TestSandboxTellsWhy(t *testing.T) {
	b := serve(t, "--set", "jpay.fail=once-503")
	client := trusting(t, b.caFile)
	jiko := b.providers["jiko"]
	login := fmt.Sprintf(`{"username": %q, "password": %q}`, jiko.Credentials["username"], jiko.Credentials["password"])
	answer, err := client.Post(jiko.BaseURL+"/api/v1/login/", "application/json", strings.NewReader(login))
	if err != nil {
		t.Fatal(err)
	}
	var token struct{ Token string }
	if err := json.NewDecoder(answer.Body).Decode(&token); err != nil {
		t.Fatal(err)
	}
	const key = "9b2e6a34-4f0e-4b0c-8a5d-0d6f5d1f7a10"
	mac := hmac.New(sha256.New, []byte(jiko.Credentials["signing_secret"]))
	mac.Write([]byte(key + "/api/v1/agreements/?page=1")) // the query is not signed
	r, err := http.NewRequest("GET", jiko.BaseURL+"/api/v1/agreements/?page=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token.Token)
	r.Header.Set("X-Jiko-Idempotency", key)
	r.Header.Set("X-Jiko-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	for _, do := range []func() (*http.Response, error){
		func() (*http.Response, error) { return client.Do(r) },
		func() (*http.Response, error) { return client.Get(b.providers["jpay"].BaseURL + "/wallets/balance") },
		func() (*http.Response, error) { // the email is in a member of its own
			return client.Post(b.providers["kuna"].BaseURL+"/v2/auth/login", "application/json", strings.NewReader(`{"email": "a@b.test", "password": "p"}`))
		},
		func() (*http.Response, error) { // another partner's secret
			other := r.Clone(r.Context())
			other.Header.Set("X-Jiko-Idempotency", "5d2f7c11-8a0e-4a7e-9b0e-0b6f4c5d2e10")
			mac := hmac.New(sha256.New, []byte(b.providers["jpay"].Credentials["app_secret"]))
			mac.Write([]byte("5d2f7c11-8a0e-4a7e-9b0e-0b6f4c5d2e10/api/v1/agreements/"))
			other.Header.Set("X-Jiko-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
			return client.Do(other)
		},
	} {
		answer, err := do()
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
	}
	var all [5]arrival
	for i := range all {
		all[i], _ = b.next(t)
	}
	if more := b.stop(t, os.Interrupt); len(more) != 0 {
		t.Errorf("more requests: %+v", more)
	}
	if a := all[0]; a.Status != 200 || a.Expected != nil || a.Explanation != nil {
		t.Errorf("login: %+v", a)
	}
	for _, c := range all[0].Checks {
		if !c.OK {
			t.Errorf("accepted, but %+v", c) // a check that was not made is left out
		}
	}
	a := all[1]
	if a.Path != "/api/v1/agreements/" || a.Status != 403 || string(a.Expected) != key+"/api/v1/agreements/" {
		t.Errorf("wrong signature: %+v", a)
	}
	failed := false
	for _, c := range a.Checks {
		failed = failed || c.Name == "signature" && !c.OK && c.Detail != ""
	}
	if !failed {
		t.Errorf("no check named signature failed: %+v", a.Checks)
	}
	if len(a.Explanation) == 0 || a.Explanation[0].ID != "query-included" || a.Explanation[0].Proof != "proved" {
		t.Errorf("explanation: %+v", a.Explanation)
	}
	if all[2].Status != 503 {
		t.Errorf("the switch was not turned: %+v", all[2])
	}
	for i, id := range map[int]string{3: "email-in-wrong-field", 4: "wrong-secret"} {
		if f := all[i].Explanation; len(f) == 0 || f[0].ID != id {
			t.Errorf("want %s: %+v", id, f)
		}
	}
}

// For people the sandbox prints where it is, lines to paste, and each request; when nobody reads any more, it ends by
// itself and its files are gone.
func TestSandboxInLines(t *testing.T) {
	b := start(t, "sandbox")
	var printed []string
	for b.lines.Scan() && b.lines.Text() != "Requests, as they arrive:" {
		printed = append(printed, b.lines.Text())
	}
	text := strings.Join(printed, "\n")
	for _, want := range []string{"Jupico (jupico)", "  signing_secret  ", "    curl --cacert '", "    context.load_cert_chain(\"", "    roots.AppendCertsFromPEM(ca)"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	b.caFile = strings.TrimPrefix(printed[0], "CA file ")
	_, address, _ := strings.Cut(text[strings.Index(text, "(jupico)"):], "base_url  ")
	address, _, _ = strings.Cut(address, "\n")
	client := trusting(t, b.caFile)
	answer, err := client.Get(address + "/status")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if !b.lines.Scan() || !strings.Contains(b.lines.Text(), `jupico GET /status -> 401, refused by the check "credentials": no Authorization header`) {
		t.Errorf("the line of the request is %q", b.lines.Text())
	}
	b.out.Close()
	if answer, err := client.Get(address + "/status"); err == nil { // its line meets the closed pipe, and that may be quicker
		answer.Body.Close()
	}
	b.gone(t, "nobody reads")
}
