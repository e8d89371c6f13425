package history

import (
	"context"
	"database/sql"

	"countersign/flows"
)

// Fill writes many finished exchanges, a thousand per transaction, for tests of size.
func (l *Log) Fill(ctx context.Context, n int, make func(i int) flows.Exchange) error {
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
	// thousands of entries per transaction leave pieces that no real history has; the next writes would pay for merging them
	return l.write(ctx, "written", func(_ *base, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO words (words) VALUES ('optimize')")
		return err
	})
}
