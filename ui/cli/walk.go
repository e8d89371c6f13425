package cli

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"countersign/flows"
)

// run does all steps and sends.
func (a *app) run() *cobra.Command {
	c, f := a.walker("run", "all steps, then send; prints each step", flows.StepResponse)
	c.Flags().StringVar(&f.confirm, "confirm", "", "the partner's `ID`: needed to send a request that moves money in production")
	return c
}

// sign does all steps but the last.
func (a *app) sign() *cobra.Command {
	c, f := a.walker("sign", "all steps but the last; the request is not sent", flows.StepSignature)
	c.Flags().BoolVar(&f.offline, "offline", false, "use no network at all: a token is not fetched either")
	return c
}

// walker makes a command that does the steps up to the last named.
func (a *app) walker(name, short string, last flows.StepName) (*cobra.Command, *asked) {
	f := &asked{}
	c := &cobra.Command{
		Use:   name + " PROVIDER [REQUEST]",
		Short: short,
		Args:  arguments("PROVIDER [REQUEST]", 1, 2),
		RunE: func(c *cobra.Command, args []string) error {
			p, err := provider(args[0])
			if err != nil {
				return err
			}
			s, err := sample(p, strings.Join(args[1:], ""))
			if err != nil {
				return err
			}
			run, err := a.draft(c, p, s, f)
			if err != nil {
				return err
			}
			return a.walk(c.Context(), run, last, f)
		},
	}
	f.place(c)
	f.request(c)
	return c, f
}

// walk does the steps, prints each as it is done, and says how it ended.
func (a *app) walk(ctx context.Context, run flows.Run, last flows.StepName, f *asked) error {
	store, err := a.store(run.Draft.Environment.Name)
	if err != nil {
		return err
	}
	if err := a.named(ctx, store, f.values(run)); err != nil {
		return err
	}
	run = settle(run, store)
	if err := a.mayAsk(run, last, f); err != nil {
		return err
	}
	runner := a.runner(store, f.noHistory)
	show := view{page: &page{w: a.Stdout}, now: a.Now, reveal: f.reveal}
	if a.json {
		show.page.w = io.Discard
	}
	show.begin(run)
	for {
		step := run.Next()
		if step == flows.StepResponse {
			if err := a.confirmed(run, f); err != nil {
				return err
			}
		}
		run = runner.Next(ctx, run)
		show.step(run, step)
		if run.Err != nil || step == last {
			break
		}
	}
	return a.ended(run, show, f)
}

// ended prints the object, or the end of the lines, and returns why the run did not end well.
func (a *app) ended(run flows.Run, show view, f *asked) error {
	err := outcome(run, f)
	warnings := append(a.notes, warnings(run)...)
	if a.log != nil && run.Exchange != nil {
		warnings = append(warnings, a.log.Told().Notices...)
	}
	if a.json {
		if err := a.object(walkOf(run, err, warnings, f.reveal)); err != nil {
			return err
		}
	} else {
		show.end(run, warnings)
	}
	if err != nil {
		return err
	}
	return show.page.err
}

// warnings are what is odd about a run, in the order of the steps, one sentence each.
func warnings(run flows.Run) []string {
	var list []string
	for _, p := range run.Problems {
		if p.Warning {
			list = append(list, p.Message)
		}
	}
	list = append(list, run.Loaded.Remarks...)
	if run.Token != nil {
		list = append(list, run.Token.Facts.Remarks...)
	}
	if run.Prepared != nil {
		list = append(list, run.Prepared.Warnings...)
	}
	x := run.Exchange
	if x == nil {
		return list
	}
	if x.Sent.Difference != "" {
		list = append(list, x.Sent.Difference)
	}
	if x.Response != nil && x.Response.Truncated {
		list = append(list, fmt.Sprintf("the answer is larger than the limit; the first %d bytes were kept", x.Response.Size))
	}
	if x.LedgerErr != nil {
		list = append(list, x.LedgerErr.Message)
	}
	return list
}

// outcome is why a run did not end well, or nil.
func outcome(run flows.Run, f *asked) *flows.Error {
	err := run.Err
	x := run.Exchange
	switch {
	case err == nil && x != nil && x.Err != nil:
		err = x.Err
	case err == nil && x != nil && x.LedgerErr != nil && x.Writes: // the record of a write is missing
		err = unkept(*x)
	}
	if err != nil && err.Step == flows.StepCredentials && run.Draft.Environment.Name == flows.Embedded && f.baseURL != "" && err.Field != "base_url" {
		told := *err
		told.Hint = fmt.Sprintf("give it with --set %s=VALUE; environment variables, profiles and the keyring are used with --environment sandbox or production", err.Field)
		return &told
	}
	return unrecorded(err, x)
}

// unkept says of a write that was sent, and of which only the intent is on the disk, that it was sent: the trouble alone
// reads as if it should be sent again.
func unkept(x flows.Exchange) *flows.Error {
	told := *x.LedgerErr
	if x.Response == nil {
		return &told
	}
	told.Message = fmt.Sprintf("it was sent and answered with %d, and the answer could not be recorded: %s", x.Response.Status, told.Message)
	if told.Hint != "" {
		told.Hint += "; "
	}
	told.Hint += fmt.Sprintf("it need not be sent again; if entry %s reads OUTCOME UNKNOWN, say what became of it: countersign history resolve %s WORDS", x.ID, x.ID)
	return &told
}

// unrecorded says what to do where a write was not sent because its record could not be made.
func unrecorded(err *flows.Error, x *flows.Exchange) *flows.Error {
	if err == nil || err.Kind != flows.KindLocal || strings.Contains(err.Hint, "--no-history") || x == nil || !x.Writes || x.Outcome != flows.OutcomeNotSent {
		return err
	}
	told := *err
	if told.Hint != "" {
		told.Hint += "; "
	}
	told.Hint += "it was not sent: what changes something is sent only with a record of it; --no-history sends it all the same"
	return &told
}

// dangerous reports whether sending asks for a typed word.
func dangerous(run flows.Run) bool {
	return run.Draft.Environment.Production && run.Draft.Sample.MovesMoney
}

// mayAsk refuses at once a send that needs a word which nobody is there to type.
func (a *app) mayAsk(run flows.Run, last flows.StepName, f *asked) error {
	id := run.Draft.Provider.ID
	if last != flows.StepResponse || !dangerous(run) || f.confirm == id || f.confirm == "" && a.Terminal() && !a.json {
		return nil
	}
	return wrong("add --confirm "+id+" to send it; countersign sign shows it without sending",
		"%s %s moves money in production and was not sent", id, run.Draft.Sample.Name)
}

// confirmed asks for the typed word before money is moved in production.
func (a *app) confirmed(run flows.Run, f *asked) error {
	id := run.Draft.Provider.ID
	if !dangerous(run) || f.confirm == id {
		return nil
	}
	fmt.Fprintf(a.Stderr, "This moves money in production. Type %s to send it: ", id)
	line, _ := bufio.NewReader(a.Stdin).ReadString('\n') // the end of the input is an answer as well
	if strings.TrimSpace(line) != id {
		return wrong("", "not confirmed; nothing was sent")
	}
	return nil
}
