package explain

import (
	"bytes"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

// jsonMoves change the escapes, the blanks and the order of a JSON body and leave all else as it was sent.
var jsonMoves = table{"body", signers, byRecomputing, []move{
	{id: "json-unicode-escaped", rank: 13, stage: stageUnicode,
		title: `the body was signed with \uXXXX escapes, but sent with the characters themselves`,
		how:   `what is not ASCII becomes \uXXXX, in lower or upper case`, probe: "a body with an é",
		fix: serialiseOnce + "ensure_ascii, JSON_UNESCAPED_UNICODE and their like must be the same on both sides",
		apply: func(_ *scene, v []byte, yield yielder) {
			yieldSome(yield, within(v, escapeUnicode(false)), "hexadecimal digits in lower case")
			yieldSome(yield, within(v, escapeUnicode(true)), "hexadecimal digits in upper case")
		}},
	{id: "json-unicode-raw", rank: 13, stage: stageUnicode,
		title: `the body was signed with the characters themselves, but sent with \uXXXX escapes`,
		how:   `\uXXXX escapes become UTF-8`, probe: "a body with an é",
		fix:  serialiseOnce + "ensure_ascii, JSON_UNESCAPED_UNICODE and their like must be the same on both sides",
		edit: func(b []byte) []byte { return within(b, unescapeUnicode) }},
	{id: "json-slash-escaped", rank: 52, stage: stageSlash,
		title: `the body was signed with "\/" for "/", but sent without`,
		how:   `"/" becomes "\/" inside strings`, probe: "a body with a /",
		fix:  serialiseOnce + "json_encode($data, JSON_UNESCAPED_SLASHES) for both",
		edit: func(b []byte) []byte { return within(b, escapeSlash) }},
	{id: "json-slash-raw", rank: 52, stage: stageSlash,
		title: `the body was sent with "\/" for "/", but signed without`,
		how:   `"\/" becomes "/" inside strings`, probe: "a body with a /",
		fix:  serialiseOnce + "json_encode($data, JSON_UNESCAPED_SLASHES) for both",
		edit: func(b []byte) []byte { return within(b, unescape("/", '/')) }},
	{id: "json-html-escaped", rank: 41, stage: stageHTML,
		title: `the body was signed with \u003c \u003e \u0026 for < > &, but sent without`,
		how:   "< > & are escaped inside strings", probe: "a body with <",
		fix:  serialiseOnce + "in Go, encoder.SetEscapeHTML(false) changes this for one encoder only",
		edit: func(b []byte) []byte { return within(b, escapeHTML) }},
	{id: "json-html-raw", rank: 41, stage: stageHTML,
		title: `the body was sent with \u003c \u003e \u0026 for < > &, but signed without`,
		how:   "the escapes of < > & become these characters", probe: "a body with <",
		fix:  serialiseOnce + "in Go, encoder.SetEscapeHTML(false) changes this for one encoder only",
		edit: func(b []byte) []byte { return within(b, unescape("<>&", 0)) }},
	{id: "json-blanks-collapsed", rank: 35, stage: stageBlanks,
		title: "the body was signed with runs of blanks collapsed to one, as an unquoted shell variable does",
		how:   "every run of blanks becomes one blank, also inside strings", probe: "a body with two blanks in a row",
		fix:  `put the variable in double quotes: "$body"`,
		edit: changed(func(b []byte) []byte { return bytes.Join(bytes.Fields(b), []byte(" ")) })},
	{id: "json-key-order", rank: 30, stage: stageOrder,
		title: "the members of the body were signed in another order than they were sent",
		how:   "the members of the outermost object are permuted, each as it was written", probe: "a body with three members",
		fix:   serialiseOnce + "maps have no order: two serialisations may differ",
		apply: permuted},
	{id: "json-number-rewritten", rank: 81, stage: stageOrder,
		title: "numbers in the body were signed in another spelling than they were sent",
		how:   "numbers are written as JavaScript or Python writes them, all else is kept", probe: "a body with 1.0",
		fix: serialiseOnce + "send amounts as strings",
		apply: func(_ *scene, v []byte, yield yielder) {
			yieldSome(yield, renumbered(v, jsNumber), "as JavaScript writes them")
			yieldSome(yield, renumbered(v, pythonNumber), "as Python writes them")
		}},
}}

func yieldSome(yield yielder, v []byte, note string) {
	if v != nil {
		yield(v, note)
	}
}

func escapeUnicode(upper bool) func(dst, literal []byte) []byte {
	p := printer{ascii: true, upper: upper}
	return func(dst, literal []byte) []byte {
		for len(literal) > 0 {
			c, size := utf8.DecodeRune(literal)
			if c < utf8.RuneSelf {
				dst = append(dst, literal[0])
			} else {
				dst = p.escape(dst, c)
			}
			literal = literal[size:]
		}
		return dst
	}
}

// unescapeUnicode replaces escapes of characters that need none.
func unescapeUnicode(dst, literal []byte) []byte {
	for i := 0; i < len(literal); {
		if literal[i] != '\\' {
			dst = append(dst, literal[i])
			i++
			continue
		}
		if literal[i+1] != 'u' {
			dst = append(dst, literal[i:i+2]...)
			i += 2
			continue
		}
		c, size := (&reader{b: literal, i: i + 2}).hex4(), 6
		if i+12 <= len(literal) && utf16.IsSurrogate(c) && literal[i+6] == '\\' && literal[i+7] == 'u' {
			c, size = utf16.DecodeRune(c, (&reader{b: literal, i: i + 8}).hex4()), 12
		}
		if c < utf8.RuneSelf || c == utf8.RuneError || utf16.IsSurrogate(c) {
			dst = append(dst, literal[i:i+size]...)
		} else {
			dst = utf8.AppendRune(dst, c)
		}
		i += size
	}
	return dst
}

func escapeSlash(dst, literal []byte) []byte {
	for i := 0; i < len(literal); i++ {
		switch {
		case literal[i] == '\\':
			dst = append(dst, literal[i:i+2]...)
			i++
		case literal[i] == '/':
			dst = append(dst, `\/`...)
		default:
			dst = append(dst, literal[i])
		}
	}
	return dst
}

func escapeHTML(dst, literal []byte) []byte {
	for _, c := range literal {
		if c == '<' || c == '>' || c == '&' {
			dst = append(dst, `\u00`+hexDigits(rune(c), 2, false)...)
		} else {
			dst = append(dst, c)
		}
	}
	return dst
}

// unescape returns a change that replaces the escapes of the given ASCII characters: the short one, and \u00XX when short is 0.
func unescape(characters string, short byte) func(dst, literal []byte) []byte {
	return func(dst, literal []byte) []byte {
		for i := 0; i < len(literal); i++ {
			if literal[i] != '\\' {
				dst = append(dst, literal[i])
				continue
			}
			switch {
			case short != 0 && literal[i+1] == short:
				dst = append(dst, short)
				i++
				continue
			case short == 0 && literal[i+1] == 'u':
				if c := (&reader{b: literal, i: i + 2}).hex4(); c < utf8.RuneSelf && bytes.IndexByte([]byte(characters), byte(c)) >= 0 {
					dst = append(dst, byte(c))
					i += 5
					continue
				}
			}
			dst = append(dst, literal[i:i+2]...)
			i++
		}
		return dst
	}
}

// maxPermuted bounds how many members are permuted: 5! is 120. Of a body that was changed before, only 3 are.
const maxPermuted = 5

// permuted moves the members of the outermost object and keeps the text between them.
func permuted(s *scene, v []byte, yield yielder) {
	n := parseJSON(v)
	if n == nil || n.kind != '{' || len(n.items) < 2 {
		return
	}
	parts, gaps := cutMembers(v)
	if len(parts) != len(n.items) {
		return
	}
	most := maxPermuted
	if !bytes.Equal(v, s.r.Body) {
		most = 3
	}
	if len(parts) > most {
		slices.Reverse(parts)
		yield(joinMembers(parts, gaps), "reversed")
		return
	}
	for order := range permutations(len(parts)) {
		moved := make([][]byte, len(parts))
		for i, from := range order {
			moved[i] = parts[from]
		}
		yield(joinMembers(moved, gaps), "")
	}
}

// cutMembers cuts an object that parses at the commas of its outermost level; gaps stand before, between and behind.
func cutMembers(v []byte) (parts, gaps [][]byte) {
	blank := func(i int) int {
		for i < len(v) && (v[i] == ' ' || v[i] == '\n' || v[i] == '\r' || v[i] == '\t') {
			i++
		}
		return i
	}
	from := blank(blank(0) + 1)
	gaps = append(gaps, v[:from])
	depth := 0
	for i := from; i < len(v); i++ {
		switch v[i] {
		case '"':
			for i++; v[i] != '"'; i++ {
				if v[i] == '\\' {
					i++
				}
			}
		case '{', '[':
			depth++
		case '}', ']', ',':
			if depth == 0 {
				end := i
				for end > from && blank(end-1) != end-1 {
					end--
				}
				parts = append(parts, v[from:end])
				if v[i] != ',' {
					return parts, append(gaps, v[end:])
				}
				from = blank(i + 1)
				gaps = append(gaps, v[end:from])
				i = from - 1
				continue
			}
			if v[i] != ',' {
				depth--
			}
		}
	}
	return nil, nil
}

func joinMembers(parts, gaps [][]byte) []byte {
	out := append([]byte{}, gaps[0]...)
	for i, p := range parts {
		out = append(append(out, p...), gaps[i+1]...)
	}
	return out
}

// permutations yields every order of n things but the first (Heap's algorithm).
func permutations(n int) func(yield func([]int) bool) {
	return func(yield func([]int) bool) {
		order, c := make([]int, n), make([]int, n)
		for i := range order {
			order[i] = i
		}
		for i := 1; i < n; {
			if c[i] >= i {
				c[i] = 0
				i++
				continue
			}
			if i%2 == 0 {
				order[0], order[i] = order[i], order[0]
			} else {
				order[c[i]], order[i] = order[i], order[c[i]]
			}
			if !yield(order) {
				return
			}
			c[i]++
			i = 1
		}
	}
}

// renumbered rewrites the numbers of a JSON text and nothing else.
func renumbered(b []byte, number func(string) string) []byte {
	if parseJSON(b) == nil {
		return nil
	}
	var out []byte
	for i := 0; i < len(b); {
		from := i
		switch c := b[i]; {
		case c == '"':
			for i++; b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
			i++
			out = append(out, b[from:i]...)
		case c == '-' || c >= '0' && c <= '9':
			r := reader{b: b, i: i}
			out = append(out, number(r.number())...)
			i = r.i
		default:
			out = append(out, c)
			i++
		}
	}
	if bytes.Equal(out, b) {
		return nil
	}
	return out
}
