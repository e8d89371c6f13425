package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"countersign/flows"
)

// providersJSON is what providers --json prints.
type providersJSON struct {
	Providers []providerJSON `json:"providers"`
}

type providerJSON struct {
	ID           string            `json:"id"`
	Name         string            `json:"name"`
	Docs         string            `json:"docs"`
	Environments []environmentJSON `json:"environments"`
	Fields       []fieldJSON       `json:"fields"`
	Options      []optionJSON      `json:"options,omitempty"`
	Requests     []requestJSON     `json:"requests"`
}

type environmentJSON struct {
	Name    string `json:"name"`
	BaseURL string `json:"base_url"` // "" when it is made for the run, or must be given
}

type fieldJSON struct {
	Name     string `json:"name"`
	Label    string `json:"label"`
	Secret   bool   `json:"secret"`
	File     bool   `json:"file"`
	Optional bool   `json:"optional,omitempty"`
	Env      string `json:"env"`
}

type optionJSON struct {
	Name   string   `json:"name"`
	Values []string `json:"values"` // the first is the default
}

type requestJSON struct {
	Name      string   `json:"name"`
	Method    string   `json:"method"`
	Path      string   `json:"path"`
	Summary   string   `json:"summary"`
	Writes    bool     `json:"writes"`
	Signed    bool     `json:"signed"`
	Variables []string `json:"variables,omitempty"`
}

// providers lists the partners.
func (a *app) providers() *cobra.Command {
	c := &cobra.Command{
		Use:   "providers",
		Short: "the partners, their requests, fields and environments",
		Args:  arguments("", 0, 0),
		RunE: func(*cobra.Command, []string) error {
			if a.json {
				return a.object(providersOf(flows.All()))
			}
			p := &page{w: a.Stdout}
			for _, provider := range flows.All() {
				printProvider(p, provider)
			}
			return p.err
		},
	}
	c.Flags().Bool("json", false, "print one JSON object")
	return c
}

func providersOf(all []*flows.Provider) providersJSON {
	out := providersJSON{}
	for _, p := range all {
		j := providerJSON{ID: p.ID, Name: p.Name, Docs: p.Docs}
		for _, e := range p.Environments {
			j.Environments = append(j.Environments, environmentJSON{e.Name, e.BaseURL})
		}
		for _, f := range p.Fields {
			j.Fields = append(j.Fields, fieldJSON{f.Name, f.Label, f.Secret, f.File, f.Optional, f.Env})
		}
		for _, o := range p.Options {
			j.Options = append(j.Options, optionJSON{o.Name, values(o)})
		}
		for _, s := range p.Requests {
			r := requestJSON{Name: s.Name, Method: s.Method, Path: s.Path, Summary: s.Summary, Writes: s.Writes, Signed: s.Signed}
			for _, v := range s.Variables {
				r.Variables = append(r.Variables, v.Name)
			}
			j.Requests = append(j.Requests, r)
		}
		out.Providers = append(out.Providers, j)
	}
	return out
}

// values are the choices of an option.
func values(o flows.Option) []string {
	var names []string
	for _, v := range o.Values {
		names = append(names, v.Name)
	}
	return names
}

func printProvider(p *page, provider *flows.Provider) {
	p.line("%s (%s): %s", provider.Name, provider.ID, provider.Summary)
	p.line("  %s", provider.Docs)
	p.line("  environments")
	t := p.table(4)
	for _, e := range provider.Environments {
		place := e.BaseURL
		if place == "" {
			place = "-"
		}
		t.row(e.Name, place, e.Source)
	}
	t.end()
	p.line("  fields, set with --set NAME=VALUE")
	t = p.table(4)
	for _, f := range provider.Fields {
		t.row(f.Name, f.Label, fieldKind(f.Secret, f.File, f.Optional, f.Env), f.Help)
	}
	t.end()
	if len(provider.Options) > 0 {
		p.line("  options, set with --set NAME=VALUE; the first value is the default")
		t = p.table(4)
		for _, o := range provider.Options {
			t.row(o.Name, strings.Join(values(o), " or "), o.Help)
		}
		t.end()
	}
	p.line("  requests")
	t = p.table(4)
	for _, s := range provider.Requests {
		t.row(s.Name, s.Method+" "+s.Path, s.Summary+requestKind(s))
	}
	t.end()
	p.line("")
}

// fieldKind says in words what kind of value a field takes.
func fieldKind(secret, file, optional bool, env string) string {
	kind := "value"
	switch {
	case secret && file:
		kind = "secret file"
	case secret:
		kind = "secret"
	case file:
		kind = "file"
	}
	if optional {
		kind += ", optional"
	}
	if env != "" {
		kind += ", or " + env
	}
	return kind
}

// requestKind says what is special about a request.
func requestKind(s flows.Sample) string {
	var kinds []string
	if s.Signed {
		kinds = append(kinds, "signed")
	}
	if s.MovesMoney {
		kinds = append(kinds, "moves money")
	} else if s.Writes {
		kinds = append(kinds, "writes")
	}
	if s.Assumed {
		kinds = append(kinds, "assumed: not on the partner's pages")
	}
	for _, v := range s.Variables {
		kinds = append(kinds, fmt.Sprintf("--set %s=%s", v.Name, v.Default))
	}
	if len(kinds) == 0 {
		return ""
	}
	return " [" + strings.Join(kinds, "; ") + "]"
}
