package explain

import (
	"slices"
	"strings"
)

// universalBody is a body in which nearly all libraries differ from each other.
const universalBody = `{"z":"é/<+='\u2028","a":1.0,"10":{},"l":[1e2,12345678901234567890],"s":"b  b"}`

// separating names a request whose signature would tell the tied chains apart.
func separating(chains [][]step) string {
	if body := separatingBody(chains); body != "" {
		return body
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

// separatingBody is a sentence with a body on which all chains that only rewrite the body give different bytes, if that is so.
func separatingBody(chains [][]step) string {
	var s scene
	results := map[string]bool{}
	distinct := 0
	seen := map[string]bool{}
	for _, c := range chains {
		if len(c) != 1 || c[0].move.stage < stagePrinted || layerOf(c[0].move.id) != "body" {
			return ""
		}
		if seen[c[0].move.id] {
			continue
		}
		seen[c[0].move.id] = true
		distinct++
		c[0].move.each(&s, []byte(universalBody), func(out []byte, _ string) { results[string(out)] = true })
	}
	if len(results) < 2 || distinct < 2 {
		return ""
	}
	return "send and explain a request with the body " + universalBody + ", which most libraries write differently"
}
