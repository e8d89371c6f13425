package sign

import (
	"crypto/hmac"
	"hash"
)

// Derive returns the secret that f makes of this one: cut, decoded, with a line end.
// f must neither keep nor change what it is given.
func (s Secret) Derive(f func([]byte) []byte) Secret { return NewSecret(string(f(s.bytes()))) }

// MAC returns an HMAC keyed with the secret (RFC 2104). Reset makes it ready for the next message
// without hashing the key again.
func (s Secret) MAC(h func() hash.Hash) hash.Hash { return hmac.New(h, s.bytes()) }

// HashInto writes the secret into a hash, for constructions in which it is not the key.
func (s Secret) HashInto(h hash.Hash) { h.Write(s.bytes()) }

// Secrets are the bytes of each secret span, as they stand in the text: an encoded pair of user name and password is one
// secret, whatever it was made from.
func (t Text) Secrets() []Secret {
	var list []Secret
	for _, s := range t.Spans() {
		if s.Secret && s.Len() > 0 {
			list = append(list, NewSecret(string(t.raw()[s.Start:s.End])))
		}
	}
	return list
}
