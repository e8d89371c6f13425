package main

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

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
