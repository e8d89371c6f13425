package credentials

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// patience is how long a change waits for another instance that is changing the file. A change takes milliseconds.
const patience = 3 * time.Second

// lockPause is how long is waited between two looks at the lock.
const lockPause = 5 * time.Millisecond

// lock keeps other instances from changing the file until unlock is called. Without it two changes at the same moment
// would both begin with the same text, and the second would undo the first.
func (c *Config) lock() (unlock func(), err error) {
	if err := c.MakeDir(); err != nil {
		return nil, err
	}
	target := c.target()
	for waited := time.Duration(0); ; waited += lockPause {
		unlock, ok, err := tryLock(target + ".lock")
		switch {
		case err != nil:
			return nil, fmt.Errorf("cannot lock the configuration file %q, which stays as it was: %w", target, err)
		case ok:
			return unlock, nil
		case waited >= patience:
			return nil, &ConfigError{Path: c.path, Message: fmt.Sprintf("another program has been changing it for %v; nothing was changed", patience),
				Hint: "try again; if it goes on, look for a stopped instance of the program"}
		}
		time.Sleep(lockPause)
	}
}

// MakeDir makes the directory of the file, mode 0700, if it is not there yet.
func (c *Config) MakeDir() error {
	dir := filepath.Dir(c.target())
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("cannot make the directory of the configuration file, %q: %w", dir, bare(err))
	}
	return nil
}

// target is the file itself, where path is a symbolic link.
func (c *Config) target() string {
	if real, err := filepath.EvalSymlinks(c.path); err == nil {
		return real
	}
	return c.path
}
