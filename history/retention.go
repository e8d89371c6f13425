package history

import (
	"context"
	"database/sql"
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

// purgeStep bounds one transaction of a purge, so that another window can write in between.
const purgeStep = 200

// purgeAged removes what began too long ago.
func (l *Log) purgeAged(ctx context.Context) (total int, err error) {
	if l.o.Keep.Age <= 0 {
		return 0, nil
	}
	before := micros(l.o.Now().Add(-l.o.Keep.Age))
	for {
		old, err := l.oldest(ctx, "started < ? ORDER BY started", before)
		if err != nil || len(old) == 0 {
			return total, err
		}
		n, err := l.remove(ctx, old)
		if total += n; err != nil {
			return total, err
		}
	}
}

// purgeExcess removes the oldest until the rest has the size that is wanted. The size is summed once, because that
// reads every row.
func (l *Log) purgeExcess(ctx context.Context) (total int, err error) {
	if l.o.Keep.Size <= 0 {
		return 0, nil
	}
	var size int64
	err = l.read(ctx, func(b *base) error {
		return b.read.QueryRowContext(ctx, "SELECT coalesce(sum(size), 0) FROM entry").Scan(&size)
	})
	for excess := size - l.o.Keep.Size; err == nil && excess > 0; {
		var old []aged
		if old, err = l.oldest(ctx, "true ORDER BY id"); err != nil || len(old) == 0 {
			break
		}
		going := 0
		for going < len(old) && excess > 0 {
			excess -= old[going].size
			going++
		}
		var n int
		n, err = l.remove(ctx, old[:going])
		total += n
	}
	return total, err
}

// aged is an entry that may go, and the bytes that it frees.
type aged struct{ id, size int64 }

// oldest lists entries that may go, at most one step of them.
func (l *Log) oldest(ctx context.Context, which string, args ...any) (list []aged, err error) {
	err = l.read(ctx, func(b *base) error {
		list = nil
		rows, err := b.read.QueryContext(ctx, "SELECT id, size FROM entry WHERE state IN ('finished', 'resolved') AND "+which+" LIMIT "+strconv.Itoa(purgeStep), args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var a aged
			if err := rows.Scan(&a.id, &a.size); err != nil {
				return err
			}
			list = append(list, a)
		}
		return rows.Err()
	})
	return list, err
}

// remove deletes entries in one transaction, but those that somebody began to look into meanwhile.
func (l *Log) remove(ctx context.Context, going []aged) (int, error) {
	ids := make([]string, len(going))
	for i, a := range going {
		ids[i] = strconv.FormatInt(a.id, 10)
	}
	var n int64
	err := l.write(ctx, "written", func(_ *base, tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, "DELETE FROM entry WHERE id IN ("+strings.Join(ids, ",")+") AND state IN ('finished', 'resolved')")
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
