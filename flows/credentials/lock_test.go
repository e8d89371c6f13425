package credentials

import (
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"
)

// A change waits for another instance, but not for ever: one that was stopped in the middle must not hang the screen.
func TestAHeldLockIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "config.toml")
		c, err := LoadConfig(path, []Partner{{ID: "acme", Environments: []string{"sandbox"}, Fields: []Field{{Name: "user"}}}})
		if err != nil {
			t.Fatal(err)
		}
		unlock, ok, err := tryLock(path + ".lock")
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		began := time.Now()
		var fault *ConfigError
		if err := c.Put("acme", "sandbox", "default", "user", "me"); !errors.As(err, &fault) || fault.Hint == "" {
			t.Errorf("got %v", err)
		}
		if waited := time.Since(began); waited != patience {
			t.Errorf("it waited %v", waited)
		}
		go func() {
			time.Sleep(time.Second)
			unlock()
		}()
		if err := c.Put("acme", "sandbox", "default", "user", "me"); err != nil {
			t.Errorf("the lock is free: %v", err)
		}
	})
}
