package ui_test

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// The mistake is found behind the answer, and drawn when it is found: also where the pane lost the focus meanwhile.
func TestCauseComesBehindTheAnswer(t *testing.T) {
	w := newWorld(t)
	w.deps.Provider, w.deps.Request = "sabika", "signed-probe"
	if err := w.server.Set("sabika", "url", "path"); err != nil {
		t.Fatal(err)
	}
	d := newDriver(w)
	d.send(tea.WindowSizeMsg{Width: 160, Height: 50})
	d.pressed("o down enter")
	d.send(keyPress("r"))
	screen := func() string { return ansi.Strip(d.shows()) }
	looking := "why looking for the mistake"
	for !strings.Contains(screen(), looking) {
		if len(d.queue) == 0 {
			t.Fatalf("no mistake is looked for:\n%s", screen())
		}
		c := d.queue[0]
		d.queue = d.queue[1:]
		d.send(c())
		d.deliver()
	}
	d.send(keyPress("1"))
	if got := screen(); !strings.Contains(got, looking) || strings.Contains(got, "(proved)") {
		t.Errorf("before it is found:\n%s", got)
	}
	d.idle()
	if got := screen(); !strings.Contains(got, "(proved)  I more") || strings.Contains(got, looking) {
		t.Errorf("when it is found:\n%s", got)
	}
	d.pressed("b r") // signed and sent once more: another request, another search
	if got := screen(); strings.Count(got, "(proved)  I more") != 1 {
		t.Errorf("of the next one:\n%s", got)
	}
}
