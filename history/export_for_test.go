package history

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"countersign/flows"
)

// OfSchema makes a program that knows the first n schemas only.
func (o Options) OfSchema(n int) Options {
	o.schema = migrations[:n]
	return o
}

// Pausing makes a program that calls the SQL function pause in the last migration, behind its n-th statement.
func (o Options) Pausing(n int) Options {
	o.schema = slices.Clone(migrations)
	last := &o.schema[len(o.schema)-1]
	parts := strings.SplitAfter(*last, ";\n")
	*last = strings.Join(slices.Insert(parts, n, "SELECT pause();\n"), "")
	return o
}

// Statements counts the statements of the last migration.
func Statements() int { return strings.Count(migrations[len(migrations)-1], ";\n") }

// Patience is how long the next opening waits for another window.
func (l *Log) Patience() time.Duration { return l.patience() }

// Pragma reads a setting of the connection that writes.
func (l *Log) Pragma(ctx context.Context, name string) (value string, err error) {
	err = l.read(ctx, func(b *base) error { return b.write.QueryRowContext(ctx, "PRAGMA "+name).Scan(&value) })
	return value, err
}

// Opening reports whether somebody opens the file at the moment.
func (l *Log) Opening() bool {
	if l.opening.TryLock() {
		l.opening.Unlock()
		return false
	}
	return true
}

// Fill writes many finished exchanges, a thousand per transaction, for tests of size.
func (l *Log) Fill(ctx context.Context, n int, make func(i int) flows.Exchange) error {
	if err := l.read(ctx, func(b *base) error { // what SQLite keeps by itself, 2 MB, is far less than the index of words of a million
		_, err := b.write.ExecContext(ctx, "PRAGMA cache_size = -500000")
		return err
	}); err != nil {
		return err
	}
	for from := 0; from < n; from += 1000 {
		err := l.write(ctx, "written", func(b *base, tx *sql.Tx) error {
			var rows []row
			var bodies []string
			for i := from; i < min(from+1000, n); i++ {
				r := l.row(b, make(i))
				r.state = Finished
				id, err := r.insert(ctx, tx)
				if err != nil {
					return err
				}
				r.id = id
				body, err := r.finish(ctx, tx)
				if err != nil {
					return err
				}
				rows, bodies = append(rows, r), append(bodies, body)
			}
			for i, r := range rows { // together: a statement on another table between them would flush the index each time
				if err := r.index(ctx, tx, bodies[i]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
