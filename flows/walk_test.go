package flows_test

import (
	"context"
	"encoding/json"
	"testing"

	"countersign/flows"
	"countersign/flows/credentials"
	"countersign/flows/sandbox"
)

// startSandbox starts the five partners and returns a runner that takes its credentials from them.
func startSandbox(t *testing.T, observe func(sandbox.Event)) (*flows.Runner, *sandbox.Server) {
	t.Helper()
	server, err := sandbox.Start(sandbox.Options{Observe: observe})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	r := flows.NewRunner(&credentials.Store{})
	r.Given = func(_ context.Context, id string) (flows.Given, error) {
		return flows.Given{BaseURL: server.BaseURL(id), Values: server.Credentials(id), PEM: server.PEM(id), CA: server.CAPEM()}, nil
	}
	return r, server
}

func newRun(t *testing.T, provider, sample string) flows.Run {
	t.Helper()
	p, ok := flows.Find(flows.All(), provider)
	if !ok {
		t.Fatalf("no provider %q", provider)
	}
	env, _ := p.Environment(flows.Embedded)
	s, ok := p.Sample(sample)
	if !ok {
		t.Fatalf("no request %q of %s", sample, provider)
	}
	return flows.NewRun(flows.NewDraft(p, env, s))
}

// found reads a string member of an answer, possibly under "data".
func found(t *testing.T, x *flows.Exchange, member string) string {
	t.Helper()
	var body map[string]any
	if err := json.Unmarshal([]byte(x.Response.Body.Raw()), &body); err != nil {
		t.Fatal(err)
	}
	if data, ok := body["data"].(map[string]any); ok {
		body = data
	}
	s, _ := body[member].(string)
	return s
}

// Every sample request of every partner is accepted by the sandbox, which shares no code with the client.
// A request that asks for an object gets the id that an earlier one made.
func TestEverySampleIsAccepted(t *testing.T) {
	r, _ := startSandbox(t, nil)
	made := map[string]string{}
	ids := map[string]string{"sabika/order": "order_id", "kuna/customer": "id"}
	wants := map[string]string{"sabika/order-status": "sabika/order", "kuna/customer-details": "kuna/customer"}
	variables := map[string]string{"sabika/order-status": "order_id", "kuna/customer-details": "customer_id"}
	for _, p := range flows.All() {
		for _, s := range p.Requests {
			name := p.ID + "/" + s.Name
			t.Run(name, func(t *testing.T) {
				run := newRun(t, p.ID, s.Name)
				if from := wants[name]; from != "" {
					run = run.Edit(func(d *flows.Draft) { d.Variables[variables[name]] = made[from] })
				}
				run = r.Through(t.Context(), run, flows.StepResponse)
				if run.Err != nil {
					t.Fatalf("%s: %s (%s)", run.Err.Step, run.Err.Message, run.Err.Hint)
				}
				x := run.Exchange
				if x.Response.Status >= 300 || x.Err != nil {
					t.Fatalf("status %d, %v\n%s", x.Response.Status, x.Err, x.Response.Body)
				}
				if x.Sent.Difference != "" || x.Sent.Requests != 1 {
					t.Errorf("%d requests on the wire; %s", x.Sent.Requests, x.Sent.Difference)
				}
				if member := ids[name]; member != "" {
					made[name] = found(t, x, member)
				}
			})
		}
	}
}
