//go:build linux

package credentials_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"countersign/flows/credentials"
	"countersign/flows/credentials/secretservice"
	"countersign/sign"
)

// These tests ask a real Secret Service on a bus of its own. The D-Bus library keeps one connection for each
// process, so each question is asked by a process of its own, which is this test binary again: see TestProbe.

const (
	probeCalls = "KEYRING_PROBE_CALLS" // lines such as "set item value", "get item", "delete item"
	probeLimit = "KEYRING_PROBE_LIMIT"
)

// TestProbe is no test: it makes the calls that a test asks for, and prints what became of them.
func TestProbe(t *testing.T) {
	calls, ok := os.LookupEnv(probeCalls)
	if !ok {
		t.Skip("it runs only on behalf of the tests of the Secret Service")
	}
	limit, err := time.ParseDuration(os.Getenv(probeLimit))
	if err != nil {
		t.Fatal(err)
	}
	k := credentials.NewOSKeyring(limit, os.LookupEnv)
	for call := range strings.SplitSeq(calls, "\n") {
		word := strings.Fields(call)
		value := sign.NewSecret("done")
		var err error
		switch word[0] {
		case "set":
			err = k.Set(t.Context(), word[1], sign.NewSecret(word[2]))
		case "get":
			value, err = k.Get(t.Context(), word[1])
		case "delete":
			err = k.Delete(t.Context(), word[1])
		}
		fmt.Printf("probe: %s\n", outcome(value.Reveal(), err))
	}
}

// outcome is the value, or the kind of the error with its text.
func outcome(value string, err error) string {
	for name, kind := range map[string]error{
		"not found": credentials.ErrNotFound, "unavailable": credentials.ErrUnavailable, "locked": credentials.ErrLocked,
		"hanging": credentials.ErrHanging, "too large": credentials.ErrTooLarge,
	} {
		if errors.Is(err, kind) {
			return name + ": " + err.Error()
		}
	}
	if err != nil {
		return "untyped: " + err.Error()
	}
	return value
}

// session is a private session, in which the test binary itself asks the questions.
type session struct {
	secretservice.Session
	t *testing.T
}

func newSession(t *testing.T) session { return session{secretservice.Start(t), t} }

// patient is a limit that a busy machine does not reach.
const patient = "60s"

// probe makes calls in the session, and returns what became of each.
func (s session) probe(limit string, calls ...string) []string {
	s.t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestProbe$", "-test.count=1", "-test.v")
	cmd.Env = append(s.Env, probeCalls+"="+strings.Join(calls, "\n"), probeLimit+"="+limit)
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Fatalf("probe: %v\n%s", err, out)
	}
	var results []string
	for line := range strings.Lines(string(out)) {
		if r, ok := strings.CutPrefix(line, "probe: "); ok {
			results = append(results, strings.TrimSpace(r))
		}
	}
	if len(results) != len(calls) {
		s.t.Fatalf("probe answered %q", out)
	}
	return results
}

// expect compares the beginnings of what became of calls.
func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("call %d: got %q, want %q", i+1, got[i], want[i])
		}
		if strings.Contains(got[i], "org.freedesktop") {
			t.Errorf("call %d: not translated: %q", i+1, got[i])
		}
	}
}

func TestSecretServicePresent(t *testing.T) {
	s := newSession(t)
	s.Serve(true)
	const item = "acme/production/default/password"
	big := strings.Repeat("k", 200_000>>3)
	expect(t, s.probe(patient, "get "+item, "set "+item+" hunter22", "get "+item, "set "+item+" "+big, "get "+item, "delete "+item, "get "+item, "delete "+item),
		"not found", "done", "hunter22", "done", big, "done", "not found", "not found")
	expect(t, s.probe(patient, "set "+item+" kept"), "done")
	expect(t, s.probe(patient, "get "+item), "kept") // by another process
}

func TestSecretServiceLocked(t *testing.T) {
	s := newSession(t)
	s.Serve(true)
	expect(t, s.probe(patient, "set a/b/c/d hunter22"), "done")
	if out, err := s.Send("--dest=org.freedesktop.secrets", "/org/freedesktop/secrets", "org.freedesktop.Secret.Service.Lock",
		"array:objpath:/org/freedesktop/secrets/collection/login"); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	expect(t, s.probe(patient, "get a/b/c/d", "set a/b/c/d x", "delete a/b/c/d"), "locked: the keyring is locked", "locked", "locked")
}

func TestSecretServiceWithoutACollection(t *testing.T) {
	s := newSession(t)
	s.Serve(false)
	expect(t, s.probe(patient, "get a/b/c/d", "set a/b/c/d x"), "locked: the keyring is locked, or has no default collection", "locked")
}

func TestSecretServiceHanging(t *testing.T) {
	s := newSession(t)
	p := s.Serve(true)
	expect(t, s.probe(patient, "set a/b/c/d hunter22"), "done")
	if err := p.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	expect(t, s.probe("200ms", "get a/b/c/d", "get a/b/c/d", "set a/b/c/d x"),
		"hanging: the keyring is locked or not answering (no answer in 200ms)", "hanging", "hanging")
	if err := p.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	expect(t, s.probe(patient, "get a/b/c/d"), "hunter22")
}

func TestSecretServiceAbsent(t *testing.T) {
	s := newSession(t)
	expect(t, s.probe(patient, "get a/b/c/d", "set a/b/c/d x"),
		"unavailable: no OS keyring here: no program provides the Secret Service", "unavailable")
}

func TestNoSessionBus(t *testing.T) {
	if _, err := os.Stat(fmt.Sprintf("/run/user/%d/bus", os.Getuid())); err == nil {
		t.Skip("SKIPPED: this user has a session bus in the usual place")
	}
	s := session{secretservice.None(t), t}
	expect(t, s.probe(patient, "get a/b/c/d"), "unavailable: no OS keyring here: there is no session bus")
	s.Env = append(s.Env, "DBUS_SESSION_BUS_ADDRESS=unix:path="+filepath.Join(s.Home, "nobody"))
	expect(t, s.probe(patient, "get a/b/c/d"), "unavailable: no OS keyring here: nobody answers at the session bus")
}
