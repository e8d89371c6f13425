package explain

import (
	"unicode/utf16"
	"unicode/utf8"
)

// node is a JSON value that keeps what encoding/json loses: the order of members, repeated names,
// how a number is written, lone surrogates.
type node struct {
	kind   byte   // '{', '[', '"', '0' for a number, 't', 'f', 'n'
	text   []rune // of a string; lone surrogates stay
	number string // as written
	items  []member
}

// member is a member of an object, or with an unused name an item of an array.
type member struct {
	name  []rune
	value *node
}

// maxJSON bounds the texts that are read, maxNesting how deep.
const (
	maxJSON    = 1 << 20
	maxNesting = 64
)

// parseJSON reads one JSON text (RFC 8259) with blanks around it. It is nil when the bytes are none.
func parseJSON(b []byte) *node {
	if len(b) == 0 || len(b) > maxJSON || !utf8.Valid(b) {
		return nil
	}
	r := reader{b: b}
	r.blank()
	n := r.value(0)
	r.blank()
	if r.bad || r.i != len(b) {
		return nil
	}
	return n
}

// reader reads JSON; bad is set at the first fault and ends everything.
type reader struct {
	b   []byte
	i   int
	bad bool
}

func (r *reader) blank() {
	for r.i < len(r.b) && (r.b[r.i] == ' ' || r.b[r.i] == '\n' || r.b[r.i] == '\r' || r.b[r.i] == '\t') {
		r.i++
	}
}

// next returns the byte at hand and steps over it.
func (r *reader) next() byte {
	if r.bad || r.i >= len(r.b) {
		r.bad = true
		return 0
	}
	r.i++
	return r.b[r.i-1]
}

func (r *reader) peek() byte {
	if r.i < len(r.b) {
		return r.b[r.i]
	}
	return 0
}

func (r *reader) value(depth int) *node {
	if depth > maxNesting {
		r.bad = true
		return nil
	}
	switch c := r.peek(); {
	case c == '{' || c == '[':
		return r.container(depth)
	case c == '"':
		return &node{kind: '"', text: r.text()}
	case c == '-' || c >= '0' && c <= '9':
		return &node{kind: '0', number: r.number()}
	}
	for _, word := range []string{"true", "false", "null"} {
		if len(r.b)-r.i >= len(word) && string(r.b[r.i:r.i+len(word)]) == word {
			r.i += len(word)
			return &node{kind: word[0]}
		}
	}
	r.bad = true
	return nil
}

// container reads an object or an array.
func (r *reader) container(depth int) *node {
	n := &node{kind: r.next()}
	end := n.kind + 2 // '{' to '}', '[' to ']'
	if r.blank(); r.peek() == end {
		r.i++
		return n
	}
	for !r.bad {
		var m member
		r.blank()
		if n.kind == '{' {
			m.name = r.text()
			r.blank()
			r.bad = r.next() != ':' || r.bad
			r.blank()
		}
		m.value = r.value(depth + 1)
		n.items = append(n.items, m)
		r.blank()
		switch r.next() {
		case ',':
		case end:
			return n
		default:
			r.bad = true
		}
	}
	return nil
}

// number reads a number as it is written.
func (r *reader) number() string {
	from := r.i
	if r.peek() == '-' {
		r.i++
	}
	if r.peek() == '0' {
		r.i++
	} else {
		r.digits()
	}
	if r.peek() == '.' {
		r.i++
		r.digits()
	}
	if c := r.peek(); c == 'e' || c == 'E' {
		r.i++
		if c := r.peek(); c == '+' || c == '-' {
			r.i++
		}
		r.digits()
	}
	return string(r.b[from:r.i])
}

// digits steps over one digit or more.
func (r *reader) digits() {
	from := r.i
	for c := r.peek(); c >= '0' && c <= '9'; c = r.peek() {
		r.i++
	}
	r.bad = r.bad || r.i == from
}

// text reads a string.
func (r *reader) text() []rune {
	if r.next() != '"' {
		r.bad = true
	}
	text := []rune{}
	for !r.bad {
		c, size := utf8.DecodeRune(r.b[r.i:])
		switch {
		case size == 0 || c < ' ':
			r.bad = true
		case c == '"':
			r.i++
			return text
		case c == '\\':
			r.i++
			text = r.escaped(text)
		default:
			r.i += size
			text = append(text, c)
		}
	}
	return text
}

// escaped reads what follows a backslash.
func (r *reader) escaped(text []rune) []rune {
	c := r.next()
	for i, e := range []byte(`"\/bfnrt`) {
		if c == e {
			return append(text, []rune("\"\\/\b\f\n\r\t")[i])
		}
	}
	if c != 'u' {
		r.bad = true
		return text
	}
	u := r.hex4()
	if n := len(text); n > 0 && u >= 0xDC00 && u <= 0xDFFF && text[n-1] >= 0xD800 && text[n-1] <= 0xDBFF {
		text[n-1] = utf16.DecodeRune(text[n-1], u)
		return text
	}
	return append(text, u)
}

func (r *reader) hex4() rune {
	var u rune
	for range 4 {
		c := r.next()
		switch {
		case c >= '0' && c <= '9':
			u = u<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			u = u<<4 | rune(c|0x20-'a'+10)
		default:
			r.bad = true
		}
	}
	return u
}
