package history

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// replace puts a damaged base aside and a repaired one in its place.
func (l *Log) replace(ctx context.Context, b *base, why error) error {
	l.opening.Lock()
	defer l.opening.Unlock()
	l.mu.Lock()
	if l.base != b {
		l.mu.Unlock()
		return nil // somebody did it already
	}
	if b.write == nil || b.readOnly != "" {
		l.mu.Unlock()
		return why
	}
	l.base = nil
	l.mu.Unlock()
	b.retire()
	fresh, err := l.repair(context.WithoutCancel(ctx), why) // half a repair would not be gone on with
	if err != nil {
		return err
	}
	l.use(fresh)
	return nil
}

// repair moves the damaged file with its journal aside, begins a new one, and copies into it what can be read, row by
// row. Nothing is deleted. While another window has the file open it is left where it is: that window would go on
// writing into what was moved. The caller holds opening.
func (l *Log) repair(ctx context.Context, why error) (*base, error) {
	path, err := filepath.Abs(l.path())
	if err != nil {
		return nil, err
	}
	guard, err := l.takeGuard(ctx, filepath.Dir(path), true, 0)
	if err != nil {
		return nil, why
	}
	aside := path + ".damaged-" + l.o.Now().UTC().Format("20060102T150405.000000")
	err = putAside(path, aside)
	guard.Close()
	if err != nil {
		return nil, fmt.Errorf("%w; it cannot be put aside: %w", why, err)
	}
	kept := fmt.Sprintf("history was damaged; the old file is kept at %q", aside)
	b, err := l.connect(ctx)
	if err != nil {
		l.notice(kept)
		return nil, err
	}
	if b.write == nil { // another window began a new one, and the disk is full
		l.notice(kept)
		return b, nil
	}
	saved, lost, err := l.salvage(ctx, b, aside)
	switch {
	case err != nil && saved > 0:
		l.notice(fmt.Sprintf("history was damaged: %d entries were recovered, and then it could not be gone on; the old file is kept at %q", saved, aside))
	case err != nil:
		l.notice(fmt.Sprintf("history was damaged; the old file is kept at %q, and nothing could be read from it", aside))
	case lost > 0:
		l.notice(fmt.Sprintf("history was damaged: %d of %d entries were recovered; the old file is kept at %q", saved, saved+lost, aside))
	default:
		l.notice(fmt.Sprintf("history was damaged: %d entries were recovered; the old file is kept at %q", saved, aside))
	}
	return b, nil
}

// putAside renames a database with its journal: all of it, or nothing.
func putAside(path, aside string) error {
	suffixes := []string{"-wal", "-shm", ""} // the database last: a journal must not meet a new one
	for i, suffix := range suffixes {
		err := os.Rename(path+suffix, aside+suffix)
		if err == nil || errors.Is(err, os.ErrNotExist) {
			continue
		}
		for _, moved := range suffixes[:i] {
			os.Rename(aside+moved, path+moved)
		}
		return err
	}
	return nil
}
