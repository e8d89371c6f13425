package untrusted

import (
	"errors"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// MarshalJSON writes the text as a JSON string that is safe to print and gives the same bytes back:
// every character that [Text.Line] would make visible is escaped as \u, beyond the basic plane as a surrogate pair.
//
// JSON has no form for a byte that is not UTF-8. Such a byte, 0xE9 say, is written as the lone low surrogate \udce9,
// the way of Python's surrogateescape (PEP 383), which cannot be confused with any character.
// [Text.UnmarshalJSON] reads it back, and so does Python; other readers see U+FFFD.
func (t Text) MarshalJSON() ([]byte, error) {
	out := append(make([]byte, 0, len(t.s)+2), '"')
	var j judge
	for i := 0; i < len(t.s); {
		r, size := utf8.DecodeRuneInString(t.s[i:])
		if j.rune(r, size) != keep {
			out = appendEscape(out, r, size, t.s[i])
		} else {
			if r == '"' || r == '\\' {
				out = append(out, '\\')
			}
			out = append(out, t.s[i:i+size]...)
		}
		i += size
	}
	return append(out, '"'), nil
}

// Printable escapes, inside already encoded JSON, the characters that [Text.MarshalJSON] escapes,
// so that any JSON is safe to print. Its meaning stays the same. Between the strings, newlines and tabs stay
// and a carriage return becomes a space. Input that is not JSON comes out safe to print as well.
func Printable(json []byte) []byte {
	out := make([]byte, 0, len(json))
	var j judge
	inside := false
	for i := 0; i < len(json); {
		r, size := utf8.DecodeRune(json[i:])
		b, v := json[i], j.rune(r, size)
		switch {
		case inside && b == '\\' && i+1 < len(json) && plain(json[i+1]):
			out = append(out, b, json[i+1])
			size, j = 2, judge{based: json[i+1] == '"' || json[i+1] == '\\' || json[i+1] == '/'}
		case !inside && (b == '\n' || b == '\t'):
			out = append(out, b)
		case !inside && b == '\r':
			out = append(out, ' ')
		case v != keep:
			out = appendEscape(out, r, size, b)
		default:
			if b == '"' {
				inside = !inside
				j = judge{}
			}
			out = append(out, json[i:i+size]...)
		}
		i += size
	}
	return out
}

// appendEscape appends the JSON escape of a character, or of a byte that is not UTF-8.
func appendEscape(dst []byte, r rune, size int, first byte) []byte {
	switch {
	case r == utf8.RuneError && size <= 1:
		return appendUnit(dst, 0xDC00|rune(first))
	case r == '\n':
		return append(dst, `\n`...)
	case r == '\r':
		return append(dst, `\r`...)
	case r == '\t':
		return append(dst, `\t`...)
	case r > 0xFFFF:
		high, low := utf16.EncodeRune(r)
		return appendUnit(appendUnit(dst, high), low)
	}
	return appendUnit(dst, r)
}

// appendUnit appends the escape of one UTF-16 unit.
func appendUnit(dst []byte, u rune) []byte {
	const hex = "0123456789abcdef"
	return append(dst, '\\', 'u', hex[u>>12&15], hex[u>>8&15], hex[u>>4&15], hex[u&15])
}

var errString = errors.New("untrusted text is not a JSON string")

// UnmarshalJSON reads a JSON string. It is the inverse of [Text.MarshalJSON]: a lone surrogate from \udc80 to
// \udcff is the byte that it stands for, any other lone surrogate is U+FFFD. null changes nothing.
func (t *Text) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	if len(data) < 2 || data[0] != '"' || data[len(data)-1] != '"' {
		return errString
	}
	data = data[1 : len(data)-1]
	out := make([]byte, 0, len(data))
	for len(data) > 0 {
		if data[0] == '"' {
			return errString
		}
		if data[0] != '\\' {
			out, data = append(out, data[0]), data[1:]
			continue
		}
		var n int
		if out, n = unescape(out, data); n == 0 {
			return errString
		}
		data = data[n:]
	}
	*t = Text{string(out)}
	return nil
}

// unescape appends what the escape at the beginning of data stands for
// and returns its length, 0 when it is none.
func unescape(dst, data []byte) ([]byte, int) {
	if u, ok := unit(data); ok {
		if low, ok := unit(data[6:]); ok {
			if r := utf16.DecodeRune(u, low); r != utf8.RuneError {
				return utf8.AppendRune(dst, r), 12
			}
		}
		if u >= 0xDC80 && u <= 0xDCFF {
			return append(dst, byte(u)), 6
		}
		return utf8.AppendRune(dst, u), 6
	}
	if len(data) < 2 {
		return dst, 0
	}
	switch data[1] {
	case '"', '\\', '/':
		return append(dst, data[1]), 2
	case 'b':
		return append(dst, '\b'), 2
	case 'f':
		return append(dst, '\f'), 2
	case 'n':
		return append(dst, '\n'), 2
	case 'r':
		return append(dst, '\r'), 2
	case 't':
		return append(dst, '\t'), 2
	}
	return dst, 0
}

// unit reads a \u escape at the beginning of data.
func unit(data []byte) (rune, bool) {
	if len(data) < 6 || data[0] != '\\' || data[1] != 'u' {
		return 0, false
	}
	u, err := strconv.ParseUint(string(data[2:6]), 16, 16)
	return rune(u), err == nil
}
