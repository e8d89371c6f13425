package sandbox

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha3"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/big"
)

// stream is where one partner's secrets and ids come from: SHAKE256 over the sandbox's seed and a label. It cannot fail,
// and what one partner draws does not depend on the traffic of another. It is not safe for concurrent use.
type stream struct{ shake *sha3.SHAKE }

func newStream(seed [32]byte, label string) *stream {
	shake := sha3.NewSHAKE256()
	shake.Write(seed[:]) // SHAKE.Write and Read never return an error
	shake.Write([]byte(label))
	return &stream{shake}
}

func (s *stream) bytes(n int) []byte {
	b := make([]byte, n)
	s.shake.Read(b)
	return b
}

func (s *stream) hex(n int) string { return hex.EncodeToString(s.bytes(n)) }

func (s *stream) base64url(n int) string { return base64.RawURLEncoding.EncodeToString(s.bytes(n)) }

// uuid is a random UUID (RFC 9562 version 4) in lower case.
func (s *stream) uuid() string {
	b := s.bytes(16)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// key is a P-256 key. ecdsa.GenerateKey ignores its reader, so the scalar is drawn here; one draw in 2^32 is out of range.
func (s *stream) key() *ecdsa.PrivateKey {
	for {
		if key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), s.bytes(32)); err == nil {
			return key
		}
	}
}

// serial is a positive certificate serial number of 16 bytes.
func (s *stream) serial() *big.Int {
	b := s.bytes(16)
	b[0] = b[0]&0x7f | 0x40
	return new(big.Int).SetBytes(b)
}
