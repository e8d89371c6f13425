package cli

import (
	"context"
	"slices"
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

// explainable are the checks about what a scheme signs or sends. What another check refuses, such as an unknown path
// or the body of a login, is no matter of the scheme, and its detail says all there is.
var explainable = []string{"token", "binding", "headers", "timestamp", "signature", "nonce", "credentials"}

// explainInbound finds the mistake in a request that the sandbox refused for its signature, token or credentials.
func (a *app) explainInbound(ctx context.Context, e flows.Embedding, in flows.Inbound, earlier []flows.Inbound) []explain.Finding {
	failed, refused := in.Failed()
	p, known := flows.Find(flows.All(), in.Provider)
	if !refused || !known || !slices.Contains(explainable, failed.Name) {
		return nil
	}
	evidence, err := in.Evidence(p, e.Given(in.Provider), e.Switches(in.Provider), earlier...)
	if err != nil {
		return nil
	}
	report := explain.Explain(ctx, explain.Scheme(in.Provider), evidence, explain.Budget{Time: inboundTime, Now: a.Now})
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
