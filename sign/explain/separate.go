package explain

import (
	"slices"
	"strings"
)

// universalBody is a body in which nearly all libraries differ from each other.
const universalBody = `{"z":"é/<+='\u2028","a":1.0,"10":{},"l":[1e2,12345678901234567890],"s":"b  b"}`

// separating names a request whose signature would tell the tied chains apart.
func separating(chains [][]step) string {
	chains = withoutCommon(chains)
	if separatesByBody(chains) {
		return "send and explain a request with the body " + universalBody + ", which most libraries write differently"
	}
	var probes []string
	for _, c := range chains {
		for _, st := range c {
			p := st.move.probe
			if p != "" && p != "any request" && !slices.Contains(probes, p) && len(probes) < 3 {
				probes = append(probes, p)
			}
		}
	}
	if len(probes) == 0 {
		return "send a second request with another path, query and body, and explain that one"
	}
	return "explain a request of this kind: " + strings.Join(probes, "; or ")
}

// withoutCommon drops the mistakes that every chain has.
func withoutCommon(chains [][]step) [][]step {
	in := map[string]int{}
	for _, c := range chains {
		for _, id := range idsOf(c) {
			in[id]++
		}
	}
	var out [][]step
	for _, c := range chains {
		out = append(out, slices.DeleteFunc(slices.Clone(c), func(st step) bool { return in[st.move.id] == len(chains) }))
	}
	return out
}

// separatesByBody reports whether the chains only rewrite the body, and not all of them write the universal body alike.
func separatesByBody(chains [][]step) bool {
	s := scene{e: &Evidence{}} // of no request: only the body counts
	results := map[string]bool{}
	for _, c := range chains {
		if len(c) != 1 || c[0].move.stage < stagePrinted || layerOf(c[0].move.id) != "body" {
			return false
		}
		c[0].move.each(&s, []byte(universalBody), func(out []byte, _ string) { results[string(out)] = true })
	}
	return len(results) > 1
}
