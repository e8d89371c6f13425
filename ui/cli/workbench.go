package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"countersign/flows"
	"countersign/flows/credentials"
	"countersign/history"
	"countersign/sign"
	"countersign/sign/untrusted"
)

// Workbench is what the full-screen program works with.
type Workbench struct {
	Runner   *flows.Runner
	History  *history.Log                                          // nil: no place for one
	Embedded func(context.Context) (flows.Embedding, error)        // waits until the sandbox is up
	Inbound  <-chan flows.Inbound                                  // what reached the sandbox
	Secrets  func(context.Context) (map[string]sign.Secret, error) // of all partners and profiles; asks the keyring
	Trouble  string                                                // why the configuration is not used; "" when it is
}

// remembered is how many inbound requests wait for the screen. When it does not take them, the later ones are dropped:
// whoever sent them has the answer, and must not wait for a screen.
const remembered = 256

// workbench opens the full-screen program.
func (a *app) workbench(c *cobra.Command, _ []string) error {
	if a.RunWorkbench == nil || !a.Terminal() {
		return wrong("", "the workbench needs a terminal on standard input and output; without one use countersign run PROVIDER or countersign sign PROVIDER")
	}
	if term, _ := a.Getenv("TERM"); term == "dumb" {
		return wrong("set TERM to what the terminal is", "the workbench cannot be drawn on a terminal that TERM calls dumb; there use countersign run PROVIDER or countersign sign PROVIDER")
	}
	dir, remove, err := a.tempDir()
	if err != nil {
		return err
	}
	defer remove()
	store, err := a.store("")
	trouble := ""
	if err != nil { // the sandbox needs no configuration, and a broken file must not stop anybody
		trouble = untrusted.From(err.Error()).String() + "; it is not used"
		fmt.Fprintf(a.Stderr, "countersign: %s\n", trouble)
		store = credentials.NewStore(a.Getenv, nil)
	}
	w := Workbench{Runner: a.runner(store, false), History: a.log, Trouble: trouble}
	w.Secrets = func(ctx context.Context) (map[string]sign.Secret, error) { return everySecret(ctx, store) }
	w.Embedded, w.Inbound = a.startBeside(dir)
	w.Runner.Given = func(ctx context.Context, id string) (flows.Given, error) {
		e, err := w.Embedded(ctx)
		if err != nil {
			return flows.Given{}, err
		}
		return e.Given(id), nil
	}
	err = a.RunWorkbench(c.Context(), w)
	w.Embedded(context.Background()) // a sandbox that is still starting would write its files behind the removal
	return err
}

// startBeside starts the sandbox at once, beside whatever is drawn first.
func (a *app) startBeside(dir string) (func(context.Context) (flows.Embedding, error), <-chan flows.Inbound) {
	inbound := make(chan flows.Inbound, remembered)
	up := make(chan struct{})
	go func() {
		defer close(up)
		a.embedded(SandboxOptions{Dir: dir, Observe: func(in flows.Inbound) {
			select {
			case inbound <- in:
			default:
			}
		}}) // its error is told to whoever waits
	}()
	wait := func(ctx context.Context) (flows.Embedding, error) {
		select {
		case <-up:
			return a.embedded(SandboxOptions{})
		case <-ctx.Done():
			return flows.Embedding{}, ctx.Err()
		}
	}
	return wait, inbound
}
