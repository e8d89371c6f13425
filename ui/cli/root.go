package cli

import (
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"countersign/flows"
)

// root is the tree of commands; help goes to out. Building it does nothing else.
func (a *app) root(out io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:   "countersign",
		Short: "a terminal workbench for partner-API authentication",
		Long: "Countersign steps through a partner's authentication, one visible step at a time: credentials, token,\n" +
			"canonical string, signature, response. Without a command it opens the workbench, on an embedded sandbox.",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return wrong(didYouMean(args[0], commandNames(c)), "there is no command %q; there are %s", args[0], strings.Join(commandNames(c), ", "))
		},
		RunE:              a.workbench,
		SilenceErrors:     true, // told by report, in one form
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	root.SetOut(out)
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(a.providers(), a.run(), a.sign(), a.probe(), a.explain(), a.sandbox(), a.history(), a.credentials())
	root.SetHelpCommand(help())
	root.InitDefaultCompletionCmd()
	if c, _, err := root.Find([]string{"completion"}); err == nil && c != root {
		c.Args, c.RunE = nil, parent("completion", "").RunE
	}
	return root
}

// help describes the program or one command.
func help() *cobra.Command {
	return &cobra.Command{Use: "help [COMMAND...]", Short: "describe a command", RunE: func(c *cobra.Command, args []string) error {
		described, rest, err := c.Root().Find(args)
		if err != nil || len(rest) > 0 {
			names := commandNames(described)
			if len(names) == 0 {
				return wrong("countersign help "+described.Name(), "%s has no commands below it", described.Name())
			}
			return wrong(didYouMean(strings.Join(rest, " "), names), "there is no command %q; there are %s", strings.Join(args, " "), strings.Join(names, ", "))
		}
		described.InitDefaultHelpFlag()
		return described.Help()
	}}
}

// commandNames are the words that may follow a command.
func commandNames(c *cobra.Command) []string {
	var names []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	return names
}

// arguments checks how many words follow a command, and that none is empty: usage names them, the optional ones in brackets.
func arguments(usage string, least, most int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		hint, words := strings.TrimSpace(c.CommandPath()+" "+usage), strings.Fields(usage)
		switch {
		case len(args) < least:
			return wrong(hint, "%s needs %s", c.Name(), words[len(args)])
		case len(args) > most:
			return wrong(hint, "%q is one word too many behind %s", args[most], c.Name())
		}
		if i := slices.Index(args, ""); i >= 0 { // as an unset variable of a shell leaves it
			return wrong(hint, "%s is empty", strings.Trim(words[min(i, len(words)-1)], "[.]"))
		}
		return nil
	}
}

// provider finds a partner by its ID.
func provider(id string) (*flows.Provider, error) {
	all := flows.All()
	if p, ok := flows.Find(all, id); ok {
		return p, nil
	}
	var ids []string
	for _, p := range all {
		ids = append(ids, p.ID)
	}
	return nil, wrong(didYouMean(id, ids), "there is no partner %q; there are %s", id, strings.Join(ids, ", "))
}

// sample finds a request of a partner; the empty name is the first.
func sample(p *flows.Provider, name string) (flows.Sample, error) {
	if s, ok := p.Sample(name); ok {
		return s, nil
	}
	var names []string
	for _, s := range p.Requests {
		names = append(names, s.Name)
	}
	return flows.Sample{}, wrong(didYouMean(name, names), "%s has no request %q; it has %s", p.ID, name, strings.Join(names, ", "))
}

// environment finds an environment of a partner.
func environment(p *flows.Provider, name string) (flows.Environment, error) {
	if e, ok := p.Environment(name); ok {
		return e, nil
	}
	var names []string
	for _, e := range p.Environments {
		names = append(names, e.Name)
	}
	return flows.Environment{}, wrong(didYouMean(name, names), "%s has no environment %q; it has %s", p.ID, name, strings.Join(names, ", "))
}
