package explain

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
)

// A wrapping is what stands around the canonical string, with one of these markers in its place.
const (
	rawMessage = 1 + iota
	base64URLMessage
	hexSHA256Message
	base64URLSHA256Message
	paddedBase64URLMessage
	jsonQuotedMessage
)

// wrapMoves are mistakes with the signing input of the JWS (RFC 7515 section 5.1, RFC 7797 section 3).
var wrapMoves = table{"jws", jws, byRecomputing, []move{
	{id: "jws-payload-encoded", rank: 21, stage: 2,
		title: "the payload was base64url-encoded in the signing input, as if b64 were true",
		how:   "BASE64URL(header).BASE64URL(canonical string)", probe: "any request",
		fix:   `use a JWS library with b64=false: new FlattenedSign(payload).setProtectedHeader({alg:"ES256",b64:false,crit:["b64"]})`,
		apply: remarked(base64URLMessage, "", paddedBase64URLMessage, "with padding")},
	{id: "jws-header-left-out", rank: 70, stage: 1,
		title: "the canonical string alone was signed, without the protected header in front",
		how:   "no header and no dot", probe: "any request",
		fix: `sign BASE64URL(header) + "." + canonical string`,
		apply: func(_ *scene, v []byte, yield yielder) {
			if i := bytes.LastIndexByte(v, '.'); i >= 0 {
				yield(v[i+1:], "")
			}
		}},
	{id: "jws-header-not-encoded", rank: 42, stage: 1,
		title: "the protected header was signed as JSON text, not base64url-encoded",
		how:   "header.canonical string", probe: "any request",
		fix: `sign BASE64URL(header) + "." + canonical string`,
		apply: func(_ *scene, v []byte, yield yielder) {
			if i := bytes.LastIndexByte(v, '.'); i >= 0 {
				if raw, err := base64.RawURLEncoding.DecodeString(string(v[:i])); err == nil && !hasMarker(raw) {
					yield(append(raw, v[i:]...), "")
				}
			}
		}},
	{id: "jws-header-differs", rank: 69, stage: 1,
		title: "another protected header was signed than the one that was sent",
		how:   "usual headers: with and without b64, crit, typ and kid, members in another order, with padding or in standard base64", probe: "any request",
		fix:   "encode the header once, then sign and send the same text",
		apply: otherHeaders},
	{id: "jws-payload-hashed", rank: 65, stage: 2,
		title: "a hash of the canonical string was signed as payload",
		how:   "SHA-256 of the canonical string in place of it", probe: "any request",
		fix:   "the canonical string itself is the payload; ES256 hashes it",
		apply: remarked(hexSHA256Message, "hexadecimal digits", base64URLSHA256Message, "base64url")},
	{id: "jws-payload-quoted", rank: 33, stage: 2,
		title: "the canonical string was signed as a JSON string, with quotes and \\n",
		how:   `"…\n…"`, probe: "any request",
		fix:   "give the library bytes (TextEncoder.encode, []byte), not a value that it serialises",
		apply: remarked(jsonQuotedMessage, "")},
}}

// remarked replaces the marker of the message by others.
func remarked(pairs ...any) func(*scene, []byte, yielder) {
	return func(_ *scene, v []byte, yield yielder) {
		for i := 0; i < len(pairs); i += 2 {
			yield(bytes.ReplaceAll(v, []byte{rawMessage}, []byte{byte(pairs[i].(int))}), pairs[i+1].(string))
		}
	}
}

// hasMarker reports whether bytes from outside would be taken for a marker.
func hasMarker(b []byte) bool {
	return bytes.ContainsFunc(b, func(c rune) bool { return c < ' ' })
}

// headerTexts are protected headers that libraries write.
var headerTexts = []string{
	`{"alg":"ES256","b64":false,"crit":["b64"]}`,
	`{"alg":"ES256","crit":["b64"],"b64":false}`,
	`{"b64":false,"crit":["b64"],"alg":"ES256"}`,
	`{"b64":false,"alg":"ES256","crit":["b64"]}`,
	`{"crit":["b64"],"alg":"ES256","b64":false}`,
	`{"alg":"ES256","b64":false}`,
	`{"alg":"ES256"}`,
	`{"alg":"ES256","typ":"JWT"}`,
	`{"typ":"JWT","alg":"ES256"}`,
	`{"alg":"ES256","typ":"JOSE"}`,
	`{"alg":"ES256","typ":"JWT","b64":false,"crit":["b64"]}`,
	`{"typ":"JWT","alg":"ES256","b64":false,"crit":["b64"]}`,
	`{"alg": "ES256", "b64": false, "crit": ["b64"]}`,
	`{"alg":"ES256","b64":false,"crit":"b64"}`,
	`{"alg":"ES256","b64":"false","crit":["b64"]}`,
	`{"alg":"ES256","b64":true,"crit":["b64"]}`,
}

// otherHeaders keeps what stands behind the last dot and changes the header in front of it.
func otherHeaders(_ *scene, v []byte, yield yielder) {
	i := bytes.LastIndexByte(v, '.')
	if i < 0 {
		return
	}
	for _, h := range headerTexts {
		yield([]byte(base64.RawURLEncoding.EncodeToString([]byte(h))+string(v[i:])), h)
	}
	raw, err := base64.RawURLEncoding.DecodeString(string(v[:i]))
	if err != nil {
		return
	}
	yield([]byte(base64.StdEncoding.EncodeToString(raw)+string(v[i:])), "the same in standard base64 with padding")
	yield([]byte(base64.URLEncoding.EncodeToString(raw)+string(v[i:])), "the same with padding")
	yield([]byte(base64.RawStdEncoding.EncodeToString(raw)+string(v[i:])), "the same in standard base64")
	for _, p := range []*printer{{}, {comma: ", ", colon: ": "}, {sorted: true}} {
		if again := p.rewrite(raw); again != nil {
			yield([]byte(base64.RawURLEncoding.EncodeToString(again)+string(v[i:])), string(again))
		}
	}
}

// wrap puts the message into a wrapping.
func wrap(dst, wrapping, message []byte) []byte {
	for _, c := range wrapping {
		switch c {
		case rawMessage:
			dst = append(dst, message...)
		case base64URLMessage:
			dst = base64.RawURLEncoding.AppendEncode(dst, message)
		case paddedBase64URLMessage:
			dst = base64.URLEncoding.AppendEncode(dst, message)
		case hexSHA256Message:
			sum := sha256.Sum256(message)
			dst = hex.AppendEncode(dst, sum[:])
		case base64URLSHA256Message:
			sum := sha256.Sum256(message)
			dst = base64.RawURLEncoding.AppendEncode(dst, sum[:])
		case jsonQuotedMessage:
			dst = append(dst, quoted(message)...)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}
