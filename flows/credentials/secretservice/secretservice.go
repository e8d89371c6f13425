//go:build linux

// Package secretservice runs a real Secret Service on a session bus of its own, for tests: gnome-keyring behind
// dbus-daemon, with a home directory that ends with the test. Where they are not installed the test is skipped, loudly.
package secretservice

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Session is an environment for programs, with a private session bus or with none.
type Session struct {
	Home string
	Env  []string // as of exec.Cmd; HOME and TMPDIR are the session's

	t *testing.T
}

// None is an environment without a bus.
func None(t *testing.T) Session {
	home := t.TempDir()
	return Session{home, []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "XDG_RUNTIME_DIR=" + home, "TMPDIR=" + os.TempDir(),
		"GORACE=atexit_sleep_ms=0"}, t}
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

// Start starts a bus that ends with the test. There is no Secret Service on it until [Session.Serve].
func Start(t *testing.T) Session {
	t.Helper()
	for _, tool := range []string{"dbus-daemon", "dbus-send", "gnome-keyring-daemon"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("SKIPPED: %s is not installed, so no real Secret Service was asked (Debian: dbus, gnome-keyring)", tool)
		}
	}
	s := None(t)
	sockets, err := os.MkdirTemp("", "bus") // a short path: a socket's has at most 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(sockets) })
	config := filepath.Join(s.Home, "session.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, busConfig, sockets), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("dbus-daemon", "--config-file="+config, "--nofork", "--nopidfile", "--print-address")
	cmd.Env = s.Env
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.start(cmd)
	address, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the bus tells no address: %v", err)
	}
	s.Env = append(s.Env, "DBUS_SESSION_BUS_ADDRESS="+strings.TrimSpace(address))
	return s
}

// start runs a program until the test ends.
func (s Session) start(cmd *exec.Cmd) *os.Process {
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

// Send calls a method on the bus, with the arguments of dbus-send, and returns what it prints.
func (s Session) Send(args ...string) (string, error) {
	cmd := exec.Command("dbus-send", append([]string{"--session", "--print-reply"}, args...)...)
	cmd.Env = s.Env
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// Serve starts a Secret Service, with an unlocked login collection or with none, and returns when it is on the bus.
func (s Session) Serve(unlock bool) *os.Process {
	s.t.Helper()
	args := []string{"--foreground", "--components=secrets", "--control-directory=" + filepath.Join(s.Home, "keyring")}
	if unlock {
		args = append(args, "--unlock")
	}
	cmd := exec.Command("gnome-keyring-daemon", args...)
	cmd.Env, cmd.Stdin = s.Env, strings.NewReader("the password of the login keyring")
	cmd.Stdout, cmd.Stderr = io.Discard, io.Discard
	p := s.start(cmd)
	for range 5000 { // each question takes a process of its own, a millisecond or more
		out, err := s.Send("--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets")
		if err == nil && strings.Contains(out, "boolean true") {
			return p
		}
	}
	s.t.Fatal("gnome-keyring-daemon did not come up")
	return nil
}
