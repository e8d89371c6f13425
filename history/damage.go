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
	return l.use(fresh)
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
	for _, suffix := range []string{"-wal", "-shm", ""} { // the database last: without it nothing has happened yet
		if err := os.Rename(path+suffix, aside+suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			guard.Close()
			return nil, fmt.Errorf("%w; it cannot be put aside: %w", why, err)
		}
	}
	guard.Close()
	b, err := l.connect(ctx)
	if err != nil {
		return nil, err
	}
	saved, lost, err := l.salvage(ctx, b, aside)
	switch {
	case err != nil:
		l.notice(fmt.Sprintf("history was damaged; the old file is kept at %q, and nothing could be read from it", aside))
	case lost > 0:
		l.notice(fmt.Sprintf("history was damaged: %d of %d entries were recovered; the old file is kept at %q", saved, saved+lost, aside))
	default:
		l.notice(fmt.Sprintf("history was damaged: %d entries were recovered; the old file is kept at %q", saved, aside))
	}
	return b, nil
}
