package history

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// fileName is the database inside the directory.
const fileName = "history.db"

func (l *Log) path() string { return filepath.Join(l.o.Dir, fileName) }

// makePlace makes directory and file with modes that keep others out, before SQLite opens them: SQLite gives its
// journal the mode of the file. It refuses links, which would put the history where its owner does not look.
// Modes that are too open are mended; the sentences returned say so.
func makePlace(dir, path string) (fresh bool, notices []string, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return false, nil, err
	}
	note, err := tighten(dir, true)
	if err != nil {
		return false, nil, err
	}
	notices = appendNote(notices, note)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	switch {
	case err == nil:
		return true, notices, f.Close()
	case !errors.Is(err, fs.ErrExist):
		return false, notices, err
	}
	for _, p := range []string{path, path + "-wal", path + "-shm"} {
		note, err := tighten(p, false)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return false, notices, err
		}
		notices = appendNote(notices, note)
	}
	return false, notices, nil
}

// misplaced says what lies where history belongs and is none.
type misplaced string

func (m misplaced) Error() string { return string(m) }

// tighten checks what lies at a path and takes away what others may do with it.
func tighten(path string, dir bool) (string, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return "", err
	}
	switch mode := info.Mode(); {
	case mode&fs.ModeSymlink != 0:
		return "", misplaced(fmt.Sprintf("%q is a symbolic link; history is kept in a real file and directory only", path))
	case dir && !mode.IsDir():
		return "", misplaced(fmt.Sprintf("%q is no directory", path))
	case !dir && !mode.IsRegular():
		return "", misplaced(fmt.Sprintf("%q is no regular file", path))
	}
	want := fs.FileMode(0o600)
	if dir {
		want = 0o700
	}
	if !othersMay(info) {
		return "", nil
	}
	if err := os.Chmod(path, want); err != nil {
		return "", fmt.Errorf("%q can be read by others, and that cannot be changed: %w", path, err)
	}
	return fmt.Sprintf("%q could be read by others (mode %#o); its mode is %#o now", path, info.Mode().Perm(), want), nil
}

func appendNote(notes []string, s string) []string {
	if s == "" {
		return notes
	}
	return append(notes, s)
}
