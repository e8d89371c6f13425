package history

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"countersign/flows"
)

// WriteFile writes an export where only its owner reads it: into a new file beside it, synced, and then renamed, so that
// a full disk or a crash leaves either the old file or the new one. A file that is there stays unless overwrite is true.
func WriteFile(path string, text []byte, overwrite bool) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return fileTrouble(path, err)
	}
	info, err := os.Lstat(path)
	switch {
	case err == nil && !overwrite:
		return &flows.Error{Kind: flows.KindUsage, Message: fmt.Sprintf("%q is there already", path), Hint: "choose another name, or ask for it to be overwritten", Err: fs.ErrExist}
	case err == nil && !info.Mode().IsRegular():
		return &flows.Error{Kind: flows.KindUsage, Message: fmt.Sprintf("%q is no regular file", path)}
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fileTrouble(path, err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".countersign-*") // mode 0600
	if err != nil {
		return fileTrouble(path, err)
	}
	defer os.Remove(f.Name()) // gone already when all went well
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fileTrouble(path, err)
	}
	if overwrite {
		err = os.Rename(f.Name(), path)
	} else if err = os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) { // a rename would overwrite what came meanwhile
		err = os.Rename(f.Name(), path) // a file system without links
	}
	if err != nil {
		return fileTrouble(path, err)
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes a new name durable where a directory can be synced.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return nil // it may be written but not read; the file is there
	}
	defer d.Close()
	d.Sync() // Windows and some network file systems refuse; the file itself is synced
	return nil
}

func fileTrouble(path string, err error) error {
	e := &flows.Error{Kind: flows.KindLocal, Message: fmt.Sprintf("%q cannot be written", path), Hint: "nothing was changed", Err: err}
	switch {
	case errors.Is(err, fs.ErrExist):
		e.Message += ": it is there already"
	case errors.Is(err, fs.ErrPermission):
		e.Message += ": you may not"
	case errors.Is(err, fs.ErrNotExist):
		e.Message += ": there is no such directory"
	case isFull(err):
		e.Message += ": the disk is full"
	case readOnlyFS(err):
		e.Message += ": the file system is read-only"
	}
	return e
}
