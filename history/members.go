package history

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
)

// decider chooses what becomes of a value in a body. path names the members from the outside in; value has no quotes.
type decider func(path []string, value []byte) (replacement string, replace bool)

// members replaces values in a body by the names of their members, and leaves every other byte as it is.
//
// It reads JSON fragment by fragment, without asking for the whole to be valid, because a body that was cut off or
// mistyped holds secrets just the same. What is no JSON is read as a form (a=1&b=2).
func members(body []byte, decide decider) []byte {
	if s := bytes.TrimLeft(body, " \t\r\n\xef\xbb\xbf"); len(s) > 0 && s[0] != '{' && s[0] != '[' && s[0] != '"' && isForm(s) {
		return formMembers(body, decide)
	}
	m := scanner{in: body, decide: decide}
	m.run()
	return m.out
}

// isForm reports whether a text looks like application/x-www-form-urlencoded.
func isForm(b []byte) bool {
	return bytes.IndexByte(b, '=') > 0 && !bytes.ContainsAny(b[:bytes.IndexByte(b, '=')], " <>{}\"\n")
}

func formMembers(body []byte, decide decider) []byte {
	parts := strings.Split(string(body), "&")
	for i, p := range parts {
		name, value, ok := strings.Cut(p, "=")
		if !ok {
			continue
		}
		if to, replace := decide([]string{unescapeForm(name)}, []byte(unescapeForm(value))); replace {
			parts[i] = name + "=" + to
		}
	}
	return []byte(strings.Join(parts, "&"))
}

// scanner walks over JSON text.
type scanner struct {
	in, out []byte
	at      int
	decide  decider
	names   []string // the member that each open object or array belongs to
	name    string   // the member whose value comes next
}

func (s *scanner) run() {
	for s.at < len(s.in) {
		switch c := s.in[s.at]; {
		case c == '"':
			s.string()
		case c == '{' || c == '[':
			s.names = append(s.names, s.name)
			s.copy(1)
		case c == '}' || c == ']':
			if n := len(s.names); n > 0 {
				s.name, s.names = s.names[n-1], s.names[:n-1]
			}
			s.copy(1)
		case c == ',':
			s.name = ""
			if n := len(s.names); n > 0 {
				s.name = s.names[n-1]
			}
			s.copy(1)
		case c == ':' || c == ' ' || c == '\t' || c == '\r' || c == '\n':
			s.copy(1)
		default: // a number, a literal, or what should not be there: all of it is a value
			s.value(s.at, bytes.IndexFunc(s.in[s.at:], endsLiteral), 0)
		}
	}
}

func endsLiteral(r rune) bool { return strings.ContainsRune(",[]{} \t\r\n:\"", r) }

func (s *scanner) copy(n int) {
	s.out = append(s.out, s.in[s.at:s.at+n]...)
	s.at += n
}

// string reads a string: the name of a member when a colon follows, else a value.
func (s *scanner) string() {
	end := s.at + 1
	for end < len(s.in) && s.in[end] != '"' {
		if s.in[end] == '\\' {
			end++
		}
		end++
	}
	end = min(end, len(s.in))
	closed := end < len(s.in)
	rest := bytes.TrimLeft(s.in[min(end+1, len(s.in)):], " \t\r\n")
	if closed && len(rest) > 0 && rest[0] == ':' {
		s.name = unquote(s.in[s.at : end+1])
		s.copy(end + 1 - s.at)
		return
	}
	s.copy(1)
	s.value(s.at, end-s.at, '"')
	if closed {
		s.copy(1)
	}
}

// value passes on or replaces a value of n bytes; a negative n is up to the end. A literal that is replaced becomes a string.
func (s *scanner) value(from, n int, quote byte) {
	if n < 0 {
		n = len(s.in) - from
	}
	to, replace := s.decide(append(s.names[:len(s.names):len(s.names)], s.name), s.in[from:from+n])
	if !replace {
		s.copy(n)
		return
	}
	if quote == 0 {
		to = `"` + to + `"`
	}
	s.out = append(s.out, to...)
	s.at += n
}

func unquote(literal []byte) string {
	var s string
	if json.Unmarshal(literal, &s) != nil {
		return strings.Trim(string(literal), `"`)
	}
	return s
}

// unescapeForm undoes the escapes of a form as far as they are valid.
func unescapeForm(s string) string {
	if u, err := url.QueryUnescape(s); err == nil {
		return u
	}
	return s
}
