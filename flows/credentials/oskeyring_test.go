package credentials

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"countersign/sign"

	"github.com/zalando/go-keyring"
)

// desktop is a place with a session bus.
var desktop = surroundings{
	goos:   "linux",
	getenv: func(name string) (string, bool) { return "unix:path=/bus", name == "DBUS_SESSION_BUS_ADDRESS" },
	exists: func(string) bool { return false },
}

func TestAKeyringThatHangsIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		var calls atomic.Int32
		k := newKeyring(3*time.Second, backend{get: func(_, _ string) (string, error) {
			calls.Add(1)
			<-release
			return "value", nil
		}}, desktop)
		start := time.Now()
		_, err := k.Get(t.Context(), "a/b/c/d")
		if !errors.Is(err, ErrHanging) || !strings.Contains(err.Error(), "no answer in 3s") {
			t.Errorf("got %v", err)
		}
		if waited := time.Since(start); waited != 3*time.Second {
			t.Errorf("waited %v", waited)
		}
		start = time.Now()
		if _, err := k.Get(t.Context(), "a/b/c/d"); !errors.Is(err, ErrHanging) || time.Since(start) != 0 || calls.Load() != 1 {
			t.Errorf("while one call hangs, the next gave %v after %v, %d calls", err, time.Since(start), calls.Load())
		}
		close(release)
		synctest.Wait()
		if v, err := k.Get(t.Context(), "a/b/c/d"); err != nil || v.Reveal() != "value" {
			t.Errorf("when it answers again: %v", err)
		}
	})
}

func TestCallsWaitForEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out, most atomic.Int32
		k := newKeyring(3*time.Second, backend{get: func(_, _ string) (string, error) {
			most.Store(max(most.Load(), out.Add(1)))
			<-time.After(time.Second)
			out.Add(-1)
			return "v", nil
		}}, desktop)
		results := make(chan error)
		for range 4 {
			go func() {
				_, err := k.Get(t.Context(), "i")
				results <- err
			}()
		}
		late := 0
		for range 4 {
			if err := <-results; errors.Is(err, ErrHanging) {
				late++
			} else if err != nil {
				t.Error(err)
			}
		}
		if most.Load() != 1 || late > 2 {
			t.Errorf("%d calls at once, %d late", most.Load(), late)
		}
		synctest.Wait()
		<-time.After(time.Minute)
	})
}

// A person who stops waiting does not make the keyring a hanging one.
func TestACancelledCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newKeyring(3*time.Second, backend{get: func(_, _ string) (string, error) {
			<-time.After(2 * time.Second)
			return "v", nil
		}}, desktop)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := k.Get(ctx, "i"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		<-time.After(500 * time.Millisecond)
		if v, err := k.Get(t.Context(), "i"); err != nil || v.Reveal() != "v" {
			t.Errorf("the next call gave %v", err)
		}
	})
}

func TestAPanicBelowIsAnError(t *testing.T) {
	k := newKeyring(time.Minute, backend{delete: func(_, _ string) error {
		var none []any
		_ = none[0].(bool)
		return nil
	}}, desktop)
	if err := k.Delete(t.Context(), "i"); err == nil || !strings.Contains(err.Error(), "an answer that cannot be read") {
		t.Errorf("got %v", err)
	}
}

func TestNoCallWithoutABus(t *testing.T) {
	for _, c := range []struct {
		name   string
		goos   string
		env    map[string]string
		exists string
		want   string // part of the error; "" when the keyring is asked
	}{
		{name: "ssh", goos: "linux", want: "there is no session bus"},
		{name: "autolaunch", goos: "linux", env: map[string]string{"DBUS_SESSION_BUS_ADDRESS": "autolaunch:"}, want: "there is no session bus"},
		{name: "address", goos: "linux", env: map[string]string{"DBUS_SESSION_BUS_ADDRESS": "unix:path=/x"}},
		{name: "usual place", goos: "linux", exists: "/run/user/1000/bus"},
		{name: "another place", goos: "freebsd", env: map[string]string{"XDG_RUNTIME_DIR": "/tmp/rt"}, exists: "/tmp/rt/bus",
			want: `the session bus seems to be at "/tmp/rt/bus"`},
		{name: "macos", goos: "darwin"},
		{name: "windows", goos: "windows"},
	} {
		t.Run(c.name, func(t *testing.T) {
			asked := false
			k := newKeyring(time.Minute, backend{get: func(service, _ string) (string, error) {
				asked = service == "countersign"
				return "v", nil
			}}, surroundings{c.goos, 1000,
				func(n string) (string, bool) { v, ok := c.env[n]; return v, ok },
				func(p string) bool { return p == c.exists }})
			_, err := k.Get(t.Context(), "i")
			if asked != (c.want == "") {
				t.Errorf("asked: %v", asked)
			}
			if c.want != "" && (!errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// The limits are told before a value is handed over.
func TestLimits(t *testing.T) {
	const item = "sabika/production/default/signing_key"
	// On macOS the longest line of 4096 bytes takes 2994 without the quotes that are allowed for here.
	for goos, limit := range map[string]int{"windows": 2560, "darwin": 2988} {
		place := desktop
		place.goos = goos
		if place.limit(item) != limit {
			t.Errorf("%s: the limit is %d", goos, place.limit(item))
		}
		got := 0
		k := newKeyring(time.Minute, backend{set: func(_, _, v string) error { got = len(v); return nil }}, place)
		if err := k.Set(t.Context(), item, sign.NewSecret(strings.Repeat("x", limit))); err != nil || got != limit {
			t.Errorf("%s: %d bytes: %v", goos, limit, err)
		}
		err := k.Set(t.Context(), item, sign.NewSecret(strings.Repeat("x", limit+1)))
		if !errors.Is(err, ErrTooLarge) || got != limit || !strings.Contains(err.Error(), "bytes)") {
			t.Errorf("%s: one byte more: %v", goos, err)
		}
	}
}

func TestTranslate(t *testing.T) {
	for text, want := range map[string]error{
		"The name org.freedesktop.secrets was not provided by any .service files":             ErrUnavailable,
		"failed to unlock correct collection '/org/freedesktop/secrets/aliases/default'":      ErrLocked,
		"dial unix /nonexistent: connect: no such file or directory":                          ErrUnavailable,
		`exec: "dbus-launch": executable file not found in $PATH`:                             ErrUnavailable,
		"Cannot create an item in a locked collection: org.freedesktop.Secret.Error.IsLocked": ErrLocked,
		"dbus: connection closed by user":                                                     ErrUnavailable,
		"\x1b[8mnew":                                                                          ErrUnavailable,
	} {
		err := translate(errors.New(text))
		if !errors.Is(err, want) || strings.ContainsAny(err.Error(), "\x1b\n") {
			t.Errorf("%q: %v", text, err)
		}
	}
	if err := translate(keyring.ErrNotFound); err != ErrNotFound {
		t.Error(err)
	}
	if err := translate(keyring.ErrSetDataTooBig); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
	if translate(nil) != nil {
		t.Error("no error became one")
	}
}
