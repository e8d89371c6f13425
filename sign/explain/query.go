package explain

import (
	"net/url"
	"slices"
	"strings"
)

// queryMoves are mistakes with the query. The value has its "?"; for a scheme that does not sign the query it begins empty.
var queryMoves = table{"query", signers, byRecomputing, []move{
	{id: "query-included", rank: 34, stage: 1, only: hmacs,
		title: "the query was signed, but the path alone belongs into what is signed",
		how:   "the query stands behind the path", probe: "a request without a query",
		fix: "sign the path without the query: url.pathname, urlsplit(url).path, req.URL.EscapedPath()",
		apply: func(s *scene, v []byte, yield yielder) {
			if q := s.r.Query(); len(v) == 0 && q != "" {
				yield([]byte(q), quote(q))
				yield([]byte(q[1:]), "without the ?")
			}
		}},
	{id: "query-left-out", rank: 34, stage: 1, only: jws,
		title: "the query was not signed",
		how:   "the query is removed, with or without its ?", probe: "a request without a query",
		fix: "sign path and query: url.pathname + url.search, req.URL.RequestURI()",
		apply: func(_ *scene, v []byte, yield yielder) {
			if len(v) > 0 {
				yield([]byte{}, "")
				yield([]byte("?"), "but for its ?")
			}
		}},
	{id: "query-mark", rank: 34, stage: 6,
		title: "the query was signed without its ?, or an empty query with one",
		how:   "the ? is removed or added", probe: "a request with a query",
		fix:   "sign the URL exactly as it is sent",
		only:  jws,
		apply: queryMark},
	{id: "query-sorted", rank: 12, stage: 2,
		title: "the query parameters were signed in another order than they were sent",
		how:   "sorted by name, by the whole pair, or reversed", probe: "two parameters that are not in alphabetical order",
		fix:   "build the query once, then sign and send the same text",
		apply: onPairs(sortedPairs)},
	{id: "query-repeated", rank: 47, stage: 3,
		title: "a query parameter that stands there several times was signed otherwise than it was sent",
		how:   "the first, the last, or all joined with a comma", probe: "a repeated parameter",
		fix:   "build the query once, then sign and send the same text",
		apply: onPairs(mergedPairs)},
	{id: "query-empty-value", rank: 47, stage: 3,
		title: "a query parameter without a value was signed otherwise than it was sent",
		how:   "x becomes x= or the reverse, or is left out", probe: "a parameter without a value",
		fix:   "build the query once, then sign and send the same text",
		apply: onPairs(emptyPairs)},
	{id: "query-decoded", rank: 11, stage: 4,
		title: "the query was signed percent-decoded, but sent encoded",
		how:   "%XX becomes the byte; + stays or becomes a blank", probe: "a parameter with %20",
		fix: "sign the query as it is sent: url.search in JavaScript, req.URL.RawQuery in Go",
		apply: func(s *scene, v []byte, yield yielder) {
			decoded(url.PathUnescape)(s, v, yield)
			if out, err := url.QueryUnescape(string(v)); err == nil {
				yield([]byte(out), "and + as a blank")
			}
		}},
	{id: "query-plus", rank: 19, stage: 5,
		title: "blanks in the query are + on one side and %20 on the other",
		how:   "+ becomes %20, %20 becomes +, or + becomes %2B", probe: "a parameter with a blank",
		fix: "build the query once, then sign and send the same text",
		apply: func(_ *scene, v []byte, yield yielder) {
			yield([]byte(strings.ReplaceAll(string(v), "+", "%20")), "signed with %20")
			yield([]byte(strings.ReplaceAll(string(v), "%20", "+")), "signed with +")
			yield([]byte(strings.ReplaceAll(string(v), "+", "%2B")), "signed with %2B")
			yield([]byte(strings.ReplaceAll(string(v), "%2B", "+")), "%2B signed as +")
		}},
	{id: "query-encoded", rank: 39, stage: 5,
		title: "the query was signed with another percent-encoding than was sent",
		how:   "each name and value encoded as RFC 3986, encodeURIComponent or a form do; or encoded once more", probe: "a parameter with : and @",
		fix:   "build the query once, then sign and send the same text",
		apply: encodedQuery},
	{id: "query-hex-case", rank: 68, stage: 5,
		title: "the digits of percent-encoding in the query differ in case",
		how:   "%2f becomes %2F or the reverse", probe: "a parameter with %2F",
		fix:   "sign the query exactly as it is sent",
		apply: hexCase},
	{id: "query-from-body", rank: 53, stage: 1, only: jws,
		title: "the members of the body were signed as query parameters",
		how:   "the members of the body stand behind a ?", probe: "a request without a body",
		fix: "sign the URL that is sent",
		apply: func(s *scene, _ []byte, yield yielder) {
			asForm(s, s.r.Body, func(out []byte, _ string) { yield([]byte("?"+string(out)), "") })
		}},
}}

// pair is one parameter as it is written.
type pair struct {
	name, value string
	equals      bool // there is a =
}

func (p pair) String() string {
	if p.equals {
		return p.name + "=" + p.value
	}
	return p.name
}

// splitQuery cuts a query, with or without its ?, at each &.
func splitQuery(q string) []pair {
	q = strings.TrimPrefix(q, "?")
	if q == "" {
		return nil
	}
	var pairs []pair
	for part := range strings.SplitSeq(q, "&") {
		name, value, ok := strings.Cut(part, "=")
		pairs = append(pairs, pair{name, value, ok})
	}
	return pairs
}

func joinQuery(pairs []pair) []byte {
	if len(pairs) == 0 {
		return []byte{}
	}
	parts := make([]string, len(pairs))
	for i, p := range pairs {
		parts[i] = p.String()
	}
	return []byte("?" + strings.Join(parts, "&"))
}

// onPairs lets a move see the parameters.
func onPairs(f func(pairs []pair, yield func([]pair, string))) func(*scene, []byte, yielder) {
	return func(_ *scene, v []byte, yield yielder) {
		if pairs := splitQuery(string(v)); pairs != nil {
			f(pairs, func(out []pair, note string) { yield(joinQuery(out), note) })
		}
	}
}

func sortedPairs(pairs []pair, yield func([]pair, string)) {
	byName := slices.Clone(pairs)
	slices.SortStableFunc(byName, func(a, b pair) int { return strings.Compare(a.name, b.name) })
	yield(byName, "sorted by name")
	whole := slices.Clone(pairs)
	slices.SortStableFunc(whole, func(a, b pair) int { return strings.Compare(a.String(), b.String()) })
	yield(whole, "sorted by name and value")
	folded := slices.Clone(pairs)
	slices.SortStableFunc(folded, func(a, b pair) int { return strings.Compare(strings.ToLower(a.name), strings.ToLower(b.name)) })
	yield(folded, "sorted by name, in any case")
	reversed := slices.Clone(pairs)
	slices.Reverse(reversed)
	yield(reversed, "reversed")
}

func mergedPairs(pairs []pair, yield func([]pair, string)) {
	var first, last, joined, nested []pair
	at := map[string]int{}
	for _, p := range pairs {
		i, twice := at[p.name]
		if !twice {
			at[p.name] = len(first)
			first, last, joined, nested = append(first, p), append(last, p), append(joined, p), append(nested, p)
			continue
		}
		last[i] = p
		joined[i].value += "," + p.value
		nested[i].value += "%2C" + p.value
	}
	yield(first, "the first")
	yield(last, "the last")
	yield(joined, "joined with a comma")
	yield(nested, "joined with an encoded comma")
}

func emptyPairs(pairs []pair, yield func([]pair, string)) {
	var with, without, dropped []pair
	for _, p := range pairs {
		if p.value != "" {
			with, without, dropped = append(with, p), append(without, p), append(dropped, p)
			continue
		}
		with, without = append(with, pair{p.name, "", true}), append(without, pair{p.name, "", false})
	}
	yield(with, "signed with =")
	yield(without, "signed without =")
	yield(dropped, "left out")
}

func queryMark(s *scene, v []byte, yield yielder) {
	switch {
	case strings.HasPrefix(string(v), "?"):
		yield([]byte(string(v[1:])), "signed without ?")
	case len(v) == 0 && s.r.Query() == "":
		yield([]byte("?"), "signed with ?")
	}
}

func encodedQuery(_ *scene, v []byte, yield yielder) {
	pairs := splitQuery(string(v))
	if pairs == nil {
		return
	}
	for _, e := range []struct{ keep, blank, note string }{
		{rfc3986, "%20", "as RFC 3986 has it"}, {component, "%20", "as encodeURIComponent does"}, {rfc3986, "+", "as Go's and Python's urlencode do"},
		{formSet, "+", "as URLSearchParams does"}, {encodeURI, "%20", "as encodeURI does"}, {"", "+", "as PHP's http_build_query does"},
	} {
		out := make([]pair, len(pairs))
		for i, p := range pairs {
			name, err1 := url.QueryUnescape(p.name)
			value, err2 := url.QueryUnescape(p.value)
			if err1 != nil || err2 != nil {
				return
			}
			again := func(s string) string { return strings.ReplaceAll(percent(s, e.keep), "%20", e.blank) }
			out[i] = pair{again(name), again(value), p.equals}
		}
		yield(joinQuery(out), e.note)
	}
	twice := make([]pair, len(pairs))
	for i, p := range pairs {
		twice[i] = pair{percent(p.name, rfc3986), percent(p.value, rfc3986), p.equals}
	}
	yield(joinQuery(twice), "encoded once more")
}
