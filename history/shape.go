package history

import (
	"bytes"
	"encoding/base64"
	"regexp"
	"strings"
)

// shape finds what looks like a secret, wherever it stands.
type shape struct {
	name    string
	pattern *regexp.Regexp
	hint    string            // a text without it cannot match; saves the search
	is      func([]byte) bool // nil: the pattern decides
}

// replace puts the result of mask in the place of each match, or of its first group where it has one.
func (s shape) replace(b []byte, mask func([]byte) []byte) []byte {
	if !bytes.Contains(b, []byte(s.hint)) {
		return b
	}
	var out []byte
	at := 0
	for _, loc := range s.pattern.FindAllSubmatchIndex(b, -1) {
		from, to := loc[0], loc[1]
		if len(loc) > 2 && loc[2] >= 0 {
			from, to = loc[2], loc[3]
		}
		if from < at || s.is != nil && !s.is(b[from:to]) {
			continue
		}
		out = append(append(out, b[at:from]...), mask(b[from:to])...)
		at = to
	}
	if at == 0 {
		return b
	}
	return append(out, b[at:]...)
}

// secretShapes are masked before anything is written. Each pattern is anchored by a fixed beginning.
var secretShapes = []shape{
	{name: "private-key", hint: "PRIVATE KEY", pattern: regexp.MustCompile(`-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----(?s:.*?)(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|$)`)},
	{name: "private-key", hint: pemStart, pattern: regexp.MustCompile(pemStart + `[A-Za-z0-9+/_-]+={0,2}`), is: encodesPrivateKey},
	{name: "jwt", hint: "eyJ", pattern: regexp.MustCompile(`eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+){0,2}`)},
	{name: "api-key", hint: "sk", pattern: regexp.MustCompile(`\b(?:[sr]k_(?:live|test)|sks)_[A-Za-z0-9_-]{8,}`)},
	{name: "webhook-secret", hint: "whsec_", pattern: regexp.MustCompile(`\bwhsec_[A-Za-z0-9+/=_-]{8,}`)},
	{name: "bearer", hint: "earer ", pattern: regexp.MustCompile(`\b[Bb]earer +([A-Za-z0-9._~+/-]{8,}=*)`)},
	{name: "basic", hint: "asic ", pattern: regexp.MustCompile(`\b[Bb]asic +([A-Za-z0-9+/]{8,}={0,2})`), is: hasDigitOrPad},
}

// pemStart is how "-----BEGIN " begins in base64.
const pemStart = "LS0tLS1CRUdJTi"

// encodesPrivateKey tells a private key in PEM, encoded once more, from a certificate.
func encodesPrivateKey(b []byte) bool {
	const most = 64 // characters that hold the first line of any key
	head := strings.NewReplacer("-", "+", "_", "/").Replace(string(b[:min(len(b), most)]))
	text, _ := base64.RawStdEncoding.DecodeString(strings.TrimRight(head, "=")) // as far as it goes
	return bytes.Contains(text, []byte("PRIVATE KEY"))
}

// hasDigitOrPad tells a credential from a word such as "basic authentication".
func hasDigitOrPad(b []byte) bool { return bytes.ContainsAny(b, "0123456789=+/") }

// personalShapes are masked in exports as well: they are no credentials, but they are somebody's. History keeps them,
// because a withdrawal without its account could not be sent again.
var personalShapes = []shape{
	{name: "card-number", pattern: regexp.MustCompile(`\b[2-6][0-9](?:[ -]?[0-9]){11,17}\b`), is: isPAN},
	{name: "iban", pattern: regexp.MustCompile(`\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]){11,30}\b`), is: isIBAN},
}

// isPAN checks length and Luhn digit of a card number (ISO/IEC 7812-1).
func isPAN(b []byte) bool {
	sum, n := 0, 0
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] < '0' || b[i] > '9' {
			continue
		}
		d := int(b[i] - '0')
		if n%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
		n++
	}
	return n >= 13 && n <= 19 && sum%10 == 0
}

// isIBAN checks the two check digits of an account number (ISO 13616-1, MOD 97-10 of ISO/IEC 7064).
func isIBAN(b []byte) bool {
	s := strings.ReplaceAll(string(b), " ", "")
	if len(s) < 15 || len(s) > 34 {
		return false
	}
	rest := 0
	for _, c := range s[4:] + s[:4] {
		switch {
		case c >= '0' && c <= '9':
			rest = (rest*10 + int(c-'0')) % 97
		default:
			rest = (rest*100 + int(c-'A') + 10) % 97
		}
	}
	return rest == 1
}
