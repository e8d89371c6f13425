package explain

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// charsetMoves change how characters became bytes.
var charsetMoves = table{"charset", signers, byRecomputing, []move{
	{id: "charset-latin1", rank: 26, stage: stageCharset,
		title: "the text was signed in Latin-1 (or Windows-1252), but sent in UTF-8",
		how:   "characters up to U+00FF become one byte, in Windows-1252 some more", probe: "a body with an é",
		fix: `encode before signing: body.encode("utf-8"), getBytes(StandardCharsets.UTF_8), Encoding.UTF8.GetBytes(body)`,
		apply: func(_ *scene, v []byte, yield yielder) {
			yieldSome(yield, toBytes(v, latin1), "Latin-1")
			yieldSome(yield, toBytes(v, windows1252), "Windows-1252")
		}},
	{id: "charset-ascii", rank: 26, stage: stageCharset,
		title: `the text was signed in ASCII: every other character became "?" or was dropped`,
		how:   `what is not ASCII becomes "?" or nothing`, probe: "a body with an é",
		fix: "encode with UTF-8 (.NET: Encoding.UTF8, not Encoding.ASCII)",
		apply: func(_ *scene, v []byte, yield yielder) {
			yieldSome(yield, asciiOnly(v, "?"), `"?"`)
			yieldSome(yield, asciiOnly(v, ""), "dropped")
		}},
	{id: "charset-twice", rank: 26, stage: stageCharset,
		title: "the text was encoded in UTF-8 twice before it was signed",
		how:   "each byte beyond ASCII is taken for a Latin-1 or Windows-1252 character and encoded again", probe: "a body with an é",
		fix: "do not decode UTF-8 bytes as Latin-1: keep bytes as bytes",
		apply: func(_ *scene, v []byte, yield yielder) {
			yieldSome(yield, fromLatin1(v), "")
		}},
	{id: "charset-utf16", rank: 26, stage: stageCharset,
		title: "the text was signed in UTF-16, but sent in UTF-8",
		how:   "two bytes for each character, low or high byte first", probe: "any request",
		fix: "encode with UTF-8 (.NET: Encoding.UTF8, not Encoding.Unicode; PowerShell: -Encoding utf8)",
		apply: func(_ *scene, v []byte, yield yielder) {
			yieldSome(yield, toUTF16(v, binary.LittleEndian), "low byte first")
			yieldSome(yield, toUTF16(v, binary.BigEndian), "high byte first")
		}},
	{id: "charset-replaced", rank: 26, stage: stageCharset,
		title: "bytes that are not UTF-8 were replaced by U+FFFD before signing",
		how:   "invalid bytes become EF BF BD", probe: "a body with a byte that is not UTF-8",
		fix:  "sign bytes, not a string that was decoded from them",
		edit: changed(func(b []byte) []byte { return []byte(strings.ToValidUTF8(string(b), "\ufffd")) })},
	{id: "unicode-composed", rank: 79, stage: stageUnicode,
		title: "the text was signed with composed characters (NFC), but sent with combining marks",
		how:   "letter and marks become one character, in every script; Hangul letters become a syllable", probe: "a body with an é typed on macOS",
		fix:  "normalise once, before signing and sending",
		edit: changed(normalise((*normaliser).composed))},
	{id: "unicode-decomposed", rank: 79, stage: stageUnicode,
		title: "the text was signed with combining marks (NFD), but sent with composed characters",
		how:   "a character becomes letter and marks, in every script; a Hangul syllable becomes its letters", probe: "a body with an é",
		fix:  "normalise once, before signing and sending",
		edit: changed(normalise((*normaliser).decomposed))},
}}

// latin1 is the byte of a character in ISO 8859-1.
func latin1(c rune) (byte, bool) { return byte(c), c <= 0xff }

// high1252 are the characters of Windows-1252 at 0x80 to 0x9f; U+FFFD where there is none.
const high1252 = "€\ufffd‚ƒ„…†‡ˆ‰Š‹Œ\ufffdŽ\ufffd\ufffd‘’“”•–—˜™š›œ\ufffdžŸ"

func windows1252(c rune) (byte, bool) {
	if c < 0x80 || c >= 0xa0 && c <= 0xff {
		return byte(c), true
	}
	for i, h := range []rune(high1252) {
		if h == c && c != utf8.RuneError {
			return byte(0x80 + i), true
		}
	}
	return 0, false
}

// toBytes writes each character as one byte; nil when one has none or nothing changes.
func toBytes(v []byte, table func(rune) (byte, bool)) []byte {
	if !utf8.Valid(v) || isASCII(v) {
		return nil
	}
	out := make([]byte, 0, len(v))
	for _, c := range string(v) {
		b, ok := table(c)
		if !ok {
			b = '?'
		}
		out = append(out, b)
	}
	return out
}

func isASCII(v []byte) bool {
	for _, c := range v {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func asciiOnly(v []byte, instead string) []byte {
	if isASCII(v) {
		return nil
	}
	var out strings.Builder
	for _, c := range string(v) {
		if c < utf8.RuneSelf {
			out.WriteRune(c)
		} else {
			out.WriteString(instead)
		}
	}
	return append([]byte{}, out.String()...)
}

// fromLatin1 takes each byte for a Latin-1 character and writes it in UTF-8.
func fromLatin1(v []byte) []byte {
	if isASCII(v) {
		return nil
	}
	var out []byte
	for _, c := range v {
		out = utf8.AppendRune(out, rune(c))
	}
	return out
}

func toUTF16(v []byte, o binary.AppendByteOrder) []byte {
	if !utf8.Valid(v) || len(v) == 0 {
		return nil
	}
	var out []byte
	for _, u := range utf16.Encode([]rune(string(v))) {
		out = o.AppendUint16(out, u)
	}
	return out
}
