package explain

import (
	"bytes"
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// printer writes JSON the way a library does. Every field is a habit that some library has.
type printer struct {
	comma, colon string // separators; "" means "," and ":"
	indent       string // "" keeps everything on one line
	end          string // behind the whole text

	ascii bool   // what is not ASCII becomes \uXXXX
	upper bool   // hexadecimal digits of escapes in upper case
	extra string // these ASCII characters become \u00XX
	slash bool   // "/" becomes "\/"
	lines bool   // U+2028 and U+2029 are escaped
	bare  bool   // \b and \f are written as \u0008 and \u000c

	sorted      bool // members by name
	shallow     bool // only the outermost object is sorted
	indexFirst  bool // names that are array indexes come first, as in JavaScript
	emptyArray  bool // an empty object becomes [], as of a PHP array
	number      func(string) string
	debug       *debugWords // not JSON: the text a language prints for its own values
	pythonQuote bool        // strings quoted like Python's repr
}

// debugWords are the words of a language for true, false and null, and its brackets.
type debugWords struct {
	yes, no, null    string
	open, colon, end string
}

// rewrite reads JSON and writes it again; nil when it is not JSON.
func (p *printer) rewrite(b []byte) []byte {
	n := parseJSON(b)
	if n == nil {
		return nil
	}
	return append(p.node(make([]byte, 0, len(b)+len(b)/4), n, 0), p.end...)
}

func (p *printer) node(dst []byte, n *node, depth int) []byte {
	switch n.kind {
	case '{', '[':
		return p.container(dst, n, depth)
	case '"':
		return p.string(dst, n.text)
	case '0':
		if p.number == nil {
			return append(dst, n.number...)
		}
		return append(dst, p.number(n.number)...)
	}
	words := debugWords{yes: "true", no: "false", null: "null"}
	if p.debug != nil {
		words = *p.debug
	}
	switch n.kind {
	case 't':
		return append(dst, words.yes...)
	case 'f':
		return append(dst, words.no...)
	}
	return append(dst, words.null...)
}

// container writes an object or an array.
func (p *printer) container(dst []byte, n *node, depth int) []byte {
	items, open, end := n.items, string(n.kind), string(n.kind+2)
	if n.kind == '{' {
		items = p.members(n.items, depth)
		if p.debug != nil && p.debug.open != "" {
			open, end = p.debug.open, p.debug.end
		}
		if len(items) == 0 && p.emptyArray {
			open, end = "[", "]"
		}
	}
	dst = append(dst, open...)
	for i, m := range items {
		if i > 0 {
			dst = append(dst, orElse(p.comma, ",")...)
		}
		dst = p.line(dst, depth+1)
		if n.kind == '{' {
			dst = p.string(dst, m.name)
			dst = append(dst, orElse(p.colon, ":")...)
		}
		dst = p.node(dst, m.value, depth+1)
	}
	if len(items) > 0 {
		dst = p.line(dst, depth)
	}
	return append(dst, end...)
}

// line begins a new line when the printer indents.
func (p *printer) line(dst []byte, depth int) []byte {
	if p.indent == "" {
		return dst
	}
	return append(append(dst, '\n'), strings.Repeat(p.indent, depth)...)
}

// members drops all but the last of each name, as parsers do, and brings them into the printer's order.
func (p *printer) members(items []member, depth int) []member {
	at := map[string]int{}
	var out []member
	for _, m := range items {
		if i, ok := at[string(m.name)]; ok {
			out[i].value = m.value
			continue
		}
		at[string(m.name)] = len(out)
		out = append(out, m)
	}
	switch {
	case p.sorted && (depth == 0 || !p.shallow):
		slices.SortStableFunc(out, func(a, b member) int { return strings.Compare(string(a.name), string(b.name)) })
	case p.indexFirst:
		slices.SortStableFunc(out, func(a, b member) int { return cmp.Compare(index(a.name), index(b.name)) })
	}
	return out
}

// index orders names that are array indexes before all others, by their value (ECMA-262 section 10.1.11.1).
func index(name []rune) uint64 {
	n, err := strconv.ParseUint(string(name), 10, 32)
	if err != nil || n == math.MaxUint32 || strconv.FormatUint(n, 10) != string(name) {
		return math.MaxUint32
	}
	return n
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// string writes a string with its quotes.
func (p *printer) string(dst []byte, text []rune) []byte {
	quote := byte('"')
	switch {
	case p.pythonQuote && !(slices.Contains(text, '\'') && !slices.Contains(text, '"')):
		quote = '\''
	case p.debug != nil && !p.pythonQuote && p.debug.open == "map[":
		return append(dst, string(text)...)
	}
	dst = append(dst, quote)
	for _, c := range text {
		dst = p.rune(dst, c, quote)
	}
	return append(dst, quote)
}

// short are the characters that have a short escape, and its letter.
const short, letters = "\b\f\n\r\t", "bfnrt"

func (p *printer) rune(dst []byte, c rune, quote byte) []byte {
	switch {
	case c < 0x80 && strings.IndexByte(p.extra, byte(c)) >= 0:
		return p.escape(dst, c)
	case c == rune(quote) || c == '\\':
		return append(dst, '\\', byte(c))
	case c == '/' && p.slash:
		return append(dst, `\/`...)
	case c < ' ':
		if i := strings.IndexByte(short, byte(c)); i >= 0 && !(p.bare && i < 2) {
			return append(dst, '\\', letters[i])
		}
		return p.escape(dst, c)
	case p.ascii && c >= 0x7f, p.lines && (c == 0x2028 || c == 0x2029), utf16.IsSurrogate(c):
		return p.escape(dst, c)
	}
	return append(dst, string(c)...)
}

// escape writes \uXXXX, for characters beyond the basic plane as a surrogate pair.
func (p *printer) escape(dst []byte, c rune) []byte {
	if p.pythonQuote && c < 0x80 {
		return append(dst, `\x`+hexDigits(c, 2, p.upper)...)
	}
	if c > 0xffff {
		high, low := utf16.EncodeRune(c)
		return p.escape(p.escape(dst, high), low)
	}
	return append(dst, `\u`+hexDigits(c, 4, p.upper)...)
}

func hexDigits(c rune, n int, upper bool) string {
	s := strconv.FormatInt(int64(c), 16)
	s = strings.Repeat("0", max(0, n-len(s))) + s
	if upper {
		return strings.ToUpper(s)
	}
	return s
}

// jsNumber writes a number as JavaScript and, but for minus zero, as Go's encoding/json do (ECMA-262 section 6.1.6.1.20).
func jsNumber(raw string) string {
	f, err := strconv.ParseFloat(raw, 64)
	if err != nil {
		return "null" // JSON.stringify(Infinity)
	}
	if f == 0 {
		return "0"
	}
	return floatText(f)
}

// goNumber is a float64 in encoding/json.
func goNumber(raw string) string {
	f, err := strconv.ParseFloat(raw, 64)
	if err != nil {
		return raw
	}
	return floatText(f)
}

func floatText(f float64) string {
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		s := strconv.FormatFloat(f, 'e', -1, 64)
		mantissa, exponent, _ := strings.Cut(s, "e")
		return mantissa + "e" + exponent[:1] + strings.TrimLeft(exponent[1:], "0")
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// pythonNumber keeps integers and writes floats like repr.
func pythonNumber(raw string) string {
	if !strings.ContainsAny(raw, ".eE") {
		if raw == "-0" {
			return "0"
		}
		return raw
	}
	f, err := strconv.ParseFloat(raw, 64)
	if err != nil {
		return "Infinity"
	}
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// phpNumber drops the fraction .0, as json_encode does without JSON_PRESERVE_ZERO_FRACTION.
func phpNumber(raw string) string {
	if !strings.ContainsAny(raw, ".eE") {
		return raw
	}
	s := pythonNumber(raw)
	if mantissa, exponent, ok := strings.Cut(s, "e"); ok {
		if !strings.Contains(mantissa, ".") {
			mantissa += ".0"
		}
		return mantissa + "e" + exponent[:1] + strings.TrimLeft(exponent[1:], "0")
	}
	return strings.TrimSuffix(s, ".0")
}

// within changes the string literals of a JSON text and leaves everything between them as it is.
// It is nil when the text is no JSON or nothing changes.
func within(b []byte, change func(dst, literal []byte) []byte) []byte {
	if parseJSON(b) == nil {
		return nil
	}
	var out []byte
	for i := 0; i < len(b); {
		if b[i] != '"' {
			out = append(out, b[i])
			i++
			continue
		}
		end := i + 1
		for b[end] != '"' {
			if b[end] == '\\' {
				end++
			}
			end++
		}
		out = append(change(append(out, '"'), b[i+1:end]), '"')
		i = end + 1
	}
	if bytes.Equal(out, b) {
		return nil
	}
	return out
}
