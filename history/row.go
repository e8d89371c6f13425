package history

import (
	"context"
	"database/sql"
	"strings"

	"countersign/flows"
	"countersign/sign/untrusted"
)

// row is an entry as it is written: the columns that are searched, the record, the body, the words.
type row struct {
	id        int64
	state     State
	owner     string
	operation string
	bodySum   string
	key       string
	code      string
	record    record
	path      string
	status    int
}

type querier interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}

// row masks an exchange and takes it apart.
func (l *Log) row(b *base, x flows.Exchange) row {
	m := newMasker(b.maskKey, x.Secrets)
	l.teach(m)
	r := row{record: m.take(x)}
	if x.Purpose == flows.PurposeRequest {
		r.bodySum = keyedSum(b.maskKey, wire(x.Signed.Request.Body))
	}
	r.operation = operation(x, r.bodySum)
	r.key = r.record.Key
	return r.fill()
}

// fill derives the columns from a record.
func (r row) fill() row {
	r.path = r.record.Request.Path.Raw() + r.record.Request.Query.Raw()
	if p := r.record.Response; p != nil {
		r.status = p.Status
		if p.Error != nil {
			r.code = p.Error.Code.Raw()
		}
	}
	if e := r.record.Error; e != nil && r.code == "" && e.Kind != string(flows.KindRefused) {
		r.code = e.Kind
	}
	return r
}

// insert writes a new entry and returns its number.
func (r row) insert(ctx context.Context, tx *sql.Tx) (int64, error) {
	p := r.record
	result, err := tx.ExecContext(ctx, `INSERT INTO entry (started, state, owner, operation, body_sum, purpose, provider, environment, profile,
		sample, method, host, path, outcome, idempotency_key, replay_of, flags) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)`,
		micros(p.Started), string(r.state), r.owner, r.operation, r.bodySum, p.Purpose, p.Provider, p.Environment, p.Profile,
		p.Sample, p.Request.Method, p.Request.Authority, r.path, p.Outcome, p.Key, p.ReplayOf, p.Flags)
	if err != nil {
		return 0, err
	}
	if r.id, err = result.LastInsertId(); err != nil {
		return 0, err
	}
	_, err = r.attach(ctx, tx)
	return r.id, err
}

// update writes how an entry ended, and its words.
func (r row) update(ctx context.Context, tx *sql.Tx) error {
	body, err := r.finish(ctx, tx)
	if err != nil {
		return err
	}
	return r.index(ctx, tx, body)
}

// finish writes how an entry ended. The row is made anew when it is gone: an answer is never dropped.
func (r row) finish(ctx context.Context, tx *sql.Tx) (string, error) {
	p := r.record
	_, err := tx.ExecContext(ctx, `INSERT INTO entry (id, started, state, operation, body_sum, purpose, provider, environment, profile,
		sample, method, host, path, status, code, outcome, idempotency_key, replay_of, flags, total) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
		ON CONFLICT (id) DO UPDATE SET state = excluded.state, status = excluded.status, code = excluded.code, outcome = excluded.outcome,
		flags = excluded.flags, total = excluded.total, owner = ''`,
		r.id, micros(p.Started), string(r.state), r.operation, r.bodySum, p.Purpose, p.Provider, p.Environment, p.Profile,
		p.Sample, p.Request.Method, p.Request.Authority, r.path, r.status, r.code, p.Outcome, p.Key, p.ReplayOf, p.Flags, p.Timing.Total.Microseconds())
	if err != nil {
		return "", err
	}
	return r.attach(ctx, tx)
}

// attach writes record and body. The body lies beside the record, byte for byte, so that opening a list never touches
// it. Words are written when the exchange has ended: to replace them costs far more than to write them, because the old
// ones are taken out of the file.
func (r row) attach(ctx context.Context, tx *sql.Tx) (string, error) {
	var body untrusted.Text
	if r.record.Response != nil {
		p := *r.record.Response
		body, p.Body = p.Body, untrusted.Text{}
		r.record.Response = &p
	}
	text, err := r.record.encode()
	if err != nil {
		return "", err
	}
	if _, err = tx.ExecContext(ctx, "INSERT OR REPLACE INTO record (id, version, json) VALUES (?, ?, ?)", r.id, r.record.Version, string(text)); err != nil {
		return "", err
	}
	if !body.Empty() {
		if _, err = tx.ExecContext(ctx, "INSERT OR REPLACE INTO body (id, bytes) VALUES (?, ?)", r.id, []byte(body.Raw())); err != nil {
			return "", err
		}
	}
	if _, err = tx.ExecContext(ctx, "UPDATE entry SET size = ? WHERE id = ?", len(text)+body.Len(), r.id); err != nil {
		return "", err
	}
	return body.Raw(), nil
}

// index writes the words of an entry, with what a person added to it.
func (r row) index(ctx context.Context, tx *sql.Tx, body string) error {
	var note, verdict, tags string
	err := tx.QueryRowContext(ctx, "SELECT note, verdict, coalesce((SELECT group_concat(tag, ' ') FROM tag WHERE tag.id = entry.id), '') FROM entry WHERE id = ?", r.id).Scan(&note, &verdict, &tags)
	if err != nil {
		return err
	}
	text := strings.Join([]string{searchable(r.record, body), note, verdict, tags}, "\n")
	_, err = tx.ExecContext(ctx, "INSERT OR REPLACE INTO words (rowid, path, text) VALUES (?, ?, ?)", r.id, r.path, text)
	return err
}

// Bounds of what is searched for words. A body is found by what stands at its beginning, where errors and
// identifiers are; a megabyte of it would make every search slower.
const (
	wordsOfBody  = 4 << 10
	wordsOfEntry = 16 << 10
)

// searchable is the text in which words are looked for.
func searchable(r record, body string) string {
	var b strings.Builder
	add := func(parts ...string) {
		for _, p := range parts {
			if p != "" && b.Len() < wordsOfEntry {
				b.WriteString(p[:min(len(p), wordsOfBody)])
				b.WriteByte('\n')
			}
		}
	}
	add(r.Provider, r.Environment, r.Profile, r.Sample, r.Purpose, r.Request.Method, r.Request.Authority, r.Key, r.Nonce, r.KeyID, r.ClientKey)
	if e := r.Error; e != nil {
		add(e.Message, e.Hint, e.Field)
	}
	add(r.Changed...)
	if t := r.Request.Body; t != nil {
		add(t.Text.Raw())
	}
	if p := r.Response; p != nil {
		if p.Error != nil {
			add(p.Error.Code.Raw(), p.Error.Message.Raw())
		}
		for _, h := range p.Header {
			add(h.Value.Raw())
		}
	}
	add(body)
	return strings.ToValidUTF8(b.String(), " ")
}
