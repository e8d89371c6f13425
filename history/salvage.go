package history

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// salvage copies what can be read of a damaged database. It works on a copy: opening a database with a journal changes it.
func (l *Log) salvage(ctx context.Context, b *base, aside string) (saved, lost int, err error) {
	dir, err := os.MkdirTemp(filepath.Dir(aside), "salvage-")
	if err != nil {
		return 0, 0, err
	}
	defer os.RemoveAll(dir)
	work := filepath.Join(dir, fileName)
	for _, suffix := range []string{"", "-wal"} {
		if err := copyFile(work+suffix, aside+suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return 0, 0, err
		}
	}
	if err := padded(work); err != nil {
		return 0, 0, err
	}
	old := l.pool(work, 1, "_pragma=cell_size_check(ON)")
	defer old.Close()
	s := salvager{old: old, seen: map[int64]bool{}}
	s.save = func(rows []savedRow) error { return saveRows(ctx, b, rows) }
	if err := s.run(ctx); err != nil {
		return s.count, 0, err
	}
	var listed int64 // an index that is whole tells how many there were
	if old.QueryRowContext(ctx, "SELECT count(*) FROM entry INDEXED BY entry_provider").Scan(&listed) == nil && int(listed) > s.count {
		lost = int(listed) - s.count
	}
	return s.count, lost, nil
}

// savedRow is an entry as its columns.
type savedRow struct {
	id      int64
	columns []any
	version int
	json    string
	body    []byte
	tags    string
}

// entryColumns are the columns of table entry in the first schema; later ones have defaults.
var entryColumns = []string{"started", "state", "owner", "operation", "body_sum", "purpose", "provider", "environment", "profile", "sample", "method", "host",
	"path", "status", "code", "outcome", "idempotency_key", "replay_of", "flags", "total", "size", "note", "verdict", "resolution"}

// salvager reads a damaged table from its beginning, from its end, and point by point in between.
type salvager struct {
	old   *sql.DB
	save  func([]savedRow) error
	seen  map[int64]bool
	batch []savedRow
	count int
}

// Bounds of the search for entries one by one: as a whole, and without finding any.
const (
	maxProbes = 200_000
	maxMisses = 5_000
)

func (s *salvager) run(ctx context.Context) error {
	low, err := s.scan(ctx, "ASC")
	if err == nil {
		return s.flush()
	}
	high, err2 := s.scan(ctx, "DESC")
	if err2 != nil && high == 0 {
		high = low + maxProbes
	}
	misses := 0
	for id := low + 1; id < min(high, low+maxProbes) && misses < maxMisses && ctx.Err() == nil; id++ {
		if misses++; s.one(ctx, id) {
			misses = 0
		}
	}
	if err := s.flush(); err != nil {
		return err
	}
	if s.count == 0 {
		return err
	}
	return ctx.Err()
}

// scan reads in one direction until the damage, and returns the last entry that could be read.
func (s *salvager) scan(ctx context.Context, direction string) (last int64, err error) {
	rows, err := s.old.QueryContext(ctx, "SELECT id FROM entry ORDER BY id "+direction)
	if err != nil {
		return 0, err
	}
	var ids []int64
	for rows.Next() {
		var id int64
		if rows.Scan(&id) != nil {
			break
		}
		ids, last = append(ids, id), id
	}
	err = errors.Join(rows.Err(), rows.Close())
	for _, id := range ids {
		s.one(ctx, id)
	}
	return last, err
}

// one reads an entry with all that belongs to it, as far as it is whole. An entry without its record is lost:
// it is false then.
func (s *salvager) one(ctx context.Context, id int64) bool {
	if s.seen[id] {
		return true
	}
	v := savedRow{id: id, columns: make([]any, len(entryColumns))}
	into := make([]any, len(entryColumns))
	for i := range into {
		into[i] = &v.columns[i]
	}
	if s.old.QueryRowContext(ctx, "SELECT "+strings.Join(entryColumns, ", ")+" FROM entry WHERE id = ?", id).Scan(into...) != nil {
		return false
	}
	if s.old.QueryRowContext(ctx, "SELECT version, json FROM record WHERE id = ?", id).Scan(&v.version, &v.json) != nil {
		return false
	}
	s.old.QueryRowContext(ctx, "SELECT bytes FROM body WHERE id = ?", id).Scan(&v.body)                               // an entry without its body is better than none
	s.old.QueryRowContext(ctx, "SELECT coalesce(group_concat(tag, ' '), '') FROM tag WHERE id = ?", id).Scan(&v.tags) // likewise
	s.seen[id] = true
	s.batch = append(s.batch, v)
	if len(s.batch) >= purgeStep {
		s.flush()
	}
	return true
}

// flush writes a batch. Rows that the new database refuses, because damage made them something else, are left out one by one.
func (s *salvager) flush() error {
	batch := s.batch
	s.batch = nil
	if len(batch) == 0 {
		return nil
	}
	if err := s.save(batch); err == nil {
		s.count += len(batch)
		return nil
	}
	for _, v := range batch {
		err := s.save([]savedRow{v})
		if err == nil {
			s.count++
		} else if code := primary(err); code == sqliteFull || code == sqliteIO {
			return err
		}
	}
	return nil
}

// saveRows writes entries that were read from a damaged file.
func saveRows(ctx context.Context, b *base, rows []savedRow) error {
	tx, err := b.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	marks := strings.Repeat(", ?", len(entryColumns))
	for _, v := range rows {
		r, err := decodeRecord([]byte(v.json))
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO entry (id, "+strings.Join(entryColumns, ", ")+") VALUES (?"+marks+")", append([]any{v.id}, v.columns...)...); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO record (id, version, json) VALUES (?, ?, ?)", v.id, v.version, v.json); err != nil {
			return err
		}
		if len(v.body) > 0 {
			if _, err := tx.ExecContext(ctx, "INSERT INTO body (id, bytes) VALUES (?, ?)", v.id, v.body); err != nil {
				return err
			}
		}
		for _, t := range strings.Fields(v.tags) {
			if _, err := tx.ExecContext(ctx, "INSERT OR IGNORE INTO tag (tag, id) VALUES (?, ?)", t, v.id); err != nil {
				return err
			}
		}
		if err := (row{id: v.id, record: r}).fill().index(ctx, tx, string(v.body)); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// magic begins every database (sqlite.org/fileformat2.html, section 1.2).
const magic = "SQLite format 3\x00"

// padded gives a file its first bytes, without which SQLite takes it for something else, and one that was cut short the
// length that its header names; SQLite reads nothing of one that is shorter (section 1.3).
func padded(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	head := make([]byte, 32)
	if n, _ := f.ReadAt(head, 0); n < len(head) {
		return nil // no database; opening it says so
	}
	if string(head[:len(magic)]) != magic {
		if _, err := f.WriteAt([]byte(magic), 0); err != nil {
			return err
		}
	}
	page := int64(binary.BigEndian.Uint16(head[16:]))
	if page == 1 {
		page = 65536
	}
	whole := page * int64(binary.BigEndian.Uint32(head[28:]))
	info, err := f.Stat()
	if err != nil || whole <= info.Size() || whole > maxPadded {
		return err
	}
	return f.Truncate(whole)
}

// maxPadded keeps a damaged header from asking for a file that no history has.
const maxPadded = 1 << 36

// copyFile copies into a new file that only its owner reads.
func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
