package screenshots

import (
	"strings"
	"testing"
	"unicode"

	"github.com/charmbracelet/x/ansi"
)

func TestNewFrame(t *testing.T) {
	for _, tt := range []struct {
		name, content string
		width, height int
		text, styles  string
	}{
		{"cut and filled", "abcdef\nx\ny", 4, 2, "abcd\nx\n", ""},
		{"missing rows are blank", "a", 3, 3, "a\n\n\n", ""},
		{"crlf", "a\r\nb", 3, 2, "a\nb\n", ""},
		{"tabs and other controls are dropped", "a\tb\a\x00c\x7f", 5, 1, "abc\n", ""},
		{"C1 and bidi controls are dropped", "a\u009b31mb\u202ec\u2066d", 9, 1, "a31mbcd\n", ""},
		{"no-break space is a blank", "a\u00a0b\u00a0", 4, 1, "a b\n", ""},
		{"not UTF-8", "a\xffb\x9b", 5, 1, "a\ufffdb\ufffd\n", ""},
		{"styles run on over lines", "\x1b[1mab\ncd\x1b[m", 2, 2, "ab\ncd\n", "0: 0-1 bold\n1: 0-1 bold\n"},
		{"basic and bright", "\x1b[31mr\x1b[92;44mg", 2, 1, "rg\n", "0: 0 red; 1 bright-green on blue\n"},
		{"indexed", "\x1b[38;5;208mx\x1b[48:5:17my", 2, 1, "xy\n", "0: 0 color-208; 1 color-208 on color-17\n"},
		{"true colour", "\x1b[38;2;1;2;3mx\x1b[48:2::255:0:9my", 2, 1, "xy\n", "0: 0 #010203; 1 #010203 on #ff0009\n"},
		{"attributes", "\x1b[1;2;3;4;7;9mx", 1, 1, "x\n", "0: 0 bold faint italic reverse strike underline\n"},
		{"kinds of underline", "\x1b[4:3;58;5;1mx\x1b[21;4:2my\x1b[24mz", 3, 1, "xyz\n", "0: 0 curly-underline in color-1; 1 double-underline in color-1\n"},
		{"the colour of a blank is not seen", "\x1b[31;1m \x1b[7m \x1b[0;41m \x1b[0;4m ", 4, 1, "\n", "0: 1 bold reverse red; 2 on red; 3 underline\n"},
		{"concealed text is not in the text", "a\x1b[8msecret\x1b[28mb", 8, 1, "a      b\n", "0: 1-6 conceal\n"},
		{"wide characters take two columns", "大x", 4, 1, "大x\n", ""},
		{"half a wide character is a blank", "a\x1b[41m大", 2, 1, "a\n", "0: 1 on red\n"},
		{"marks join their base", "e\u0301x\x1b[31mo\x1b[32m\u0308", 4, 1, "e\u0301xo\u0308\n", "0: 2 red\n"},
		{"a mark that would widen its base", "0\x1b[m\ufe0fx", 3, 1, "0x\n", ""},
		{"other sequences are dropped", "a\x1b[2Jb\x1b[>4;2mc\x1b(Bd\x1b7e", 9, 1, "abcde\n", ""},
		{"links and clipboard are dropped", "a\x1b]8;;http://x/\x1b\\b\x1b]8;;\x1b\\c\x1b]52;c;Zm9v\ad", 9, 1, "abcd\n", ""},
		{"an open string ends with its line", "a\x1b]52;c;Zm9v\nb", 3, 2, "a\nb\n", ""},
		{"unfinished sequences", "a\x1b[31\nb\x1b\nc", 3, 3, "a\nb\nc\n", ""},
		{"more parameters than anyone means", "\x1b[" + strings.Repeat("1;", 200) + "31mx", 1, 1, "x\n", "0: 0 bold\n"},
		{"no size", "abc", 0, -1, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := NewFrame(tt.content, tt.width, tt.height)
			if got := f.Text(); got != tt.text {
				t.Errorf("text\n got %q\nwant %q", got, tt.text)
			}
			if got := f.Styles(); got != tt.styles {
				t.Errorf("styles\n got %q\nwant %q", got, tt.styles)
			}
		})
	}
}

func TestCursor(t *testing.T) {
	f := NewFrame("a大b", 4, 1)
	for _, tt := range []struct {
		x, y int
		want string
	}{{0, 0, "cursor 0,0\n"}, {2, 0, "cursor 1,0\n"}, {3, 0, "cursor 3,0\n"}, {4, 0, ""}, {0, 1, ""}, {-1, 0, ""}} {
		if got := f.WithCursor(tt.x, tt.y).Styles(); got != tt.want {
			t.Errorf("cursor at %d,%d: got %q, want %q", tt.x, tt.y, got, tt.want)
		}
	}
	if f.Styles() != "" {
		t.Error("WithCursor changed the frame that it was called on")
	}
}

func TestSizeIsBounded(t *testing.T) {
	if w, h := NewFrame("", 1<<40, 1<<40).Size(); w != MaxSide || h != MaxSide {
		t.Errorf("size %d x %d, want %d x %d", w, h, MaxSide, MaxSide)
	}
}

// gridFault says how a frame breaks its promise: exactly width x height cells, and only printable text.
func gridFault(f Frame, width, height int) string {
	if len(f.rows) != height {
		return "wrong number of rows"
	}
	for _, row := range f.rows {
		if len(row) != width {
			return "a row is too short or too long"
		}
		for x, c := range row {
			switch {
			case c.cells < 0 || c.cells > 2:
				return "a cell with impossible width"
			case c.cells == 0 && (c.text != "" || x == 0 || row[x-1].cells != 2):
				return "the second half of a wide character without its first"
			case c.cells == 2 && (x+1 == width || row[x+1].cells != 0):
				return "half a wide character"
			case c.cells > 0 && c.text == "":
				return "a cell without text"
			case c.cells > 0 && ansi.StringWidth(c.text) != c.cells:
				return "a text of another width than its cell"
			case strings.ContainsFunc(c.text, unicode.IsControl):
				return "a control character in a cell"
			}
		}
	}
	return ""
}

func FuzzNewFrame(f *testing.F) {
	for _, seed := range []string{"", "a\x1b[31mb\n大\x1b[", "\x1b[38:2:1:2:3:4:5m\x1b[58;5m\x1b]8;;x\x1b\\", "👩‍💻e\u0301\u200d\ufe0f", "\x1b[;;;:::m\x1b[99999999999999999999m", "╭─╮\n│█│\n╰⣿╯", "\u0e33\u1100\u1161\U0001F1E9\U0001F1EA"} {
		f.Add(seed, 5, 2)
	}
	f.Fuzz(func(t *testing.T, content string, width, height int) {
		width, height = min(max(width, 0), 40), min(max(height, 0), 20)
		frame := NewFrame(content, width, height)
		if fault := gridFault(frame, width, height); fault != "" {
			t.Fatal(fault)
		}
		if n := strings.Count(frame.Text(), "\n"); n != height {
			t.Fatalf("text has %d lines, want %d", n, height)
		}
		if n := strings.Count(frame.Styles(), "\n"); n > height {
			t.Fatalf("styles have %d lines for %d rows", n, height)
		}
	})
}
