package ui

import (
	"encoding/json"
	"unicode/utf8"

	"countersign/sign/untrusted"
)

// document is a body by lines. JSON is broken and indented as it is drawn: order, digits and escapes are those of
// the bytes, nothing is parsed into values and nothing is copied. Only the lines that are seen are ever laid out.
//
// It is written here because the viewers there are copy or re-sort, or take seconds for ten megabytes.
type document struct {
	raw   string
	lines []docLine
	json  bool
	crlf  int
}

// docLine is a stretch of the raw bytes that stands on a line of its own.
type docLine struct {
	from, to uint32
	depth    uint16
}

// maxDocument is the largest text that 32-bit offsets reach; bodies are far smaller (see flows.Limits).
const maxDocument = 1 << 31

// maxDepth bounds the indentation that is drawn.
const maxDepth = 64

// newDocument indexes a body in one pass.
func newDocument(t untrusted.Text) *document {
	d := &document{raw: t.Raw()}
	if len(d.raw) > maxDocument {
		d.raw = d.raw[:maxDocument]
	}
	if looksJSON(d.raw) && json.Valid([]byte(d.raw)) {
		d.json = true
		d.indexJSON()
		return d
	}
	d.indexLines()
	return d
}

// looksJSON keeps plain text from being drawn as a JSON number or word.
func looksJSON(s string) bool {
	for i := range len(s) {
		switch s[i] {
		case ' ', '\t', '\r', '\n':
		case '{', '[', '"':
			return true
		default:
			return false
		}
	}
	return false
}

func (d *document) indexLines() {
	from := 0
	for i := range len(d.raw) {
		if d.raw[i] != '\n' {
			continue
		}
		to := i
		if to > from && d.raw[to-1] == '\r' {
			to--
			d.crlf++
		}
		d.lines = append(d.lines, docLine{uint32(from), uint32(to), 0})
		from = i + 1
	}
	if from < len(d.raw) {
		d.lines = append(d.lines, docLine{uint32(from), uint32(len(d.raw)), 0})
	}
}

// indexJSON walks over valid JSON. A line ends behind a comma, behind an opening bracket and before a closing
// one; brackets with nothing between them stay together.
func (d *document) indexJSON() {
	s := d.raw
	d.lines = make([]docLine, 0, len(s)/24+1)
	depth, from := 0, -1
	end := func(to int) {
		if from >= 0 {
			d.lines = append(d.lines, docLine{uint32(from), uint32(to), uint16(min(depth, maxDepth))})
		}
		from = -1
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case ' ', '\t', '\r', '\n':
		case '"':
			if from < 0 {
				from = i
			}
			for i++; s[i] != '"'; i++ {
				if s[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			if from < 0 {
				from = i
			}
			if next := skipBlank(s, i+1); s[next] == c+2 { // '{'+2 is '}', '['+2 is ']'
				i = next
				continue
			}
			end(i + 1)
			depth++
		case '}', ']':
			end(i)
			depth--
			from = i
		case ',':
			end(i + 1)
		default:
			if from < 0 {
				from = i
			}
		}
	}
	end(len(s))
}

func skipBlank(s string, i int) int {
	for s[i] == ' ' || s[i] == '\t' || s[i] == '\r' || s[i] == '\n' {
		i++
	}
	return i
}

// row draws line i from column left on, at most w cells of it.
func (d *document) row(i, left, w int) row {
	l := d.lines[i]
	limit := left + w
	var out row
	if d.json {
		out = row{{spaces(2 * int(l.depth)), ink{}}}
		out = append(out, tokens(d.raw[l.from:l.to], limit)...)
	} else {
		out = display(untrusted.From(head(d.raw[l.from:l.to], limit)).Line(), ink{})
	}
	if left > 0 {
		out = out.slice(left, limit+1)
	}
	return out
}

// head is the beginning of s that is enough to fill w cells. What takes no cell is bounded by package untrusted.
func head(s string, w int) string {
	n := 4*w + 64
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// tokens colours one line of JSON, blanks between the tokens left out. It stops when w cells are full.
func tokens(s string, w int) row {
	var out row
	cells := 0
	add := func(part string, k ink) {
		r := display(untrusted.From(head(part, w-cells)).Line(), k)
		cells += r.cells()
		out = append(out, r...)
	}
	for i := 0; i < len(s) && cells <= w; {
		from := i
		switch c := s[i]; c {
		case ' ', '\t', '\r', '\n':
			i++
		case '"':
			for i++; i < len(s) && s[i] != '"'; i++ {
				if s[i] == '\\' {
					i++
				}
			}
			i = min(i+1, len(s))
			if isMember(s[i:]) {
				add(s[from:i], ink{fg: member})
			} else {
				add(s[from:i], ink{fg: text})
			}
		case ':':
			add(": ", ink{fg: quiet})
			i++
		case '{', '}', '[', ']', ',':
			add(s[i:i+1], ink{fg: quiet})
			i++
		default:
			for i < len(s) && !stops(s[i]) {
				i++
			}
			add(s[from:i], ink{fg: number})
		}
	}
	return out
}

// isMember reports whether the string before rest is the name of a member.
func isMember(rest string) bool {
	for i := range len(rest) {
		switch rest[i] {
		case ' ', '\t', '\r', '\n':
		default:
			return rest[i] == ':'
		}
	}
	return false
}

func stops(c byte) bool {
	switch c {
	case ' ', '\t', '\r', '\n', '"', ':', ',', '{', '}', '[', ']':
		return true
	}
	return false
}

// maxPretty bounds the lines that are drawn outside of the response pane.
const maxPretty = 400

// prettyRows draws a short document as a whole.
func prettyRows(d *document, w int) []row {
	var rows []row
	for i := range d.lines {
		if i == maxPretty {
			return append(rows, row{say(quiet, "… "+plural(len(d.lines)-i, "more line"))})
		}
		rows = append(rows, d.row(i, 0, w).fit(w, ink{}))
	}
	return rows
}
