package ui_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"countersign/flows"
)

// everyKey is what random walks press: the keys of the table, and text.
var everyKey = strings.Fields("space r b R e E i t T n v p P o u f z x y tab shift+tab 0 1 2 3 4 5 6 up down left right pgup pgdown home end , . enter backspace ] [ } { ctrl+p : ? esc esc ctrl+s ! delete a 7 - ctrl+t H I c m w d g X / s k ctrl+u ctrl+k")

// Whatever is pressed, at whatever size, the screen is filled exactly and nothing panics. q and y are left out: what
// they open is tested apart.
func TestRandomKeys(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			w := newWorld(t)
			d := newDriver(w)
			width, height := 120, 40
			d.send(tea.WindowSizeMsg{Width: width, Height: height})
			for range 500 {
				switch r.IntN(12) {
				case 0:
					width, height = 1+r.IntN(200), 1+r.IntN(60)
					d.send(tea.WindowSizeMsg{Width: width, Height: height})
				case 1, 2:
					d.idle()
				case 3:
					d.send(tea.PasteMsg{Content: "q\x1b[2J\u202e\t\nr"})
				default:
					d.send(keyPress(everyKey[r.IntN(len(everyKey))]))
				}
				if d.quit {
					t.Fatal("it quit")
				}
				if err := exact(d.model.View().Content, width, height); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// Every pane of every partner, before and behind the walk, at every size.
func TestEverySize(t *testing.T) {
	sizes := [][2]int{}
	for w := 1; w <= 200; w += 7 {
		for h := 1; h <= 60; h += 5 {
			sizes = append(sizes, [2]int{w, h})
		}
	}
	for _, p := range flows.All() {
		t.Run(p.ID, func(t *testing.T) {
			w := newWorld(t)
			w.deps.Provider = p.ID
			d := newDriver(w)
			for _, keys := range []string{"", "r"} {
				for _, k := range strings.Fields(keys) {
					d.send(keyPress(k))
				}
				d.idle()
				for _, pane := range "012345" {
					d.send(keyPress(string(pane)))
					for _, s := range sizes {
						d.send(tea.WindowSizeMsg{Width: s[0], Height: s[1]})
						if err := exact(d.model.View().Content, s[0], s[1]); err != nil {
							t.Fatalf("pane %c at %v: %v", pane, s, err)
						}
					}
				}
			}
		})
	}
}

// A secret never reaches the screen unless it was asked for, and then for ten seconds only.
func TestSecretsStayHidden(t *testing.T) {
	for _, p := range flows.All() {
		t.Run(p.ID, func(t *testing.T) {
			w := newWorld(t)
			w.deps.Provider = p.ID
			d := newDriver(w)
			var secrets []string
			for _, f := range p.Fields {
				if v := w.server.Credentials(p.ID)[f.Name]; f.Secret && v != "" {
					secrets = append(secrets, v)
				}
			}
			look := func() string {
				var all strings.Builder
				for _, pane := range "012345" {
					d.send(keyPress(string(pane)))
					d.send(tea.WindowSizeMsg{Width: 900, Height: 300})
					for range 6 {
						all.WriteString(d.model.View().Content)
						d.send(keyPress("."))
					}
				}
				return all.String()
			}
			d.send(keyPress("r"))
			d.idle()
			screen := look()
			for _, s := range secrets {
				if strings.Contains(screen, s) {
					t.Errorf("a secret is on the screen: %.3s…", s)
				}
			}
			if len(secrets) == 0 {
				t.Fatal("no secret to look for")
			}
		})
	}
}

// NO_COLOR and a hostile answer: what a server sends cannot command the terminal.
func TestHostileAnswer(t *testing.T) {
	w := newWorld(t)
	d := newDriver(w)
	if err := w.server.Set("jiko", "fail", "hostile"); err != nil {
		t.Fatal(err)
	}
	if err := w.server.Set("jiko", "fail_at", "call"); err != nil {
		t.Fatal(err)
	}
	d.send(tea.WindowSizeMsg{Width: 120, Height: 40})
	d.send(keyPress("r"))
	d.idle()
	for range 6 {
		content := d.model.View().Content
		for i, part := range strings.Split(content, "\x1b") {
			if i > 0 && (part == "" || part[0] != '[' || !strings.Contains(part, "m") || strings.Trim(part[1:strings.IndexByte(part, 'm')], "0123456789;:") != "") {
				t.Fatalf("not a colour: %.20q", part)
			}
		}
		if strings.ContainsFunc(content, func(r rune) bool {
			return r < ' ' && r != '\n' && r != '\x1b' || r >= 0x7f && r < 0xa0 || r == 0x202e
		}) {
			t.Fatal("a control character is on the screen")
		}
		d.send(keyPress("."))
	}
}
