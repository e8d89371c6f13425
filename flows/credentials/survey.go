package credentials

import (
	"context"
	"errors"
	"sync"

	"countersign/sign"
)

// Survey lists the fields of several queries, as List does. A keyring that fails is not asked again, so that one that
// hangs costs its time limit once; the error says why it failed, and is nil when it answered.
// The lists are whole all the same.
func (s *Store) Survey(ctx context.Context, queries []Query) ([][]Record, error) {
	rest := *s
	asked := &askedOnce{Keyring: s.Keyring}
	rest.Keyring = asked
	if s.Keyring == nil {
		asked.failed = trouble{ErrUnavailable, "no keyring is used"}
	}
	asked.Get(ctx, probe) // that it is not there is the answer that is hoped for
	lists := make([][]Record, len(queries))
	for i, q := range queries {
		lists[i] = rest.List(ctx, q)
	}
	return lists, asked.failed
}

// probe is an item that is never stored: no partner is called so.
const probe = "keyring/is/it/there"

// askedOnce is a keyring that is left alone after its first failure.
type askedOnce struct {
	Keyring
	mu     sync.Mutex
	failed error
}

func (k *askedOnce) Get(ctx context.Context, item string) (sign.Secret, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.failed != nil {
		return sign.Secret{}, k.failed
	}
	v, err := k.Keyring.Get(ctx, item)
	if err != nil && !errors.Is(err, ErrNotFound) {
		k.failed = err
	}
	return v, err
}
