package cli

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"countersign/flows"
)

// root is the tree of commands. Building it does nothing else.
func (a *app) root() *cobra.Command {
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
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(a.providers(), a.run(), a.sign(), a.probe(), a.explain(), a.sandbox(), a.history(), a.credentials())
	root.SetHelpCommand(help())
	return root
}

// help describes the program or one command.
func help() *cobra.Command {
	return &cobra.Command{Use: "help [COMMAND...]", Short: "describe a command", RunE: func(c *cobra.Command, args []string) error {
		described, rest, err := c.Root().Find(args)
		if err != nil || len(rest) > 0 {
			return wrong(didYouMean(strings.Join(rest, " "), commandNames(described)), "there is no command %q", strings.Join(args, " "))
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

// flagError says what is wrong with a flag, and which one was probably meant.
func flagError(c *cobra.Command, err error) error {
	hint := "countersign " + strings.TrimPrefix(c.CommandPath(), "countersign ") + " --help lists the flags"
	if c == c.Root() {
		hint = "countersign --help lists the commands"
	}
	if name, ok := strings.CutPrefix(err.Error(), "unknown flag: "); ok {
		var known []string
		c.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, "--"+f.Name) })
		if near := didYouMean(name, known); near != "" {
			hint = near
		}
	}
	return wrong(hint, "%s", err)
}

// arguments checks how many words follow a command: usage names them, the optional ones in brackets.
func arguments(usage string, least, most int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		hint := "countersign " + strings.TrimPrefix(c.CommandPath(), "countersign ") + " " + usage
		switch {
		case len(args) < least:
			return wrong(hint, "%s needs %s", c.Name(), strings.Fields(usage)[len(args)])
		case len(args) > most:
			return wrong(hint, "%q is one word too many behind %s", args[most], c.Name())
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
