package sign

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// minRedact is the least length of a value that is searched for anywhere. A shorter one would be found
// by chance all over a text; it is hidden where a JSON string is nothing else, and by its place.
const minRedact = 8

// Redactor replaces known secrets in text from outside, in every form in which they travel:
// as they are, with any characters of them escaped for a URL, for JSON or for HTML, in hex, and in base64 at
// each of the three alignments in both alphabets; at the end of a text also when it is cut off there.
// It is immutable, safe for concurrent use, and prints nothing of what it knows.
type Redactor struct{ box *redactions }

// redactions keeps the forms two pointers away from any printer; see box in secret.go.
type redactions struct {
	forms   *[][]byte // longest first
	secrets *[][]byte // for escapes, which have too many forms to be listed
	short   *[][]byte // as JSON strings, with their quotes
}

// NewRedactor knows these secrets.
func NewRedactor(secrets ...Secret) Redactor {
	var known, forms, short [][]byte
	for _, s := range secrets {
		switch {
		case s.Len() >= minRedact:
			known, forms = append(known, s.bytes()), append(forms, derivedForms(s.bytes())...)
		case !s.Empty():
			short = append(short, fmt.Appendf(nil, `"%s"`, jsonInside(s.bytes())))
		}
	}
	slices.SortFunc(forms, func(a, b []byte) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return bytes.Compare(a, b)
	})
	forms = slices.CompactFunc(forms, bytes.Equal)
	return Redactor{&redactions{&forms, &known, &short}}
}

// Format writes nothing for every verb: what a redactor knows is secret.
func (r Redactor) Format(f fmt.State, _ rune) { io.WriteString(f, "[redactor]") }

// Redact returns text with each known form replaced by the mask, and how many were replaced.
func (r Redactor) Redact(text []byte) ([]byte, int) {
	if r.box == nil {
		return text, 0
	}
	n := 0
	replace := func(form []byte, by string) {
		if c := bytes.Count(text, form); c > 0 {
			text, n = bytes.ReplaceAll(text, form, []byte(by)), n+c
		}
	}
	for _, f := range *r.box.forms {
		replace(f, mask)
	}
	for _, f := range *r.box.short {
		replace(f, `"`+mask+`"`)
	}
	for _, s := range *r.box.secrets {
		var c int
		text, c = redactEscaped(text, s)
		n += c
	}
	if cut := r.cutOff(text); cut > 0 {
		text, n = append(bytes.Clone(text[:len(text)-cut]), mask...), n+1
	}
	return text, n
}

// Finds reports whether a known form of a secret is in text.
func (r Redactor) Finds(text []byte) bool {
	_, n := r.Redact(text)
	return n > 0
}

// cutOff is the length of the beginning of a form with which the text ends, 0 when it is too short to be one.
func (r Redactor) cutOff(text []byte) int {
	longest := 0
	for _, f := range *r.box.forms {
		for n := min(len(f)-1, len(text)); n >= max(minRedact, longest+1); n-- {
			if bytes.HasSuffix(text, f[:n]) {
				longest = n
				break
			}
		}
	}
	return longest
}

// redactEscaped replaces a secret of which any characters are escaped: \u002b and \/ in JSON, %2b in a URL, &#43; in HTML.
func redactEscaped(text, secret []byte) ([]byte, int) {
	var out []byte
	n, kept := 0, 0
	for i := 0; i < len(text); {
		if text[i] != secret[0] && text[i] != '\\' && text[i] != '%' && text[i] != '&' {
			i++
			continue
		}
		length := escapedLen(text[i:], secret)
		if length == 0 {
			i++
			continue
		}
		out = append(append(out, text[kept:i]...), mask...)
		i += length
		n, kept = n+1, i
	}
	if n == 0 {
		return text, 0
	}
	return append(out, text[kept:]...), n
}

// escapedLen is how many bytes at the beginning of text stand for the secret; 0: they do not.
func escapedLen(text, secret []byte) int {
	at := 0
	for len(secret) > 0 {
		if at >= len(text) {
			return 0
		}
		c, n := unescape(text[at:])
		switch {
		case n > 0 && bytes.HasPrefix(secret, c):
			at, secret = at+n, secret[len(c):]
		case text[at] == secret[0]:
			at, secret = at+1, secret[1:]
		default:
			return 0
		}
	}
	return at
}

// unescape reads the escape with which text begins: what it stands for and its length, 0 when it is none.
func unescape(text []byte) ([]byte, int) {
	switch text[0] {
	case '%':
		if c, err := hex.DecodeString(string(text[min(1, len(text)):min(3, len(text))])); err == nil && len(c) == 1 {
			return c, 3
		}
	case '&':
		if end := bytes.IndexByte(text[:min(10, len(text))], ';'); end > 0 {
			if s := html.UnescapeString(string(text[:end+1])); len(s) <= end {
				return []byte(s), end + 1
			}
		}
	case '\\':
		for _, n := range []int{2, 12, 6} { // \n, a pair of surrogates, \u002b
			var s string
			if n <= len(text) && json.Unmarshal([]byte(`"`+string(text[:n])+`"`), &s) == nil && utf8.RuneCountInString(s) == 1 {
				return []byte(s), n
			}
		}
	}
	return nil, 0
}

// derivedForms are the encodings under which a secret is found in requests, answers and logs.
func derivedForms(b []byte) [][]byte {
	s := string(b)
	quoted, _ := json.Marshal(s) // encoding a string cannot fail
	forms := []string{
		s, url.QueryEscape(s), url.PathEscape(s), strings.ReplaceAll(url.QueryEscape(s), "+", "%20"),
		string(jsonInside(b)), string(quoted[1 : len(quoted)-1]), html.EscapeString(s),
		hex.EncodeToString(b), strings.ToUpper(hex.EncodeToString(b)),
	}
	for offset := range 3 {
		forms = append(forms, base64At(b, offset, base64.StdEncoding), base64At(b, offset, base64.URLEncoding))
	}
	out := make([][]byte, 0, len(forms))
	for _, f := range forms {
		if len(f) >= minRedact {
			out = append(out, []byte(f))
		}
	}
	return out
}

// base64At is the part of the base64 of any text with b at an offset (mod 3) that depends on b alone.
func base64At(b []byte, offset int, e *base64.Encoding) string {
	padded := append(make([]byte, offset), b...)
	whole := len(padded) / 3 * 3
	encoded := e.EncodeToString(padded[:whole])
	if offset > 0 && len(encoded) >= 4 {
		encoded = encoded[4:]
	}
	return encoded
}
