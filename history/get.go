package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"countersign/flows"
	"countersign/sign/untrusted"
)

// ErrNoEntry says that there is no entry of that ID.
var ErrNoEntry = errors.New("there is no such entry in history")

// Get reads one entry as a whole.
func (l *Log) Get(ctx context.Context, id string) (Entry, error) {
	n, err := number(id)
	if err != nil {
		return Entry{}, err
	}
	var e Entry
	err = l.read(ctx, func(b *base) error {
		tx, err := b.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true}) // one moment for all three reads
		if err != nil {
			return err
		}
		defer tx.Rollback()
		e, err = l.get(ctx, tx, n)
		return err
	})
	return e, err
}

func (l *Log) get(ctx context.Context, q querier, n int64) (Entry, error) {
	s, err := l.summary(q.QueryRowContext(ctx, "SELECT "+summaryColumns+" FROM entry AS e WHERE e.id = ?", n), map[string]bool{})
	if errors.Is(err, sql.ErrNoRows) {
		return Entry{}, noEntry(n)
	}
	if err != nil {
		return Entry{}, err
	}
	var text, resolution string
	var body []byte
	err = q.QueryRowContext(ctx, `SELECT r.json, coalesce(b.bytes, x''), e.resolution FROM entry AS e JOIN record AS r ON r.id = e.id
		LEFT JOIN body AS b ON b.id = e.id WHERE e.id = ?`, n).Scan(&text, &body, &resolution)
	if err != nil {
		return Entry{}, err
	}
	r, err := decodeRecord([]byte(text))
	if err != nil {
		return Entry{}, fmt.Errorf("entry %d: %w", n, err)
	}
	if r.Response != nil {
		r.Response.Body = untrusted.From(body)
	}
	e := r.entry()
	e.ID, e.State, e.Tags, e.Note, e.Verdict, e.Resolution = s.ID, s.State, s.Tags, s.Note, s.Verdict, untrusted.From(resolution)
	e.Exchange.ID = e.ID
	if s.State == Unknown || s.State == Resolved {
		e.Exchange.Outcome = flows.OutcomeUnknown
	}
	return e, nil
}

func noEntry(n int64) error {
	return &flows.Error{Kind: flows.KindUsage, Message: fmt.Sprintf("there is no entry %d in history", n), Hint: "history list shows what there is", Err: ErrNoEntry}
}

func number(id string) (int64, error) {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || n < 1 {
		return 0, &flows.Error{Kind: flows.KindUsage, Message: fmt.Sprintf("%q is no entry of history; entries have numbers", id), Err: ErrNoEntry}
	}
	return n, nil
}
