package credentials

import (
	"context"
	"errors"
	"os"
	"runtime"
	"sync"
	"time"

	"countersign/sign"

	"github.com/zalando/go-keyring"
)

// OSKeyring is the keyring of the operating system: Secret Service, Keychain or Credential Manager.
//
// None of them bounds the time of a call: a locked one waits for a prompt that nobody may see, a stopped one
// for ever. So each call runs beside the program and is given up after a limit. At most one call is out:
// while one that was given up still hangs, further calls fail at once.
type OSKeyring struct {
	limit   time.Duration
	backend backend
	place   surroundings

	mu     sync.Mutex
	out    chan struct{} // closed when the call that is out returns; nil while none is
	gaveUp bool          // the call that is out passed the limit
}

var _ Keyring = (*OSKeyring)(nil)

// backend is a keyring without bounds.
type backend struct {
	get    func(service, item string) (string, error)
	set    func(service, item, value string) error
	delete func(service, item string) error
}

// NewOSKeyring returns the keyring of the operating system with a time limit for each call, 3 seconds being usual.
// It calls nobody yet.
func NewOSKeyring(limit time.Duration, getenv func(string) (string, bool)) *OSKeyring {
	exists := func(path string) bool {
		_, err := os.Stat(path)
		return err == nil
	}
	return newKeyring(limit,
		backend{keyring.Get, keyring.Set, keyring.Delete},
		surroundings{runtime.GOOS, os.Getuid(), getenv, exists})
}

func newKeyring(limit time.Duration, b backend, s surroundings) *OSKeyring {
	return &OSKeyring{limit: limit, backend: b, place: s}
}

// Get reads an item.
func (k *OSKeyring) Get(ctx context.Context, item string) (sign.Secret, error) {
	var value sign.Secret
	err := k.call(ctx, func() error {
		s, err := k.backend.get(Service, item)
		value = sign.NewSecret(s)
		return err
	})
	if err != nil {
		return sign.Secret{}, err
	}
	return value, nil
}

// Set writes an item. A value that the system cannot hold is refused with ErrTooLarge and the limit.
func (k *OSKeyring) Set(ctx context.Context, item string, value sign.Secret) error {
	if limit := k.place.limit(item); limit > 0 && value.Len() > limit {
		return tooLarge(value.Len(), limit)
	}
	return k.call(ctx, func() error {
		return k.backend.set(Service, item, value.Reveal()) // the keyring needs the value
	})
}

// Delete removes an item.
func (k *OSKeyring) Delete(ctx context.Context, item string) error {
	return k.call(ctx, func() error { return k.backend.delete(Service, item) })
}

// call runs do within the limit. When call fails, do may still be running, and what it writes must not be read.
func (k *OSKeyring) call(ctx context.Context, do func() error) error {
	if why := k.place.absent(); why != "" {
		return trouble{ErrUnavailable, why}
	}
	timer := time.NewTimer(k.limit)
	defer timer.Stop()
	out, err := k.enter(ctx, timer.C)
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() {
		err := guarded(do)
		k.mu.Lock()
		k.out = nil
		k.mu.Unlock()
		close(out)
		done <- err
	}()
	select {
	case err := <-done:
		return translate(err)
	case <-timer.C:
		k.mu.Lock()
		k.gaveUp = k.out == out
		k.mu.Unlock()
		return k.hanging()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// enter waits until no call is out and takes the place. It does not wait for a call that was given up.
func (k *OSKeyring) enter(ctx context.Context, limit <-chan time.Time) (chan struct{}, error) {
	for {
		k.mu.Lock()
		before, gaveUp := k.out, k.gaveUp
		if before == nil {
			k.out, k.gaveUp = make(chan struct{}), false
			defer k.mu.Unlock()
			return k.out, nil
		}
		k.mu.Unlock()
		if gaveUp {
			return nil, k.hanging()
		}
		select {
		case <-before:
		case <-limit:
			return nil, k.hanging()
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// guarded runs do; a panic in it, which a service that answers nonsense can cause, becomes an error.
func guarded(do func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("an answer that cannot be read")
		}
	}()
	return do()
}
