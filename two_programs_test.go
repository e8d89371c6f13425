package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Two programs, one draft: while one waits for the answer, the other is refused, with the reason. When the first is
// killed its outcome is unknown, and the same operation may be sent again.
func TestTwoProgramsOneDraft(t *testing.T) {
	b := serve(t, "--set", "jiko.fail=stall", "--set", "jiko.fail_at=call")
	t.Cleanup(func() { b.command.Process.Kill(); b.command.Wait() })
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_STATE_HOME", "")
	jiko := b.providers["jiko"]
	send := []string{"run", "jiko", "transfer", "--environment", "sandbox", "--base-url", jiko.BaseURL, "--ca", b.caFile,
		"--idempotency-key", "9b2e6a34-4f0e-4b0c-8a5d-0d6f5d1f7a10"}
	for _, field := range []string{"username", "password", "signing_secret"} {
		send = append(send, "--set", field+"="+jiko.Credentials[field])
	}
	first := start(t, send...)
	transferArrives(t, b)
	code, said := run(t, send...)
	if code != 2 || !strings.Contains(said, "this operation is already being sent: entry 2, ") || !strings.Contains(said, "in another window") {
		t.Errorf("the second ends with %d and says %s", code, said)
	}
	if err := first.command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	first.command.Wait()
	if code, said = run(t, "history", "list"); code != 0 || !strings.Contains(said, "OUTCOME UNKNOWN") {
		t.Errorf("after the kill history says %d %s", code, said)
	}
	if code, said = run(t, "history", "delete", "2"); code != 2 || !strings.Contains(said, "nobody knows yet whether the partner acted on entry 2; nothing was deleted") {
		t.Errorf("what may have been done is deleted: %d %s", code, said)
	}
	again := start(t, send...)
	go func() {
		if again.command.Wait() != nil { // refused: nothing will arrive
			b.command.Process.Kill()
		}
	}()
	transferArrives(t, b)
	again.command.Process.Kill()
}

// transferArrives waits for a transfer.
func transferArrives(t *testing.T, b *box) {
	t.Helper()
	for a, more := b.next(t); !strings.HasPrefix(a.Path, "/api/v1/transfers/"); a, more = b.next(t) {
		if !more {
			t.Fatal("the transfer never arrived")
		}
	}
}

// run runs the program to its end.
func run(t *testing.T, arguments ...string) (code int, said string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), self)
	c.Args = append([]string{"countersign"}, arguments...)
	out, _ := c.CombinedOutput()
	return c.ProcessState.ExitCode(), string(out)
}
