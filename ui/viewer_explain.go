package ui

import (
	"slices"
	"strings"

	"countersign/sign"
)

// explain says what the byte under the cursor is and where it came from, in two or three rows.
func (v *viewer) explain(w int) []row {
	if len(v.bytes) == 0 {
		return []row{{say(quiet, "the text is empty: 0 bytes")}, nil}
	}
	i, s, _ := v.span()
	k := ink{fg: originOf(s.Origin.Kind), attr: bold}
	c := v.bytes[v.at]
	g, size, _ := glyph(v.bytes[v.at:])
	const digits = "0123456789abcdef"
	where := row{
		say(quiet, "byte "), say(plain, itoa(v.at)), say(quiet, " of "+itoa(len(v.bytes))+"  "),
		say(plain, "0x"+string([]byte{digits[c>>4], digits[c&15]})+" "), {g, k}, say(quiet, controlName(c)),
	}
	if size > 1 {
		where = append(where, say(quiet, " ("+itoa(size)+" bytes)"))
	}
	if part := say(quiet, "   part "+itoa(i+1)+" of "+itoa(len(v.spans))+", bytes "+itoa(s.Start)+"–"+itoa(s.End-1)); where.cells()+width(part.text) <= w {
		where = append(where, part)
	}
	origin := v.origin(s, k).wrapped(w)
	return append([]row{where}, origin[:min(len(origin), 2)]...)
}

// origin says where a part came from: its kind, the rules that ran, the keys that went in, the note.
func (v *viewer) origin(s sign.Span, k ink) row {
	out := row{{string(rune(s.Origin.Kind.Letter())) + " ", k}}
	out = append(out, typed(s.Origin.String(), k)...)
	for _, r := range s.Rules {
		out = append(out, say(quiet, " → "), say(plain, r))
	}
	if len(s.Keys) > 0 {
		out = append(out, say(quiet, "  key "), strong(originOf(sign.Key), strings.Join(s.Keys, ", ")))
	}
	if s.Note != "" {
		out = append(out, say(quiet, "  "))
		out = append(out, typed(s.Note, ink{fg: quiet, attr: italic})...)
	}
	if s.Origin.Kind == sign.Earlier {
		out = append(out, say(quiet, "  "), strong(accent, "enter"), say(quiet, " walks into it"))
	}
	return out
}

// controlName names the control characters that matter in a canonical string.
func controlName(c byte) string {
	switch c {
	case '\n':
		return " LF"
	case '\r':
		return " CR"
	case '\t':
		return " TAB"
	case ' ':
		return " SP"
	}
	return ""
}

// legend names the letters that occur in the text, in the order in which they do; separators last.
func (v *viewer) legend(w int) row {
	var out row
	kinds := v.kinds()
	for _, kind := range kinds {
		item := row{{string(rune(kind.Letter())), ink{fg: originOf(kind), attr: bold}}, {" " + kind.String() + "  ", ink{fg: originOf(kind)}}}
		if out.cells()+item.cells() <= w {
			out = append(out, item...)
		}
	}
	return out
}

// kinds are the kinds of origin that occur.
func (v *viewer) kinds() []sign.Kind {
	var out []sign.Kind
	separators := false
	for _, s := range v.spans {
		switch {
		case s.Len() == 0 || slices.Contains(out, s.Origin.Kind):
		case s.Origin.Kind == sign.Separator:
			separators = true
		default:
			out = append(out, s.Origin.Kind)
		}
	}
	if separators {
		out = append(out, sign.Separator)
	}
	return out
}
