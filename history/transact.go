package history

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"countersign/flows"
)

// write runs f in one immediate transaction. A file that turns out to be damaged is put aside, what can be read is
// saved into a new one, and f runs once more.
func (l *Log) write(ctx context.Context, doing string, f func(*base, *sql.Tx) error) error {
	l.reopen(ctx)
	return l.attempt(ctx, doing, func(b *base) error {
		if b.write == nil || l.readOnlyBecause(b) != "" {
			hint := "nothing was changed; mend that and try again"
			if b.version > len(l.o.schema) {
				hint = "nothing was changed; start the newer program"
			}
			return &flows.Error{Kind: flows.KindLocal, Message: "history cannot be " + doing + ": " + l.readOnlyBecause(b), Hint: hint}
		}
		tx, err := b.write.BeginTx(ctx, nil)
		l.hurry(ctx, b, tx, err)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		if err := l.checkVersion(ctx, b, tx); err != nil {
			return err
		}
		if err := f(b, tx); err != nil {
			return err
		}
		return tx.Commit()
	})
}

// hurry keeps a program that writes several things from waiting for each of them, when another window holds the file: after
// one wait in vain the next writes try for a moment only, until one gets through.
func (l *Log) hurry(ctx context.Context, b *base, tx *sql.Tx, err error) {
	busy := primary(err) == sqliteBusy
	if err != nil && !busy || !l.setHasty(b, busy) {
		return
	}
	if busy {
		b.write.ExecContext(ctx, haste)
		return
	}
	tx.ExecContext(ctx, l.patiently())
}

// wait undoes hurry, for what is worth another wait.
func (l *Log) wait(ctx context.Context) {
	b, err := l.opened()
	if err != nil || b == nil || b.write == nil {
		return
	}
	b.busy.RLock()
	defer b.busy.RUnlock()
	if l.setHasty(b, false) {
		b.write.ExecContext(ctx, l.patiently())
	}
}

func (l *Log) patiently() string {
	return fmt.Sprintf("PRAGMA busy_timeout = %d", l.o.Busy.Milliseconds())
}

// setHasty reports whether that is a change.
func (l *Log) setHasty(b *base, hasty bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	changes := b.hasty != hasty
	b.hasty = hasty
	return changes
}

// reopen looks whether a history that could only be read when it was opened can be written by now: the disk was full, and
// somebody made room.
func (l *Log) reopen(ctx context.Context) {
	if b, err := l.opened(); err != nil || b == nil || b.write != nil {
		return
	}
	l.opening.Lock()
	defer l.opening.Unlock()
	old, err := l.opened()
	if err != nil || old == nil || old.write != nil || old.version < len(l.o.schema) {
		return // an upgrade that had no room is tried again by the next start: it copies the whole file
	}
	ctx, stop := l.untilClosed(ctx)
	defer stop()
	fresh, err := l.connect(ctx)
	if err != nil {
		return // what can be read is still read
	}
	if fresh.write == nil {
		fresh.close(fresh.tidies())
		return
	}
	l.use(fresh)
	old.retire()
}

// read runs f on the connections that only read.
func (l *Log) read(ctx context.Context, f func(*base) error) error { return l.attempt(ctx, "read", f) }

func (l *Log) attempt(ctx context.Context, doing string, f func(*base) error) error {
	for again := false; ; again = true {
		b, err := l.open(ctx)
		if err != nil {
			return err
		}
		b.busy.RLock()
		err = f(b)
		b.busy.RUnlock()
		switch {
		case err == nil:
			return nil
		case !again && damaged(err) && l.replace(ctx, b, err) == nil:
		case !again && strings.Contains(err.Error(), "database is closed") && l.replaced(b): // somebody repaired it meanwhile
		default:
			return l.trouble(err, doing)
		}
	}
}

func (l *Log) replaced(b *base) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.base != b && !l.closed
}

func (l *Log) readOnlyBecause(b *base) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return b.readOnly
}

// checkVersion notices that a newer program upgraded the file while it was open here.
func (l *Log) checkVersion(ctx context.Context, b *base, tx *sql.Tx) error {
	_, version, err := identify(ctx, tx)
	if err != nil || version == len(l.o.schema) { // not that of b: another write, which noticed first, may have set it
		return err
	}
	l.mu.Lock()
	b.version, b.readOnly = version, newer(version, len(l.o.schema))
	l.mu.Unlock()
	return &flows.Error{Kind: flows.KindLocal, Message: b.readOnly, Hint: "close this window and start the newer program"}
}

// scanAll reads a column of values and closes the rows.
func scanAll[T any](rows *sql.Rows) ([]T, error) {
	defer rows.Close()
	var all []T
	for rows.Next() {
		var v T
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}
