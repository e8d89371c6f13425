package snippet_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"countersign/ui/cli/snippet"
)

// The lines run as they are printed, with and without a client certificate. The directory's name has blanks and quotes in it.
func TestLinesRun(t *testing.T) {
	dir := filepath.Join(t.TempDir(), `it's a "place"`)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s %d", r.Method, r.URL.Path, len(r.TLS.PeerCertificates))
	}))
	server.TLS = &tls.Config{ClientAuth: tls.RequestClientCert}
	server.StartTLS()
	defer server.Close()
	p := snippet.Place{BaseURL: server.URL + "/prefix", CAFile: filepath.Join(dir, "ca.pem"), Method: "POST", Path: "/status"}
	write(t, p.CAFile, "CERTIFICATE", server.Certificate().Raw)
	mutual := p
	mutual.Certificate, mutual.Key = p.CAFile, filepath.Join(dir, "key.pem")
	key, err := x509.MarshalPKCS8PrivateKey(server.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	write(t, mutual.Key, "PRIVATE KEY", key)

	for _, language := range snippet.Languages() {
		for want, place := range map[string]snippet.Place{"POST /prefix/status 0": p, "POST /prefix/status 1": mutual} {
			t.Run(language+"/"+want, func(t *testing.T) {
				command := runner(t, language, snippet.For(language, place))
				command.Env = append(os.Environ(), "NO_PROXY=*", "no_proxy=*")
				out, err := command.CombinedOutput()
				if err != nil || !strings.Contains(string(out), want) {
					t.Errorf("%v, want %q\n%s\n%s", err, want, out, snippet.For(language, place))
				}
			})
		}
	}
	if snippet.For("cobol", p) != "" {
		t.Error("there are lines for a language that is not listed")
	}
}

// runner runs the lines of a language; those of Go in a program around them.
func runner(t *testing.T, language, lines string) *exec.Cmd {
	t.Helper()
	file := filepath.Join(t.TempDir(), map[string]string{"curl": "a.sh", "python": "a.py", "node": "a.mjs", "go": "main.go"}[language])
	program := map[string]string{"curl": "sh", "python": "python3", "node": "node", "go": "go"}[language]
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("SKIPPED: %s is not installed", program)
	}
	if language == "go" {
		lines = "package main\n\nimport (\n\"crypto/tls\"\n\"crypto/x509\"\n\"io\"\n\"net/http\"\n\"os\"\n)\n\nfunc main() {\n" + lines +
			"\nif err != nil { panic(err) }\nio.Copy(os.Stdout, answer.Body)\n}\n"
	}
	if err := os.WriteFile(file, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	arguments := []string{file}
	if language == "go" {
		arguments = []string{"run", file}
	}
	return exec.CommandContext(t.Context(), program, arguments...)
}

func write(t *testing.T, path, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}
