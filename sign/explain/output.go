package explain

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// textMoves are what happens to a signature between encoder and header. Each edit undoes it.
var textMoves = table{"header", signers, byShape, []move{
	{id: "signature-wrapped", rank: 36, stage: 3,
		title: "the signature has blanks or line ends in it or around it",
		how:   "blanks and line ends are removed", probe: "any request",
		fix:  "encode without line breaks: base64 -w0, openssl base64 -A, Base64.NO_WRAP, trim the output",
		edit: changed(withoutBlanks)},
	{id: "signature-plus-lost", rank: 28, stage: 2,
		title: "plus signs of the signature became blanks",
		how:   "blanks inside become +", probe: "any request",
		fix: "do not pass the signature through a URL or a form without percent-encoding it",
		edit: changed(func(b []byte) []byte {
			return bytes.ReplaceAll(bytes.TrimSpace(b), []byte(" "), []byte("+"))
		})},
	{id: "signature-percent-encoded", rank: 28, stage: 1,
		title: "the signature is percent-encoded",
		how:   "%XX becomes the byte", probe: "any request",
		fix: "headers are not percent-encoded: send the text of the encoder",
		edit: changed(func(b []byte) []byte {
			if out, err := url.PathUnescape(string(b)); err == nil {
				return []byte(out)
			}
			return b
		})},
	{id: "signature-prefixed", rank: 49, stage: 1,
		title: "the signature has a prefix that does not belong to it",
		how:   "sha256=, v1=, HMAC, the (stdin)= of openssl and the like are removed", probe: "any request",
		fix:   "send the encoded signature alone",
		apply: unprefixed},
	{id: "signature-quoted", rank: 49, stage: 1,
		title: "the signature has quotes around it",
		how:   "quotes are removed", probe: "any request",
		fix:  "send the encoded signature without quotes; JSON.stringify and jq without -r add them",
		edit: changed(func(b []byte) []byte { return bytes.Trim(bytes.TrimSpace(b), "\"'`") })},
	{id: "signature-python-bytes", rank: 49, stage: 1,
		title: "the signature was printed as Python bytes, b'…'",
		how:   "b' and ' are removed", probe: "any request",
		fix: "decode the bytes: base64.b64encode(mac).decode()",
		edit: changed(func(b []byte) []byte {
			if s, ok := bytes.CutPrefix(b, []byte("b'")); ok {
				return bytes.TrimSuffix(s, []byte("'"))
			}
			return b
		})},
}}

func withoutBlanks(b []byte) []byte { return bytes.Join(bytes.Fields(b), nil) }

// signaturePrefixes are those that other schemes use.
var signaturePrefixes = []string{"sha2-256(stdin)= ", "sha256(stdin)= ", "hmac-sha2-256(stdin)= ", "hmac-sha256(stdin)= ", "(stdin)= ", "sha256=", "sha-256=", "sha1=", "sha512=", "hmac-sha256=", "hmacsha256=", "v0=", "v1=", "v1,", "v1:", "signature=", "sig=", "hmac ", "hmac-sha256 ", "hmac:", "hmacsha256 ", "bearer ", "basic ", "signature ", "es256 ", "jws "}

func unprefixed(_ *scene, v []byte, yield yielder) {
	low := strings.ToLower(string(v))
	for _, p := range signaturePrefixes {
		if strings.HasPrefix(low, p) {
			yield(bytes.TrimSpace(v[len(p):]), quote(string(v[:len(p)])))
		}
	}
}

// hmacForms are the wrong encodings of a MAC. Each edit decodes one; nil when the text is none.
var hmacForms = table{"output", hmacs, byShape, []move{
	{id: "output-hex", rank: 32,
		title: "the signature is in hexadecimal digits, not in base64",
		how:   "hex(mac)", probe: "any request",
		fix:  "encode the digest in base64: base64.b64encode(mac.digest()), .digest('base64'), openssl dgst -binary | base64; not hexdigest()",
		edit: unhex},
	{id: "output-base64url", rank: 42,
		title: "the signature is in base64url, not in standard base64",
		how:   "- and _ for + and /, with or without padding", probe: "any request",
		fix:  "use the standard alphabet with padding: base64.b64encode, base64.StdEncoding",
		edit: unbase64URL},
	{id: "output-unpadded", rank: 42,
		title: "the signature is in base64 without its padding",
		how:   "no = at the end", probe: "any request",
		fix: "keep the = at the end: base64.StdEncoding, not RawStdEncoding",
		edit: func(b []byte) []byte {
			if out, err := base64.RawStdEncoding.DecodeString(string(b)); err == nil && len(out)%3 != 0 && !isHex(b) {
				return out
			}
			return nil
		}},
	{id: "output-base64-of-hex", rank: 27,
		title: "the signature is base64 of the hexadecimal digits of the MAC",
		how:   "base64(hex(mac)), also with the line end and the words that openssl prints", probe: "any request",
		fix:  "encode the bytes of the digest: digest(), not hexdigest(); hash_hmac(…, true) in PHP; openssl dgst -binary",
		edit: then(strictBase64, printedHex)},
	{id: "output-base64-twice", rank: 75,
		title: "the signature is in base64 twice",
		how:   "base64(base64(mac))", probe: "any request",
		fix:  "encode once",
		edit: then(strictBase64, strictBase64)},
	{id: "output-hex-twice", rank: 75,
		title: "the signature is in hexadecimal digits twice",
		how:   "hex(hex(mac))", probe: "any request",
		fix:  "encode the bytes of the digest once, in base64",
		edit: then(unhex, unhex)},
	{id: "output-hex-of-base64", rank: 75,
		title: "the signature is the hexadecimal digits of the base64 text",
		how:   "hex(base64(mac))", probe: "any request",
		fix:  "encode the bytes of the digest once, in base64",
		edit: then(unhex, strictBase64)},
	{id: "output-as-text", rank: 83,
		title: "the bytes of the MAC were treated as Latin-1 text before base64",
		how:   "base64(utf8(latin1(mac)))", probe: "any request",
		fix:  "keep the digest as bytes: .digest('base64') in node, Buffer instead of a binary string",
		edit: then(strictBase64, unLatin1)},
	{id: "output-text-replaced", rank: 83,
		title: "the bytes of the MAC were treated as UTF-8 text before base64: those that are not UTF-8 were lost",
		how:   "base64 of the digest with U+FFFD for what is not UTF-8", probe: "any request",
		fix: "keep the digest as bytes: .digest('base64') in node, not .digest().toString()"},
}}

// then chains two decoders.
func then(first, second func([]byte) []byte) func([]byte) []byte {
	return func(b []byte) []byte {
		if out := first(b); out != nil {
			return second(out)
		}
		return nil
	}
}

func strictBase64(b []byte) []byte {
	out, err := base64.StdEncoding.Strict().DecodeString(string(b))
	if err != nil || len(out) == 0 || bytes.ContainsAny(b, "\r\n") {
		return nil
	}
	return out
}

func unbase64URL(b []byte) []byte {
	if !bytes.ContainsAny(b, "-_") {
		return nil
	}
	out, err := base64.RawURLEncoding.DecodeString(string(bytes.TrimRight(b, "=")))
	if err != nil {
		return nil
	}
	return out
}

func isHex(b []byte) bool {
	_, err := hex.DecodeString(string(b))
	return err == nil && len(b) > 0
}

func unhex(b []byte) []byte {
	out, err := hex.DecodeString(string(b))
	if err != nil || len(out) == 0 {
		return nil
	}
	return out
}

// printedHex reads hexadecimal digits as openssl prints them: "SHA2-256(stdin)= 0410…" and a line end, or a part of that.
func printedHex(b []byte) []byte {
	if i := bytes.LastIndex(b, []byte("= ")); i >= 0 {
		b = b[i+2:]
	}
	return unhex(bytes.TrimRight(b, "\r\n"))
}

// unLatin1 undoes UTF-8 over Latin-1; nil unless there is a character beyond ASCII and none beyond Latin-1.
func unLatin1(b []byte) []byte {
	if isASCII(b) || !utf8.Valid(b) {
		return nil
	}
	var out []byte
	for _, c := range string(b) {
		if c > 0xff {
			return nil
		}
		out = append(out, byte(c))
	}
	return out
}

// asText decodes as UTF-8 the way browsers, node and Python do: each maximal invalid part becomes one U+FFFD
// (WHATWG Encoding section 4.2).
func asText(b []byte) []byte {
	var out []byte
	for i := 0; i < len(b); {
		c, size := utf8.DecodeRune(b[i:])
		if c == utf8.RuneError && size <= 1 {
			size = invalidPart(b[i:])
		}
		out = utf8.AppendRune(out, c)
		i += size
	}
	return out
}

// invalidPart is the length of the longest beginning that could have become a character.
func invalidPart(b []byte) int {
	need, low, high := 0, byte(0x80), byte(0xbf)
	switch c := b[0]; {
	case c >= 0xc2 && c <= 0xdf:
		need = 1
	case c >= 0xe0 && c <= 0xef:
		need = 2
		if c == 0xe0 {
			low = 0xa0
		} else if c == 0xed {
			high = 0x9f
		}
	case c >= 0xf0 && c <= 0xf4:
		need = 3
		if c == 0xf0 {
			low = 0x90
		} else if c == 0xf4 {
			high = 0x8f
		}
	}
	n := 1
	for n <= need && n < len(b) && b[n] >= low && b[n] <= high {
		low, high = 0x80, 0xbf
		n++
	}
	return n
}

// digestSizes are the sizes of the MACs that callMoves can make.
var digestSizes = []int{16, 20, 28, 32, 48, 64}

// hmacTargets decodes a received signature in every way. The right way, when it succeeds, comes first.
func hmacTargets(s *scene, received string) []target {
	var all []target
	add := func(b []byte, lossy bool, steps []step) {
		if b == nil || !lossy && !slices.Contains(digestSizes, len(b)) ||
			slices.ContainsFunc(all, func(t target) bool { return bytes.Equal(t.bytes, b) && t.lossy == lossy }) {
			return
		}
		all = append(all, target{b, steps, lossy})
	}
	texts := newAxis(s, []byte(received), 2, &textMoves)
	texts.deepen(s, 2)
	for extra := 0; extra <= 3; extra++ { // fewest mistakes first
		for d, level := range texts.levels {
			for _, v := range level {
				text := texts.get(s, &v)
				if d == extra {
					add(strictBase64(text), false, v.steps)
				}
				if d+1 != extra {
					continue
				}
				for i := range hmacForms.moves {
					m := &hmacForms.moves[i]
					steps := append(slices.Clip(slices.Clone(v.steps)), step{move: m})
					if m.edit != nil {
						add(m.edit(text), false, steps)
					} else if b := strictBase64(text); bytes.Contains(b, []byte("\ufffd")) {
						add(b, true, steps)
					}
				}
			}
		}
	}
	return all
}
