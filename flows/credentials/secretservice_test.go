//go:build linux

package credentials_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"countersign/flows/credentials"
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

// session is a private session bus.
type session struct {
	t    *testing.T
	home string
	env  []string
}

// patient is a limit that a busy machine does not reach.
const patient = "60s"

// probe makes calls in the session, and returns what became of each.
func (s session) probe(limit string, calls ...string) []string {
	s.t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestProbe$", "-test.count=1", "-test.v")
	cmd.Env = append(s.env, probeCalls+"="+strings.Join(calls, "\n"), probeLimit+"="+limit)
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

// noSession is an environment without a bus.
func noSession(t *testing.T) session {
	home := t.TempDir()
	return session{t, home, []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "XDG_RUNTIME_DIR=" + home, "TMPDIR=" + os.TempDir(),
		"GORACE=atexit_sleep_ms=0"}}
}

// A bus without servicedirs starts nothing by itself, so that a test decides what is there.
const busConfig = `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=%s</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`

// newSession starts a bus that ends with the test.
func newSession(t *testing.T) session {
	t.Helper()
	for _, tool := range []string{"dbus-daemon", "dbus-send", "gnome-keyring-daemon"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("SKIPPED: %s is not installed, so no real Secret Service was asked (Debian: dbus, gnome-keyring)", tool)
		}
	}
	s := noSession(t)
	sockets, err := os.MkdirTemp("", "bus") // a short path: a socket's has at most 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(sockets) })
	config := filepath.Join(s.home, "session.conf")
	write(t, config, fmt.Sprintf(busConfig, sockets))
	cmd := exec.Command("dbus-daemon", "--config-file="+config, "--nofork", "--nopidfile", "--print-address")
	cmd.Env = s.env
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.start(cmd)
	address, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the bus tells no address: %v", err)
	}
	s.env = append(s.env, "DBUS_SESSION_BUS_ADDRESS="+strings.TrimSpace(address))
	return s
}

// start runs a program until the test ends.
func (s session) start(cmd *exec.Cmd) *os.Process {
	s.t.Helper()
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	return cmd.Process
}

// send calls a method through dbus-send.
func (s session) send(args ...string) (string, error) {
	cmd := exec.Command("dbus-send", append([]string{"--session", "--print-reply"}, args...)...)
	cmd.Env = s.env
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// serve starts a Secret Service, with an unlocked login collection or with none, and waits until it is on the bus.
func (s session) serve(unlock bool) *os.Process {
	s.t.Helper()
	args := []string{"--foreground", "--components=secrets", "--control-directory=" + filepath.Join(s.home, "keyring")}
	if unlock {
		args = append(args, "--unlock")
	}
	cmd := exec.Command("gnome-keyring-daemon", args...)
	cmd.Env, cmd.Stdin = s.env, strings.NewReader("the password of the login keyring")
	cmd.Stdout, cmd.Stderr = io.Discard, io.Discard
	p := s.start(cmd)
	for range 5000 { // each question takes a process of its own, a millisecond or more
		out, err := s.send("--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets")
		if err == nil && strings.Contains(out, "boolean true") {
			return p
		}
	}
	s.t.Fatal("gnome-keyring-daemon did not come up")
	return nil
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
	s.serve(true)
	const item = "acme/production/default/password"
	big := strings.Repeat("k", 200_000>>3)
	expect(t, s.probe(patient, "get "+item, "set "+item+" hunter22", "get "+item, "set "+item+" "+big, "get "+item, "delete "+item, "get "+item, "delete "+item),
		"not found", "done", "hunter22", "done", big, "done", "not found", "not found")
	expect(t, s.probe(patient, "set "+item+" kept"), "done")
	expect(t, s.probe(patient, "get "+item), "kept") // by another process
}

func TestSecretServiceLocked(t *testing.T) {
	s := newSession(t)
	s.serve(true)
	expect(t, s.probe(patient, "set a/b/c/d hunter22"), "done")
	if out, err := s.send("--dest=org.freedesktop.secrets", "/org/freedesktop/secrets", "org.freedesktop.Secret.Service.Lock",
		"array:objpath:/org/freedesktop/secrets/collection/login"); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	expect(t, s.probe(patient, "get a/b/c/d", "set a/b/c/d x", "delete a/b/c/d"), "locked: the keyring is locked", "locked", "locked")
}

func TestSecretServiceWithoutACollection(t *testing.T) {
	s := newSession(t)
	s.serve(false)
	expect(t, s.probe(patient, "get a/b/c/d", "set a/b/c/d x"), "locked: the keyring is locked, or has no default collection", "locked")
}

func TestSecretServiceHanging(t *testing.T) {
	s := newSession(t)
	p := s.serve(true)
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
	s := noSession(t)
	expect(t, s.probe(patient, "get a/b/c/d"), "unavailable: no OS keyring here: there is no session bus")
	s.env = append(s.env, "DBUS_SESSION_BUS_ADDRESS=unix:path="+filepath.Join(s.home, "nobody"))
	expect(t, s.probe(patient, "get a/b/c/d"), "unavailable: no OS keyring here: nobody answers at the session bus")
}
