package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"countersign/flows/credentials"
	"countersign/history"
)

// historyPurge is retention: what is too old or too much goes, the oldest first. What may stay is said by flags, or by
// the configuration; then the workbench does the same when it starts. Nothing does it unasked.
func (a *app) historyPurge() *cobra.Command {
	var keep credentials.Retention
	c := a.leaf("purge", "remove what is too old or too much, the oldest first; unknown outcomes stay", 0, 0, a.purge)
	c.Flags().IntVar(&keep.Days, "keep-days", 0, "`DAYS` after which an exchange goes")
	c.Flags().IntVar(&keep.Megabytes, "keep-mb", 0, "`MEGABYTES` of records and bodies that may stay")
	c.PreRunE = func(c *cobra.Command, _ []string) error {
		for _, name := range []string{"keep-days", "keep-mb"} {
			n, _ := c.Flags().GetInt(name)
			if c.Flags().Changed(name) && (n < 1 || n > credentials.MaxRetention) {
				return wrong("", "--%s %d: it is a number from 1 to %d", name, n, credentials.MaxRetention)
			}
		}
		if keep != (credentials.Retention{}) {
			a.keep = retention(keep)
			return nil
		}
		if _, err := a.store(""); err != nil { // it reads what the configuration says
			return err
		}
		if a.keep == (history.Retention{}) {
			return wrong("for good: keep_days or keep_mb in table [history] of config.toml", "say what may stay: --keep-days, --keep-mb, or both, each more than 0")
		}
		return nil
	}
	return c
}

// retention is what the configuration or the flags say, as the history counts it.
func retention(r credentials.Retention) history.Retention {
	return history.Retention{Age: time.Duration(r.Days) * 24 * time.Hour, Size: int64(r.Megabytes) << 20}
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
