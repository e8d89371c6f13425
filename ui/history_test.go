package ui_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	randv2 "math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"countersign/flows"
	"countersign/history"
	"countersign/sign"
	"countersign/sign/untrusted"
)

// pressed sends keys and runs what each of them starts.
func (d *driver) pressed(keys string) {
	for _, k := range strings.Fields(keys) {
		d.send(keyPress(k))
		d.idle()
	}
}

func (d *driver) typed(text string) {
	for _, c := range text {
		d.send(tea.KeyPressMsg{Code: c, Text: string(c)})
	}
	d.idle()
}

func (d *driver) shows() string { return d.model.View().Content }

// Where there is no history, none is made before its view is opened or something is sent.
func TestHistoryIsOpenedLazily(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "history")
	w := newWorld(t)
	w.withHistory(t, dir)
	w.deps.Runner.Ledger = nil
	d := newDriver(w)
	d.send(tea.WindowSizeMsg{Width: 120, Height: 40})
	d.pressed("space space space space")
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Fatalf("%v, before it was asked for", err)
	}
	d.pressed("H")
	if _, err := os.Stat(filepath.Join(dir, "history.db")); err != nil {
		t.Error(err)
	}
}

// A history that is there is read behind the first frame: not when the program is made, and not by what it starts with.
func TestHistoryIsReadBehindTheFirstFrame(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "history")
	w := newWorld(t)
	w.deps.Provider, w.deps.Request = "sabika", "order"
	log := w.withHistory(t, dir)
	x := flows.Exchange{Purpose: flows.PurposeRequest, Provider: "sabika", Writes: true, Started: start, Outcome: flows.OutcomePrepared}
	if _, err := log.Intend(t.Context(), x); err != nil {
		t.Fatal(err)
	}
	if err := log.Close(); err != nil { // as a window that ended in mid-send
		t.Fatal(err)
	}
	w.withHistory(t, dir)
	files := func() (names []string) {
		list, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range list {
			names = append(names, f.Name())
		}
		return names
	}
	before := files()
	d := newDriver(w)
	d.idle()
	if after := files(); !slices.Equal(before, after) || strings.Contains(d.shows(), "outcome unknown") {
		t.Errorf("it was opened before the first frame: %q, now %q", before, after)
	}
	d.send(tea.WindowSizeMsg{Width: 120, Height: 40})
	if strings.Contains(d.shows(), "outcome unknown") {
		t.Error("it was read by Update")
	}
	d.idle()
	if !strings.Contains(d.shows(), "? 1 outcome unknown") || slices.Equal(before, files()) {
		t.Errorf("it was not read: %q\n%s", files(), d.shows())
	}
}

// Whoever opens the history and leaves it again before the first look has ended is told what it found all the same.
func TestFirstLookIsToldBehindTheHistory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "history")
	w := newWorld(t)
	log := w.withHistory(t, dir)
	if _, err := log.Intend(t.Context(), flows.Exchange{Purpose: flows.PurposeRequest, Provider: "sabika", Writes: true, Started: start, Outcome: flows.OutcomePrepared}); err != nil {
		t.Fatal(err)
	}
	if err := log.Close(); err != nil { // as a window that ended in mid-send
		t.Fatal(err)
	}
	w.withHistory(t, dir)
	d := newDriver(w)
	d.send(tea.WindowSizeMsg{Width: 120, Height: 40})
	d.send(tea.KeyPressMsg{Code: 'H', Text: "H"})
	d.send(tea.KeyPressMsg{Code: tea.KeyEscape})
	d.idle()
	if !strings.Contains(d.shows(), "1 outcome unknown: nobody knows whether the partner acted") {
		t.Errorf("it is not told:\n%s", d.shows())
	}
}

// Whatever is pressed in the view, at whatever size, the screen is filled exactly and nothing panics.
func TestRandomKeysInHistory(t *testing.T) {
	keys := strings.Fields("H H r m c w o u p t n d tab z R / 1 2 3 4 5 6 7 up down left right pgup pgdown home end , . enter enter backspace esc esc esc x ? : y a space ctrl+s ctrl+u")
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Chdir(t.TempDir())
			r := randv2.New(randv2.NewPCG(seed, 2))
			w := newWorld(t)
			w.deps.Provider = "sabika"
			w.withHistory(t, "history")
			d := newDriver(w)
			width, height := 120, 40
			d.send(tea.WindowSizeMsg{Width: width, Height: height})
			d.pressed("r r ] r H")
			for range 500 {
				switch r.IntN(12) {
				case 0:
					width, height = 1+r.IntN(200), 1+r.IntN(60)
					d.send(tea.WindowSizeMsg{Width: width, Height: height})
				case 1, 2:
					d.advance(1e9)
				case 3:
					d.send(tea.PasteMsg{Content: "q\x1b[2J\u202e\t\nr"})
				default:
					d.send(keyPress(keys[r.IntN(len(keys))]))
				}
				if err := exact(d.shows(), width, height); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// Answers that nobody waits for any more change nothing: what was asked for last is shown.
func TestLateEntriesAreDropped(t *testing.T) {
	w := newWorld(t)
	w.deps.Provider = "sabika"
	w.withHistory(t, filepath.Join(t.TempDir(), "history"))
	d := newDriver(w)
	d.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	d.pressed("r H")
	d.send(keyPress("enter")) // asks for the newest entry
	held := d.queue
	d.queue = nil
	d.pressed("esc down enter") // and then for the one before
	before := d.shows()
	for _, c := range held {
		d.send(c())
	}
	d.idle()
	if d.shows() != before {
		t.Errorf("a late answer is on the screen:\n%s", d.shows())
	}
}

// No secret reaches a file, whatever is done: typed by hand, sent and refused, sent and accepted, searched, noted,
// replayed, exported in every form. Every file is searched for every form in which a secret travels.
func TestHistoryLeavesNoSecret(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Chdir(home)
	w := newWorld(t)
	w.deps.Provider, w.deps.Home = "jiko", home
	w.withHistory(t, filepath.Join(home, "history"))
	secrets := map[string]sign.Secret{}
	for name, value := range w.server.Credentials("jiko") {
		if name != "username" && name != "prefix" {
			secrets["given "+name] = sign.NewSecret(value)
		}
	}
	elsewhere := canary() // of a profile that was not loaded
	secrets["elsewhere"] = sign.NewSecret(elsewhere)
	w.deps.Secrets = func(context.Context) (map[string]sign.Secret, error) {
		return map[string]sign.Secret{"password": secrets["elsewhere"]}, errors.New("half of the keyring hangs")
	}
	d := newDriver(w)
	d.send(tea.WindowSizeMsg{Width: 120, Height: 40})
	d.pressed("r r") // accepted
	wrong := canary()
	secrets["typed"] = sign.NewSecret(wrong)
	d.pressed("1 home down e")
	d.typed(wrong)
	d.pressed("enter r") // the login is refused
	d.pressed("H n")
	d.typed("the password was " + wrong + ", of the old profile " + elsewhere)
	d.pressed("ctrl+s")
	if !strings.Contains(d.shows(), "is written") {
		t.Fatalf("the note was not written:\n%s", d.shows())
	}
	d.pressed("home")
	if !strings.Contains(d.shows(), "half of the keyring hangs") {
		t.Errorf("nobody says that not every secret was looked for:\n%s", d.shows())
	}
	d.pressed("t")
	d.typed(wrong)
	d.pressed("enter")
	if !strings.Contains(d.shows(), "a tag is written as it stands") {
		t.Fatalf("a secret was taken for a tag:\n%s", d.shows())
	}
	d.pressed("esc esc")
	for i := range history.Formats() {
		for _, entry := range []string{"home", "home down"} { // the refused and an accepted one
			d.pressed(entry + " w " + strings.Repeat("down ", i) + "enter ctrl+s")
			if !strings.Contains(d.shows(), "written, for your eyes only") {
				t.Fatalf("format %d of %s was not written:\n%s", i, entry, d.shows())
			}
		}
	}
	d.pressed("home down r enter r") // replayed
	control := filepath.Join(home, "control")
	if err := os.WriteFile(control, []byte(`{"k":"`+base64.StdEncoding.EncodeToString([]byte("user:"+wrong))+`"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	files, found := search(t, home, secrets)
	if !found[control] {
		t.Error("the search does not find what was put there")
	}
	delete(found, control)
	for name := range found {
		t.Errorf("a secret is in %s", name)
	}
	exports := 0
	for _, name := range files {
		if filepath.Dir(name) == home && name != control {
			exports++
		}
	}
	if want := 2 * len(history.Formats()); exports != want {
		t.Errorf("%d exports were written, want %d: %q", exports, want, files)
	}
	screen := []byte(d.shows())
	for name, s := range secrets {
		if sign.NewRedactor(s).Finds(screen) {
			t.Errorf("%s is on the screen", name)
		}
	}
}

// canary is a secret that stands nowhere else.
func canary() string {
	b := make([]byte, 15)
	rand.Read(b)
	return "Canary-" + hex.EncodeToString(b)
}

// search looks for secrets in every file below a directory.
func search(t *testing.T, dir string, secrets map[string]sign.Secret) (files []string, found map[string]bool) {
	t.Helper()
	found = map[string]bool{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		files = append(files, path)
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, s := range secrets {
			if sign.NewRedactor(s).Finds(bytes.Clone(text)) {
				found[path] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files, found
}

// long is a history of n entries, each tenth refused, and its directory.
func long(tb testing.TB, n int) (*driver, string) {
	tb.Helper()
	w := newWorld(tb)
	dir := filepath.Join(tb.TempDir(), "history")
	log := w.withHistory(tb, dir)
	for i := range n {
		x := flows.Exchange{
			Purpose: flows.PurposeRequest, Provider: "sabika", Environment: flows.Embedded, Profile: "default", BaseURL: "https://127.0.0.1:40004",
			Sample: "order", Started: start, Outcome: flows.OutcomePrepared,
			Signed: sign.Signed{Request: sign.Request{Method: "POST", Scheme: "https", Authority: "127.0.0.1:40004", Path: fmt.Sprintf("/v1/orders/%d", i)}},
		}
		id, err := log.Intend(context.Background(), x)
		if err != nil {
			tb.Fatal(err)
		}
		x.ID, x.Outcome, x.Response = id, flows.OutcomeAnswered, &flows.Response{Status: 201, Body: untrusted.From(`{"ok":true}`)}
		if i%10 == 0 {
			x.Response.Status = 401
			x.Response.Error = &flows.PartnerError{Code: untrusted.From("invalid_signature")}
		}
		if err := log.Complete(context.Background(), x); err != nil {
			tb.Fatal(err)
		}
	}
	d := newDriver(w)
	d.send(tea.WindowSizeMsg{Width: 120, Height: 40})
	return d, dir
}

// A long history is read page by page: all of it can be walked through, from either end.
func TestLongHistory(t *testing.T) {
	const n = 350
	d, _ := long(t, n)
	d.pressed("H")
	if got := d.shows(); !strings.Contains(got, "100+ entries") {
		t.Errorf("more than the first page was read:\n%s", got)
	}
	for range 20 {
		d.pressed("pgdown")
	}
	if got := d.shows(); !strings.Contains(got, "350 entries") {
		t.Errorf("the end was not reached:\n%s", got)
	}
	d.pressed("home end")
	d.advance(1e9)
	if got := d.shows(); !strings.Contains(got, "Entry 1 ") {
		t.Errorf("the oldest entry is not on the screen:\n%s", got)
	}
	d.pressed("R end /")
	d.typed("status:401")
	d.advance(1e9)
	if got := d.shows(); !strings.Contains(got, "35 entries") {
		t.Errorf("the search found something else:\n%s", got)
	}
}
