package ui_test

import (
	"flag"
	"fmt"
	"image/color"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"golang.org/x/tools/txtar"

	"countersign/screenshots"
)

var update = flag.Bool("update", false, "rewrite the expected screens and the frames of the pictures")

// testdata is found from any directory: a script may work in one of its own.
var testdata, _ = filepath.Abs("testdata")

// A script is the comment of an archive; the screens that it expects are the files of it.
//
//	size 120x40         the size of the terminal
//	light               a terminal with a light ground
//	nocolor             a terminal without colour (before anything else)
//	at PARTNER REQUEST  begin with this request (before anything else)
//	press KEY...        keys, by their names
//	type TEXT           each character as a key; "quoted" with Go's escapes
//	paste "TEXT"        bracketed paste
//	idle                run what is under way until nothing is left
//	advance 5s          move the clock
//	environment PARTNER put the sandbox's credentials into the documented environment variables
//	clipboard "TEXT"    what was copied
//	still               no timer is running: nothing on the screen changes by itself
//	switch ID NAME VALUE  turn a switch of the sandbox
//	inbound PARTNER REQUEST [K=V...]  somebody's code sends a request to the sandbox (see inbound_world_test.go)
//	files               the sandbox says that it wrote files (before anything else)
//	screen NAME         compare the screen with the file NAME
//	picture NAME        keep the frame, with its colours, for the gallery
//	quit                the program must have ended
//
// and those of history_script_test.go and profiles_test.go.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(testdata, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatal("no scripts", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { runScript(t, file) })
	}
}

func runScript(t *testing.T, file string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := &script{t: t, width: 80, height: 24, expected: map[string]string{}}
	for _, f := range archive.Files {
		s.expected[f.Name] = string(f.Data)
	}
	s.world = newWorld(t)
	for i, line := range strings.Split(string(archive.Comment), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		s.where = fmt.Sprintf("%s:%d: %s", file, i+1, line)
		name, rest, _ := strings.Cut(line, " ")
		s.do(name, strings.TrimSpace(rest))
		s.whole()
	}
	s.unwritten()
	if *update {
		archive.Files = s.screens
		if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

type script struct {
	t        *testing.T
	where    string
	world    *world
	d        *driver
	width    int
	height   int
	expected map[string]string
	screens  []txtar.File
	home     string   // see profiles_test.go
	canaries []string // text that no screen and no file below home may hold
}

// driver begins the program with the first command that needs it.
func (s *script) driver() *driver {
	if s.d == nil {
		s.d = newDriver(s.world)
		s.d.send(tea.WindowSizeMsg{Width: s.width, Height: s.height})
	}
	return s.d
}

func (s *script) do(name, rest string) {
	s.t.Helper()
	switch name {
	case "size":
		if _, err := fmt.Sscanf(rest, "%dx%d", &s.width, &s.height); err != nil {
			s.t.Fatalf("%s: %v", s.where, err)
		}
		s.driver().send(tea.WindowSizeMsg{Width: s.width, Height: s.height})
	case "light":
		s.driver().send(tea.BackgroundColorMsg{Color: color.White})
	case "at":
		s.world.deps.Provider, s.world.deps.Request, _ = strings.Cut(rest, " ")
	case "press":
		for _, k := range strings.Fields(rest) {
			s.driver().send(keyPress(k))
		}
	case "type":
		for _, c := range s.unquote(rest) {
			s.driver().send(tea.KeyPressMsg{Code: c, Text: string(c)})
		}
	case "paste":
		s.driver().send(tea.PasteMsg{Content: s.unquote(rest)})
	case "idle":
		s.driver().idle()
	case "advance":
		d, err := time.ParseDuration(rest)
		if err != nil {
			s.t.Fatalf("%s: %v", s.where, err)
		}
		s.driver().advance(d)
	case "switch":
		f := strings.Fields(rest)
		if err := s.world.server.Set(f[0], f[1], f[2]); err != nil {
			s.t.Fatalf("%s: %v", s.where, err)
		}
	case "environment":
		s.world.outside(rest)
	case "clipboard":
		s.driver().idle()
		if want := s.unquote(rest); s.d.clip != want {
			s.t.Errorf("%s: the clipboard has %q", s.where, s.d.clip)
		}
	case "still":
		if s.driver().idle(); len(s.world.timers) > 0 && s.world.timers[len(s.world.timers)-1].due.After(s.world.clock.Now()) {
			s.t.Errorf("%s: a timer is running", s.where)
		}
	case "trouble":
		s.world.deps.Trouble = s.unquote(rest)
	case "nocolor":
		s.world.deps.NoColor = true
	case "inbound":
		s.driver()
		s.world.inbound(s.t, s.where, rest)
		s.d.deliver()
	case "files":
		s.world.wrote = true
	case "screen":
		s.screen(rest)
	case "picture":
		s.picture(rest)
	case "quit":
		if s.driver().idle(); !s.d.quit {
			s.t.Errorf("%s: the program goes on", s.where)
		}
	default:
		if !s.history(name, rest) && !s.keep(name, rest) {
			s.t.Fatalf("%s: no such command", s.where)
		}
	}
}

func (s *script) unquote(text string) string {
	if !strings.HasPrefix(text, `"`) {
		return text
	}
	out, err := strconv.Unquote(text)
	if err != nil {
		s.t.Fatalf("%s: %v", s.where, err)
	}
	return out
}

// screen compares the screen with the expected one.
func (s *script) screen(name string) {
	s.t.Helper()
	s.compare(name, screenshots.NewFrame(s.driver().model.View().Content, s.width, s.height).Text())
}

// compare compares a text with the expected one.
func (s *script) compare(name, got string) {
	s.t.Helper()
	s.screens = append(s.screens, txtar.File{Name: name, Data: []byte(got)})
	if want, ok := s.expected[name]; !*update && (!ok || steady(want) != steady(got)) {
		s.t.Errorf("%s: the screen differs (go test ./ui -update rewrites it)\n got:\n%s\nwant:\n%s", s.where, got, want)
	}
}

// picture compares the content of the screen, colours and all, with the frame that the gallery is drawn from.
func (s *script) picture(name string) {
	s.t.Helper()
	content := s.driver().model.View().Content
	if s.world.deps.NoColor { // as the program does it on its way out
		var out strings.Builder
		w := colorprofile.Writer{Forward: &out, Profile: colorprofile.Ascii}
		if _, err := w.WriteString(content); err != nil {
			s.t.Fatal(err)
		}
		content = out.String()
	}
	got := []byte(fmt.Sprintf("%dx%d\n%s\n", s.width, s.height, content))
	file := filepath.Join(testdata, "pictures", name+".frame")
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			s.t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			s.t.Fatal(err)
		}
		return
	}
	if want, err := os.ReadFile(file); err != nil || steady(string(got)) != steady(string(want)) {
		s.t.Errorf("%s: the picture differs (go test ./ui -update rewrites it): %v", s.where, err)
	}
}

// whole checks what holds for every screen: its lines fill it exactly.
func (s *script) whole() {
	s.t.Helper()
	if s.d == nil {
		return
	}
	content := s.d.model.View().Content
	if err := exact(content, s.width, s.height); err != nil {
		s.t.Errorf("%s: %v", s.where, err)
	}
	s.hidden(content)
}

// named keys, as Bubble Tea calls them.
var keyCodes = map[string]rune{
	"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "space": tea.KeySpace, "backspace": tea.KeyBackspace,
	"delete": tea.KeyDelete, "up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight,
	"pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "home": tea.KeyHome, "end": tea.KeyEnd,
}

func keyPress(name string) tea.KeyPressMsg {
	var mod tea.KeyMod
	for _, m := range []struct {
		prefix string
		mod    tea.KeyMod
	}{{"ctrl+", tea.ModCtrl}, {"shift+", tea.ModShift}, {"alt+", tea.ModAlt}} {
		if rest, ok := strings.CutPrefix(name, m.prefix); ok && rest != "" {
			name, mod = rest, mod|m.mod
		}
	}
	if c, ok := keyCodes[name]; ok {
		k := tea.KeyPressMsg{Code: c, Mod: mod}
		if name == "space" {
			k.Text = " "
		}
		return k
	}
	r := []rune(name)[0]
	if mod != 0 {
		return tea.KeyPressMsg{Code: r, Mod: mod}
	}
	return tea.KeyPressMsg{Code: r, Text: string(r)}
}
