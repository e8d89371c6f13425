// Package capture turns what people paste into a captured request: a raw HTTP request, a curl command,
// an entry of a HAR file.
//
// It never runs anything, expands no variable, reads no file and contacts nobody; a file that a curl command names is
// read only through the function that the caller gives. What is not exactly what was sent is told as a remark,
// because a body that is one byte off makes every signature wrong.
//
// Not a goal: to be curl or a shell. Options that do not change the request are skipped, those that cannot
// be followed are refused with a sentence.
package capture

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"

	"countersign/sign"
)

// MaxText bounds the text that is read, in bytes.
const MaxText = 16 << 20

// maxHeaders bounds the header fields of a request.
const maxHeaders = 256

// Remark is a sentence about something that was skipped, assumed, or is not exactly what was sent.
type Remark string

// Option says how to read. The zero Option reads everything but files.
type Option struct {
	// ReadFile reads a file that a curl command names, as in -d @body.json. Nil refuses such commands.
	ReadFile func(name string) ([]byte, error)
	// Entry is the entry of a HAR file to take, counted from 0.
	Entry int
}

// Parse finds out which of the three the text is and reads it.
// The error is one sentence that says what is wrong and where.
func Parse(text []byte, opt Option) (sign.Captured, []Remark, error) {
	if len(text) > MaxText {
		return sign.Captured{}, nil, fmt.Errorf("the text has %d bytes; at most %d are read", len(text), MaxText)
	}
	text = utf8Text(text)
	start := bytes.TrimLeft(text, " \t\r\n")
	switch {
	case len(start) == 0:
		return sign.Captured{}, nil, errors.New("there is nothing to read; paste a raw HTTP request, a curl command or a HAR entry")
	case start[0] == '{' || start[0] == '[':
		return HAR(text, opt)
	case looksLikeCurl(string(start)):
		return Curl(text, opt)
	}
	return RawHTTP(text)
}

// utf8Text drops a byte order mark and decodes UTF-16, which Windows' clipboard and PowerShell write.
func utf8Text(text []byte) []byte {
	var order func(b []byte) uint16
	switch {
	case bytes.HasPrefix(text, []byte("\xef\xbb\xbf")):
		return text[3:]
	case bytes.HasPrefix(text, []byte("\xff\xfe")):
		order = func(b []byte) uint16 { return uint16(b[0]) | uint16(b[1])<<8 }
	case bytes.HasPrefix(text, []byte("\xfe\xff")):
		order = func(b []byte) uint16 { return uint16(b[1]) | uint16(b[0])<<8 }
	default:
		return text
	}
	var units []uint16
	for i := 2; i+1 < len(text); i += 2 {
		units = append(units, order(text[i:]))
	}
	return []byte(string(utf16.Decode(units)))
}

// looksLikeCurl reports whether a word of the first lines is curl, as a command.
func looksLikeCurl(s string) bool {
	for i, line := range strings.Split(s, "\n") {
		if i == 20 {
			return false
		}
		for j, word := range strings.Fields(line) {
			if name := strings.ToLower(strings.Trim(word, "(`\"'")); name == "curl" || name == "curl.exe" || strings.HasSuffix(name, "/curl") || name == "$(curl" {
				return true
			}
			if j == 0 && i == 0 && isMethodLine(line) {
				return false
			}
		}
	}
	return false
}

// isMethodLine reports whether a line is a request line, so that a curl in its target does not mislead.
func isMethodLine(line string) bool {
	f := strings.Fields(line)
	return len(f) == 3 && strings.HasPrefix(f[2], "HTTP/") && (strings.HasPrefix(f[1], "/") || strings.Contains(f[1], "://"))
}

// splitURL takes an absolute URL apart without changing a byte of path and query.
func splitURL(raw string) (scheme, user, authority, target string, err error) {
	scheme, rest, ok := strings.Cut(raw, "://")
	if !ok {
		scheme, rest = "", raw
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	authority, target = rest[:end], rest[end:]
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		user, authority = authority[:i], authority[i+1:]
	}
	target, _, _ = strings.Cut(target, "#")
	if !strings.HasPrefix(target, "/") {
		target = "/" + target
	}
	switch scheme = strings.ToLower(scheme); {
	case authority == "":
		return "", "", "", "", fmt.Errorf("the url %s has no host", short(raw))
	case scheme != "" && scheme != "http" && scheme != "https":
		return "", "", "", "", fmt.Errorf("the url %s is %s, not http or https", short(raw), short(scheme))
	case strings.ContainsAny(target+authority, " \t\r\n"):
		return "", "", "", "", fmt.Errorf("the url %s has a blank in it; quote it or encode the blank as %%20", short(raw))
	}
	return scheme, user, authority, target, nil
}

// short quotes text for an error, without what could be a secret in a query.
func short(s string) string {
	if i := strings.IndexByte(s, '?'); i >= 0 {
		s = s[:i+1] + "…"
	}
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		s = "…" + s[i:]
	}
	if r := []rune(s); len(r) > 60 {
		s = string(r[:60]) + "…"
	}
	return fmt.Sprintf("%q", s)
}
