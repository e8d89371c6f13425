package history

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
)

// Upkeep is what a person who starts the program should know about the history.
type Upkeep struct {
	Removed  int      // entries that [Options.Keep] took
	Unknown  int      // changes at a partner whose outcome is unknown: it acted or not, and nobody has said which
	ReadOnly string   // as in [Status]
	Notices  []string // as in [Status]
}

// Upkeep applies retention and looks for outcomes that are unknown, also those that a window left behind that was
// killed. It is for the time after the first frame. Where there is no history yet it makes none and returns zero.
// Retention is applied by the first call only: to sum a large history takes a while.
func (l *Log) Upkeep(ctx context.Context) (Upkeep, error) {
	if _, err := os.Lstat(l.path()); errors.Is(err, fs.ErrNotExist) {
		return Upkeep{}, nil
	}
	s, err := l.Status(ctx)
	if err != nil {
		return Upkeep{}, err
	}
	var up Upkeep
	if s.ReadOnly == "" && l.purgesFirst() {
		up.Removed, err = l.Purge(ctx)
	}
	var counted, failed error
	up.Unknown, counted = l.unknown(ctx)
	s, failed = l.Status(ctx) // once more: damage may have been met only now
	up.ReadOnly, up.Notices = s.ReadOnly, s.Notices
	return up, cmp.Or(err, counted, failed)
}

// purgesFirst is true once.
func (l *Log) purgesFirst() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	first := !l.purged
	l.purged = true
	return first
}

// unknown counts outcomes that are unknown. What a dead window left under way counts, although a history that cannot be
// written still says that it is being sent.
func (l *Log) unknown(ctx context.Context) (int, error) {
	n := 0
	err := l.read(ctx, func(b *base) error {
		left, err := l.left(ctx, b.read)
		if err != nil {
			return err
		}
		n = 0
		for _, changes := range left {
			n += changes
		}
		var told int
		err = b.read.QueryRowContext(ctx, "SELECT count(*) FROM entry WHERE outcome <> 'answered' AND outcome = 'outcome unknown' AND state = 'outcome unknown' AND flags & ?", flagWrites).Scan(&told)
		n += told
		return err
	})
	return n, err
}
