package ui

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"countersign/flows"
)

// A key means one thing in a pane, and every action has a plain key.
func TestKeysAreDistinct(t *testing.T) {
	for at, list := range scoped(table()) {
		taken := map[string]string{}
		for _, b := range list {
			name := b.key.Help().Desc
			plainKey := false
			for _, k := range b.key.Keys() {
				plainKey = plainKey || !strings.Contains(k, "+") || k == "shift+tab"
				other, twice := taken[k]
				if own := len(b.in) == 0 && twice; twice && !own {
					t.Errorf("pane %d: %s means %s and %s", at, k, other, name)
				}
				if !twice {
					taken[k] = name
				}
			}
			if !plainKey {
				t.Errorf("%s has no plain key", name)
			}
		}
	}
	for _, b := range table() {
		if b.doc == "" || b.group == "" || b.key.Help().Key == "" {
			t.Errorf("%s is not explained", b.key.Help().Desc)
		}
	}
}

// The printed table of keys is made of the table that the program uses.
func TestKeysAreDocumented(t *testing.T) {
	var b strings.Builder
	b.WriteString("# Keys\n\nMade from the table in keys.go; `go test ./ui -update` writes it anew.\n")
	group := ""
	for _, x := range table() {
		if x.group != group {
			group = x.group
			fmt.Fprintf(&b, "\n## %s\n\n| key | action | |\n|---|---|---|\n", group)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", x.key.Help().Key, x.key.Help().Desc, x.doc)
	}
	const file = "testdata/keys.md"
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(file); err != nil || string(want) != b.String() {
		t.Errorf("%s is not up to date (%v)", file, err)
	}
}

// Answers that nobody waits for are dropped.
func TestLateAnswersAreDropped(t *testing.T) {
	m := New(Deps{Providers: flows.All(), Runner: &flows.Runner{}, Strict: true})
	m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	late := m.run
	late.Reached = flows.StepResponse
	for _, msg := range []tea.Msg{stepped{job: 7, run: late}, ticked{chain: 99}, panicked{job: 7, cause: "late"}} {
		m.Update(msg)
		if m.run.Reached != "" || m.notice.text != "" || m.job != nil {
			t.Errorf("%T was not dropped", msg)
		}
	}
}

// broken is an overlay that panics.
type broken struct{}

func (broken) update(tea.Msg) tea.Cmd { panic("typed") }
func (broken) draw(w, h int) []row    { return nil }

// A mistake of ours ends what it broke, not the program.
func TestPanicsAreSurvived(t *testing.T) {
	m := New(Deps{Providers: flows.All(), Runner: &flows.Runner{}})
	m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	m.open(broken{})
	m.Update(tea.KeyPressMsg{Code: 'x', Text: "x"})
	if len(m.overlays) != 0 || !strings.Contains(m.notice.text, "internal error") {
		t.Errorf("overlays %d, notice %q", len(m.overlays), m.notice.text)
	}
	m.start(flows.StepCredentials)
	m.Update(m.command(m.job.id, func() message { panic("in a command") })())
	if m.job != nil || !strings.Contains(m.notice.text, "in a command") {
		t.Errorf("job %v, notice %q", m.job, m.notice.text)
	}
}

// The first frame is there before the terminal told its size, and at once.
func TestFirstFrame(t *testing.T) {
	m := New(Deps{Providers: flows.All(), Runner: &flows.Runner{}})
	if got := m.View().Content; strings.Count(got, "\n") != 23 || !strings.Contains(got, "Credentials") {
		t.Errorf("%q", got)
	}
}

// Nothing moves by itself but while something counts or is under way; with reduced motion nothing moves faster
// than the seconds.
func TestPace(t *testing.T) {
	m := New(Deps{Providers: flows.All(), Runner: &flows.Runner{}})
	if m.wanted() != 0 {
		t.Error("it moves while nothing counts")
	}
	m.job = &job{}
	if m.wanted() != everyFrame {
		t.Error("it does not move while something is under way")
	}
	m.deps.ReducedMotion = true
	if m.wanted() != everySecond {
		t.Error("reduced motion is not reduced")
	}
}
