package cli

import (
	"fmt"
	"time"

	"countersign/sign"
	"countersign/sign/explain"
	"countersign/sign/untrusted"
)

// reportJSON is what explain --json prints.
type reportJSON struct {
	Verdict   string            `json:"verdict"`
	Findings  []explain.Finding `json:"findings"`
	Excluded  int               `json:"excluded"`
	Tried     int               `json:"tried"`
	Complete  bool              `json:"complete"` // false: the budget ended the search
	Checked   []string          `json:"checked,omitempty"`
	Canonical *sign.Text        `json:"canonical,omitempty"` // what should be signed
	Signed    *sign.Text        `json:"signed,omitempty"`    // what was signed, where that is proved
	Expected  string            `json:"expected,omitempty"`  // the right signature, with --reveal
	Warnings  []string          `json:"warnings,omitempty"`
}

func reportOf(r explain.Report, notes []string, reveal bool) reportJSON {
	out := reportJSON{Verdict: r.Verdict, Findings: r.Findings, Excluded: r.Excluded, Tried: r.Tried, Complete: r.Complete, Checked: r.Checked, Warnings: notes}
	if r.Canonical.Present() {
		out.Canonical = &r.Canonical
	}
	if r.Signed.Present() {
		out.Signed = &r.Signed
	}
	if reveal {
		out.Expected = revealed(r.Expected)
	}
	return out
}

// printReport prints the verdict, the causes, and the two texts with the first byte at which they part.
func printReport(p *page, r explain.Report, notes []string, reveal bool) {
	p.line("%s: %s", r.Verdict, map[string]string{
		explain.Verifies:    "the signature is right; what is below, if anything, are other reasons for a refusal",
		explain.Explained:   "the first cause below accounts for the refusal",
		explain.Unexplained: "no known mistake explains this request",
	}[r.Verdict])
	for _, f := range r.Findings {
		p.line("")
		printFinding(p, 0, f)
	}
	if r.Canonical.Present() {
		p.line("")
		p.line("what should be signed, %d bytes", r.Canonical.Len())
		printSpans(p, r.Canonical)
	}
	if r.Signed.Present() {
		p.line("what was signed, %d bytes", r.Signed.Len())
		printSpans(p, r.Signed)
	}
	if at, differ := r.Difference(); differ {
		p.line("they part at byte %d", at)
	}
	if reveal && !r.Expected.Empty() {
		p.line("the right signature: %s", untrusted.From(revealed(r.Expected)))
	}
	p.line("")
	for _, c := range r.Checked {
		p.line("checked: %s", untrusted.From(c))
	}
	p.line("%d candidates were recomputed, %d mistakes excluded%s", r.Tried, r.Excluded, cut(r.Complete))
	for _, n := range notes {
		p.line("note: %s", untrusted.From(n))
	}
}

func cut(complete bool) string {
	if complete {
		return ""
	}
	return fmt.Sprintf("; the search was cut off after %s", explain.DefaultTime.Round(time.Second))
}
