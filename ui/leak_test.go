//go:build linux

package ui_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"countersign/flows/credentials/secretservice"
	"countersign/history/leak"
)

// served is the program as the sandbox, in a process and a home of its own.
type served struct {
	BaseURL     string            `json:"base_url"`
	Credentials map[string]string `json:"credentials"`

	ca string
}

// serveSandbox starts it and returns what it says of one partner.
func serveSandbox(t *testing.T, binary, partner string, arguments ...string) served {
	t.Helper()
	c := exec.Command(binary, append([]string{"sandbox", "--json"}, arguments...)...)
	c.Env = []string{"HOME=" + t.TempDir(), "TMPDIR=" + t.TempDir()}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill(); c.Wait() })
	var first struct {
		CAFile    string `json:"ca_file"`
		Providers map[string]served
	}
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	if !lines.Scan() || json.Unmarshal(lines.Bytes(), &first) != nil {
		t.Fatalf("the sandbox says %q", lines.Text())
	}
	go func() {
		for lines.Scan() { // it waits for whoever reads
		}
	}()
	s := first.Providers[partner]
	s.ca = first.CAFile
	return s
}

// walk is a person who works with the real program, on the screen and on the command line.
type walk struct {
	t       *testing.T
	binary  string
	home    string
	env     []string
	printed bytes.Buffer // everything that a terminal was sent
	secrets map[string]string
}

// run runs a command with an input and wants a certain exit code.
func (w *walk) run(code int, input string, arguments ...string) string {
	w.t.Helper()
	c := exec.Command(w.binary, arguments...)
	c.Env, c.Stdin, c.Dir = w.env, strings.NewReader(input), w.home
	out, _ := c.CombinedOutput()
	w.printed.Write(out)
	if got := c.ProcessState.ExitCode(); got != code {
		w.t.Fatalf("%q ends with %d, want %d:\n%s", arguments, got, code, out)
	}
	return string(out)
}

// screen starts the workbench.
func (w *walk) screen() *terminal { return openIn(w.t, w.binary, w.home, 120, 40, w.env) }

// clean wants no secret in what was printed, nor in any file below home.
func (w *walk) clean(when string) {
	w.t.Helper()
	for _, f := range leak.In(w.printed.Bytes(), w.secrets) {
		w.t.Errorf("%s: on a terminal: %s", when, f)
	}
	found, err := leak.Below(w.home, w.secrets)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range found {
		w.t.Errorf("%s: on the disk: %s", when, f)
	}
}

// The real program, its keyring and its files, through a night of work: credentials are added, a request is signed, sent,
// refused, replayed and handed on, the program is killed in the middle of a send and started again. No secret is in any
// file below home, nor in any byte that a terminal was sent, until a person asks to see one.
func TestNothingLeaks(t *testing.T) {
	session := secretservice.Start(t)
	session.Serve(true)
	binary := build(t)
	plain, stalling := serveSandbox(t, binary, "jiko"), serveSandbox(t, binary, "jiko", "--set", "jiko.fail=stall", "--set", "jiko.fail_at=call")
	w := &walk{t: t, binary: binary, home: t.TempDir(), secrets: map[string]string{}}
	for name, s := range map[string]served{"default": plain, "stalling": stalling} {
		for _, field := range []string{"password", "signing_secret"} {
			w.secrets[name+" "+field] = s.Credentials[field]
		}
	}
	w.env = append(session.Env, "HOME="+w.home, "TMPDIR="+filepath.Join(w.home, "tmp"))
	w.configure(map[string]served{"default": plain, "stalling": stalling})

	// Credentials: by the command line, and typed on the screen, where they are never shown.
	for _, field := range []string{"password", "signing_secret"} {
		w.run(0, stalling.Credentials[field]+"\n", "credentials", "set", "jiko", field, "--environment", "sandbox", "--profile", "stalling")
	}
	x := w.screen()
	x.wait("not looked up yet")
	x.press("c")
	x.wait("the keyring answers")
	for _, f := range [][2]string{{"password", "✓ Password: stored in keyring"}, {"signing_secret", "✓ Signing secret: stored in keyring"}} {
		x.press("j\r")
		x.wait("ctrl+s save")
		x.press(plain.Credentials[f[0]] + "\r")
		x.wait(f[1])
	}
	x.press("u")
	x.wait("● default")
	x.press("\x1b")
	x.wait("nothing is sent yet")

	// One request that reads, one that moves money, and one that is refused for a secret that is wrong.
	x.press("r")
	x.wait("✓ 200 agreements")
	x.press("}}}}}")
	x.wait("▸ transfer")
	x.press("r")
	x.wait("✓ 201 transfer")
	w.secrets["wrong"] = "wr0ng-" + plain.Credentials["signing_secret"][:20]
	w.run(1, "", "run", "jiko", "transfer", "--environment", "sandbox", "--set", "signing_secret="+w.secrets["wrong"])

	// What was sent is found, made a draft, sent once more, and handed on.
	x.press("H")
	x.wait("r replay")
	x.press("/")
	x.press("path:transfers status:201\r")
	x.wait("1 entry")
	x.press("r")
	x.wait("same operation")
	x.press("\r")
	x.wait("a draft of entry")
	x.press("r")
	x.waitTimes(2, "✓ 201 transfer ")
	x.press("H")
	x.wait("r replay")
	x.press("w")
	x.wait("case file")
	x.press("\r")
	x.wait("ctrl+s save")
	x.press("\r")
	x.wait("written, for your eyes only")
	x.press("\x1b")
	x.wait("agreements-object")

	// Killed in the middle of a send, and started again.
	x.press("p")
	x.wait("stalling")
	x.press("\x1b[B\r")
	x.wait("Profile           stalling")
	x.press("r")
	x.wait("sending, waiting for the answer")
	x.cmd.Process.Kill()
	<-x.exit
	w.printed.WriteString(x.output())
	x = w.screen()
	x.wait("1 outcome")
	for _, format := range []string{"casefile", "curl", "har", "raw"} {
		w.run(0, "", "history", "export", "3", "--as", format, "--output", filepath.Join(w.home, "entry3."+format))
	}
	w.run(0, "", "history", "list", "--json")
	w.run(0, "", "history", "show", "3", "--json")
	w.run(0, "", "credentials", "list", "jiko", "--json")
	x.press("q")
	x.ends()
	w.printed.WriteString(x.output())
	w.clean("a night of work")

	// The controls: what is shown on purpose is found, on a terminal and on the disk.
	shown := w.run(0, "", "sign", "jiko", "--environment", "sandbox", "--offline", "--reveal")
	if found := leak.In([]byte(shown), w.secrets); !slices.Contains(found, "default password as raw") {
		t.Errorf("the control on a terminal: found %q", found)
	}
	if err := os.WriteFile(filepath.Join(w.home, "shown"), []byte(shown), 0o600); err != nil {
		t.Fatal(err)
	}
	if found, err := leak.Below(w.home, w.secrets); err != nil || len(found) == 0 {
		t.Errorf("the control on the disk: found %q, %v", found, err)
	}
}

// configure writes a profile for each sandbox, as its owner would: references and addresses, no secret.
func (w *walk) configure(profiles map[string]served) {
	w.t.Helper()
	text := "version = 1\n"
	for name, s := range profiles {
		text += fmt.Sprintf("\n[jiko.sandbox.%s]\nbase_url = %q\nca_file = %q\nusername = %q\n", name, s.BaseURL, s.ca, s.Credentials["username"])
	}
	for _, dir := range []string{"tmp", ".config", ".config/countersign"} {
		if err := os.Mkdir(filepath.Join(w.home, dir), 0o700); err != nil {
			w.t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(w.home, ".config/countersign/config.toml"), []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}
