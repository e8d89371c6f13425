package history

import (
	"context"
	"errors"
)

// replace puts a damaged base aside and a repaired one in its place.
func (l *Log) replace(ctx context.Context, b *base, why error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.base != b {
		return nil // somebody did it already
	}
	b.close()
	l.base = nil
	fresh, err := l.repair(ctx, why)
	l.base = fresh
	return err
}

func (l *Log) repair(ctx context.Context, why error) (*base, error) {
	return nil, errors.Join(why)
}
