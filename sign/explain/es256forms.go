package explain

import (
	"bytes"
	"encoding/asn1"
	"encoding/base64"
	"math/big"
	"slices"
)

// es256Size is the length of R and S together (RFC 7518 section 3.4).
const es256Size = 64

// es256Forms are the wrong encodings of an ES256 signature. Each apply yields R || S in 64 bytes.
var es256Forms = table{"output", jws, byShape, []move{
	{id: "signature-der", rank: 18,
		title: "the signature is in ASN.1 DER, not R || S",
		how:   "SEQUENCE of R and S, as openssl and most libraries write it", probe: "any request",
		fix:   "ask for the other form: dsaEncoding: 'ieee-p1363' in node, decode_dss_signature in Python, SHA256withECDSAinP1363Format in Java, r.FillBytes and s.FillBytes in Go",
		apply: onSignature(fromDER)},
	{id: "signature-standard-base64", rank: 42,
		title: "the signature is in standard base64 or has padding, not base64url",
		how:   "+ and / for - and _, or = at the end", probe: "any request",
		fix: "encode in base64url without padding: 'base64url' in node, base64.RawURLEncoding in Go, urlsafe_b64encode(…).rstrip(b'=') in Python",
		apply: func(_ *scene, v []byte, yield yielder) {
			if b := anyBase64(v); len(b) == es256Size {
				yield(b, "")
			}
		}},
	{id: "signature-hex", rank: 32,
		title: "the signature is in hexadecimal digits, not base64url",
		how:   "hex(R || S)", probe: "any request",
		fix: "encode in base64url without padding",
		apply: func(_ *scene, v []byte, yield yielder) {
			b := unhex(v)
			if b == nil {
				b = unhex(anyBase64(v))
			}
			switch {
			case len(b) == es256Size:
				yield(b, "")
			case b != nil:
				fromDER(b, yield)
			}
		}},
	{id: "signature-zero-lost", rank: 9,
		title: "R or S lost a leading zero byte",
		how:   "R and S padded to 32 bytes each", probe: "any request, about 200 times",
		fix:   "pad R and S to 32 bytes each: r.to_bytes(32, 'big'), r.FillBytes(buf[:32]); not a big integer's shortest form",
		apply: onSignature(zeroLost)},
	{id: "signature-zero-added", rank: 9,
		title: "R or S has a leading zero byte too many",
		how:   "R and S cut to 32 bytes each", probe: "any request",
		fix:   "write R and S in exactly 32 bytes each; BigInteger.toByteArray adds a sign byte",
		apply: onSignature(zeroAdded)},
	{id: "signature-swapped", rank: 18,
		title: "R and S stand in the wrong order",
		how:   "S || R", probe: "any request",
		fix: "write R first",
		apply: onSignature(func(b []byte, yield yielder) {
			if len(b) == es256Size {
				yield(slices.Concat(b[32:], b[:32]), "")
			}
		})},
	{id: "signature-little-endian", rank: 18,
		title: "R and S are written with their lowest byte first",
		how:   "each half reversed, or the whole", probe: "any request",
		fix: "write R and S with their highest byte first",
		apply: onSignature(func(b []byte, yield yielder) {
			if len(b) == es256Size {
				whole := slices.Clone(b)
				slices.Reverse(whole)
				yield(slices.Concat(whole[32:], whole[:32]), "each half")
				yield(whole, "the whole")
			}
		})},
	{id: "signature-base64-twice", rank: 75,
		title: "the signature is in base64 twice",
		how:   "base64url(base64url(R || S))", probe: "any request",
		fix: "encode once",
		apply: onSignature(func(b []byte, yield yielder) {
			if in := anyBase64(b); len(in) == es256Size {
				yield(in, "")
			} else if in != nil {
				fromDER(in, yield)
			}
		})},
}}

// onSignature decodes base64 of any alphabet first.
func onSignature(f func([]byte, yielder)) func(*scene, []byte, yielder) {
	return func(_ *scene, v []byte, yield yielder) {
		if b := anyBase64(v); b != nil {
			f(b, yield)
		}
	}
}

// anyBase64 decodes either alphabet, with or without padding.
func anyBase64(v []byte) []byte {
	if bytes.ContainsAny(v, "\r\n") {
		return nil
	}
	text := bytes.TrimRight(v, "=")
	text = bytes.ReplaceAll(bytes.ReplaceAll(text, []byte("+"), []byte("-")), []byte("/"), []byte("_"))
	out, err := base64.RawURLEncoding.DecodeString(string(text))
	if err != nil || len(out) == 0 {
		return nil
	}
	return out
}

// strictSignature decodes base64url without padding, as RFC 7515 wants it.
func strictSignature(v []byte) []byte {
	out, err := base64.RawURLEncoding.Strict().DecodeString(string(v))
	if err != nil || bytes.ContainsAny(v, "\r\n") {
		return nil
	}
	return out
}

func fromDER(b []byte, yield yielder) {
	if len(b) < 8 || b[0] != 0x30 {
		return
	}
	var rs struct{ R, S *big.Int }
	rest, err := asn1.Unmarshal(b, &rs)
	if err != nil || len(rest) > 0 || rs.R.Sign() <= 0 || rs.S.Sign() <= 0 || rs.R.BitLen() > 256 || rs.S.BitLen() > 256 {
		return
	}
	out := make([]byte, es256Size)
	rs.R.FillBytes(out[:32])
	rs.S.FillBytes(out[32:])
	yield(out, "")
}

// zeroLost pads every way in which R and S can share the bytes, when at most four are missing.
func zeroLost(b []byte, yield yielder) {
	missing := es256Size - len(b)
	if missing <= 0 || missing > 4 {
		return
	}
	for r := 0; r <= missing; r++ {
		out := make([]byte, es256Size)
		n := 32 - r
		if n > len(b) || len(b)-n > 32 {
			continue
		}
		copy(out[r:], b[:n])
		copy(out[es256Size-(len(b)-n):], b[n:])
		yield(out, "")
	}
}

// zeroAdded cuts one leading zero of R, of S, or of both.
func zeroAdded(b []byte, yield yielder) {
	switch {
	case len(b) == 66 && b[0] == 0 && b[33] == 0:
		yield(slices.Concat(b[1:33], b[34:]), "both")
	case len(b) == 65:
		if b[0] == 0 {
			yield(slices.Clone(b[1:]), "R")
		}
		if b[32] == 0 {
			yield(slices.Concat(b[:32], b[33:]), "S")
		}
	}
}

// es256Targets decodes a received signature in every way; the right way, when it succeeds, comes first.
func es256Targets(s *scene, segment string) []target {
	var all []target
	add := func(b []byte, steps []step) {
		if len(b) != es256Size || slices.ContainsFunc(all, func(t target) bool { return bytes.Equal(t.bytes, b) }) {
			return
		}
		all = append(all, target{bytes: b, steps: steps})
	}
	texts := newAxis(s, []byte(segment), 1, &textMoves)
	for extra := 0; extra <= 2; extra++ {
		for d, level := range texts.levels {
			for _, v := range level {
				text := texts.get(s, &v)
				if d == extra {
					add(strictSignature(text), v.steps)
				}
				if d+1 != extra {
					continue
				}
				for i := range es256Forms.moves {
					m := &es256Forms.moves[i]
					m.each(s, text, func(b []byte, note string) {
						add(slices.Clone(b), append(slices.Clip(slices.Clone(v.steps)), step{move: m, note: note}))
					})
				}
			}
		}
	}
	return all
}
