package explain

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"hash"
)

// callMoves are mistakes with the MAC function itself.
var callMoves = table{"algorithm", hmacs, byRecomputing, []move{
	{id: "hmac-swapped", rank: 17,
		title: "key and message were swapped in the call of HMAC",
		how:   "HMAC(message, key)", probe: "any request",
		fix: "the key comes first in hmac.new(key, message, sha256) and hash_hmac('sha256', $message, $key) takes it last: look it up"},
	{id: "hash-without-key", rank: 59,
		title: "a plain hash was made, without the key",
		how:   "SHA-256 of the message", probe: "any request",
		fix: "use HMAC-SHA256 with the signing secret"},
	{id: "hash-with-key", rank: 59,
		title: "a plain hash of key and message was made instead of an HMAC",
		how:   "SHA-256 of the key in front of the message, behind it, or both", probe: "any request",
		fix: "use HMAC: hmac.new(key, message, hashlib.sha256)"},
	{id: "hmac-other-hash", rank: 48,
		title: "HMAC was used with another hash than SHA-256",
		how:   "SHA-1, SHA-224, SHA-384, SHA-512 or MD5", probe: "any request",
		fix: "use SHA-256"},
}}

// call is one way to call, or miscall, a MAC function.
type call struct {
	move  *move // nil for the right one
	note  string
	size  int
	keyed bool
	sum   func(k *key, dst, message []byte) []byte
}

// calls are the right call and the wrong ones.
var calls = [][]call{
	{{nil, "", sha256.Size, true, func(k *key, dst, message []byte) []byte {
		if k.mac == nil {
			k.mac = k.secret.MAC(sha256.New)
		} else {
			k.mac.Reset()
		}
		k.mac.Write(message)
		return k.mac.Sum(dst)
	}}},
	{
		{&callMoves.moves[0], "", sha256.Size, true, func(k *key, dst, message []byte) []byte {
			h := hmac.New(sha256.New, message)
			k.secret.HashInto(h)
			return h.Sum(dst)
		}},
		{&callMoves.moves[1], "", sha256.Size, false, func(_ *key, dst, message []byte) []byte {
			sum := sha256.Sum256(message)
			return append(dst, sum[:]...)
		}},
		{&callMoves.moves[2], "the key in front", sha256.Size, true, plainHash(true, false)},
		{&callMoves.moves[2], "the key behind", sha256.Size, true, plainHash(false, true)},
		{&callMoves.moves[2], "the key on both sides", sha256.Size, true, plainHash(true, true)},
		{&callMoves.moves[3], "SHA-1", sha1.Size, true, otherHash(sha1.New)},
		{&callMoves.moves[3], "SHA-224", sha256.Size224, true, otherHash(sha256.New224)},
		{&callMoves.moves[3], "SHA-384", sha512.Size384, true, otherHash(sha512.New384)},
		{&callMoves.moves[3], "SHA-512", sha512.Size, true, otherHash(sha512.New)},
		{&callMoves.moves[3], "SHA-512/256", sha512.Size256, true, otherHash(sha512.New512_256)},
		{&callMoves.moves[3], "MD5", md5.Size, true, otherHash(md5.New)},
	},
}

func plainHash(front, behind bool) func(*key, []byte, []byte) []byte {
	return func(k *key, dst, message []byte) []byte {
		h := sha256.New()
		if front {
			k.secret.HashInto(h)
		}
		h.Write(message)
		if behind {
			k.secret.HashInto(h)
		}
		return h.Sum(dst)
	}
}

func otherHash(h func() hash.Hash) func(*key, []byte, []byte) []byte {
	return func(k *key, dst, message []byte) []byte {
		m := k.secret.MAC(h)
		m.Write(message)
		return m.Sum(dst)
	}
}
