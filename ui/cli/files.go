package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// openFile opens a file that a person named.
func openFile(name string) (io.ReadCloser, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// reason is what a file error says, with the path in quotes.
func reason(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return fmt.Sprintf("%q: %s", p.Path, p.Err)
	}
	return err.Error()
}

// onDisk reports whether the system refused to read or write a file: trouble of this machine, not of what was typed.
func onDisk(err error) bool {
	var refused syscall.Errno
	return errors.As(err, &refused)
}

// tempDir makes a directory that only its owner can enter, and the function that removes it with all in it.
func (a *app) tempDir() (dir string, remove func(), err error) {
	dir, err = os.MkdirTemp(a.TempDir, "countersign-")
	if err != nil {
		return "", nil, local(err, "cannot make a directory for the sandbox's files: %s", reason(err))
	}
	return dir, func() { os.RemoveAll(dir) }, nil
}
