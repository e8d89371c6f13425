package sign

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// minRedact is the least length of a value that is searched for. A shorter one would be found
// by chance all over a text; such secrets are hidden by their place only.
const minRedact = 8

// Redactor replaces known secrets in text from outside, in every form in which they travel:
// as they are, URL-escaped, JSON- and HTML-escaped, in hex, and in base64 at each of the three
// alignments in both alphabets. Longer forms are replaced first. It is immutable.
type Redactor struct{ forms [][]byte }

// NewRedactor knows the secrets that are long enough to be searched for.
func NewRedactor(secrets ...Secret) Redactor {
	var r Redactor
	for _, s := range secrets {
		if s.Len() >= minRedact {
			r.forms = append(r.forms, derivedForms(s.bytes())...)
		}
	}
	slices.SortFunc(r.forms, func(a, b []byte) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return bytes.Compare(a, b)
	})
	r.forms = slices.CompactFunc(r.forms, bytes.Equal)
	return r
}

// Redact returns text with each known form replaced by the mask, and how many were replaced.
func (r Redactor) Redact(text []byte) ([]byte, int) {
	n := 0
	for _, f := range r.forms {
		if c := bytes.Count(text, f); c > 0 {
			text, n = bytes.ReplaceAll(text, f, []byte(mask)), n+c
		}
	}
	return text, n
}

// Finds reports whether a known form of a secret is in text.
func (r Redactor) Finds(text []byte) bool {
	return slices.ContainsFunc(r.forms, func(f []byte) bool { return bytes.Contains(text, f) })
}

// derivedForms are the encodings under which a secret is found in requests, answers and logs.
func derivedForms(b []byte) [][]byte {
	s := string(b)
	quoted, _ := json.Marshal(s) // encoding a string cannot fail
	html := strings.Trim(string(quoted), `"`)
	forms := []string{
		s, url.QueryEscape(s), url.PathEscape(s), strings.ReplaceAll(url.QueryEscape(s), "+", "%20"),
		string(jsonInside(b)), html,
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
