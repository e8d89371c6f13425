package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"countersign/history"
	"countersign/sign/untrusted"
)

// history is the parent of what can be done with past exchanges.
func (a *app) history() *cobra.Command {
	c := parent("history", "past exchanges: find, look at, compare, replay, export")
	c.AddCommand(a.historyList(), a.historySearch(), a.historyShow(), a.historyCompare(), a.historyReplay(),
		a.historyExport(), a.historyImport(), a.historyResolve(), a.historyTag(), a.historyDelete(), a.historyPurge())
	return c
}

// parent is a command that only has others below it.
func parent(name, short string) *cobra.Command {
	return &cobra.Command{Use: name, Short: short, RunE: func(c *cobra.Command, args []string) error {
		names := commandNames(c)
		if len(args) == 0 {
			return wrong("countersign "+name+" --help", "%s needs one of %s", name, strings.Join(names, ", "))
		}
		return wrong(didYouMean(args[0], names), "there is no command %q; there are %s", name+" "+args[0], strings.Join(names, ", "))
	}}
}

// leaf is a command of history: it opens the history and takes the words behind it.
func (a *app) leaf(usage, short string, least, most int, do func(context.Context, *history.Log, []string) error) *cobra.Command {
	_, words, _ := strings.Cut(usage, " ")
	c := &cobra.Command{Use: usage, Short: short, Args: arguments(words, least, most), RunE: func(c *cobra.Command, args []string) error {
		log, err := a.openLog()
		if err != nil {
			return err
		}
		err = do(c.Context(), log, args)
		a.tellOf(log, err == nil)
		return err
	}}
	c.Flags().Bool("json", false, "print one JSON object")
	return c
}

// tellOf says on standard error what happened to the file of history as it was opened: it may have been damaged, and then
// an empty list is no answer. That it can only be read is told unless the command failed for it.
func (a *app) tellOf(log *history.Log, readable bool) {
	status := log.Told()
	if readable && status.ReadOnly != "" {
		status.Notices = append(status.Notices, status.ReadOnly)
	}
	for _, n := range status.Notices {
		fmt.Fprintf(a.Stderr, "countersign: %s\n", untrusted.From(n))
	}
}

// many is more words than anybody types.
const many = 10000

func (a *app) historyResolve() *cobra.Command {
	return a.leaf("resolve ID WORDS...", "say what became of an exchange whose outcome was unknown", 2, many, func(ctx context.Context, log *history.Log, args []string) error {
		if err := a.know(ctx, log); err != nil {
			return err
		}
		if err := log.MarkResolved(ctx, args[0], strings.Join(args[1:], " ")); err != nil {
			return err
		}
		return a.changed(ctx, log, args[0])
	})
}

func (a *app) historyTag() *cobra.Command {
	var note string
	var c *cobra.Command
	c = a.leaf("tag ID [TAG...]", "add tags, behind -- a -TAG takes one away; --note replaces the note", 1, many, func(ctx context.Context, log *history.Log, args []string) error {
		var add, remove []string
		for _, t := range args[1:] {
			if gone, ok := strings.CutPrefix(t, "-"); ok {
				remove = append(remove, gone)
			} else {
				add = append(add, t)
			}
		}
		if err := a.know(ctx, log); err != nil {
			return err
		}
		if err := log.Tag(ctx, args[0], add, remove); err != nil {
			return err
		}
		if c.Flags().Changed("note") { // an empty one takes it away
			if err := log.SetNote(ctx, args[0], note); err != nil {
				return err
			}
		}
		return a.changed(ctx, log, args[0])
	})
	c.Flags().StringVar(&note, "note", "", "`TEXT` of the note")
	return c
}

// know tells the history the secrets that a note must not hold.
func (a *app) know(ctx context.Context, log *history.Log) error {
	known, err := a.liveSecrets(ctx)
	log.Know(known)
	return err
}

// changed prints the entry in one line after it was changed.
func (a *app) changed(ctx context.Context, log *history.Log, id string) error {
	e, err := log.Get(ctx, id)
	if err != nil {
		return err
	}
	if a.json {
		return a.object(entryOf(e))
	}
	p := &page{w: a.Stdout}
	p.line("%s: %s, tags %s", e.ID, e.State, strings.Join(e.Tags, " "))
	return p.err
}

func (a *app) historyDelete() *cobra.Command {
	force := false
	c := a.leaf("delete ID...", "remove exchanges for good", 1, many, func(ctx context.Context, log *history.Log, args []string) error {
		for _, id := range args {
			e, err := log.Get(ctx, id)
			if err != nil {
				return err
			}
			if e.State == history.Unknown && e.Exchange.Writes && !force {
				return wrong("first say what became of it: countersign history resolve "+id+" WORDS; or add --force",
					"nobody knows yet whether the partner acted on entry %s; nothing was deleted", id)
			}
		}
		n, err := log.Delete(ctx, args...)
		if err != nil {
			return err
		}
		return a.deleted(n)
	})
	c.Flags().BoolVar(&force, "force", false, "delete also what may have been done at the partner")
	return c
}
