package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"countersign/history"
	"countersign/sign/untrusted"
)

// comparisonJSON is what history compare prints.
type comparisonJSON struct {
	Verdict string      `json:"verdict"`
	Layers  []layerJSON `json:"layers"`
}

type layerJSON struct {
	Name        string           `json:"name"`
	Same        bool             `json:"same"` // but for what every send differs in
	Differences []differenceJSON `json:"differences"`
}

type differenceJSON struct {
	Where    untrusted.Text `json:"where"`
	A        untrusted.Text `json:"a"`
	B        untrusted.Text `json:"b"`
	Expected bool           `json:"expected"`
	Note     string         `json:"note,omitempty"`
}

func (a *app) historyCompare() *cobra.Command {
	return a.leaf("compare ID ID", "two exchanges, layer by layer, and the first difference that explains the outcome", 2, 2, func(ctx context.Context, log *history.Log, args []string) error {
		one, err := log.Get(ctx, args[0])
		if err != nil {
			return err
		}
		other, err := log.Get(ctx, args[1])
		if err != nil {
			return err
		}
		c := history.Compare(one, other)
		if a.json {
			return a.object(comparisonOf(c))
		}
		p := &page{w: a.Stdout}
		p.line("%s", untrusted.From(c.Verdict))
		for _, l := range c.Layers {
			if len(l.Differences) == 0 {
				p.line("%s: same", l.Name)
				continue
			}
			p.line("%s:", l.Name)
			for _, d := range l.Differences {
				note := d.Note
				if d.Expected {
					note = strings.TrimSpace("differs in every send " + note)
				}
				p.line("  %s: %s | %s  %s", untrusted.From(d.Where), untrusted.From(d.A), untrusted.From(d.B), untrusted.From(note))
			}
		}
		return p.err
	})
}

func comparisonOf(c history.Comparison) comparisonJSON {
	out := comparisonJSON{Verdict: c.Verdict}
	for _, l := range c.Layers {
		j := layerJSON{Name: l.Name, Same: l.Same(), Differences: []differenceJSON{}}
		for _, d := range l.Differences {
			j.Differences = append(j.Differences, differenceJSON{untrusted.From(d.Where), untrusted.From(d.A), untrusted.From(d.B), d.Expected, d.Note})
		}
		out.Layers = append(out.Layers, j)
	}
	return out
}
