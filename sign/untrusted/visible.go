package untrusted

import (
	"unicode"
	"unicode/utf8"
)

// maxMarks is how many combining marks stay on one base. Written languages need fewer;
// a hundred of them paint over the lines above and below.
const maxMarks = 8

// verdict says what becomes of a character.
type verdict int

const (
	keep    verdict = iota // drawn as it is
	show                   // replaced by its visible form
	surplus                // a combining mark beyond the bound, counted instead of drawn
)

// judge decides about one character after another. It knows what stands before, because a combining
// mark changes the character before it: without a base of its own it would change ours.
// The zero judge stands at the beginning of a text.
type judge struct {
	based bool // the character before can carry marks
	marks int  // marks since the last other character
}

// rune judges r, which was decoded from size bytes.
func (j *judge) rune(r rune, size int) verdict {
	switch {
	case r == utf8.RuneError && size <= 1, hides(r):
		*j = judge{}
		return show
	case extends(r):
		j.marks++
		if j.marks > maxMarks {
			return surplus
		}
		if !j.based {
			return show
		}
		return keep
	default:
		*j = judge{based: true}
		return keep
	}
}

// plain reports whether b is a printable ASCII character, which every consumer keeps.
func plain(b byte) bool { return b >= 0x20 && b < 0x7F }

// hides reports whether a reader would not see r for what it is: control characters, bidirectional
// controls and other format characters (Cf), line and paragraph separators, private use and unassigned
// code points (nobody knows how wide a terminal draws those), blanks other than the ASCII space,
// and what Unicode calls default ignorable, among it the variation selectors and the tags.
func hides(r rune) bool {
	if r < utf8.RuneSelf {
		return !plain(byte(r))
	}
	return !unicode.IsGraphic(r) || unicode.Is(unicode.Zs, r) || unicode.Is(ignorable, r)
}

// ignorable lists what unicode.IsGraphic accepts and a terminal draws as nothing:
// Default_Ignorable_Code_Point (Unicode, DerivedCoreProperties) and the blank Braille pattern.
var ignorable = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x034F, Hi: 0x034F, Stride: 1}, // combining grapheme joiner
		{Lo: 0x115F, Hi: 0x1160, Stride: 1}, // hangul fillers
		{Lo: 0x17B4, Hi: 0x17B5, Stride: 1}, // khmer inherent vowels
		{Lo: 0x180B, Hi: 0x180F, Stride: 1}, // mongolian variation selectors
		{Lo: 0x2800, Hi: 0x2800, Stride: 1}, // braille pattern blank
		{Lo: 0x3164, Hi: 0x3164, Stride: 1}, // hangul filler
		{Lo: 0xFE00, Hi: 0xFE0F, Stride: 1}, // variation selectors
		{Lo: 0xFFA0, Hi: 0xFFA0, Stride: 1}, // halfwidth hangul filler
	},
	R32: []unicode.Range32{
		{Lo: 0xE0000, Hi: 0xE0FFF, Stride: 1}, // tags, variation selectors supplement
	},
}

// extends reports whether r is drawn into the cell of the character before it:
// combining marks, and the Hangul vowels and finals that join a syllable.
func extends(r rune) bool {
	if r < 0x300 {
		return false
	}
	return unicode.Is(unicode.M, r) || r >= 0x1160 && r <= 0x11FF || r >= 0xD7B0 && r <= 0xD7FB
}

// appendVisible appends the form in which a hidden character is shown: ^[ for C0 and ^? for DEL,
// \xE9 for a byte that is not UTF-8, <U+202E> for all else. The forms are ASCII.
func appendVisible(dst []byte, r rune, size int, first byte) []byte {
	switch {
	case r == utf8.RuneError && size <= 1:
		return append(dst, '\\', 'x', upperHex[first>>4], upperHex[first&15])
	case r < 0x20 || r == 0x7F:
		return append(dst, '^', byte(r)^0x40)
	}
	digits := 4
	for r>>(4*digits) != 0 {
		digits++
	}
	dst = append(dst, "<U+"...)
	for i := digits - 1; i >= 0; i-- {
		dst = append(dst, upperHex[r>>(4*i)&15])
	}
	return append(dst, '>')
}

const upperHex = "0123456789ABCDEF"

// cells estimates how many columns a kept character fills; it places tab stops and nothing else.
func cells(r rune) int {
	switch {
	case extends(r):
		return 0
	case unicode.Is(wide, r):
		return 2
	}
	return 1
}

// wide lists the blocks that terminals draw in two columns (Unicode Standard Annex 11, abridged to blocks).
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x1100, Hi: 0x115E, Stride: 1}, // hangul initials
		{Lo: 0x2E80, Hi: 0x303E, Stride: 1}, // radicals, cjk punctuation
		{Lo: 0x3041, Hi: 0xA4CF, Stride: 1}, // kana to yi
		{Lo: 0xAC00, Hi: 0xD7A3, Stride: 1}, // hangul syllables
		{Lo: 0xF900, Hi: 0xFAFF, Stride: 1}, // compatibility ideographs
		{Lo: 0xFE30, Hi: 0xFE6F, Stride: 1}, // compatibility forms
		{Lo: 0xFF01, Hi: 0xFF60, Stride: 1}, // fullwidth forms
		{Lo: 0xFFE0, Hi: 0xFFE6, Stride: 1}, // fullwidth signs
	},
	R32: []unicode.Range32{
		{Lo: 0x1F300, Hi: 0x1F64F, Stride: 1}, // pictographs, emoticons
		{Lo: 0x1F680, Hi: 0x1F6FF, Stride: 1}, // transport
		{Lo: 0x1F900, Hi: 0x1F9FF, Stride: 1}, // supplemental pictographs
		{Lo: 0x20000, Hi: 0x3FFFD, Stride: 1}, // ideographs
	},
}
