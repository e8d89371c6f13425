package explain

import (
	"strconv"
	"unicode/utf8"
)

// maxQuote bounds what is quoted from a request.
const maxQuote = 96

// quote makes text from outside safe to print, and short.
func quote(s string) string {
	if len(s) <= maxQuote {
		return strconv.Quote(s)
	}
	cut := maxQuote
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return strconv.Quote(s[:cut]) + "…"
}
