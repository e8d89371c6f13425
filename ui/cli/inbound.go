package cli

import (
	"context"
	"slices"
	"time"

	"countersign/flows"
	"countersign/sign"
	"countersign/sign/explain"
	"countersign/sign/untrusted"
)

// inboundTime bounds the search for the mistake in a request that reached the sandbox: whoever sent it is waiting to
// read why it was refused.
const inboundTime = 2 * time.Second

// maxEarlier is how many requests, of all partners, are kept for what they tell about a later one.
const maxEarlier = 64

// explainable are the checks about what a scheme signs or sends. What another check refuses, such as an unknown path,
// is no matter of the scheme, and its detail says all there is.
var explainable = []string{"token", "binding", "headers", "timestamp", "signature", "nonce", "credentials", "merchant", "content-type", bodyCheck}

// bodyCheck judges the body of every operation; the doctor knows that of the calls which fetch a token.
const bodyCheck = "body"

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
	evidence.Secrets = append(evidence.Secrets, foreignSecrets(e, in.Provider)...)
	report := explain.Explain(ctx, explain.Scheme(in.Provider), evidence, explain.Budget{Time: inboundTime, Now: a.Now})
	if failed.Name == bodyCheck && report.Verdict == explain.Verifies {
		return nil // what else is odd about the request is not why its body was refused
	}
	return report.Findings
}

// foreignSecrets are those that the sandbox made for the other partners: who tries several takes one for another.
func foreignSecrets(e flows.Embedding, own string) []explain.NamedSecret {
	var all []explain.NamedSecret
	for _, p := range flows.All() {
		if p.ID == own {
			continue
		}
		values := e.Given(p.ID).Values
		for _, f := range p.Fields {
			if v := values[f.Name]; f.Secret && !f.File && v != "" {
				all = append(all, explain.NamedSecret{Name: p.ID + " " + f.Name, Secret: sign.NewSecret(v)})
			}
		}
	}
	return all
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
