package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"countersign/flows"
	"countersign/sign/untrusted"
)

// probedJSON is what the partner said to one value of an option.
type probedJSON struct {
	Value    string   `json:"value"`
	Accepted bool     `json:"accepted"`
	Status   int      `json:"status,omitempty"`
	ID       string   `json:"history_id,omitempty"`
	Error    *failure `json:"error,omitempty"`
}

// probe finds out which value of an option the partner accepts, by a harmless request under each.
func (a *app) probe() *cobra.Command {
	f := &asked{}
	c := &cobra.Command{
		Use:   "probe PROVIDER [OPTION]",
		Short: "ask the partner which form it accepts, where its pages do not say",
		Args:  arguments("PROVIDER [OPTION]", 1, 2),
		RunE: func(c *cobra.Command, args []string) error {
			p, err := provider(args[0])
			if err != nil {
				return err
			}
			option, err := probed(p, args[1:])
			if err != nil {
				return err
			}
			s, _ := p.Sample(option.Probe)
			run, err := a.draft(c, p, s, f)
			if err != nil {
				return err
			}
			return a.tryAll(c.Context(), run, option, f)
		},
	}
	f.place(c)
	c.Flags().BoolVar(&f.noHistory, "no-history", false, "keep no record")
	return c
}

// probed finds the option that was named, or the only one that can be probed.
func probed(p *flows.Provider, name []string) (flows.Option, error) {
	var known []string
	for _, o := range p.Options {
		if o.Probe != "" && (len(name) == 0 || o.Name == name[0]) {
			return o, nil
		}
		if o.Probe != "" {
			known = append(known, o.Name)
		}
	}
	if len(known) == 0 {
		return flows.Option{}, wrong("", "%s has no option that can be probed", p.ID)
	}
	return flows.Option{}, wrong(didYouMean(name[0], known), "%s has no option %q that can be probed; it has %s", p.ID, name[0], strings.Join(known, ", "))
}

// tryAll sends the request once under each value. It ends well when one of them is accepted.
func (a *app) tryAll(ctx context.Context, run flows.Run, option flows.Option, f *asked) error {
	store, err := a.store(run.Draft.Environment.Name)
	if err != nil {
		return err
	}
	if err := a.named(ctx, store, f.values(run)); err != nil {
		return err
	}
	results := a.runner(store, f.noHistory).Probe(ctx, settle(run, store), option)
	list, page := []probedJSON{}, &page{w: a.Stdout}
	var failed *flows.Error
	for _, r := range results {
		one := run
		one.Err, one.Exchange = r.Err, r.Exchange
		cause := outcome(one, f)
		j := probedJSON{Value: r.Value.Name, Accepted: r.Accepted(), Error: failureOf(cause)}
		verdict := "accepted"
		if cause != nil {
			failed, verdict = cause, "not accepted: "+untrusted.From(cause.Message).String()
		}
		if r.Err != nil { // nobody was asked
			verdict = "not tried: " + untrusted.From(r.Err.Message).String()
		}
		if r.Exchange != nil && r.Exchange.Response != nil {
			j.Status, j.ID = r.Exchange.Response.Status, r.Exchange.ID
		}
		list = append(list, j)
		if !a.json {
			page.line("%s=%s (%s): %s", option.Name, r.Value.Name, r.Value.Label, verdict)
		}
	}
	if slices.ContainsFunc(results, flows.Probed.Accepted) {
		failed = nil // the other forms are wrong, and that was the question
	}
	if a.json {
		page.err = a.object(struct {
			Option  string       `json:"option"`
			Results []probedJSON `json:"results"`
			Error   *failure     `json:"error,omitempty"`
		}{option.Name, list, failureOf(failed)})
	}
	if failed != nil {
		return failed
	}
	return page.err
}
