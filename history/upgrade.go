package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"countersign/flows"
)

// errOutdated says that a file has an older schema than this program writes.
var errOutdated = errors.New("history has an older schema")

// upgrade brings a file of an older schema up to date. It holds the guard alone: a window of an older program that has
// the file open could not write down the answer that it waits for, so the upgrade waits for that window, not the other
// way round. While somebody has the file open it is errGuarded. What was there before is copied first.
func (l *Log) upgrade(ctx context.Context, path string) error {
	guard, err := l.takeGuard(ctx, filepath.Dir(path), true, 0)
	if err != nil {
		return err
	}
	defer guard.Close()
	db := l.writer(path)
	defer db.Close()
	_, from, err := identify(ctx, db)
	if err != nil || from >= len(l.o.schema) { // another window was faster
		return err
	}
	backup := fmt.Sprintf("%s.version-%d-%s", path, from, l.o.Now().UTC().Format("20060102T150405"))
	if err := copyInto(ctx, db, backup); err != nil {
		return fmt.Errorf("it was not upgraded from schema %d to %d, because no copy of it could be made: %w", from, len(l.o.schema), err)
	}
	if err := l.migrate(ctx, db); err != nil {
		// as it was, also for who left and did not want to wait: a copy would be left at every start
		if _, version, told := identify(context.WithoutCancel(ctx), db); told == nil && version == from {
			os.Remove(backup)
		}
		return err
	}
	l.notice(fmt.Sprintf("history was upgraded from schema %d to %d; the old one is kept at %q", from, len(l.o.schema), backup))
	return nil
}

func (l *Log) upgradeHeldUp() error {
	return &flows.Error{Kind: flows.KindLocal, Err: errGuarded,
		Message: fmt.Sprintf("history cannot be opened: it must be upgraded to schema %d first, and another window has it open", len(l.o.schema)),
		Hint:    "close the windows that an older version of this program has open; nothing was changed"}
}

// migrate makes an empty file a history, or an older history a new one, in one transaction.
func (l *Log) migrate(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	_, from, err := identify(ctx, tx)
	if err != nil || from >= len(l.o.schema) { // another window was faster
		return err
	}
	for _, step := range l.o.schema[from:] {
		if _, err := tx.ExecContext(ctx, step); err != nil {
			return err
		}
	}
	if from == 0 {
		key := make([]byte, 32)
		if _, err := io.ReadFull(l.o.Rand, key); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO meta (name, value) VALUES ('mask_key', ?)", key); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, len(l.o.schema))); err != nil {
		return err
	}
	return tx.Commit()
}

// partialSuffix marks a copy that is being made. Under its own name stands only a whole one.
const partialSuffix = ".partial"

// copyInto makes a complete copy of the database, whatever interrupts it: it is written beside, synced, and renamed. The
// file is made first, because SQLite would make it readable for others. The caller holds the guard alone, so a copy that is
// only begun was left by a program that was killed, and goes.
func copyInto(ctx context.Context, db *sql.DB, path string) error {
	dir := filepath.Dir(path)
	left, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, f := range left {
		name := strings.TrimSuffix(f.Name(), "-journal") // of SQLite, beside the copy
		if !strings.HasPrefix(name, fileName+".version-") || !strings.HasSuffix(name, partialSuffix) {
			continue
		}
		if err := os.Remove(filepath.Join(dir, f.Name())); err != nil {
			return err
		}
	}
	partial := path + partialSuffix
	f, err := os.OpenFile(partial, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer os.Remove(partial) // gone already when all went well
	defer os.Remove(partial + "-journal")
	defer f.Close()
	if _, err = db.ExecContext(ctx, "VACUUM INTO ?", partial); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil { // Windows renames no open file
		return err
	}
	if err = os.Rename(partial, path); err != nil {
		return err
	}
	return syncDir(dir)
}
