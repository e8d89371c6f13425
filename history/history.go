// Package history keeps every exchange with a partner: what was sent, what was signed, what came back, and what
// became of it. It finds an exchange again among a million, turns it into a draft, compares two of them, and writes
// a file that holds all the evidence and no secret.
//
// It is a ledger: the intent is on disk before the first byte leaves, and an exchange without an answer reads
// OUTCOME UNKNOWN, also after a crash. It never sends: a replay is a draft, and a person sends it.
//
// Secrets are masked before a row is written, never afterwards, because a database keeps what was deleted from it.
// Nothing is compressed: what is on disk can be searched for a secret with grep.
//
// Not a goal: to be a cache or to hold tokens. A record cannot be used to authenticate.
package history

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"slices"
	"sync"
	"time"

	"countersign/flows"
	"countersign/sign"
)

// Options say where history is and what it takes from outside. Now and Rand have real defaults.
type Options struct {
	Dir  string // directory of its own; made with mode 0700 when it is missing
	Now  func() time.Time
	Rand io.Reader

	// Busy bounds how long a write waits for another window; 0 means 5 s.
	Busy time.Duration
	// Keep bounds what is kept; the zero value keeps everything. [Log.Purge] and [Log.Upkeep] apply it, nothing else does.
	Keep Retention

	schema []string // migrations, for tests; nil: the real ones
}

// Log is the history of one directory. It implements [flows.Ledger]. It is safe for concurrent use, in one
// program and between several. Opening reads nothing: the file is opened at the first use.
type Log struct {
	o Options

	opening sync.Mutex      // held while the file is opened, upgraded or repaired, which can take long
	life    context.Context // ends with Close
	end     context.CancelFunc

	mu       sync.Mutex // guards what follows, for moments only: a screen waits for it
	base     *base      // nil: not opened yet
	notices  []string
	closed   bool
	live     map[string]flows.Exchange // sent in this process, with their secrets; see live.go
	liveIDs  []string                  // oldest first
	pending  []flows.Exchange          // answers that could not be recorded yet
	secrets  map[string]sign.Secret    // seen in this process, by name; what no export may hold
	instance *instance                 // nil: nothing was sent from here yet
	purged   bool                      // retention was applied by Upkeep
	waited   bool                      // the last opening waited for another window until it gave up
}

var _ flows.Ledger = (*Log)(nil)

// Open prepares the history in a directory. It touches no file: a broken or missing history must not keep the
// program from starting, and a large one must not slow it. Trouble is told by the first call that needs the file.
func Open(_ context.Context, o Options) (*Log, error) {
	if o.Dir == "" {
		return nil, errors.New("history has no directory")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Busy == 0 {
		o.Busy = 5 * time.Second
	}
	if o.schema == nil {
		o.schema = migrations
	}
	life, end := context.WithCancel(context.Background())
	return &Log{o: o, life: life, end: end, live: map[string]flows.Exchange{}, secrets: map[string]sign.Secret{}}, nil
}

// Status is what a person should know about the history itself.
type Status struct {
	Path     string
	ReadOnly string   // why nothing can be written; empty: it can
	Notices  []string // what happened to it, one sentence each: mended modes, damage, migration
	Schema   int
}

// Status opens the history if need be and describes it.
func (l *Log) Status(ctx context.Context) (Status, error) {
	if _, err := l.open(ctx); err != nil {
		return Status{Path: l.path()}, err
	}
	return l.Told(), nil
}

// Told is what Status says, as far as it is known without opening the history: for the end of a command, where nothing
// should be waited for.
func (l *Log) Told() Status {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := Status{Path: l.path(), Notices: append([]string(nil), l.notices...)}
	if b := l.base; b != nil {
		s.Path, s.ReadOnly, s.Schema = b.path, b.readOnly, b.version
	}
	return s
}

// Close writes what is still pending, moves the journal into the file and lets go of it.
// Exchanges that are under way in this process read OUTCOME UNKNOWN from then on.
func (l *Log) Close() error {
	ctx := context.Background()
	flushed := l.flush(ctx)
	l.end()
	l.opening.Lock() // whoever opens the file gives up now
	defer l.opening.Unlock()
	l.mu.Lock()
	b, i := l.base, l.instance
	l.base, l.instance, l.closed = nil, nil, true
	tidy := b != nil && b.tidies()
	l.mu.Unlock()
	var err error
	if b != nil {
		err = b.close(tidy)
	}
	if i != nil {
		i.release()
	}
	return errors.Join(flushed, err)
}

// notice keeps a sentence for [Log.Status], once.
func (l *Log) notice(s string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Contains(l.notices, s) {
		l.notices = append(l.notices, s)
	}
}
