package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"countersign/flows"
	"countersign/sign/untrusted"
	"countersign/ui/cli/snippet"
)

// sandbox serves the partners until it is interrupted.
func (a *app) sandbox() *cobra.Command {
	var listen string
	var set []string
	var list bool
	c := &cobra.Command{
		Use:   "sandbox",
		Short: "serve the partners on loopback until interrupted",
		Long: "Serves all partners on loopback over TLS, with credentials made for this run, and prints each request that\n" +
			"arrives with its checks. Point your own code at it. Its files are removed at the end.",
		Args: arguments("", 0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			if err := notEmpty(c, "listen"); err != nil {
				return err
			}
			if a.StartSandbox == nil {
				return local(nil, "there is no sandbox in this program")
			}
			return a.serve(c.Context(), listen, set, list)
		},
	}
	c.Flags().StringVar(&listen, "listen", "127.0.0.1:0", "loopback `HOST:PORT`; the partners take this port and the next ones, with port 0 any free ones")
	c.Flags().StringArrayVarP(&set, "set", "s", nil, "`PROVIDER.SWITCH=VALUE`, a fault or a reading of the page to start with")
	c.Flags().BoolVar(&list, "switches", false, "list the switches and end")
	c.Flags().Bool("json", false, "print one JSON object, then one line of JSON for each request")
	return c
}

// queued is how many requests wait to be printed before a client has to wait: printing is slower than serving
// when each refusal is explained first.
const queued = 1024

// serve starts the sandbox, says where it is, and prints what arrives until ctx ends.
func (a *app) serve(ctx context.Context, listen string, set []string, list bool) error {
	dir, remove, err := a.tempDir()
	if err != nil {
		return err
	}
	defer remove()
	arrived := make(chan flows.Inbound, queued)
	e, err := a.StartSandbox(SandboxOptions{Listen: listen, Dir: dir, Observe: func(in flows.Inbound) { arrived <- in }})
	if err != nil {
		return notServed(err)
	}
	if err = turn(e, set); err == nil {
		err = a.announce(e, list)
	}
	if err != nil || list {
		e.Close()
		return err
	}
	ctx, enough := context.WithCancel(ctx)
	defer enough()
	printed := make(chan error, 1)
	go func() {
		printed <- a.print(ctx, e, arrived, enough)
	}()
	<-ctx.Done()
	err = e.Close()
	close(arrived) // nobody serves any more
	if failed := <-printed; err == nil {
		err = failed
	}
	return err
}

// notServed tells an address that cannot be had from one that was mistyped.
func notServed(err error) error {
	said := strings.TrimPrefix(err.Error(), "sandbox: ")
	var taken *net.OpError
	if errors.As(err, &taken) {
		e := local(err, "%s", said)
		e.Hint = "choose another port with --listen; with port 0 the partners take free ones"
		return e
	}
	return wrong("", "%s", said)
}

// turn sets the switches that were asked for.
func turn(e flows.Embedding, set []string) error {
	for _, s := range set {
		name, value, ok := strings.Cut(s, "=")
		id, name, dotted := strings.Cut(name, ".")
		if !ok || !dotted {
			return wrong("write it as PROVIDER.SWITCH=VALUE; --switches lists them", "--set %s names no switch", s)
		}
		if _, err := provider(id); err != nil {
			return err
		}
		if err := e.Set(id, name, value); err != nil {
			typed, known := name, []string{}
			for _, s := range e.Switches(id) {
				if s.Name == name { // its value is wrong
					typed, known = value, s.Values
					break
				}
				known = append(known, s.Name)
			}
			return wrong(didYouMean(typed, known), "%s", strings.TrimPrefix(err.Error(), "sandbox: "))
		}
	}
	return nil
}

// announce says where the partners are, or which switches there are.
func (a *app) announce(e flows.Embedding, list bool) error {
	p := &page{w: a.Stdout}
	switch {
	case list && a.json:
		all := map[string][]switchJSON{}
		for _, provider := range flows.All() {
			all[provider.ID] = switchesOf(e.Switches(provider.ID))
		}
		return a.object(struct {
			Switches map[string][]switchJSON `json:"switches"`
		}{all})
	case list:
		for _, provider := range flows.All() {
			printSwitches(p, provider.ID, e.Switches(provider.ID))
		}
	case a.json:
		a.printed = true
		return writeJSON(a.Stdout, sandboxOf(e), false)
	default:
		p.line("CA file %s", e.CAFile)
		p.line("The credentials and files are made for this run and removed at the end. Stop with Ctrl-C.")
		for _, provider := range flows.All() {
			printPlace(p, e, provider)
		}
		p.line("")
		p.line("Requests, as they arrive:")
	}
	return p.err
}

func printSwitches(p *page, id string, switches []flows.Switch) {
	p.line("%s", id)
	for _, s := range switches {
		p.line("  --set %s.%s=VALUE  %s; now %s, can be %s", id, s.Name, s.Title, s.Value, strings.Join(s.Values, ", "))
		p.line("      %s", s.Doc)
	}
}

// printPlace prints where a partner is, with which credentials, and how to tell one's own code.
func printPlace(p *page, e flows.Embedding, provider *flows.Provider) {
	given, files := e.Given(provider.ID), e.Files(provider.ID)
	p.line("")
	p.line("%s (%s)", provider.Name, provider.ID)
	t := p.table(2)
	t.row("base_url", given.BaseURL)
	for _, name := range slices.Sorted(maps.Keys(given.Values)) {
		t.row(name, untrusted.From(given.Values[name]).String())
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		t.row(name, files[name])
	}
	t.end()
	place := snippet.Place{BaseURL: given.BaseURL, CAFile: e.CAFile, Method: provider.Requests[0].Method, Path: provider.Requests[0].Path}
	if provider.MutualTLS {
		place.Certificate, place.Key = files["client_certificate"], files["client_key"]
	}
	for _, language := range snippet.Languages() {
		p.line("  %s", language)
		p.block(4, snippet.For(language, place))
	}
}

// print prints each request that arrives, until there are no more. When nobody reads any longer it says enough.
func (a *app) print(ctx context.Context, e flows.Embedding, arrived <-chan flows.Inbound, enough func()) error {
	p := &page{w: a.Stdout}
	var earlier []flows.Inbound
	for in := range arrived {
		if p.err != nil {
			continue // the sandbox must not wait while it is closed
		}
		findings := a.explainInbound(ctx, e, in, earlier)
		earlier = append(earlier[max(0, len(earlier)-maxEarlier):], in)
		if a.json {
			p.err = writeJSON(a.Stdout, inboundOf(in, findings), false)
		} else {
			printInbound(p, in)
			for _, f := range findings {
				printFinding(p, 4, f)
			}
		}
		if p.err != nil {
			enough()
		}
	}
	return p.err
}

// printInbound prints a request in one line, and a refused one with the check that refused it and what was expected.
func printInbound(p *page, in flows.Inbound) {
	verdict := "all checks passed"
	failed, refused := in.Failed()
	if refused {
		verdict = fmt.Sprintf("refused by the check %q: %s", failed.Name, untrusted.From(failed.Detail))
	}
	p.line("%s %s %s %s -> %d, %s", in.At.UTC().Format("15:04:05"), in.Provider,
		untrusted.From(in.Request.Method), untrusted.From(in.Request.Target), in.Status, verdict)
	if in.Note != "" {
		p.line("    note: %s", untrusted.From(in.Note))
	}
	if refused && in.Expected != nil {
		p.line("    expected to see signed, %d bytes:", len(in.Expected))
		p.block(6, untrusted.From(in.Expected).Block().String())
	}
}
