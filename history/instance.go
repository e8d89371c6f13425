package history

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// instance is this program among those that share a history. It holds a locked file of its own for as long as it
// lives; the system lets go of the lock when the process ends, also by kill -9, so that others can tell. A process
// number would not do: it is given to somebody else soon.
type instance struct {
	id   string
	file *os.File
}

const instanceSuffix = ".instance"

// newInstance makes and locks the file of this instance.
func newInstance(dir string, rand io.Reader) (*instance, error) {
	b := make([]byte, 8)
	if _, err := io.ReadFull(rand, b); err != nil {
		return nil, fmt.Errorf("there is no randomness to name this window with: %w", err)
	}
	i := &instance{id: hex.EncodeToString(b)}
	f, err := os.OpenFile(filepath.Join(dir, i.id+instanceSuffix), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if ok, err := tryLock(f, true); !ok {
		f.Close()
		return nil, fmt.Errorf("the file of this window cannot be locked: %w", errors.Join(err, errLocked))
	}
	i.file = f
	return i, nil
}

var errLocked = errors.New("another process holds it")

// release ends the instance. The file goes first, while its lock is held.
func (i *instance) release() {
	os.Remove(i.file.Name())
	i.file.Close()
}

// alive reports whether an instance still runs. One whose file is gone ended in order.
func alive(dir, id string) bool {
	if id == "" || strings.ContainsAny(id, `/\.`) {
		return false
	}
	f, err := os.Open(filepath.Join(dir, id+instanceSuffix)) // to read: also where nothing can be written it is to be told
	if errors.Is(err, fs.ErrNotExist) {
		return false
	}
	if err != nil {
		return true // cannot be told; a live one must not be declared dead
	}
	defer f.Close()
	ok, err := tryLock(f, false) // shared, so that two who look do not take each other for the owner
	if err != nil || !ok {
		return true
	}
	os.Remove(f.Name()) // the dead one cannot
	return false
}
