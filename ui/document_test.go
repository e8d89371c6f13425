package ui

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"countersign/sign/untrusted"
)

func drawn(d *document, w int) string {
	var b strings.Builder
	for i := range d.lines {
		b.WriteString(d.row(i, 0, w).text())
		b.WriteByte('\n')
	}
	return b.String()
}

// Order, digits and escapes stay those of the bytes.
func TestDocument(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"order and digits", `{"b":1.10,"a":12345678901234567890}`, "{\n  \"b\": 1.10,\n  \"a\": 12345678901234567890\n}\n"},
		{"empty brackets", `{"a":{ },"b":[]}`, "{\n  \"a\": {},\n  \"b\": []\n}\n"},
		{"nested", `[[1, 2],{"a":null}]`, "[\n  [\n    1,\n    2\n  ],\n  {\n    \"a\": null\n  }\n]\n"},
		{"a string that looks like JSON", `{"a":"{\"b\":[1,2]}"}`, "{\n  \"a\": \"{\\\"b\\\":[1,2]}\"\n}\n"},
		{"controls in a string", "{\"a\":\"\u202e\"}", "{\n  \"a\": \"<U+202E>\"\n}\n"},
		{"a number alone is text", "12", "12\n"},
		{"broken JSON is text", "{\"a\":\n1", "{\"a\":\n1\n"},
		{"line ends", "a\r\nb\n\nc", "a\nb\n\nc\n"},
		{"terminal controls", "a\x1b[2Jb", "a^[[2Jb\n"},
		{"nothing", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := drawn(newDocument(untrusted.From(c.in)), 80); got != c.want {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
		})
	}
}

// What is drawn of valid JSON is the same JSON: encoding/json is the witness.
func FuzzDocument(f *testing.F) {
	f.Add(`{"a":[1,2,{"b":"c\"d"}],"e":{}}`)
	f.Add("[]")
	f.Add(`"x"`)
	f.Fuzz(func(t *testing.T, s string) {
		d := newDocument(untrusted.From(s))
		got := drawn(d, 1<<16)
		if !d.json || strings.IndexFunc(s, func(r rune) bool { return r > '~' }) >= 0 || strings.Count(s, "[")+strings.Count(s, "{") > maxDepth {
			return
		}
		var a, b bytes.Buffer
		if json.Compact(&a, []byte(s)) != nil || json.Compact(&b, []byte(got)) != nil || a.String() != b.String() {
			t.Errorf("%q is drawn as %q", s, got)
		}
	})
}

// bigBody is JSON of n megabytes.
func bigBody(n int) untrusted.Text {
	var b strings.Builder
	b.WriteString(`{"items":[`)
	for i := 0; b.Len() < n<<20; i++ {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":"ord_%08d","amount":"%d.00","currency":"SAR","state":"settled","note":null}`, i, i)
	}
	b.WriteString(`]}`)
	return untrusted.From(b.String())
}

func BenchmarkIndexTenMegabytes(b *testing.B) {
	body := bigBody(10)
	b.SetBytes(10 << 20)
	for b.Loop() {
		newDocument(body)
	}
}

func BenchmarkOneVeryLongLine(b *testing.B) {
	d := newDocument(untrusted.From(strings.Repeat("x", 2<<20)))
	for b.Loop() {
		d.row(0, 1<<20, 80)
	}
}
