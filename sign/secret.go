package sign

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
)

// mask is what every printer, encoder and logger shows in place of a secret.
// It is constant, so that not even the length of the secret is told.
const mask = "[secret]"

// Secret is a value that must not be shown: a password, a signing secret, a token.
// It masks itself in fmt, encoding/json, encoding.TextMarshaler and log/slog,
// also as a map key and inside unexported struct fields, because the value
// sits behind a pointer that no printer follows.
//
// The zero Secret holds nothing. A Secret is immutable and safe for concurrent use.
type Secret struct{ box *box }

// box keeps the value two pointers away. One is not enough: for a verb that does not fit a pointer,
// such as %s, fmt follows the first pointer to say what was wrong with it.
type box struct{ value *[]byte }

// NewSecret takes a copy of value into a Secret.
func NewSecret(value string) Secret {
	if value == "" {
		return Secret{}
	}
	b := []byte(value)
	return Secret{&box{&b}}
}

// Empty reports whether the secret holds no bytes.
func (s Secret) Empty() bool { return len(s.bytes()) == 0 }

// Len is the length of the secret in bytes.
func (s Secret) Len() int { return len(s.bytes()) }

// Equal compares two secrets in constant time.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare(s.bytes(), other.bytes()) == 1
}

// Fingerprint names a secret without telling it: the first 6 bytes of
// HMAC-SHA256(secret, "countersign fingerprint") in hex. Equal secrets have equal
// fingerprints; a short secret can be guessed from its fingerprint, so it is
// empty for secrets under 8 bytes.
func (s Secret) Fingerprint() string {
	if s.Len() < 8 {
		return ""
	}
	m := hmac.New(sha256.New, s.bytes())
	io.WriteString(m, "countersign fingerprint")
	return hex.EncodeToString(m.Sum(nil)[:6])
}

// HMACSHA256 is the MAC of message under the secret (RFC 2104 with SHA-256).
func (s Secret) HMACSHA256(message []byte) []byte {
	m := hmac.New(sha256.New, s.bytes())
	m.Write(message)
	return m.Sum(nil)
}

// Reveal returns the value. A test counts the places that call it;
// each of them says why it must (the wire, a keyring, a person who asked to see it).
func (s Secret) Reveal() string { return string(s.bytes()) }

// bytes is Reveal for this package, without a copy. The caller must not change them.
func (s Secret) bytes() []byte {
	if s.box == nil {
		return nil
	}
	return *s.box.value
}

// String returns the mask, or nothing when there is no secret.
func (s Secret) String() string {
	if s.Empty() {
		return ""
	}
	return mask
}

// Format writes the mask for every verb, so that %x and %q tell no more than %v.
func (s Secret) Format(f fmt.State, _ rune) { io.WriteString(f, s.String()) }

// GoString returns the mask.
func (s Secret) GoString() string { return s.String() }

// MarshalText returns the mask; it also covers encoding/json, as value and as map key.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue returns the mask.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }
