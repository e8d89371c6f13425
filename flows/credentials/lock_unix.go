//go:build !windows

package credentials

import (
	"errors"
	"os"
	"syscall"
)

// tryLock takes the lock on the file at path, which is made if need be, and reports false while another program has it.
// The system gives the lock back when the program ends, however it ends. The file stays: to remove it would let two
// programs hold locks on two files of one name.
func tryLock(path string) (unlock func(), ok bool, err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, false, bare(err)
	}
	switch err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); {
	case err == nil, errors.Is(err, errors.ErrUnsupported), errors.Is(err, syscall.ENOLCK): // some network file systems have no locks
		return func() { f.Close() }, true, nil
	case errors.Is(err, syscall.EWOULDBLOCK), errors.Is(err, syscall.EINTR):
		f.Close()
		return nil, false, nil
	default:
		f.Close()
		return nil, false, err
	}
}
