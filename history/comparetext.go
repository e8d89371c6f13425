package history

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"countersign/flows"
	"countersign/sign"
)

// volatile are the kinds of span that are made afresh for every send.
var volatile = []sign.Kind{sign.Clock, sign.Nonce, sign.IdempotencyKey}

// compareCanonical compares two canonical strings span by span.
func compareCanonical(a, b sign.Signed) []Difference {
	x, y := canonicalOf(a), canonicalOf(b)
	if !x.Present() || !y.Present() {
		return differ(nil, "canonical string", present(x.Present()), present(y.Present()), "only one of them was signed")
	}
	var list []Difference
	u, v := x.Spans(), y.Spans()
	xs, ys := x.Bytes(), y.Bytes()
	for i := range max(len(u), len(v)) {
		switch {
		case i >= len(u):
			list = append(list, Difference{Where: where(i, v[i]), B: string(ys[v[i].Start:v[i].End]), Note: "a part that the other does not have"})
		case i >= len(v):
			list = append(list, Difference{Where: where(i, u[i]), A: string(xs[u[i].Start:u[i].End]), Note: "a part that the other does not have"})
		default:
			list = append(list, compareSpan(i, u[i], v[i], string(xs[u[i].Start:u[i].End]), string(ys[v[i].Start:v[i].End]))...)
		}
	}
	return list
}

func compareSpan(i int, a, b sign.Span, x, y string) []Difference {
	switch {
	case a.Origin != b.Origin:
		return []Difference{{Where: where(i, a), A: a.Origin.String(), B: b.Origin.String(), Note: "the parts come from different places"}}
	case !slices.Equal(a.Rules, b.Rules):
		return []Difference{{Where: where(i, a), A: strings.Join(a.Rules, ", "), B: strings.Join(b.Rules, ", "), Note: "other rules were applied"}}
	case x == y:
		return nil
	}
	return []Difference{{Where: where(i, a), A: x, B: y, Expected: slices.Contains(volatile, a.Origin.Kind)}}
}

func where(i int, s sign.Span) string { return fmt.Sprintf("part %d, %s", i+1, s.Origin) }

// compareHeaders compares the headers as sent, by name; order and letter case are told as well.
func compareHeaders(a, b sign.Signed) (list []Difference) {
	x, y := a.Request.Header, b.Request.Header
	seen := map[string]bool{}
	for _, h := range append(slices.Clone(x), y...) {
		name := strings.ToLower(h.Name)
		if seen[name] {
			continue
		}
		seen[name] = true
		u, v := valuesOf(x, name), valuesOf(y, name)
		if u == v {
			continue
		}
		list = append(list, Difference{Where: "header " + h.Name, A: u, B: v, Expected: u != "" && v != "" && isVolatile(h, a, b)})
	}
	if names := namesOf(x); len(list) == 0 {
		list = differ(list, "names of the headers", names, namesOf(y), "another order or letter case")
	}
	return list
}

// isVolatile reports whether a header is made afresh for every send: clock, nonce, key, signature, token.
func isVolatile(h sign.Header, a, b sign.Signed) bool {
	if strings.EqualFold(h.Name, a.Carrier) || strings.EqualFold(h.Name, b.Carrier) || strings.EqualFold(h.Name, "Authorization") {
		return true
	}
	return slices.ContainsFunc(h.Value.Spans(), func(s sign.Span) bool { return slices.Contains(volatile, s.Origin.Kind) })
}

func valuesOf(list []sign.Header, name string) string {
	var all []string
	for _, h := range list {
		if strings.EqualFold(h.Name, name) {
			all = append(all, h.Value.String())
		}
	}
	return strings.Join(all, "\n")
}

func namesOf(list []sign.Header) string {
	var all []string
	for _, h := range list {
		all = append(all, h.Name)
	}
	return strings.Join(all, ", ")
}

func responseHeaders(a, b flows.Response) []string {
	seen := map[string]bool{}
	for _, h := range append(slices.Clone(a.Header), b.Header...) {
		seen[strings.ToLower(h.Name.Raw())] = true
	}
	var names []string
	for n := range seen {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// compareBody compares two bodies, by member where both are JSON.
func compareBody(a, b string) []Difference {
	if a == b {
		return nil
	}
	if json.Valid([]byte(a)) && json.Valid([]byte(b)) {
		if list := compareJSON(a, b); len(list) > 0 {
			return list
		}
		return []Difference{{Where: "bytes", A: a, B: b, Note: "the same JSON written differently: a signature sees bytes, not meaning"}}
	}
	at := commonPrefix(a, b)
	return []Difference{{Where: fmt.Sprintf("byte %d", at), A: excerpt(a, at), B: excerpt(b, at)}}
}

// excerptSize is how much of a body is shown around the first difference.
const excerptSize = 60

func excerpt(s string, at int) string { return s[max(0, at-10):min(len(s), at+excerptSize)] }

func commonPrefix(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}
