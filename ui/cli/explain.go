package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"countersign/flows"
	"countersign/flows/credentials"
	"countersign/history/capture"
	"countersign/sign"
	"countersign/sign/explain"
)

// explain finds the mistake in a request that somebody else signed.
func (a *app) explain() *cobra.Command {
	f := &asked{}
	var list bool
	var entry int
	var earlier []string
	c := &cobra.Command{
		Use:   "explain PROVIDER [FILE]",
		Short: "which mistake produced the signature of a request",
		Long: "Reads a raw HTTP request, a curl command or a HAR entry from FILE or standard input, recomputes its signature\n" +
			"with one mistake after the other, and names the one that gives the same bytes.",
		RunE: func(c *cobra.Command, args []string) error {
			if list {
				if err := arguments("[PROVIDER]", 0, 1)(c, args); err != nil {
					return err
				}
				return a.hypotheses(args)
			}
			if entry < 0 || slices.Contains(earlier, "") {
				return wrong("countersign explain --help lists the flags", "--entry is 0 or more, and --earlier the name of a file")
			}
			if err := arguments("PROVIDER [FILE]", 1, 2)(c, args); err != nil {
				return err
			}
			p, err := provider(args[0])
			if err != nil {
				return err
			}
			return a.examine(c.Context(), p, strings.Join(args[1:], ""), entry, earlier, f)
		},
	}
	f.place(c)
	c.Flags().MarkHidden("base-url") // nobody is asked; every command that knows environments takes them
	c.Flags().MarkHidden("ca")
	c.Flags().BoolVar(&list, "list", false, "list every mistake that is known")
	c.Flags().IntVar(&entry, "entry", 0, "`NUMBER` of the entry of a HAR file, from 0")
	c.Flags().StringArrayVar(&earlier, "earlier", nil, "`FILE` with another refused request of the same client; two show a key that nobody has at hand")
	c.Flags().StringVar(&f.at, "at", "", "moment at which clocks are judged, RFC 3339 `TIME`; now otherwise")
	c.Flags().BoolVar(&f.reveal, "reveal", false, "print the right signature in clear: it is a credential")
	return c
}

// examine reads the request, gathers what is at hand, and prints the report.
func (a *app) examine(ctx context.Context, p *flows.Provider, file string, entry int, earlier []string, f *asked) error {
	at := a.Now()
	if f.at != "" {
		var err error
		if at, err = moment(f.at); err != nil {
			return err
		}
	}
	request, remarks, err := a.captured(file, entry)
	if err != nil {
		return err
	}
	options, hands, notes, err := a.atHand(ctx, p, f)
	if err != nil {
		return err
	}
	evidence, failed := flows.Evidence(p, request, at, options, hands...)
	if failed != nil {
		return failed
	}
	for _, name := range earlier {
		other, more, err := a.captured(name, 0)
		if err != nil {
			return err
		}
		evidence.Earlier, remarks = append(evidence.Earlier, other), append(remarks, more...)
	}
	report := explain.Explain(ctx, explain.Scheme(p.ID), evidence, explain.Budget{Now: a.Now})
	for _, r := range remarks {
		notes = append(notes, string(r))
	}
	if a.json {
		err = a.object(reportOf(report, notes, f.reveal))
	} else {
		page := &page{w: a.Stdout}
		printReport(page, report, notes, f.reveal)
		err = page.err
	}
	if err == nil && report.Verdict != explain.Verifies {
		a.code = exitRefused // not an error: the report says it all
	}
	return err
}

// captured reads the request from a file, or from standard input.
func (a *app) captured(file string, entry int) (sign.Captured, []capture.Remark, error) {
	if file == "" {
		file = "-"
	}
	text, err := a.readInput(file)
	if err != nil {
		return sign.Captured{}, nil, err
	}
	request, remarks, err := capture.Parse(text, capture.Option{Entry: entry, ReadFile: a.readInput})
	if err != nil {
		return request, remarks, wrong("", "the request cannot be read: %s", err)
	}
	return request, remarks, nil
}

// atHand finds the options in force and the values of every profile, the one that was asked for first. A value that is
// missing narrows what can be found and is no error.
func (a *app) atHand(ctx context.Context, p *flows.Provider, f *asked) (options map[string]string, hands []flows.AtHand, notes []string, err error) {
	env, err := environment(p, f.environment)
	if err != nil {
		return nil, nil, nil, err
	}
	public := credentials.Field{Name: flows.FieldPublicKey, File: true, Optional: true}
	known := *p
	known.Fields = append(slices.Clone(p.Fields), public)
	run := flows.NewRun(flows.NewDraft(&known, env, flows.Sample{Name: "explain"}))
	run.Set = map[string]string{}
	if err := assign(&run, f.set); err != nil {
		return nil, nil, nil, err
	}
	store, err := a.store(f.environment)
	if err != nil {
		return nil, nil, nil, err
	}
	all := queries(&known, store, f, run.Set)
	if err := a.named(ctx, store, all[0]); err != nil {
		return nil, nil, nil, err
	}
	for i, q := range all {
		values, problems := store.Resolve(ctx, q)
		name := q.Profile
		if q.Environment != f.environment {
			name = q.Environment + "/" + q.Profile
		}
		hands = append(hands, flows.AtHand{Profile: name, Values: values})
		for _, problem := range problems {
			if i == 0 && (problem.Warning || values[problem.Field].Err != nil) {
				notes = append(notes, problem.Message)
			}
		}
	}
	return run.Draft.Options, hands, append(a.notes, notes...), nil
}

// queries asks for the profile that was named, with what was given by hand, and for every other one that is kept.
func queries(p *flows.Provider, store *credentials.Store, f *asked, set map[string]string) []credentials.Query {
	all := []credentials.Query{{Provider: p.ID, Environment: f.environment, Profile: f.profile, Fields: p.Fields, Options: set}}
	if f.environment == flows.Embedded {
		return all
	}
	for _, kept := range store.Config.Profiles(p.ID, "") {
		if kept.Environment != f.environment || kept.Name != f.profile {
			all = append(all, credentials.Query{Provider: p.ID, Environment: kept.Environment, Profile: kept.Name, Fields: p.Fields})
		}
	}
	return all
}

// hypotheses lists the mistakes that are known, of one partner where one is named.
func (a *app) hypotheses(args []string) error {
	list := explain.Hypotheses()
	if len(args) > 0 {
		p, err := provider(args[0])
		if err != nil {
			return err
		}
		list = slices.DeleteFunc(list, func(h explain.Hypothesis) bool { return !slices.Contains(h.Schemes, explain.Scheme(p.ID)) })
	}
	if a.json {
		return a.object(struct {
			Hypotheses []explain.Hypothesis `json:"hypotheses"`
		}{list})
	}
	p := &page{w: a.Stdout}
	t := p.table(0)
	for _, h := range list {
		var schemes []string
		for _, s := range h.Schemes {
			schemes = append(schemes, string(s))
		}
		t.row(h.ID, h.Layer, h.Title, strings.Join(schemes, ","))
	}
	t.end()
	return p.err
}
