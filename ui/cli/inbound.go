package cli

import (
	"context"
	"time"

	"countersign/flows"
	"countersign/sign/explain"
	"countersign/sign/untrusted"
)

// inboundTime bounds the search for the mistake in a request that reached the sandbox: whoever sent it is waiting to
// read why it was refused.
const inboundTime = 2 * time.Second

// maxEarlier is how many requests, of all partners, are kept for what they tell about a later one.
const maxEarlier = 64

// explainInbound finds the mistake in a request that the sandbox refused for its signature, token or credentials.
func (a *app) explainInbound(ctx context.Context, e flows.Embedding, in flows.Inbound, earlier []flows.Inbound) []explain.Finding {
	p, known := flows.Find(flows.All(), in.Provider)
	if !known || !in.Explainable() {
		return nil
	}
	evidence, err := in.Evidence(p, e.Given(in.Provider), e.Switches(in.Provider), earlier...)
	if err != nil {
		return nil
	}
	evidence.Secrets = append(evidence.Secrets, e.ForeignSecrets(flows.All(), in.Provider)...)
	report := explain.Explain(ctx, explain.Scheme(in.Provider), evidence, explain.Budget{Time: inboundTime, Now: a.Now})
	if failed, _ := in.Failed(); failed.Name == flows.CheckBody && report.Verdict == explain.Verifies {
		return nil // what else is odd about the request is not why its body was refused
	}
	return report.Findings
}

// printFinding prints one cause, behind indent blanks.
func printFinding(p *page, indent int, f explain.Finding) {
	p.line("%*s%s: %s [%s]", indent, "", f.Proof, untrusted.From(f.Title), f.ID)
	for _, s := range f.Steps {
		p.block(indent+2, untrusted.From(s).Block().String())
	}
	if f.Fix != "" {
		p.line("%*sfix: %s", indent+2, "", untrusted.From(f.Fix))
	}
	for _, also := range f.Also {
		p.line("%*sthe same bytes come from: %s", indent+2, "", also)
	}
	if f.Separate != "" {
		p.line("%*sto tell them apart: %s", indent+2, "", untrusted.From(f.Separate))
	}
}
