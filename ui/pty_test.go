//go:build unix

package ui_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"
)

// patience bounds the waiting for a program that hangs; nothing is ever slept through.
const patience = 30 * time.Second

// terminal is a program in a real pty with an emulated terminal behind it.
type terminal struct {
	t    *testing.T
	cmd  *exec.Cmd
	file *os.File
	exit chan error

	mu      sync.Mutex
	emu     *vt.Emulator
	raw     strings.Builder
	changed chan struct{}
}

// binary is the real program, built once for all tests; main_test.go removes it.
var binary = sync.OnceValues(func() (string, error) {
	file := filepath.Join(scratch, "countersign")
	out, err := exec.Command("go", "build", "-o", file, "countersign").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, out)
	}
	return file, err
})

func build(t *testing.T) string {
	t.Helper()
	file, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// open starts the program with a home of its own.
func open(t *testing.T, binary string, cols, rows uint16) *terminal {
	t.Helper()
	home := t.TempDir()
	return openIn(t, binary, home, cols, rows, []string{"HOME=" + home, "XDG_CONFIG_HOME=" + home, "XDG_STATE_HOME=" + home,
		"XDG_DATA_HOME=" + home, "XDG_CACHE_HOME=" + home, "PATH=" + os.Getenv("PATH")})
}

func openIn(t *testing.T, binary, dir string, cols, rows uint16, env []string) *terminal {
	t.Helper()
	c := exec.Command(binary)
	c.Dir, c.Env = dir, append([]string{"TERM=xterm-256color", "LANG=C.UTF-8"}, env...)
	file, err := pty.StartWithSize(c, &pty.Winsize{Cols: cols, Rows: rows})
	if err != nil {
		t.Fatal(err)
	}
	x := &terminal{t: t, cmd: c, file: file, exit: make(chan error, 1), emu: vt.NewEmulator(max(int(cols), 80), max(int(rows), 24)), changed: make(chan struct{}, 1)}
	go x.read()
	go io.Copy(file, x.emu) // what the terminal answers to queries
	t.Cleanup(func() { c.Process.Kill(); file.Close() })
	return x
}

// read feeds the terminal, whole characters at a time.
func (x *terminal) read() {
	buf := make([]byte, 1<<16)
	var rest []byte
	for {
		n, err := x.file.Read(buf)
		data := append(rest, buf[:n]...)
		whole := len(data)
		for whole > 0 && data[whole-1] >= 0x80 && err == nil {
			whole--
		}
		x.mu.Lock()
		x.raw.Write(data[:whole])
		x.emu.Write(data[:whole])
		x.mu.Unlock()
		rest = append([]byte(nil), data[whole:]...)
		select {
		case x.changed <- struct{}{}:
		default:
		}
		if err != nil {
			x.exit <- x.cmd.Wait()
			return
		}
	}
}

func (x *terminal) screen() string { x.mu.Lock(); defer x.mu.Unlock(); return x.emu.String() }

func (x *terminal) output() string { x.mu.Lock(); defer x.mu.Unlock(); return x.raw.String() }

// wait waits until the screen shows a text.
func (x *terminal) wait(text string) { x.t.Helper(); x.waitTimes(1, text) }

// waitTimes waits until the screen shows a text so many times.
func (x *terminal) waitTimes(n int, text string) {
	x.t.Helper()
	late := time.After(patience)
	for strings.Count(x.screen(), text) < n {
		select {
		case <-x.changed:
		case <-late:
			x.t.Fatalf("%q is not on the screen:\n%s", text, x.screen())
		}
	}
}

func (x *terminal) press(keys string) {
	x.t.Helper()
	if _, err := io.WriteString(x.file, keys); err != nil {
		x.t.Fatal(err)
	}
}

// ends waits for the program and checks that it put the terminal back.
func (x *terminal) ends() {
	x.t.Helper()
	select {
	case err := <-x.exit:
		if err != nil {
			x.t.Errorf("it ended with %v", err)
		}
	case <-time.After(patience):
		x.t.Fatal("it does not end")
	}
	out := x.output()
	for _, mode := range []string{"?1049", "?2004", "?25"} { // alternate screen, bracketed paste, cursor
		set, reset := strings.LastIndex(out, "\x1b["+mode+"h"), strings.LastIndex(out, "\x1b["+mode+"l")
		if restored := map[bool]bool{true: set > reset, false: reset > set}[mode == "?25"]; !restored {
			x.t.Errorf("mode %s is not restored", mode)
		}
	}
}

// The real program walks through a whole request on its own sandbox, follows a resize, quits, and leaves
// the terminal as it was.
func TestRealProgram(t *testing.T) {
	x := open(t, build(t), 120, 40)
	x.wait("Credentials")
	x.press("r")
	x.wait("200 OK")
	x.mu.Lock()
	x.emu.Resize(80, 24)
	x.mu.Unlock()
	if err := pty.Setsize(x.file, &pty.Winsize{Cols: 80, Rows: 24}); err != nil {
		t.Fatal(err)
	}
	x.wait("5✓ Response")
	x.press("3")
	x.wait("idempotency key")
	x.press("q")
	x.ends()
}

// A terminal that doesn't know its size is taken for 80x24.
func TestSizeUnknown(t *testing.T) {
	x := open(t, build(t), 0, 0)
	x.wait("Credentials")
	x.press("q")
	x.ends()
}

// A terminal that goes away ends the program in order.
func TestHangUp(t *testing.T) {
	x := open(t, build(t), 100, 30)
	x.wait("Credentials")
	if err := x.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	x.ends()
}

// Signals end the program in order, however they fall: two handlers of one signal must not wait for each other.
func TestSignals(t *testing.T) {
	program := build(t)
	for range 8 {
		for _, signal := range []os.Signal{syscall.SIGTERM, syscall.SIGINT} {
			x := open(t, program, 100, 30)
			x.wait("Credentials")
			if err := x.cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			x.ends()
		}
	}
}
