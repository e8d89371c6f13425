package history

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"countersign/flows"
)

// Intend writes down what is about to be sent and returns when it is on the disk. It refuses an operation that is still
// under way, from here or from another window: then a second send would be a second payment, or a race for the first.
// In production it also refuses a write whose idempotency key belongs to another body.
func (l *Log) Intend(ctx context.Context, x flows.Exchange) (string, error) {
	l.flush(ctx) // what could not be written before gets another chance; if it fails, so does this
	var id int64
	err := l.write(ctx, "written", func(b *base, tx *sql.Tx) error {
		me, err := l.me()
		if err != nil {
			return err
		}
		if err := l.sweep(ctx, tx); err != nil {
			return err
		}
		row := l.row(b, x)
		row.state, row.owner = Sending, me
		if err := l.refuse(ctx, tx, row, x, me); err != nil {
			return err
		}
		id, err = row.insert(ctx, tx)
		return err
	})
	if err != nil {
		return "", err
	}
	x.ID = strconv.FormatInt(id, 10)
	l.remember(x)
	return x.ID, nil
}

// Complete writes down how the exchange of an intent ended. When that fails, the answer is kept in memory and
// written with the next chance; until then the entry reads as being sent.
func (l *Log) Complete(ctx context.Context, x flows.Exchange) error {
	l.remember(x)
	err := l.complete(ctx, x)
	if err != nil {
		l.mu.Lock()
		if len(l.pending) < maxPending {
			l.pending = append(l.pending, x)
		}
		l.mu.Unlock()
	}
	return err
}

// maxPending bounds the answers that wait in memory for a disk.
const maxPending = 64

func (l *Log) complete(ctx context.Context, x flows.Exchange) error {
	id, err := strconv.ParseInt(x.ID, 10, 64)
	if err != nil {
		return fmt.Errorf("%q is no entry of this history", x.ID)
	}
	late := false // the answer forbids to store what the intent has written already
	err = l.write(ctx, "written", func(b *base, tx *sql.Tx) error {
		if x.NoStore {
			err := tx.QueryRowContext(ctx, "SELECT flags & ? = 0 FROM entry WHERE id = ?", flagNoStore, id).Scan(&late)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return err
			}
		}
		row := l.row(b, x)
		row.id = id
		if row.state = Finished; x.Outcome == flows.OutcomeUnknown {
			row.state = Unknown
		}
		return row.update(ctx, tx)
	})
	if err == nil && late {
		l.checkpoint(ctx) // a reader that hinders it now does not hinder the next
	}
	return err
}

// flush writes the answers that wait.
func (l *Log) flush(ctx context.Context) error {
	l.mu.Lock()
	waiting := l.pending
	l.pending = nil
	l.mu.Unlock()
	if len(waiting) > 0 {
		l.wait(ctx) // an answer is worth it
	}
	for i, x := range waiting {
		if err := l.complete(ctx, x); err != nil {
			l.mu.Lock()
			l.pending = append(waiting[i:], l.pending...)
			l.mu.Unlock()
			return err
		}
	}
	return nil
}

// me names this instance, and makes it at the first send.
func (l *Log) me() (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.instance == nil {
		i, err := newInstance(l.o.Dir, l.o.Rand)
		if err != nil {
			return "", err
		}
		l.instance = i
	}
	return l.instance.id, nil
}

// left finds the windows that are gone and left something under way, with how many of it change something at a partner.
func (l *Log) left(ctx context.Context, q querier) (map[string]int, error) {
	rows, err := q.QueryContext(ctx, "SELECT owner, sum(flags & ? <> 0) FROM entry WHERE state = 'sending' GROUP BY owner", flagWrites)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	lives, left := map[string]bool{}, map[string]int{}
	for rows.Next() {
		var owner string
		var changes int
		if err := rows.Scan(&owner, &changes); err != nil {
			return nil, err
		}
		if !l.lives(owner, lives) {
			left[owner] = changes
		}
	}
	return left, rows.Err()
}

// sweep marks what windows that are gone left under way: nobody knows what became of it.
func (l *Log) sweep(ctx context.Context, tx *sql.Tx) error {
	left, err := l.left(ctx, tx)
	if err != nil {
		return err
	}
	for owner := range left {
		if err := abandon(ctx, tx, owner); err != nil {
			return err
		}
	}
	return nil
}

// abandon marks what one window left under way, and makes its words findable.
func abandon(ctx context.Context, tx *sql.Tx, owner string) error {
	rows, err := tx.QueryContext(ctx, "SELECT id FROM entry WHERE state = 'sending' AND owner = ?", owner)
	if err != nil {
		return err
	}
	ids, err := scanAll[int64](rows)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if _, err := tx.ExecContext(ctx, "UPDATE entry SET state = 'outcome unknown', outcome = 'outcome unknown' WHERE id = ?", id); err != nil {
			return err
		}
		if err := reindex(ctx, tx, id); err != nil {
			return err
		}
	}
	return nil
}

// sweepDead does the same outside of a send, when there is something to do.
func (l *Log) sweepDead(ctx context.Context) error {
	var left map[string]int
	err := l.read(ctx, func(b *base) (err error) {
		left, err = l.left(ctx, b.read)
		return err
	})
	if err != nil || len(left) == 0 {
		return err
	}
	return l.write(ctx, "written", func(_ *base, tx *sql.Tx) error { return l.sweep(ctx, tx) })
}

// refuse says no to an operation that is under way, and in production to a key that belongs to another body.
func (l *Log) refuse(ctx context.Context, tx querier, row row, x flows.Exchange, me string) error {
	if row.operation == "" {
		return nil
	}
	var id, started int64
	var owner string
	err := tx.QueryRowContext(ctx, "SELECT id, started, owner FROM entry WHERE operation = ? AND operation <> '' AND state = 'sending'", row.operation).Scan(&id, &started, &owner)
	if err == nil {
		where := "another window"
		if owner == me {
			where = "this window"
		}
		return &flows.Error{Kind: flows.KindUsage, Step: flows.StepResponse,
			Message: fmt.Sprintf("this operation is already being sent: entry %d, begun at %s in %s", id, time.UnixMicro(started).In(l.o.Now().Location()).Format("15:04:05"), where),
			Hint:    "wait for its answer; a new operation needs a new idempotency key"}
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if x.Production && x.Writes {
		return otherBody(ctx, tx, row)
	}
	return nil
}

// otherBody refuses a key that was used with another body before.
func otherBody(ctx context.Context, q querier, row row) error {
	if row.key == "" {
		return nil
	}
	var id int64
	var sum string
	err := q.QueryRowContext(ctx, "SELECT id, body_sum FROM entry WHERE operation = ? AND operation <> '' ORDER BY id LIMIT 1", row.operation).Scan(&id, &sum)
	if errors.Is(err, sql.ErrNoRows) || err == nil && (sum == row.bodySum || sum == "") {
		return nil
	}
	if err != nil {
		return err
	}
	return &flows.Error{Kind: flows.KindUsage, Step: flows.StepCanonical, Field: "idempotency_key",
		Message: fmt.Sprintf("the idempotency key %q belongs to another body, that of entry %d", row.key, id),
		Hint:    "use a new key for a new operation, or restore the body"}
}

// operation names what must not be under way twice: a key in its scope, or for a write without one, the request itself.
// Empty: it may be sent as often as one likes.
func operation(x flows.Exchange, bodySum string) string {
	if x.Purpose != flows.PurposeRequest {
		return ""
	}
	scope := []string{x.Provider, x.Environment, x.BaseURL, x.Profile}
	switch {
	case x.IdempotencyKey != "":
		scope = append(scope, "key", x.IdempotencyKey)
	case x.Writes:
		q := x.Signed.Request
		scope = append(scope, "request", q.Method, q.Path, q.Query, bodySum)
	default:
		return ""
	}
	sum := sha256.Sum256([]byte(strings.Join(scope, "\x00")))
	return hex.EncodeToString(sum[:])
}

// keyedSum is a hash of a body that tells nothing about a short body to who does not have the key.
func keyedSum(key, body []byte) string {
	h := hmac.New(sha256.New, key)
	io.WriteString(h, "body\x00")
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}
