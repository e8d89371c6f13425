package explain

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
)

// Codes of the axis atDigest: how the body enters what is signed.
const (
	rawBody = iota
	emptyBody
	hexSHA256
	hexUpperSHA256
	base64SHA256
	base64URLSHA256
	base64OfHexSHA256
	hexSHA256Twice
	hexSHA256OfHex
	hexSHA1
	hexSHA384
	hexSHA512
	hexMD5
)

// digestMoves change the form in which the body enters what is signed.
var digestMoves = table{"body hash", jws, byRecomputing, []move{
	{id: "body-hash-upper-case", rank: 68, stage: 1,
		title: "the body hash was written in upper-case hexadecimal digits",
		how:   "HEX(sha256(body)) in upper case", probe: "any request",
		fix:  "write the digest in lower case: hexdigest(), toString('hex'), hex.EncodeToString",
		edit: form(hexUpperSHA256)},
	{id: "body-hash-base64", rank: 32, stage: 1,
		title: "the body hash was written in base64 instead of hexadecimal digits",
		how:   "base64 or base64url of sha256(body)", probe: "any request",
		fix:   "write the digest as 64 lower-case hexadecimal digits",
		apply: forms(base64SHA256, "base64", base64URLSHA256, "base64url without padding", base64OfHexSHA256, "base64 of the hexadecimal digits")},
	{id: "body-not-hashed", rank: 60, stage: 1,
		title: "the body itself was signed where its hash belongs",
		how:   "the body in place of hex(sha256(body))", probe: "any request",
		fix:  "put hex(sha256(body)) on the third line",
		edit: form(rawBody)},
	{id: "body-hash-algorithm", rank: 48, stage: 1,
		title: "the body was hashed with another algorithm than SHA-256",
		how:   "SHA-1, SHA-512, SHA-384 or MD5 of the body", probe: "any request",
		fix:   "hash the body with SHA-256",
		apply: forms(hexSHA1, "SHA-1", hexSHA512, "SHA-512", hexSHA384, "SHA-384", hexMD5, "MD5")},
	{id: "body-hash-twice", rank: 65, stage: 1,
		title: "the body was hashed twice",
		how:   "SHA-256 of the digest, or of its hexadecimal digits", probe: "any request",
		fix:   "hash the body once",
		apply: forms(hexSHA256Twice, "of the digest", hexSHA256OfHex, "of the hexadecimal digits")},
	{id: "body-hash-empty", rank: 20, stage: 1,
		title: "the body hash was left empty",
		how:   "nothing in place of hex(sha256(body))", probe: "any request",
		fix:  "an empty body has a hash too: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
		edit: form(emptyBody)},
	{id: "body-hashed", rank: 60, stage: 1, only: hmacs,
		title: "a hash of the body was signed where the body itself belongs",
		how:   "hex or base64 of sha256(body) in place of the body", probe: "any request",
		fix:   "concatenate the body as it is sent",
		apply: forms(hexSHA256, "hexadecimal digits", base64SHA256, "base64", hexMD5, "MD5")},
}}

// form replaces the value, a one-byte code, by another code.
func form(code byte) func([]byte) []byte { return func([]byte) []byte { return []byte{code} } }

// forms is form for several codes, each with its note.
func forms(pairs ...any) func(*scene, []byte, yielder) {
	return func(_ *scene, v []byte, yield yielder) {
		for i := 0; i < len(pairs); i += 2 {
			if code := byte(pairs[i].(int)); !bytes.Equal(v, []byte{code}) {
				yield([]byte{code}, pairs[i+1].(string))
			}
		}
	}
}

// content brings a body into the form of the code.
func content(code, body []byte) []byte {
	sum := func() []byte { s := sha256.Sum256(body); return s[:] }
	lower := func(b []byte) []byte { return hex.AppendEncode(nil, b) }
	switch code[0] {
	case rawBody:
		return body
	case hexSHA256:
		return lower(sum())
	case hexUpperSHA256:
		return upperCase(lower(sum()))
	case base64SHA256:
		return base64.StdEncoding.AppendEncode(nil, sum())
	case base64URLSHA256:
		return base64.RawURLEncoding.AppendEncode(nil, sum())
	case base64OfHexSHA256:
		return base64.StdEncoding.AppendEncode(nil, lower(sum()))
	case hexSHA256Twice:
		s := sha256.Sum256(sum())
		return lower(s[:])
	case hexSHA256OfHex:
		s := sha256.Sum256(lower(sum()))
		return lower(s[:])
	case hexSHA1:
		s := sha1.Sum(body)
		return lower(s[:])
	case hexSHA384:
		s := sha512.Sum384(body)
		return lower(s[:])
	case hexSHA512:
		s := sha512.Sum512(body)
		return lower(s[:])
	case hexMD5:
		s := md5.Sum(body)
		return lower(s[:])
	}
	return []byte{}
}

// upperCase changes ASCII letters in place.
func upperCase(b []byte) []byte {
	for i, c := range b {
		if c >= 'a' && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
	return b
}
