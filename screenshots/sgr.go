package screenshots

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/ansi/parser"
)

// maxParams bounds the parameters of one SGR sequence that are read; the rest is ignored.
const maxParams = 64

// sequence measures the escape sequence that s starts with (ECMA-48 5.3 to 5.6); n is 0 when s starts
// with text. params is nil unless it is an SGR sequence. A sequence that does not end takes the rest of
// the line.
//
// The decoder of x/ansi is not used: it panics at a sequence of more than 32 parameters.
func sequence(s string) (params ansi.Params, n int) {
	if s[0] != '\x1b' {
		return nil, 0
	}
	if len(s) == 1 {
		return nil, 1
	}
	switch s[1] {
	case '[':
		return controlSequence(s)
	case ']', 'P', 'X', '^', '_': // OSC, DCS, SOS, PM, APC: a string up to ST or BEL
		return nil, stringEnd(s)
	}
	n = 1 + span(s[1:], ' ', '/') // nF sequences carry intermediate bytes
	if n < len(s) && s[n] >= '0' && s[n] <= '~' {
		n++
	}
	return nil, n
}

// controlSequence measures CSI, parameters, intermediates, final byte.
func controlSequence(s string) (ansi.Params, int) {
	n := 2 + span(s[2:], '0', '?')
	inter := span(s[n:], ' ', '/')
	end := n + inter
	if end == len(s) || s[end] < '@' || s[end] > '~' {
		return nil, end
	}
	if s[end] != 'm' || inter > 0 || strings.ContainsAny(s[2:n], "<=>?") {
		return nil, end + 1 // another sequence, or a private one such as CSI > 4 ; 2 m
	}
	return sgrParams(s[2:n]), end + 1
}

// sgrParams reads numbers parted by ; or, as sub-parameters, by : (ITU T.416 13.1.8).
func sgrParams(s string) ansi.Params {
	params := ansi.Params{parser.MissingParam}
	for i := 0; i < len(s); i++ {
		last := &params[len(params)-1]
		switch c := s[i]; c {
		case ';', ':':
			if len(params) == maxParams {
				return params
			}
			if c == ':' {
				*last |= parser.HasMoreFlag
			}
			params = append(params, parser.MissingParam)
		default:
			if *last == parser.MissingParam {
				*last = 0
			}
			*last = min(*last*10+ansi.Param(c-'0'), 1<<16)
		}
	}
	return params
}

// stringEnd is the length of a control string with its terminator.
func stringEnd(s string) int {
	for i := 2; i < len(s); i++ {
		switch {
		case s[i] == '\a':
			return i + 1
		case s[i] == '\x1b' && i+1 < len(s) && s[i+1] == '\\':
			return i + 2
		}
	}
	return len(s)
}

// span counts the leading bytes between lo and hi.
func span(s string, lo, hi byte) int {
	n := 0
	for n < len(s) && s[n] >= lo && s[n] <= hi {
		n++
	}
	return n
}
