package history

import (
	"context"
	"database/sql"
	"strings"

	"countersign/flows"
)

// write runs f in one immediate transaction. A file that turns out to be damaged is put aside, what can be read is
// saved into a new one, and f runs once more.
func (l *Log) write(ctx context.Context, doing string, f func(*base, *sql.Tx) error) error {
	return l.attempt(ctx, doing, func(b *base) error {
		if b.write == nil || l.readOnlyBecause(b) != "" {
			hint := "nothing was changed; mend that and start again"
			if b.version > len(l.o.schema) {
				hint = "nothing was changed; start the newer program"
			}
			return &flows.Error{Kind: flows.KindLocal, Message: "history cannot be " + doing + ": " + l.readOnlyBecause(b), Hint: hint}
		}
		tx, err := b.write.BeginTx(ctx, nil)
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

// read runs f on the connections that only read.
func (l *Log) read(ctx context.Context, f func(*base) error) error { return l.attempt(ctx, "read", f) }

func (l *Log) attempt(ctx context.Context, doing string, f func(*base) error) error {
	for again := false; ; again = true {
		b, err := l.open(ctx)
		if err != nil {
			return err
		}
		err = f(b)
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
	if err != nil || version == b.version {
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
