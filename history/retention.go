package history

import (
	"context"
	"database/sql"
	"math"
	"strconv"
	"strings"
	"time"
)

// Retention bounds what is kept. Zero means no bound.
type Retention struct {
	Age  time.Duration // entries that are older are removed
	Size int64         // bytes of records and bodies; the oldest are removed first
}

// Purge removes what Options.Keep no longer wants, the oldest first, and returns how many entries went. It never touches
// what is being sent or has an unknown outcome: those are for a person to look at.
func (l *Log) Purge(ctx context.Context) (int, error) {
	aged, err := l.purgeAged(ctx)
	if err != nil {
		return aged, err
	}
	crowded, err := l.purgeExcess(ctx)
	if err == nil && aged+crowded > 0 {
		err = l.checkpoint(ctx)
	}
	return aged + crowded, err
}

// A purge goes in steps, because to take the words of an entry out of the file costs about 2 ms, and lets others write in
// between: one that waits for the file asks again after 100 ms at the latest (sqlite3_busy_timeout).
const (
	purgeStep = 100
	purgeLull = 110 * time.Millisecond
)

// purgeAged removes what began too long ago.
func (l *Log) purgeAged(ctx context.Context) (int, error) {
	if l.o.Keep.Age <= 0 {
		return 0, nil
	}
	return l.removeAll(ctx, "started < ? ORDER BY started", micros(l.o.Now().Add(-l.o.Keep.Age)))
}

// purgeExcess removes the oldest until the rest has the size that is wanted.
func (l *Log) purgeExcess(ctx context.Context) (int, error) {
	if l.o.Keep.Size <= 0 {
		return 0, nil
	}
	last, err := l.lastExcess(ctx)
	if err != nil || last == 0 {
		return 0, err
	}
	return l.removeAll(ctx, "id <= ? ORDER BY id", last)
}

// lastExcess is the newest entry that is too much; 0: none is. What must stay counts as well. It is found from the newest
// entry backwards, so that it is the same for every window that looks, whatever another one has removed already: counting
// the bytes that go, two windows that start together would remove twice as many.
func (l *Log) lastExcess(ctx context.Context) (last int64, err error) {
	err = l.read(ctx, func(b *base) error {
		last = 0
		tx, err := b.read.BeginTx(ctx, nil) // both questions are asked of the same moment
		if err != nil {
			return err
		}
		defer tx.Rollback()
		var all, fixed int64
		err = tx.QueryRowContext(ctx, "SELECT coalesce(sum(size), 0), coalesce(sum(size) FILTER (WHERE NOT "+mayGo+"), 0) FROM entry").Scan(&all, &fixed)
		if err != nil || all <= l.o.Keep.Size {
			return err
		}
		rows, err := tx.QueryContext(ctx, "SELECT id, size FROM entry WHERE "+mayGo+" ORDER BY id DESC")
		if err != nil {
			return err
		}
		defer rows.Close()
		for room := l.o.Keep.Size - fixed; room >= 0 && rows.Next(); {
			var size int64
			if err := rows.Scan(&last, &size); err != nil {
				return err
			}
			if room -= size; room >= 0 {
				last = 0 // it fits
			}
		}
		if last == 0 && l.o.Keep.Size < fixed { // what must stay fills it alone
			last = math.MaxInt64
		}
		return rows.Err()
	})
	return last, err
}

// mayGo is what a purge may touch.
const mayGo = "state IN ('finished', 'resolved')"

// removeAll removes the entries that may go among those wanted, step by step.
func (l *Log) removeAll(ctx context.Context, which string, bound int64) (total int, err error) {
	for {
		old, err := l.oldest(ctx, which, bound)
		if err != nil || len(old) == 0 {
			return total, err
		}
		n, err := l.remove(ctx, old)
		if total += n; err != nil || len(old) < purgeStep {
			return total, err
		}
		select {
		case <-ctx.Done():
			return total, ctx.Err()
		case <-time.After(purgeLull):
		}
	}
}

// oldest lists entries that may go, at most one step of them.
func (l *Log) oldest(ctx context.Context, which string, bound int64) (list []string, err error) {
	err = l.read(ctx, func(b *base) error {
		rows, err := b.read.QueryContext(ctx, "SELECT id FROM entry WHERE "+mayGo+" AND "+which+" LIMIT "+strconv.Itoa(purgeStep), bound)
		if err != nil {
			return err
		}
		list, err = scanAll[string](rows)
		return err
	})
	return list, err
}

// remove deletes entries in one transaction, but those that somebody began to look into meanwhile.
func (l *Log) remove(ctx context.Context, ids []string) (int, error) {
	var n int64
	err := l.write(ctx, "written", func(_ *base, tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, "DELETE FROM entry WHERE id IN ("+strings.Join(ids, ",")+") AND "+mayGo)
		if err != nil {
			return err
		}
		n, err = result.RowsAffected()
		return err
	})
	if err == nil {
		l.forget(ids)
	}
	return int(n), err
}
