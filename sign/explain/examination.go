package explain

import (
	"context"
	"fmt"
	"strings"

	"countersign/sign"
)

// examination is one run of the doctor.
type examination struct {
	ctx       context.Context
	scheme    Scheme
	e         Evidence
	meter     *meter
	report    Report
	verified  bool
	signed    bool            // there is a signature to explain
	elsewhere string          // the header in which a signature was found instead of its own
	tested    map[string]bool // hypotheses that were recomputed with another result than the right one
	matched   map[string]bool // hypotheses that belong to an explanation
}

// find adds a finding of the catalogue by id. The steps are its evidence.
func (x *examination) find(id string, p Proof, covers bool, steps ...string) *Finding {
	h := hypothesis(id)
	x.report.Findings = append(x.report.Findings, Finding{
		ID: id, Layer: h.Layer, Title: h.Title, Fix: h.Fix, Proof: p, Steps: steps, covers: covers, rank: h.rank,
	})
	return &x.report.Findings[len(x.report.Findings)-1]
}

// found reports whether there is a finding with the id already, alone or within a chain.
func (x *examination) found(id string) bool {
	for _, f := range x.report.Findings {
		for _, have := range f.IDs() {
			if have == id {
				return true
			}
		}
	}
	return false
}

// checked notes what was looked at, for a report that finds nothing.
func (x *examination) checked(format string, a ...any) {
	x.report.Checked = append(x.report.Checked, fmt.Sprintf(format, a...))
}

// test notes that a hypothesis was recomputed.
func (x *examination) test(id string) {
	if x.tested == nil {
		x.tested = map[string]bool{}
	}
	x.tested[id] = true
}

// excluded counts the hypotheses that were recomputed and belong to no explanation.
func (x *examination) excluded() int {
	n := 0
	for id := range x.tested {
		if !x.matched[id] {
			n++
		}
	}
	return n
}

// normalised brings the request target of a capture into origin-form.
func normalised(c sign.Captured) sign.Captured {
	scheme, rest, ok := strings.Cut(c.Target, "://")
	if !ok || strings.ContainsAny(scheme, "/?") {
		return c
	}
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	c.Scheme, c.Target = strings.ToLower(scheme), rest[end:]
	if c.Authority == "" {
		c.Authority = rest[:end]
	}
	return c
}

// headers returns the values of every header of that name, in any case.
func headers(c sign.Captured, name string) []string {
	var values []string
	for _, p := range c.Header {
		if strings.EqualFold(p.Name, name) {
			values = append(values, p.Value)
		}
	}
	return values
}
