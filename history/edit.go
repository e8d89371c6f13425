package history

import (
	"context"
	"database/sql"
	"fmt"
	"regexp"
	"strings"

	"countersign/flows"
)

// tagForm keeps tags apart from the blanks between them and from the words of the query language.
var tagForm = regexp.MustCompile(`^[\p{L}\p{N}][\p{L}\p{N}._/-]{0,63}$`)

// Tag adds tags to an entry and removes others. A tag is up to 64 letters, digits and . _ / -.
func (l *Log) Tag(ctx context.Context, id string, add, remove []string) error {
	for _, t := range add {
		if !tagForm.MatchString(t) {
			return &flows.Error{Kind: flows.KindUsage, Message: fmt.Sprintf("%q cannot be a tag", t), Hint: "a tag has letters, digits and . _ / -, up to 64, and begins with a letter or digit"}
		}
	}
	for _, t := range add {
		if masked, err := l.maskTyped(ctx, t); err != nil {
			return err
		} else if masked != t {
			return &flows.Error{Kind: flows.KindUsage, Message: "one of the tags is a secret or looks like one", Hint: "a tag is written as it stands; choose another word"}
		}
	}
	return l.change(ctx, id, func(tx *sql.Tx, n int64) error {
		for _, t := range add {
			if _, err := tx.ExecContext(ctx, "INSERT OR IGNORE INTO tag (tag, id) VALUES (?, ?)", t, n); err != nil {
				return err
			}
		}
		for _, t := range remove {
			if _, err := tx.ExecContext(ctx, "DELETE FROM tag WHERE tag = ? AND id = ?", t, n); err != nil {
				return err
			}
		}
		return nil
	})
}

// maxNote bounds what a person may write about an entry.
const maxNote = 16 << 10

// SetNote replaces the note of an entry. Secrets known to this process are masked in it.
func (l *Log) SetNote(ctx context.Context, id, note string) error {
	return l.setColumn(ctx, id, "note", note)
}

// SetVerdict keeps what an examination of the signature found, in a few sentences.
func (l *Log) SetVerdict(ctx context.Context, id, verdict string) error {
	return l.setColumn(ctx, id, "verdict", verdict)
}

// MarkResolved says what became of an entry whose outcome was unknown. It stays in history with what was written.
func (l *Log) MarkResolved(ctx context.Context, id, what string) error {
	if strings.TrimSpace(what) == "" {
		return &flows.Error{Kind: flows.KindUsage, Message: "a word on what happened is needed", Hint: "for example: the partner confirms that it was paid"}
	}
	if err := l.sweepDead(ctx); err != nil {
		return err
	}
	masked, err := l.maskTyped(ctx, what)
	if err != nil {
		return err
	}
	return l.change(ctx, id, func(tx *sql.Tx, n int64) error {
		result, err := tx.ExecContext(ctx, "UPDATE entry SET state = ?, resolution = ? WHERE id = ? AND state IN (?, ?)", string(Resolved), masked, n, string(Unknown), string(Resolved))
		if err != nil {
			return err
		}
		if changed, err := result.RowsAffected(); err != nil || changed > 0 {
			return err
		}
		return &flows.Error{Kind: flows.KindUsage, Message: fmt.Sprintf("the outcome of entry %d is not unknown", n)}
	})
}

// setColumn writes text of a person and makes its words findable.
func (l *Log) setColumn(ctx context.Context, id, column, s string) error {
	if len(s) > maxNote {
		return &flows.Error{Kind: flows.KindUsage, Message: fmt.Sprintf("the %s has %d bytes; %d are the most", column, len(s), maxNote)}
	}
	masked, err := l.maskTyped(ctx, s)
	if err != nil {
		return err
	}
	return l.change(ctx, id, func(tx *sql.Tx, n int64) error {
		_, err := tx.ExecContext(ctx, "UPDATE entry SET "+column+" = ? WHERE id = ?", masked, n)
		return err
	})
}

// maskTyped masks what a person wrote, who may have pasted a token.
func (l *Log) maskTyped(ctx context.Context, s string) (string, error) {
	b, err := l.open(ctx)
	if err != nil {
		return "", err
	}
	return string(newMasker(b.maskKey, l.knownSecrets()).outside("note", []byte(s))), nil
}

// change runs f on an entry that exists and brings its words up to date.
func (l *Log) change(ctx context.Context, id string, f func(*sql.Tx, int64) error) error {
	n, err := number(id)
	if err != nil {
		return err
	}
	return l.write(ctx, "written", func(_ *base, tx *sql.Tx) error {
		var state string
		err := tx.QueryRowContext(ctx, "SELECT state FROM entry WHERE id = ?", n).Scan(&state)
		if err == sql.ErrNoRows {
			return noEntry(n)
		}
		if err == nil {
			err = f(tx, n)
		}
		if err != nil || state == string(Sending) { // its words come when it has ended
			return err
		}
		return reindex(ctx, tx, n)
	})
}

// reindex writes the words of an entry anew.
func reindex(ctx context.Context, tx *sql.Tx, n int64) error {
	var text string
	var body []byte
	err := tx.QueryRowContext(ctx, "SELECT r.json, coalesce(substr(b.bytes, 1, ?), x'') FROM record AS r LEFT JOIN body AS b ON b.id = r.id WHERE r.id = ?", wordsOfBody, n).Scan(&text, &body)
	if err != nil {
		return err
	}
	r, err := decodeRecord([]byte(text))
	if err != nil {
		return err
	}
	return row{id: n, record: r}.fill().index(ctx, tx, string(body))
}

// Delete removes entries for good: what was deleted is overwritten in the file, and its journal is emptied. What is being
// sent is not deleted. Copies made before an upgrade and files that were exported stay.
func (l *Log) Delete(ctx context.Context, ids ...string) (int, error) {
	numbers := make([]int64, len(ids))
	for i, id := range ids {
		n, err := number(id)
		if err != nil {
			return 0, err
		}
		numbers[i] = n
	}
	if err := l.sweepDead(ctx); err != nil {
		return 0, err
	}
	deleted := 0
	err := l.write(ctx, "written", func(_ *base, tx *sql.Tx) error {
		deleted = 0
		for _, n := range numbers {
			var state string
			err := tx.QueryRowContext(ctx, "SELECT state FROM entry WHERE id = ?", n).Scan(&state)
			switch {
			case err == sql.ErrNoRows:
				return noEntry(n)
			case err != nil:
				return err
			case state == string(Sending):
				return &flows.Error{Kind: flows.KindUsage, Message: fmt.Sprintf("entry %d is being sent; it is not deleted", n)}
			}
			if _, err := tx.ExecContext(ctx, "DELETE FROM entry WHERE id = ?", n); err != nil {
				return err
			}
			deleted++
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	l.forget(ids)
	return deleted, l.checkpoint(ctx)
}

// checkpoint empties the journal, in which deleted rows would otherwise stand on.
func (l *Log) checkpoint(ctx context.Context) error {
	return l.read(ctx, func(b *base) error {
		if b.write == nil {
			return nil
		}
		_, err := b.write.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
		return err
	})
}

func (l *Log) forget(ids []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range ids {
		delete(l.live, id)
	}
}
