package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// base is the opened database: one connection that writes, a few that read.
type base struct {
	path     string
	write    *sql.DB // nil when read-only
	read     *sql.DB
	guard    *os.File // locked, shared: nobody moves the file away under us
	version  int
	readOnly string
	maskKey  []byte
	busy     sync.RWMutex // read-held by each query; held while it is closed because another takes its place
	hasty    bool         // the last write waited for another window until it gave up; the next one does not wait
}

// open returns the database, opening it at the first call. A call that fails leaves nothing behind: the next one tries again.
func (l *Log) open(ctx context.Context) (*base, error) {
	if b, err := l.opened(); b != nil || err != nil {
		return b, err
	}
	l.opening.Lock()
	defer l.opening.Unlock()
	if b, err := l.opened(); b != nil || err != nil {
		return b, err
	}
	ctx, stop := l.untilClosed(ctx)
	defer stop()
	b, err := l.connect(ctx)
	l.mu.Lock()
	l.waited = errors.Is(err, errGuarded)
	l.mu.Unlock()
	if damaged(err) {
		b, err = l.repair(context.WithoutCancel(ctx), err) // half a repair would not be gone on with
	}
	if err != nil {
		return nil, l.trouble(err, "opened")
	}
	l.use(b)
	return b, nil
}

// opened is the database when it is open already; neither it nor an error: it is to be opened.
func (l *Log) opened() (*base, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, errClosed
	}
	return l.base, nil
}

// use makes a database the one that everybody works with. The caller holds opening, so the history is not closed meanwhile.
func (l *Log) use(b *base) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.base = b
}

// untilClosed ends ctx when the history is closed: an upgrade of a large one holds nobody up who wants to leave.
func (l *Log) untilClosed(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(l.life, cancel)
	return ctx, func() { stop(); cancel() }
}

var errClosed = errors.New("history is closed")

// connect opens the history, after it has brought one of an older schema up to date.
func (l *Log) connect(ctx context.Context) (*base, error) {
	patience, cancel := context.WithTimeout(ctx, l.patience())
	defer cancel()
	for {
		b, err := l.connectOnce(ctx) // waits while another window upgrades
		if !errors.Is(err, errOutdated) {
			return b, err
		}
		path, err := filepath.Abs(l.path())
		if err == nil {
			err = l.upgrade(ctx, path)
		}
		switch {
		case err == nil:
			continue
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case primary(err) == sqliteReadOnly:
			return l.connectReadOnly(ctx, path, cannotBeWritten(path), err)
		case isFull(err) || primary(err) == sqliteFull || noRoom(err):
			return l.connectReadOnly(ctx, path, noSpaceFor(path), err)
		case !errors.Is(err, errGuarded):
			return nil, err
		case patience.Err() != nil:
			return nil, l.upgradeHeldUp()
		}
		time.Sleep(guardPoll)
	}
}

// patience is how long an opening waits for another window. One that waited in vain is not followed by another that does:
// a command that asks for the history several times would stand still several times.
func (l *Log) patience() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waited {
		return 0
	}
	return l.o.Busy
}

// connectOnce makes place and file, takes the guard, and opens for writing; where that cannot be, for reading.
func (l *Log) connectOnce(ctx context.Context) (*base, error) {
	path, err := filepath.Abs(l.path())
	if err != nil {
		return nil, err
	}
	_, notices, err := makePlace(filepath.Dir(path), path)
	if err != nil {
		if errors.Is(err, fs.ErrPermission) || readOnlyFS(err) {
			return l.connectReadOnly(ctx, path, cannotBeWritten(filepath.Dir(path)), err)
		}
		return nil, err
	}
	for _, n := range notices {
		l.notice(n)
	}
	b := &base{path: path}
	if b.guard, err = l.takeGuard(ctx, filepath.Dir(path), false, l.patience()); errors.Is(err, fs.ErrPermission) || readOnlyFS(err) {
		return l.connectReadOnly(ctx, path, cannotBeWritten(filepath.Dir(path)), err)
	} else if err != nil {
		return nil, err
	}
	patience, cancel := context.WithTimeout(ctx, l.o.Busy)
	defer cancel()
	// two windows that begin a file at the same time exclude each other without waiting, when both turn WAL on
	for err = l.connectWrite(ctx, b); primary(err) == sqliteBusy && patience.Err() == nil; err = l.connectWrite(ctx, b) {
		b.closePools()
		time.Sleep(guardPoll)
	}
	if err != nil {
		b.close(b.tidies())
		switch code := primary(err); {
		case code == sqliteReadOnly || code == sqliteCantOpen:
			return l.connectReadOnly(ctx, path, cannotBeWritten(path), err)
		case code == sqliteFull || noRoom(err):
			return l.connectReadOnly(ctx, path, noSpaceFor(path), err)
		}
		return nil, err
	}
	return b, nil
}

func cannotBeWritten(path string) string { return fmt.Sprintf("%q cannot be written", path) }
func noSpaceFor(path string) string {
	return fmt.Sprintf("the disk is full, or has an error, where %q is", path)
}

// writer opens the one connection that writes.
func (l *Log) writer(path string) *sql.DB {
	journal := "WAL"
	if _, ok := networkFS(filepath.Dir(path)); ok {
		journal = "DELETE" // the shared memory of WAL does not work between machines
	}
	return l.pool(path, 1, "_txlock=immediate", "_pragma=journal_mode("+journal+")", "_pragma=synchronous(FULL)", "_pragma=secure_delete(ON)")
}

// connectWrite opens the file for writing, and makes it a history when it is empty. A file of a newer program is left as it
// is; one of an older program is errOutdated.
func (l *Log) connectWrite(ctx context.Context, b *base) error {
	if name, ok := networkFS(filepath.Dir(b.path)); ok {
		l.notice(fmt.Sprintf("history lies on %s: it is slower there, and only one machine may use it at a time", name))
	}
	b.write = l.writer(b.path)
	app, version, err := identify(ctx, b.write)
	if err != nil {
		return err
	}
	if app != 0 && app != applicationID || app == 0 && version != 0 {
		return misplaced(fmt.Sprintf("%q is a database of another program; it was left alone", b.path))
	}
	if version == 0 {
		if err := l.migrate(ctx, b.write); err != nil {
			return err
		}
		if _, version, err = identify(ctx, b.write); err != nil {
			return err
		}
	}
	if version < len(l.o.schema) {
		return errOutdated
	}
	if b.version = version; version > len(l.o.schema) {
		b.readOnly = newer(version, len(l.o.schema))
	}
	b.read = l.pool(b.path, 3, "_pragma=query_only(ON)")
	return l.readMaskKey(ctx, b)
}

func newer(version, known int) string {
	return fmt.Sprintf("history was written by a newer version of this program (schema %d, this one knows %d); it is shown, and nothing is changed", version, known)
}

// connectReadOnly opens what is there for reading, for a reason that is told. What cannot be read either is why.
func (l *Log) connectReadOnly(ctx context.Context, path, reason string, why error) (*base, error) {
	if info, err := os.Lstat(path); err != nil || info.Size() == 0 || !info.Mode().IsRegular() {
		return nil, why
	}
	b := &base{path: path, readOnly: reason + "; what it holds is shown, and nothing is added"}
	for _, mode := range []string{"mode=ro", "mode=ro&immutable=1"} { // a WAL database needs a writable directory even to be read, unless it is immutable
		b.read = l.pool(path, 2, mode)
		app, version, err := identify(ctx, b.read)
		if err == nil && app == applicationID {
			b.version = version
			if info, err := os.Stat(path + "-wal"); err == nil && info.Size() > 0 && strings.Contains(mode, "immutable") {
				l.notice("the newest entries may be missing: they are in a journal that cannot be read without writing")
			}
			return b, l.readMaskKey(ctx, b)
		}
		b.read.Close()
	}
	return nil, why
}

// pool opens connections that all have the same settings.
func (l *Log) pool(path string, n int, settings ...string) *sql.DB {
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path)}
	if !strings.HasPrefix(u.Path, "/") { // C:/...
		u.Path = "/" + u.Path
	}
	u.RawQuery = strings.Join(append([]string{
		fmt.Sprintf("_pragma=busy_timeout(%d)", l.o.Busy.Milliseconds()), "_pragma=temp_store(MEMORY)", "_pragma=foreign_keys(ON)", "_pragma=trusted_schema(OFF)",
	}, settings...), "&")
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		panic(err) // the driver is linked in: see the import
	}
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	return db
}

func (l *Log) readMaskKey(ctx context.Context, b *base) error {
	return b.read.QueryRowContext(ctx, "SELECT value FROM meta WHERE name = 'mask_key'").Scan(&b.maskKey)
}

// takeGuard locks the file that everybody who uses the history holds shared, and who moves or upgrades it holds alone.
func (l *Log) takeGuard(ctx context.Context, dir string, alone bool, patience time.Duration) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "history.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for wait := time.Duration(0); ; wait += guardPoll {
		ok, err := tryLock(f, alone)
		if ok {
			return f, nil
		}
		if err != nil || wait >= patience {
			f.Close()
			return nil, errors.Join(err, errGuarded)
		}
		select {
		case <-ctx.Done():
			f.Close()
			return nil, ctx.Err()
		case <-time.After(guardPoll):
		}
	}
}

// guardPoll is how often a busy guard is tried; there is no portable way to wait for it with a limit.
const guardPoll = 20 * time.Millisecond

var errGuarded = errors.New("another window is using or repairing history")

// haste makes a connection wait for other windows for a moment only.
const haste = "PRAGMA busy_timeout = 100;"

// tidies reports whether the file is left in order. The caller holds mu where others may write.
func (b *base) tidies() bool { return b.write != nil && b.readOnly == "" && b.version > 0 }

// close moves the journal into the file, if it is to be tidied, and lets go of everything.
func (b *base) close(tidy bool) error {
	if tidy {
		b.write.Exec(haste + "PRAGMA analysis_limit = 400; PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE)") // who is busy leaves the journal where it is
	}
	err := b.closePools()
	if b.guard != nil {
		err = errors.Join(err, b.guard.Close())
	}
	return err
}

// retire closes a database that another takes the place of, when the queries under way have ended: a connection that
// closes later would take the journal of the new file for its own, and delete it. Whoever comes late tries again.
func (b *base) retire() error {
	b.busy.Lock()
	defer b.busy.Unlock()
	return b.close(b.tidies())
}

// closePools leaves the pools where they are, closed: somebody may be about to read from them, and must get an error.
func (b *base) closePools() error {
	var err error
	for _, db := range []*sql.DB{b.write, b.read} {
		if db != nil {
			err = errors.Join(err, db.Close())
		}
	}
	return err
}
