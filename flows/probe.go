package flows

import "context"

// Probed is how the partner answered one value of an option.
type Probed struct {
	Value    OptionValue
	Run      Run       // the walk under this value
	Exchange *Exchange // nil: nothing was sent
	Err      *Error
}

// Accepted reports whether the partner took the request under this value.
func (p Probed) Accepted() bool { return p.Err == nil && p.Exchange != nil && p.Exchange.Err == nil }

// Probe finds out which value of an option the partner accepts, where its pages do not say: it sends the harmless
// request that the option names once under each value, in their order, and stops when the network fails.
// The draft of the run is left as it is.
func (r *Runner) Probe(ctx context.Context, run Run, o Option) []Probed {
	sample, ok := run.Draft.Provider.Sample(o.Probe)
	if !ok || o.Probe == "" {
		return nil
	}
	var results []Probed
	for _, v := range o.Values {
		d := NewDraft(run.Draft.Provider, run.Draft.Environment, sample)
		d.Profile, d.CAFile, d.Options = run.Draft.Profile, run.Draft.CAFile, cloneMap(run.Draft.Options)
		d.Options[o.Name] = v.Name
		one := r.Through(ctx, Run{Draft: d, Typed: run.Typed, Set: run.Set}, StepResponse)
		p := Probed{Value: v, Run: one, Exchange: one.Exchange, Err: one.Err}
		results = append(results, p)
		if p.Err != nil {
			break
		}
	}
	return results
}
