package explain

import (
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// Canonical normalisation (Unicode Standard Annex 15) as far as the tables go. Where they end a candidate comes out
// wrong and proves nothing, so they need not be complete; compatibility forms (NFKC, NFKD) are not among them.

// Hangul syllables are computed (the Unicode Standard, section 3.12): 19 leading consonants, 21 vowels, 27 trailing
// consonants or none.
const (
	hangulBase     = 0xac00
	leadBase       = 0x1100
	vowelBase      = 0x1161
	trailBase      = 0x11a7
	leads          = 19
	vowels         = 21
	trails         = 28
	hangulSyllable = leads * vowels * trails
)

// normaliser holds the tables in the form in which they are used.
type normaliser struct {
	apart    map[rune][]rune
	together map[[2]rune]rune
	class    map[rune]uint8
}

var newNormaliser = sync.OnceValue(func() *normaliser {
	n := &normaliser{map[rune][]rune{}, map[[2]rune]rune{}, map[rune]uint8{}}
	for _, c := range compositions {
		pairs := []rune(c.pairs)
		for i := 0; i < len(pairs); i += 2 {
			n.apart[pairs[i]] = []rune{pairs[i+1], c.second}
			n.together[[2]rune{pairs[i+1], c.second}] = pairs[i]
		}
	}
	for entry := range strings.SplitSeq(decompositions, "|") {
		all := []rune(entry)
		n.apart[all[0]] = all[1:]
	}
	for _, c := range combiningClasses {
		ranges := []rune(c.ranges)
		for i := 0; i < len(ranges); i += 2 {
			for r := ranges[i]; r <= ranges[i+1]; r++ {
				n.class[r] = c.class
			}
		}
	}
	return n
})

// decomposed is the text in NFD: every character taken apart, marks in canonical order.
func (n *normaliser) decomposed(text string) []rune {
	var out []rune
	for _, c := range text {
		out = n.split(out, c)
	}
	for from := 0; from < len(out); from++ {
		to := from
		for to < len(out) && n.class[out[to]] != 0 {
			to++
		}
		if to > from {
			slices.SortStableFunc(out[from:to], func(a, b rune) int { return int(n.class[a]) - int(n.class[b]) })
			from = to
		}
	}
	return out
}

// split appends what a character comes apart into.
func (n *normaliser) split(out []rune, c rune) []rune {
	if s := c - hangulBase; s >= 0 && s < hangulSyllable {
		out = append(out, leadBase+s/(vowels*trails), vowelBase+s/trails%vowels)
		if t := s % trails; t > 0 {
			out = append(out, trailBase+t)
		}
		return out
	}
	parts, ok := n.apart[c]
	if !ok {
		return append(out, c)
	}
	for _, p := range parts {
		out = n.split(out, p)
	}
	return out
}

// composed is the text in NFC: taken apart, then each mark joined with the last character of class 0 before it, unless
// a mark between them blocks it.
func (n *normaliser) composed(text string) []rune {
	apart := n.decomposed(text)
	out := apart[:0]
	starter, last := -1, uint8(0)
	for _, c := range apart {
		class := n.class[c]
		if starter >= 0 && (last < class || last == 0 && starter == len(out)-1) {
			if whole, ok := n.join(out[starter], c); ok {
				out[starter] = whole
				continue
			}
		}
		if class == 0 {
			starter = len(out)
		}
		last = class
		out = append(out, c)
	}
	return out
}

// join composes two characters.
func (n *normaliser) join(a, b rune) (rune, bool) {
	if l, v := a-leadBase, b-vowelBase; l >= 0 && l < leads && v >= 0 && v < vowels {
		return hangulBase + (l*vowels+v)*trails, true
	}
	if s, t := a-hangulBase, b-trailBase; s >= 0 && s < hangulSyllable && s%trails == 0 && t > 0 && t < trails {
		return a + t, true
	}
	whole, ok := n.together[[2]rune{a, b}]
	return whole, ok
}

// normalise rewrites a text in NFC or NFD.
func normalise(form func(*normaliser, string) []rune) func([]byte) []byte {
	return func(v []byte) []byte {
		if isASCII(v) || !utf8.Valid(v) {
			return v
		}
		return []byte(string(form(newNormaliser(), string(v))))
	}
}
