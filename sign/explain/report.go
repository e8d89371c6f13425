package explain

import (
	"slices"

	"countersign/sign"
)

// Verdicts of a report.
const (
	Verifies    = "verifies"    // the signature is right; findings, if any, are other reasons for a refusal
	Explained   = "explained"   // the first finding accounts for the refusal
	Unexplained = "unexplained" // nothing that was tried accounts for it; findings may still tell what is odd
)

// Proof says how sure a finding is.
type Proof string

// The levels of proof.
const (
	Proved  Proof = "proved"  // the bytes agree: recomputed and equal
	Certain Proof = "certain" // it can be read off the request
	Likely  Proof = "likely"  // it fits, and other causes fit as well
)

// Finding is one mistake, or a chain of mistakes that were made together.
type Finding struct {
	ID       string   `json:"id"`              // of the first mistake of the chain
	Chain    []string `json:"chain,omitempty"` // all mistakes of the chain, when there are several
	Layer    string   `json:"layer"`
	Title    string   `json:"title"`
	Proof    Proof    `json:"proof"`
	Steps    []string `json:"steps"`              // what happened, in order, with the evidence last
	Fix      string   `json:"fix"`                // what to change in the client
	Also     []string `json:"also"`               // other chains, joined with "+", that give the same bytes on this request
	Separate string   `json:"separate,omitempty"` // a request that would tell the tied explanations apart

	covers bool // accounts for the refusal, alone
	rank   int
}

// Report is what the doctor says. It holds no expected signature in clear: that is a credential.
type Report struct {
	Verdict  string    `json:"verdict"`
	Findings []Finding `json:"findings"`
	Checked  []string  `json:"checked"`  // what was looked at and found in order, or could not be looked at and why
	Excluded int       `json:"excluded"` // hypotheses that were recomputed and do not give this signature
	Tried    int       `json:"tried"`    // candidates that were recomputed
	Complete bool      `json:"complete"` // false when the budget ended the search

	Canonical sign.Text   `json:"canonical"`         // what should be signed
	Signed    sign.Text   `json:"signed"`            // what the client did sign; present only when that is proved
	Expected  sign.Secret `json:"expected,omitzero"` // the right signature, when a shared secret at hand makes it
}

// Difference is the offset of the first byte at which the signed text leaves the canonical one.
// It is false when one of them is absent or they are equal.
func (r Report) Difference() (int, bool) {
	if !r.Canonical.Present() || !r.Signed.Present() {
		return 0, false
	}
	want, got := r.Canonical.Bytes(), r.Signed.Bytes()
	for i := range min(len(want), len(got)) {
		if want[i] != got[i] {
			return i, true
		}
	}
	return min(len(want), len(got)), len(want) != len(got)
}

// IDs lists the mistakes of the finding's chain.
func (f Finding) IDs() []string {
	if len(f.Chain) > 0 {
		return f.Chain
	}
	return []string{f.ID}
}

// conclude orders the findings and draws the verdict.
func (x *examination) conclude() Report {
	r := &x.report
	r.Findings = slices.Clip(r.Findings)
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		if a.covers != b.covers {
			return order(b.covers, a.covers)
		}
		if a.Proof != b.Proof {
			return strength(b.Proof) - strength(a.Proof)
		}
		return a.rank - b.rank
	})
	switch {
	case x.verified:
		r.Verdict = Verifies
	case slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.covers }):
		r.Verdict = Explained
	default:
		r.Verdict = Unexplained
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		if f.Also == nil {
			f.Also = []string{}
		}
		if f.Steps == nil {
			f.Steps = []string{}
		}
	}
	if r.Findings == nil {
		r.Findings = []Finding{}
	}
	if r.Checked == nil {
		r.Checked = []string{}
	}
	r.Excluded, r.Tried = x.excluded(), x.meter.tried
	r.Complete = r.Complete && !x.meter.spent
	return *r
}

func order(a, b bool) int {
	if a && !b {
		return 1
	}
	return -1
}

func strength(p Proof) int { return slices.Index([]Proof{Likely, Certain, Proved}, p) }
