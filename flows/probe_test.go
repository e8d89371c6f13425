package flows_test

import (
	"testing"

	"countersign/flows"
)

// The probe names the form of the URL that the partner verifies, whichever it is.
func TestProbeFindsTheForm(t *testing.T) {
	for _, form := range []string{"path", "absolute"} {
		r, server := startSandbox(t, nil)
		if err := server.Set("sabika", "url", form); err != nil {
			t.Fatal(err)
		}
		run := newRun(t, "sabika", "order")
		results := r.Probe(t.Context(), run, run.Draft.Provider.Options[0])
		if len(results) != 2 {
			t.Fatalf("%d results: %+v", len(results), results)
		}
		for _, p := range results {
			if p.Accepted() != (p.Value.Name == form) {
				t.Errorf("the partner wants %s; %s was accepted: %v (%v)", form, p.Value.Name, p.Accepted(), p.Err)
			}
		}
	}
	p, _ := flows.Find(flows.All(), "jpay")
	r, _ := startSandbox(t, nil)
	if results := r.Probe(t.Context(), newRun(t, "jpay", ""), p.Options[0]); results != nil {
		t.Errorf("an option without a probe was probed: %+v", results)
	}
}
