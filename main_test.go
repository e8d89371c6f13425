package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/itchyny/gojq"
	"github.com/rogpeppe/go-internal/testscript"

	"countersign/flows/sandbox"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"countersign": main})
}

// TestScripts runs the program as a person does: testdata/script holds what is typed and what must be seen.
// Besides the commands of package testscript there are:
//
//	exits CODE countersign ...     runs it and compares the exit code
//	jq FILE EXPRESSION             the expression must be true of the JSON in the file, stdout or stderr; ! jq: must not
//	lines FILE NUMBER              the file has this many lines
//	pem KIND FILE...               makes a key or certificate that is right or wrong in one way
//	server NAME FILE|-reset|-stall a TLS server; it answers everything with the file, or not at all. Sets NAME_url and NAME_ca
//	arrived NAME                   waits until a request reached that server
//	hmac VARIABLE SECRET TEXT      base64 of HMAC-SHA256
//	raw FILE                       writes the request of the object on standard output as raw HTTP
//	partners NAME=VALUE...         starts the sandbox with switches. Sets ca and, for each partner, ID_url and ID_FIELD
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", filepath.Join(e.WorkDir, "home"))
			e.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(e.WorkDir, "no-bus")) // no keyring but that of a script
			e.Setenv("esc", "\x1b")
			e.Setenv("LF", "\n")
			e.Values[reached{}] = map[string]chan struct{}{}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "jq": jq, "lines": lines, "pem": makePEM, "server": server, "arrived": arrived, "partners": partners,
			"hmac": signHMAC, "raw": raw,
		},
		RequireUniqueNames: true,
	})
}

// exits runs a command and compares its exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE command ...")
	}
	code := 0
	var failed *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &failed) {
		code = failed.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// jq judges the first JSON value of a file.
func jq(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: jq FILE EXPRESSION")
	}
	query, err := gojq.Parse(args[1])
	ts.Check(err)
	var value any
	ts.Check(json.NewDecoder(strings.NewReader(ts.ReadFile(args[0]))).Decode(&value))
	results := query.Run(value)
	for n := 0; ; n++ {
		result, more := results.Next()
		if !more {
			if n == 0 {
				ts.Fatalf("%s gives nothing", args[1])
			}
			return
		}
		if err, failed := result.(error); failed {
			ts.Fatalf("%s: %v", args[1], err)
		}
		if holds, is := result.(bool); !is || holds == neg {
			ts.Fatalf("%s is %v", args[1], result)
		}
	}
}

func lines(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: lines FILE NUMBER")
	}
	if n := strings.Count(ts.ReadFile(args[0]), "\n"); strconv.Itoa(n) != args[1] {
		ts.Fatalf("%d lines, want %s", n, args[1])
	}
}

// makePEM makes fixtures: "pair CERT KEY", "expired CERT KEY", "early CERT KEY", "p384 KEY", "rsa KEY", "encrypted KEY",
// "cut KEY", "escaped KEY", "request FILE".
func makePEM(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: pem KIND FILE...")
	}
	write := func(name, text string) { ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o600)) }
	curve := elliptic.P256()
	if args[0] == "p384" {
		curve = elliptic.P384()
	}
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	ts.Check(err)
	text := keyPEM(ts, key)
	switch args[0] {
	case "pair", "expired", "early":
		from := map[string]time.Duration{"pair": -time.Hour, "expired": -100 * time.Hour, "early": 100 * time.Hour}[args[0]]
		write(args[1], certificatePEM(ts, key, time.Now().Add(from)))
		text = keyPEM(ts, key)
		write(args[2], text)
		return
	case "p384":
	case "rsa":
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		ts.Check(err)
		text = keyPEM(ts, k)
	case "encrypted":
		text = strings.ReplaceAll(text, "PRIVATE KEY", "ENCRYPTED PRIVATE KEY")
	case "cut":
		text = text[:len(text)/2]
	case "escaped":
		text = strings.ReplaceAll(text, "\n", `\n`)
	default:
		ts.Fatalf("there is no kind %q", args[0])
	}
	write(args[1], text)
}

func keyPEM(ts *testscript.TestScript, key any) string {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	ts.Check(err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func certificatePEM(ts *testscript.TestScript, key *ecdsa.PrivateKey, from time.Time) string {
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "partner"}, NotBefore: from, NotAfter: from.Add(10 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	ts.Check(err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// reached is the key of a map from a server's name to a channel that is closed with its first request.
type reached struct{}

// server answers every request with the bytes of a file, lines ended with CRLF.
func server(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: server NAME FILE|-reset|-stall")
	}
	name, what := args[0], args[1]
	answer := ""
	if !strings.HasPrefix(what, "-") {
		answer = strings.ReplaceAll(ts.ReadFile(what), "\n", "\r\n")
	}
	came := make(chan struct{})
	first := sync.OnceFunc(func() { close(came) })
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		first()
		if what == "-stall" {
			<-r.Context().Done()
			return
		}
		conn, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		fmt.Fprint(buffered, answer)
		buffered.Flush()
		conn.Close()
	}))
	ts.Defer(s.Close)
	ca := ts.MkAbs(name + "-ca.pem")
	ts.Check(os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600))
	ts.Setenv(name+"_url", s.URL)
	ts.Setenv(name+"_ca", ca)
	servers := ts.Value(reached{}).(map[string]chan struct{})
	servers[name] = came
}

func arrived(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: arrived NAME")
	}
	<-ts.Value(reached{}).(map[string]chan struct{})[args[0]] // the test's own deadline ends it
}

// partners starts the sandbox in this process.
func partners(ts *testscript.TestScript, neg bool, args []string) {
	s, err := sandbox.Start(sandbox.Options{Dir: ts.MkAbs("partners")})
	ts.Check(err)
	ts.Defer(func() { s.Close() })
	for _, arg := range args {
		name, value, _ := strings.Cut(arg, "=")
		id, name, _ := strings.Cut(name, ".")
		ts.Check(s.Set(id, name, value))
	}
	ts.Setenv("ca", s.CAFile())
	for _, id := range sandbox.IDs() {
		ts.Setenv(id+"_url", s.BaseURL(id))
		ts.Setenv(id+"_address", strings.TrimPrefix(s.BaseURL(id), "https://")) // with JPay's path behind it
		for field, value := range s.Credentials(id) {
			ts.Setenv(id+"_"+field, value)
		}
		for field, path := range s.Files(id) {
			ts.Setenv(id+"_"+field, path)
		}
	}
}

// signHMAC signs with the standard library.
func signHMAC(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: hmac VARIABLE SECRET TEXT")
	}
	mac := hmac.New(sha256.New, []byte(args[1]))
	mac.Write([]byte(args[2]))
	ts.Setenv(args[0], base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

func raw(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: raw FILE")
	}
	var object struct {
		Request struct {
			Method, URL, Body string
			Headers           map[string]string
		}
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &object))
	r := object.Request
	u, err := url.Parse(r.URL)
	ts.Check(err)
	text := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: %s\r\n", r.Method, u.RequestURI(), u.Host)
	for name, value := range r.Headers {
		text += name + ": " + value + "\r\n"
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text+"\r\n"+r.Body), 0o600))
}

// place is what sandbox --json says of one partner.
type place struct {
	BaseURL     string            `json:"base_url"`
	Credentials map[string]string `json:"credentials"`
	Files       map[string]string `json:"files"`
}

// arrival is the line for one request.
type arrival struct {
	Provider, Method, Path string
	Status                 int
	Checks                 []struct {
		Name, Detail string
		OK           bool
	}
	Expected    []byte
	Explanation []struct{ ID, Proof string }
}

// box is the program serving the partners in a process of its own.
type box struct {
	command   *exec.Cmd
	out       io.ReadCloser
	lines     *bufio.Scanner
	caFile    string
	providers map[string]place
}

// start runs the program in a process of its own.
func start(t *testing.T, arguments ...string) *box {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	b := &box{command: exec.CommandContext(t.Context(), self)}
	b.command.Args = append([]string{"countersign"}, arguments...) // the name chooses the program, see TestMain
	b.command.Env = append(os.Environ(), "TMPDIR="+t.TempDir())
	b.command.Stderr = os.Stderr
	if b.out, err = b.command.StdoutPipe(); err != nil {
		t.Fatal(err)
	}
	if err := b.command.Start(); err != nil {
		t.Fatal(err)
	}
	b.lines = bufio.NewScanner(b.out)
	b.lines.Buffer(nil, 4<<20)
	return b
}

// serve runs countersign sandbox --json and reads its first line.
func serve(t *testing.T, arguments ...string) *box {
	t.Helper()
	b := start(t, append([]string{"sandbox", "--json"}, arguments...)...)
	var first struct {
		CAFile    string `json:"ca_file"`
		Providers map[string]place
	}
	if !b.lines.Scan() {
		t.Fatal("no first line")
	}
	if err := json.Unmarshal(b.lines.Bytes(), &first); err != nil {
		t.Fatal(err)
	}
	b.caFile, b.providers = first.CAFile, first.Providers
	return b
}

// next reads the line of the next request; false when there is none any more.
func (b *box) next(t *testing.T) (a arrival, more bool) {
	t.Helper()
	if !b.lines.Scan() {
		return a, false
	}
	if err := json.Unmarshal(b.lines.Bytes(), &a); err != nil {
		t.Fatalf("%v in %s", err, b.lines.Text())
	}
	return a, true
}

// stop ends the program with a signal, and returns the requests that were not read yet.
func (b *box) stop(t *testing.T, signal os.Signal) []arrival {
	t.Helper()
	if err := b.command.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	var all []arrival
	for a, more := b.next(t); more; a, more = b.next(t) {
		all = append(all, a)
	}
	b.gone(t, signal.String())
	return all
}

// gone waits for the end, which must be in order, and looks whether anything is left.
func (b *box) gone(t *testing.T, after string) {
	t.Helper()
	if err := b.command.Wait(); err != nil {
		t.Errorf("after %s: %v", after, err)
	}
	if _, err := os.Stat(filepath.Dir(b.caFile)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after %s there is still %s: %v", after, b.caFile, err)
	}
}

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

// trusting is a client that trusts one CA.
func trusting(t *testing.T, caFile string) *http.Client {
	t.Helper()
	ca, err := os.ReadFile(caFile)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}
