//go:build !windows

package history

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// tryLock takes a lock that the system releases when the process ends, however it ends.
// It is false when somebody else holds one that excludes it.
func tryLock(f *os.File, exclusive bool) (bool, error) {
	how := unix.LOCK_SH
	if exclusive {
		how = unix.LOCK_EX
	}
	for {
		switch err := unix.Flock(int(f.Fd()), how|unix.LOCK_NB); {
		case err == nil:
			return true, nil
		case errors.Is(err, unix.EWOULDBLOCK):
			return false, nil
		case !errors.Is(err, unix.EINTR):
			return false, err
		}
	}
}
