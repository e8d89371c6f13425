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
		how:   "letter and combining mark become one character, for Latin letters", probe: "a body with an é typed on macOS",
		fix:  "normalise once, before signing and sending",
		edit: changed(compose(false))},
	{id: "unicode-decomposed", rank: 79, stage: stageUnicode,
		title: "the text was signed with combining marks (NFD), but sent with composed characters",
		how:   "a character becomes letter and combining mark, for Latin letters", probe: "a body with an é",
		fix:  "normalise once, before signing and sending",
		edit: changed(compose(true))},
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

// composed pairs Latin letters with what they decompose to (Unicode, canonical decomposition of U+00C0 to U+017F).
const composed = "ÀA\u0300 ÁA\u0301 ÂA\u0302 ÃA\u0303 ÄA\u0308 ÅA\u030a ÇC\u0327 ÈE\u0300 ÉE\u0301 ÊE\u0302 ËE\u0308 ÌI\u0300 ÍI\u0301 ÎI\u0302 ÏI\u0308 " +
	"ÑN\u0303 ÒO\u0300 ÓO\u0301 ÔO\u0302 ÕO\u0303 ÖO\u0308 ÙU\u0300 ÚU\u0301 ÛU\u0302 ÜU\u0308 ÝY\u0301 àa\u0300 áa\u0301 âa\u0302 ãa\u0303 äa\u0308 åa\u030a çc\u0327 " +
	"èe\u0300 ée\u0301 êe\u0302 ëe\u0308 ìi\u0300 íi\u0301 îi\u0302 ïi\u0308 ñn\u0303 òo\u0300 óo\u0301 ôo\u0302 õo\u0303 öo\u0308 ùu\u0300 úu\u0301 ûu\u0302 üu\u0308 " +
	"ýy\u0301 ÿy\u0308 ĂA\u0306 ăa\u0306 ĄA\u0328 ąa\u0328 ĆC\u0301 ćc\u0301 ČC\u030c čc\u030c ĎD\u030c ďd\u030c ĘE\u0328 ęe\u0328 ĚE\u030c ěe\u030c ĞG\u0306 ğg\u0306 " +
	"İI\u0307 ŃN\u0301 ńn\u0301 ŇN\u030c ňn\u030c ŐO\u030b őo\u030b ŘR\u030c řr\u030c ŚS\u0301 śs\u0301 ŞS\u0327 şs\u0327 ŠS\u030c šs\u030c ŢT\u0327 ţt\u0327 " +
	"ŤT\u030c ťt\u030c ŮU\u030a ůu\u030a ŰU\u030b űu\u030b ŹZ\u0301 źz\u0301 ŻZ\u0307 żz\u0307 ŽZ\u030c žz\u030c"

// compose replaces characters by their decomposition, or the reverse.
func compose(decompose bool) func([]byte) []byte {
	return func(v []byte) []byte {
		if isASCII(v) {
			return v
		}
		return []byte(composer(decompose).Replace(string(v)))
	}
}

func composer(decompose bool) *strings.Replacer {
	var pairs []string
	for s := range strings.FieldsSeq(composed) {
		_, size := utf8.DecodeRuneInString(s)
		if decompose {
			pairs = append(pairs, s[:size], s[size:])
		} else {
			pairs = append(pairs, s[size:], s[:size])
		}
	}
	return strings.NewReplacer(pairs...)
}
