package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"countersign/flows"
	"countersign/history"
	"countersign/sign/untrusted"
)

// outside is an Env of which nothing may be used but what a test sets.
func outside(t *testing.T, args ...string) (Env, *bytes.Buffer, *bytes.Buffer) {
	var stdout, stderr bytes.Buffer
	return Env{
		Args: args, Stdin: untouched{t}, Stdout: &stdout, Stderr: &stderr, Rand: untouched{t}, TempDir: t.TempDir(),
		Getenv:   func(name string) (string, bool) { t.Errorf("the environment was asked for %s", name); return "", false },
		Now:      func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) },
		Terminal: func() bool { return false },
		StartSandbox: func(SandboxOptions) (flows.Embedding, error) {
			t.Error("the sandbox was started")
			return flows.Embedding{}, nil
		},
	}, &stdout, &stderr
}

// untouched is a reader that must not be read.
type untouched struct{ t *testing.T }

func (u untouched) Read([]byte) (int, error) { u.t.Error("it was read"); return 0, io.EOF }

// Help, lists and mistakes touch nothing: no environment, no file, no randomness, no sandbox.
func TestHelpTouchesNothing(t *testing.T) {
	for _, args := range [][]string{
		{"--help"}, {"run", "--help"}, {"sign", "--help"}, {"sandbox", "--help"}, {"explain", "--help"}, {"history", "--help"},
		{"history", "search", "--help"}, {"credentials", "set", "--help"}, {"providers"}, {"providers", "--json"}, {"explain", "--list"},
	} {
		env, stdout, stderr := outside(t, args...)
		if code := Main(t.Context(), env); code != exitDone || stdout.Len() == 0 || stderr.Len() != 0 {
			t.Errorf("%v: exit code %d, %q", args, code, stderr)
		}
	}
	for _, args := range [][]string{{"nothing"}, {"run"}, {"run", "nobody"}, {"run", "jiko", "--no-such-flag"}, {"history", "lst"}, {"credentials"}} {
		env, stdout, stderr := outside(t, args...)
		if code := Main(t.Context(), env); code != exitUsage || stdout.Len() != 0 || !strings.HasPrefix(stderr.String(), "countersign: ") {
			t.Errorf("%v: exit code %d, %q, %q", args, code, stdout, stderr)
		}
	}
}

// Money moves in production only when a person types the partner's name, or gave it before. Nobody listens at the port:
// whoever gets there has sent.
func TestTypedWord(t *testing.T) {
	for _, c := range []struct {
		typed, flag string
		asked       bool
		code        int
	}{
		{"no\n", "", true, exitUsage},
		{"", "", true, exitUsage},
		{"jupico\n", "", true, exitNetwork},
		{"", "jupico", false, exitNetwork},
		{"jupico\n", "jpay", false, exitUsage},
	} {
		env, _, stderr := outside(t, "run", "jupico", "sale", "--environment", "production", "--base-url", "https://127.0.0.1:1", "--no-history",
			"--set", "username=u", "--set", "password=p", "--confirm", c.flag)
		env.Stdin, env.Terminal = strings.NewReader(c.typed), func() bool { return true }
		env.Getenv = func(string) (string, bool) { return "", false }
		code := Main(t.Context(), env)
		if asked := strings.Contains(stderr.String(), "Type jupico to send it"); code != c.code || asked != c.asked {
			t.Errorf("typed %q, --confirm %q: exit code %d, want %d; asked %v: %s", c.typed, c.flag, code, c.code, asked, stderr)
		}
	}
}

// The workbench gets a sandbox that starts beside it, and its files are gone when it ends.
func TestWorkbench(t *testing.T) {
	env, _, stderr := outside(t)
	var dir string
	var closed bool
	env.Terminal = func() bool { return true }
	env.Getenv = func(string) (string, bool) { return "", false }
	env.StartSandbox = func(o SandboxOptions) (flows.Embedding, error) {
		dir = o.Dir
		o.Observe(flows.Inbound{Provider: "jiko"})
		return flows.Embedding{
			Given: func(id string) flows.Given { return flows.Given{BaseURL: "https://127.0.0.1:1/" + id} },
			Close: func() error { closed = true; return nil },
		}, nil
	}
	ran := false
	env.RunWorkbench = func(ctx context.Context, w Workbench) error {
		ran = true
		if given, err := w.Runner.Given(ctx, "jiko"); err != nil || given.BaseURL != "https://127.0.0.1:1/jiko" {
			t.Errorf("given %v, %v", given, err)
		}
		if in := <-w.Inbound; in.Provider != "jiko" {
			t.Errorf("inbound %v", in)
		}
		if _, err := os.Stat(dir); err != nil || filepath.Dir(dir) != env.TempDir {
			t.Errorf("directory %q: %v", dir, err)
		}
		return nil
	}
	if code := Main(t.Context(), env); code != exitDone || !ran || !closed {
		t.Errorf("exit code %d, ran %v, closed %v: %s", code, ran, closed, stderr)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%q is still there: %v", dir, err)
	}
}

// A terminal that can only print lines gets a sentence.
func TestDumbTerminal(t *testing.T) {
	env, _, stderr := outside(t)
	env.Terminal = func() bool { return true }
	env.Getenv = func(name string) (string, bool) { return "dumb", name == "TERM" }
	env.RunWorkbench = func(context.Context, Workbench) error { t.Error("it ran"); return nil }
	if code := Main(t.Context(), env); code != exitUsage || !strings.Contains(stderr.String(), "TERM calls dumb") {
		t.Errorf("exit code %d, %q", code, stderr)
	}
}

// A configuration that cannot be read does not stop the workbench, which tells about it where it is seen.
func TestWorkbenchConfiguration(t *testing.T) {
	env, _, stderr := outside(t)
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, "countersign"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, "countersign", "config.toml"), []byte("x = [broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	env.Terminal = func() bool { return true }
	env.Getenv = func(name string) (string, bool) { return home, name == "XDG_CONFIG_HOME" }
	env.StartSandbox = func(SandboxOptions) (flows.Embedding, error) { return flows.Embedding{}, nil }
	env.RunWorkbench = func(_ context.Context, w Workbench) error {
		if !strings.Contains(w.Trouble, "config.toml") || !strings.Contains(w.Trouble, "line 1") {
			t.Errorf("trouble %q", w.Trouble)
		}
		return nil
	}
	if code := Main(t.Context(), env); code != exitDone {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}

// A sandbox that does not start is told by the step that needs it, as trouble of this machine.
func TestSandboxDoesNotStart(t *testing.T) {
	env, stdout, stderr := outside(t, "run", "jiko", "--no-history", "--json")
	env.StartSandbox = func(SandboxOptions) (flows.Embedding, error) { return flows.Embedding{}, errors.New("no port is free") }
	if code := Main(t.Context(), env); code != exitLocal {
		t.Errorf("exit code %d", code)
	}
	if !strings.Contains(stdout.String(), "no port is free") || !strings.Contains(stderr.String(), "no port is free") {
		t.Errorf("%s, %s", stdout, stderr)
	}
}

// failing is a writer that fails.
type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// A reader that has read enough is no error; a full disk is.
func TestOutputFails(t *testing.T) {
	for err, want := range map[error]int{syscall.EPIPE: exitDone, syscall.ENOSPC: exitLocal} {
		for _, args := range [][]string{{"providers"}, {"providers", "--json"}, {"explain", "--list"}, {"--help"}, {"help", "run"}, {"completion", "bash"}} {
			env, _, _ := outside(t, args...)
			env.Stdout = failing{err}
			if code := Main(t.Context(), env); code != want {
				t.Errorf("%v, %v: exit code %d, want %d", args, err, code, want)
			}
		}
	}
}

func TestDidYouMean(t *testing.T) {
	known := []string{"sandbox", "sign", "run", "providers", "history"}
	for typed, want := range map[string]string{
		"snadbox": "sandbox", "sing": "sign", "prov": "providers", "histroy": "history", "RUN": "run", "": "", "frobnicate": "",
	} {
		got := didYouMean(typed, known)
		if want != "" {
			want = "did you mean " + want + "?"
		}
		if got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
}

// Headers keep their order and case; only a repeated name has a list.
func TestHeadersJSON(t *testing.T) {
	h := headersJSON{}
	for _, f := range [][2]string{{"X-B", "1"}, {"x-a", "a\x1b"}, {"X-B", "2"}, {"X-C", ""}} {
		h = append(h, header{f[0], untrusted.From(f[1])})
	}
	got, err := json.Marshal(h)
	if want := `{"X-B":["1","2"],"x-a":"a\u001b","X-C":""}`; err != nil || string(got) != want {
		t.Errorf("%s, %v, want %s", got, err, want)
	}
}

// A history that can only be read is shown, and the command says why nothing is added to it.
func TestReadOnlyHistoryIsTold(t *testing.T) {
	file, err := os.ReadFile("../../history/testdata/schema2.db")
	if err != nil {
		t.Fatal(err)
	}
	file[63] = 99 // user_version of the database header (SQLite file format, section 1.3)
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, "countersign"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, "countersign", "history.db"), file, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
	}{{[]string{"history", "list"}, exitDone}, {[]string{"history", "delete", "1"}, exitLocal}} {
		env, _, stderr := outside(t, c.args...)
		env.Getenv = func(name string) (string, bool) { return home, name == "XDG_STATE_HOME" }
		if code := Main(t.Context(), env); code != c.code || strings.Count(stderr.String(), "written by a newer version of this program (schema 99, ") != 1 {
			t.Errorf("%v: exit code %d, told %q", c.args, code, stderr)
		}
	}
}

// A write that was answered and could not be recorded must not read as one that failed: it would be sent again.
func TestAnsweredAndNotRecorded(t *testing.T) {
	x := flows.Exchange{ID: "7", Writes: true, Outcome: flows.OutcomeAnswered, Response: &flows.Response{Status: 201},
		LedgerErr: &flows.Error{Kind: flows.KindLocal, Message: "history cannot be written: the disk is full", Hint: "free about 10 MB"}}
	err := outcome(flows.Run{Exchange: &x}, &asked{})
	if err == nil || err.Kind != flows.KindLocal || !strings.HasPrefix(err.Message, "it was sent and answered with 201, ") || !strings.Contains(err.Message, "the disk is full") ||
		!strings.Contains(err.Hint, "free about 10 MB; it need not be sent again; ") || !strings.Contains(err.Hint, "history resolve 7 ") {
		t.Errorf("told as %+v", err)
	}
}

// A list says of what is under way, unknown or resolved just that, and not what was known before.
func TestEndOf(t *testing.T) {
	for _, c := range []struct {
		want string
		of   history.Summary
	}{
		{"being sent", history.Summary{State: history.Sending, Outcome: flows.OutcomePrepared}},
		{"OUTCOME UNKNOWN", history.Summary{State: history.Unknown, Outcome: flows.OutcomeUnknown}},
		{"resolved", history.Summary{State: history.Resolved, Outcome: flows.OutcomeUnknown}},
		{"401 invalid_token", history.Summary{State: history.Finished, Outcome: flows.OutcomeAnswered, Status: 401, Code: untrusted.From("invalid_token")}},
		{"not sent", history.Summary{State: history.Finished, Outcome: flows.OutcomeNotSent}},
	} {
		if got := endOf(c.of); got != c.want {
			t.Errorf("%+v ends as %q, want %q", c.of, got, c.want)
		}
	}
}

// An unknown outcome is shown with a command for each way on.
func TestWayCommand(t *testing.T) {
	x := flows.Exchange{Provider: "jiko", Environment: "sandbox", Profile: "old", IdempotencyKey: "k", Writes: true}
	for way, want := range map[string]string{
		history.Resolve:   "countersign history resolve 7 WORDS",
		history.SendAgain: "countersign history replay 7 --as same-operation --send",
		history.AskStatus: "countersign run jiko REQUEST --environment sandbox --profile old, REQUEST being one that only reads: agreements, ",
	} {
		if got := wayCommand(history.Entry{ID: "7", State: history.Unknown, Exchange: x}, way); !strings.HasPrefix(got, want) || strings.Contains(got, "transfer") {
			t.Errorf("%s: %q", way, got)
		}
	}
}
