package history

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"countersign/flows"
	"countersign/sign/untrusted"

	"modernc.org/sqlite"
)

// SQLite's primary result codes that a person is told about (sqlite.org/rescode.html).
const (
	sqliteBusy     = 5
	sqliteLocked   = 6
	sqliteReadOnly = 8
	sqliteIO       = 10
	sqliteCorrupt  = 11
	sqliteFull     = 13
	sqliteCantOpen = 14
	sqliteNotADB   = 26
)

// primary is the primary result code of an error of SQLite, or 0.
func primary(err error) int {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return 0
	}
	return e.Code() & 0xff
}

// The extended result codes of shared memory that cannot be made or enlarged: a full disk, when nothing else is wrong.
const (
	sqliteShmOpen = sqliteIO | 18<<8
	sqliteShmSize = sqliteIO | 19<<8
)

// noRoom reports whether the shared memory beside the file could not be made.
func noRoom(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && (e.Code() == sqliteShmOpen || e.Code() == sqliteShmSize)
}

// damaged reports whether the file itself is broken.
func damaged(err error) bool {
	code := primary(err)
	return code == sqliteCorrupt || code == sqliteNotADB
}

func readOnlyFS(err error) bool { return errors.Is(err, syscall.EROFS) }

func isFull(err error) bool { return errors.Is(err, syscall.ENOSPC) }

// trouble says in one sentence what is wrong with the history; doing is a participle, "written".
// An error that is meant for a person already stays as it is.
func (l *Log) trouble(err error, doing string) error {
	var told *flows.Error
	if err == nil || errors.As(err, &told) {
		return err
	}
	e := &flows.Error{Kind: flows.KindLocal, Err: err}
	code := primary(err)
	var file *fs.PathError
	var other misplaced
	switch {
	case code == sqliteFull || isFull(err):
		e.Message = fmt.Sprintf("history cannot be %s: the disk is full", doing)
		e.Hint = "free about 10 MB elsewhere first; even deleting from history needs room"
	case code == sqliteReadOnly || readOnlyFS(err) || errors.Is(err, fs.ErrPermission):
		e.Message = fmt.Sprintf("history cannot be %s: %q is read-only for you", doing, l.o.Dir)
		e.Hint = "check the owner and the mode of the directory, or choose another"
	case code == sqliteBusy || code == sqliteLocked || errors.Is(err, errGuarded):
		e.Message = fmt.Sprintf("history cannot be %s: another window is upgrading or using it", doing)
		e.Hint = "wait a moment; if it stays, look for a window that hangs"
	case noRoom(err):
		e.Message = fmt.Sprintf("history cannot be %s: no memory file can be made beside %q; the disk is full, or has an error", doing, l.path())
		e.Hint = "free about 10 MB first; if there is room, check the disk before you trust what it holds"
	case code == sqliteIO:
		e.Message = fmt.Sprintf("history cannot be %s: the disk reports an error (%s)", doing, untrusted.From(err.Error()))
		e.Hint = "check the disk before you trust what it holds"
	case damaged(err):
		e.Message = fmt.Sprintf("history cannot be %s: %q is damaged", doing, l.path())
		e.Hint = "close every other window; the next start keeps the damaged file and saves what can be read from it"
	case code == sqliteCantOpen:
		e.Message = fmt.Sprintf("history cannot be %s: %q cannot be opened", doing, l.path())
		e.Hint = "check the owner and the mode of the file"
	case errors.As(err, &other):
		e.Message = fmt.Sprintf("history cannot be %s: %s", doing, other)
		e.Hint = "move it away, or name another place with XDG_STATE_HOME; nothing was changed"
	case errors.As(err, &file):
		e.Message = fmt.Sprintf("history cannot be %s: %q: %s", doing, file.Path, file.Err)
		e.Hint = fmt.Sprintf("history belongs in %q; XDG_STATE_HOME names another place", l.o.Dir)
	default:
		e.Message = fmt.Sprintf("history cannot be %s: %s", doing, untrusted.From(err.Error()))
	}
	return e
}
