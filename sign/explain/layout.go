package explain

import (
	"bytes"
	"slices"
)

// A layout is the canonical string with a marker for each part: the axes up to atBody are bytes that
// cannot occur in a separator. The mistakes of this table are changes of that text.
//
// Stages: parts, order, separators, ends.
var layoutMoves = table{"concatenation", signers, byRecomputing, []move{
	{id: "layout-body-only", rank: 61, stage: 1,
		title: "the body alone was signed, as webhooks are",
		how:   "only the body", probe: "the same body to another path",
		fix:   "build the whole canonical string; the body alone is the scheme of the partner's webhooks",
		apply: replaced(string(rune(atBody)))},
	{id: "layout-part-left-out", rank: 61, stage: 1,
		title: "a part was left out of what is signed",
		how:   "one part is removed with its separator", probe: "any request",
		fix:   "put every part in, also when it is empty",
		apply: leftOut},
	{id: "layout-method-included", rank: 61, stage: 1, only: hmacs,
		title: "the method was signed, but it is no part of what is signed",
		how:   "the method in front, behind the idempotency key, or at the end", probe: "the same request with another method",
		fix: "concatenate idempotency key, path and body only",
		apply: func(s *scene, v []byte, yield yielder) {
			m := string(rune(atMethod))
			yield([]byte(m+string(v)), "in front")
			yield([]byte(string(v)+m), "at the end")
			if len(v) > 0 {
				yield([]byte(string(v[:1])+m+string(v[1:])), "behind the first part")
			}
		}},
	{id: "layout-order", rank: 61, stage: 2,
		title: "the parts were concatenated in another order",
		how:   "every order of the parts", probe: "any request",
		fix:   "keep the order of the partner's page",
		apply: reordered},
	{id: "separator-crlf", rank: 25, stage: 3, only: jws,
		title: "the lines were joined with CRLF instead of LF",
		how:   "CRLF between the parts", probe: "any request",
		fix:  `join with "\n"; %n in Java and PrintWriter.println write the system's line end`,
		edit: changed(func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")) })},
	{id: "separator-literal", rank: 72, stage: 3, only: jws,
		title: `the lines were joined with a backslash and an n, two characters, instead of a newline`,
		how:   `\n in two characters between the parts`, probe: "any request",
		fix:  `write "\n" in double quotes (PHP, shell: $'\n'); single quotes keep the backslash`,
		edit: changed(func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte(`\n`)) })},
	{id: "separator-blanks", rank: 72, stage: 3, only: jws,
		title: "the lines were joined with blanks around the newline, as a page that prints them on one line suggests",
		how:   `" \n " between the parts`, probe: "any request",
		fix:   "join with the newline alone",
		apply: separated(" \n ", " \n", "\n ")},
	{id: "separator-other", rank: 24, stage: 3,
		title: "the parts were joined with another separator",
		how:   "each usual separator, or none", probe: "any request",
		fix:   "join the parts as the partner's page says",
		apply: separated("\n", "", "|", ".", ":", "&", " ", ",", "-", "_", ";", "/", "\t", "\r\n", "\x00")},
	{id: "layout-newline-at-end", rank: 24, stage: 4,
		title: "a newline was signed behind the last part",
		how:   "LF or CRLF at the end", probe: "any request",
		fix:   "end with the last part: join the lines instead of terminating each; printf %s instead of echo",
		apply: atEnds("", "\n", "", "\r\n")},
	{id: "layout-newline-in-front", rank: 24, stage: 4,
		title: "a newline was signed in front of the first part",
		how:   "LF at the beginning", probe: "any request",
		fix:   "begin with the first part; a string that opens on the line below its quotes has a newline",
		apply: atEnds("\n", "", "\r\n", "", "\n", "\n")},
	{id: "layout-line-numbers", rank: 72, stage: 4, only: jws,
		title: "the line numbers of the page were signed with the lines",
		how:   `"1 ", "1. " and so on in front of each line`, probe: "any request",
		fix:   "remove the numbers",
		apply: numberedLines},
}}

// group is a part of a layout: markers that stand together, and the separator in front of them.
type group struct{ before, markers []byte }

// groups takes a layout apart; origin, path and query are one part. end is what follows the last part.
func groups(layout []byte) (all []group, end []byte) {
	from := 0
	for i := 0; i < len(layout); i++ {
		if layout[i] < atMethod || layout[i] > atBody {
			continue
		}
		g := group{before: layout[from:i]}
		to := i + 1
		for to < len(layout) && layout[i] == atOrigin && (layout[to] == atPath || layout[to] == atQuery) {
			to++
		}
		g.markers = layout[i:to]
		all, i, from = append(all, g), to-1, to
	}
	return all, layout[from:]
}

func joinGroups(all []group, end []byte) []byte {
	var out []byte
	for i, g := range all {
		if i > 0 || len(g.before) > 0 {
			out = append(out, g.before...)
		}
		out = append(out, g.markers...)
	}
	return append(out, end...)
}

func leftOut(_ *scene, v []byte, yield yielder) {
	all, end := groups(v)
	for i, g := range all {
		rest := slices.Delete(slices.Clone(all), i, i+1)
		if i == 0 && len(rest) > 0 {
			rest[0].before = g.before
		}
		yield(append([]byte{}, joinGroups(rest, end)...), "the "+partNames[g.markers[0]])
		kept := slices.Clone(all)
		kept[i].markers = nil
		if len(g.before) > 0 || i == 0 && len(all) > 1 && len(all[1].before) > 0 {
			yield(joinGroups(kept, end), "the "+partNames[g.markers[0]]+", its line kept")
		}
	}
}

// partNames names a part by the first of its markers.
var partNames = [...]string{atMethod: "method", atOrigin: "URL", atPath: "path", atQuery: "query", atContent: "body", atClock: "timestamp", atSerial: "idempotency key or nonce", atBody: "body"}

func reordered(_ *scene, v []byte, yield yielder) {
	all, end := groups(v)
	if len(all) < 2 || len(all) > maxPermuted {
		return
	}
	for order := range permutations(len(all)) {
		moved := make([]group, len(all))
		note := ""
		for i, from := range order {
			moved[i] = group{all[i].before, all[from].markers}
			if i > 0 {
				note += ", "
			}
			note += partNames[all[from].markers[0]]
		}
		yield(joinGroups(moved, end), note)
	}
}

// separated puts each of the separators between the parts.
func separated(separators ...string) func(*scene, []byte, yielder) {
	return func(s *scene, v []byte, yield yielder) {
		all, end := groups(v)
		for _, sep := range separators {
			if sep == "\r\n" && s.scheme == Sabika { // that is separator-crlf
				continue
			}
			for i := range all {
				if i > 0 {
					all[i].before = []byte(sep)
				}
			}
			yield(append([]byte{}, joinGroups(all, end)...), quote(sep))
		}
	}
}

func numberedLines(_ *scene, v []byte, yield yielder) {
	for _, behind := range []string{" ", ". ", ": ", "\t"} {
		lines := bytes.Split(v, []byte("\n"))
		for i := range lines {
			lines[i] = append([]byte{byte('1' + i%9)}, behind+string(lines[i])...)
		}
		yield(bytes.Join(lines, []byte("\n")), quote("1"+behind))
	}
}
