package explain

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
)

// Codes of the axis atOuter: what is done to the whole before it is signed. No code: nothing.
const (
	outerSHA256 = 1 + iota
	outerHexSHA256
	outerBase64SHA256
	outerBase64
	outerHex
	outerUTF16LE
	outerUTF16BE
)

// outerMoves are mistakes with the whole of what is signed.
var outerMoves = table{"algorithm", signers, byRecomputing, []move{
	{id: "message-hashed", rank: 65, stage: 1,
		title: "the message was hashed before it was given to a function that hashes",
		how:   "SHA-256 of the whole: the digest, its hexadecimal digits, or its base64", probe: "any request",
		fix:   "give the message itself to the signing function (openssl: pkeyutl -rawin, or dgst -sha256 -sign; node: sign('sha256', message, key))",
		apply: forms(outerSHA256, "the digest", outerHexSHA256, "its hexadecimal digits", outerBase64SHA256, "its base64")},
	{id: "message-encoded", rank: 65, stage: 1,
		title: "the message was encoded before it was signed",
		how:   "base64 or hexadecimal digits of the whole", probe: "any request",
		fix:   "sign the bytes of the message",
		apply: forms(outerBase64, "base64", outerHex, "hexadecimal digits")},
	{id: "message-utf16", rank: 65, stage: 1,
		title: "the message as a whole was signed in UTF-16",
		how:   "two bytes for each character of the whole, low or high byte first", probe: "any request",
		fix:   "turn the text into bytes with UTF-8 (.NET: Encoding.UTF8.GetBytes, not Encoding.Unicode)",
		apply: forms(outerUTF16LE, "low byte first", outerUTF16BE, "high byte first")},
}}

func outer(code byte, input []byte) []byte {
	sum := sha256.Sum256(input)
	switch code {
	case outerSHA256:
		return sum[:]
	case outerHexSHA256:
		return hex.AppendEncode(nil, sum[:])
	case outerBase64SHA256:
		return base64.StdEncoding.AppendEncode(nil, sum[:])
	case outerBase64:
		return base64.StdEncoding.AppendEncode(nil, input)
	case outerHex:
		return hex.AppendEncode(nil, input)
	case outerUTF16LE:
		return orAsIs(toUTF16(input, binary.LittleEndian), input)
	case outerUTF16BE:
		return orAsIs(toUTF16(input, binary.BigEndian), input)
	}
	return input
}

// orAsIs is out, or the input where nothing could be made of it: what is not UTF-8 has no form in UTF-16.
func orAsIs(out, input []byte) []byte {
	if out == nil {
		return input
	}
	return out
}
