package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"countersign/history"
)

// historyPurge is retention: what is too old or too much goes, the oldest first. Nothing does that unasked.
func (a *app) historyPurge() *cobra.Command {
	var days, megabytes int
	c := a.leaf("purge", "remove what is too old or too much, the oldest first; unknown outcomes stay", 0, 0, a.purge)
	c.Flags().IntVar(&days, "keep-days", 0, "`DAYS` after which an exchange goes")
	c.Flags().IntVar(&megabytes, "keep-mb", 0, "`MEGABYTES` of records and bodies that may stay")
	c.PreRunE = func(*cobra.Command, []string) error {
		if days < 0 || megabytes < 0 || days+megabytes == 0 {
			return wrong("", "say what may stay: --keep-days, --keep-mb, or both, each more than 0")
		}
		a.keep = history.Retention{Age: time.Duration(days) * 24 * time.Hour, Size: int64(megabytes) << 20}
		return nil
	}
	return c
}

func (a *app) purge(ctx context.Context, log *history.Log, _ []string) error {
	n, err := log.Purge(ctx)
	if err != nil {
		return err
	}
	return a.deleted(n)
}

// deleted says how many entries went.
func (a *app) deleted(n int) error {
	if a.json {
		return a.object(map[string]int{"deleted": n})
	}
	p := &page{w: a.Stdout}
	p.line("%d deleted", n)
	return p.err
}
