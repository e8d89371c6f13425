package untrusted_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"countersign/sign/untrusted"
)

func TestCorpus(t *testing.T) {
	for _, c := range corpus {
		t.Run(c.name, func(t *testing.T) {
			text := untrusted.From(c.in)
			if got := text.Line().String(); got != c.line {
				t.Errorf("line:\n got %q\nwant %q", got, c.line)
			}
			want := c.block
			if want == "" {
				want = c.line
			}
			if got := text.Block().String(); got != want {
				t.Errorf("block:\n got %q\nwant %q", got, want)
			}
			if text.Raw() != c.in {
				t.Errorf("the bytes changed: %q", text.Raw())
			}
		})
	}
}

func TestSegmentsTellMadeFromGiven(t *testing.T) {
	got := untrusted.From("^[ \x1b\x1b x\xe9").Line().Segments()
	want := []untrusted.Segment{{"^[ ", false}, {"^[^[", true}, {" x", false}, {`\xE9`, true}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}

func TestLines(t *testing.T) {
	for _, c := range []struct {
		in   string
		want [][]untrusted.Segment
	}{
		{"", [][]untrusted.Segment{nil}},
		{"a\r\n\x1bb\n", [][]untrusted.Segment{{{"a", false}}, {{"^[", true}, {"b", false}}, nil}},
		{"\a\n\n\x00c\x00", [][]untrusted.Segment{{{"^G", true}}, nil, {{"^@", true}, {"c", false}, {"^@", true}}}},
	} {
		d := untrusted.From(c.in).Block()
		var got [][]untrusted.Segment
		for _, l := range d.Lines() {
			got = append(got, l.Segments())
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q: got %+v, want %+v", c.in, got, c.want)
		}
		if n := strings.Count(c.in, "\r\n"); d.CRLF() != n {
			t.Errorf("%q: %d CRLF, want %d", c.in, d.CRLF(), n)
		}
	}
}

func TestTabStopsCountColumns(t *testing.T) {
	for in, want := range map[string]string{
		"\tx":         "        x",
		"1234567\tx":  "1234567 x",
		"12345678\tx": "12345678        x",
		"決済\tx":       "決済    x",
		"é\tx":        "é       x",
		"\x1b\tx":     "^[      x",
		"abc\n\tx":    "abc\n        x",
	} {
		if got := untrusted.From(in).Block().String(); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// Every way to print a text shows it drawn in one line.
func TestPrinting(t *testing.T) {
	text := untrusted.From("a\x1b[8m\n\u202eb")
	const safe = "a^[[8m^J<U+202E>b"
	for _, verb := range []string{"%s", "%v", "%+v", "%d", "%t", "%c"} {
		if got := fmt.Sprintf(verb, text); got != safe {
			t.Errorf("%s prints %q", verb, got)
		}
	}
	for _, verb := range []string{"%q", "%#v"} {
		if got := fmt.Sprintf(verb, text); got != `"`+safe+`"` {
			t.Errorf("%s prints %q", verb, got)
		}
	}
	if got := fmt.Sprintf("%20s|%.3s", text, text); got != "   "+safe+"|a^[" {
		t.Errorf("width and precision print %q", got)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("m", "text", text)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "text", text)
	for _, b := range log.Bytes() {
		if b < 0x20 && b != '\n' || b >= 0x7F {
			t.Fatalf("slog prints %q", log.String())
		}
	}
}

func TestJSON(t *testing.T) {
	for in, want := range map[string]string{
		"":                   `""`,
		`a"b\c/`:             `"a\"b\\c/"`,
		"a\n\r\t\b\x1b\x7f":  `"a\n\r\t\u0008\u001b\u007f"`,
		"\u009b\u202e\u200b": `"\u009b\u202e\u200b"`,
		"\U000e0041😀":        `"\udb40\udc41😀"`,
		"caf\xe9 \xed\xa0":   `"caf\udce9 \udced\udca0"`,
		"مرحبا 決済 é":         `"مرحبا 決済 é"`,
		"\u0301":             `"\u0301"`,
	} {
		got, err := untrusted.From(in).MarshalJSON()
		if err != nil || string(got) != want {
			t.Errorf("%q: got %s, %v, want %s", in, got, err, want)
		}
	}
}

func TestJSONRefusesWhatIsNoString(t *testing.T) {
	for _, in := range []string{``, `"`, `1`, `{}`, `"a"b"`, `"\"`, `"\x"`, `"\u12"`, `"\u12G4"`, `"a\`} {
		var text untrusted.Text
		if err := text.UnmarshalJSON([]byte(in)); err == nil {
			t.Errorf("%s was read as %q", in, text)
		}
	}
}

func TestJSONReads(t *testing.T) {
	for in, want := range map[string]string{
		`"\u00e9\ud83d\ude00"`:   "é😀",
		`"\ud83d"`:               "\ufffd",
		`"\ud83d\u0041"`:         "\ufffdA",
		`"\udce9\udcff"`:         "\xe9\xff",
		`"\"\\\/\b\f\n\r\t"`:     "\"\\/\b\f\n\r\t",
		`"\ud83d\ud83d\ude00\n"`: "\ufffd😀\n",
	} {
		var text untrusted.Text
		if err := json.Unmarshal([]byte(in), &text); err != nil || text.Raw() != want {
			t.Errorf("%s: got %q, %v", in, text.Raw(), err)
		}
	}
	kept := untrusted.From("kept")
	if err := json.Unmarshal([]byte("null"), &kept); err != nil || kept.Raw() != "kept" {
		t.Errorf("null: got %q, %v", kept, err)
	}
}

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"{\n\t\"a\u202e\": \"\x7f\u009b\"\r\n}": "{\n\t\"a\\u202e\": \"\\u007f\\u009b\" \n}",
		`{"a":"\"\u001b\\","b":1}`:              `{"a":"\"\u001b\\","b":1}`,
		"\"\u0301\\n\u0301e\u0301\"":            "\"\\u0301\\n\\u0301e\u0301\"",
		"\"\xe9\"":                              `"\udce9"`,
		"\"\U000e0041\"":                        `"\udb40\udc41"`,
	} {
		if got := string(untrusted.Printable([]byte(in))); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}

// safe fails when s holds anything that a terminal obeys, hides or reorders.
func safe(t *testing.T, what, s string, newlines bool) {
	t.Helper()
	if !utf8.ValidString(s) {
		t.Fatalf("%s is not UTF-8: %q", what, s)
	}
	for _, r := range s {
		switch {
		case r == '\n' && newlines:
		case r < 0x20, r >= 0x7F && r <= 0xA0, r == 0xAD,
			r == 0x061C, r >= 0x200B && r <= 0x200F, r >= 0x2028 && r <= 0x202E, r >= 0x2060 && r <= 0x206F,
			r >= 0xFE00 && r <= 0xFE0F, r == 0xFEFF, r >= 0xE0000 && r <= 0xE0FFF:
			t.Fatalf("%s holds %U: %q", what, r, s)
		}
	}
}

func joined(d untrusted.Display) string {
	var b strings.Builder
	for _, s := range d.Segments() {
		b.WriteString(s.Text)
	}
	return b.String()
}

func FuzzDisplay(f *testing.F) {
	for _, c := range corpus {
		f.Add(c.in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		text := untrusted.From(in)
		line, block := text.Line(), text.Block()
		safe(t, "line", line.String(), false)
		safe(t, "block", block.String(), true)
		if again := untrusted.From(line.String()).Line().String(); again != line.String() {
			t.Fatalf("line is not idempotent: %q becomes %q", line, again)
		}
		if again := untrusted.From(block.String()).Block().String(); again != block.String() {
			t.Fatalf("block is not idempotent: %q becomes %q", block, again)
		}
		if joined(line) != line.String() || joined(block) != block.String() {
			t.Fatal("segments do not tile the display")
		}
		var lines []string
		for _, l := range block.Lines() {
			lines = append(lines, joined(l))
		}
		if got := strings.Join(lines, "\n"); got != block.String() {
			t.Fatalf("lines do not tile the block: %q", got)
		}
	})
}

func FuzzJSON(f *testing.F) {
	for _, c := range corpus {
		f.Add(c.in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		data, err := json.Marshal(untrusted.From(in))
		if err != nil {
			t.Fatal(err)
		}
		safe(t, "json", string(data), false)
		var back untrusted.Text
		if err := json.Unmarshal(data, &back); err != nil || back.Raw() != in {
			t.Fatalf("%s came back as %q, %v", data, back.Raw(), err)
		}
		if again := untrusted.Printable(data); !bytes.Equal(again, data) {
			t.Fatalf("%s is printed as %s", data, again)
		}
	})
}

func FuzzPrintable(f *testing.F) {
	for _, c := range corpus {
		f.Add([]byte(`{"a":"` + c.in + `","b":[1.5e3,null]}`))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		out := untrusted.Printable(in)
		safe(t, "output", strings.ReplaceAll(string(out), "\t", " "), true)
		if !json.Valid(in) || !utf8.Valid(in) {
			return
		}
		var before, after any
		if json.Unmarshal(in, &before) != nil {
			return // a number out of range
		}
		if err := json.Unmarshal(out, &after); err != nil || !reflect.DeepEqual(before, after) {
			t.Fatalf("%s means something else: %s, %v", in, out, err)
		}
	})
}

func BenchmarkBlock(b *testing.B) {
	row := "{\"id\": \"9f2c\",\t\"amount\": \"1250.00\", \"name\": \"مرحبا 決済\"}\r\n"
	for name, in := range map[string]string{
		"json":    strings.Repeat(row, 1<<20/len(row)),
		"hostile": strings.Repeat("\x1b[8m\u202e\xe9", 1<<20/8),
	} {
		text := untrusted.From(in)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			for b.Loop() {
				text.Block()
			}
		})
	}
}

func BenchmarkLines(b *testing.B) {
	d := untrusted.From(strings.Repeat("\x1b[31mred\x1b[0m plain\n", 1<<20/20)).Block()
	b.SetBytes(1 << 20)
	for b.Loop() {
		d.Lines()
	}
}
