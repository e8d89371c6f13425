package credentials

import (
	"context"
	"errors"
	"strings"
	"sync"

	"countersign/sign"
)

// Survey lists the fields of several queries, as List does. A keyring that fails is not asked again, so that one that
// hangs costs its time limit once; the error says why it failed, and is nil when it answered.
// The lists are whole all the same.
func (s *Store) Survey(ctx context.Context, queries []Query) ([][]Record, error) {
	rest, asked := s.askingOnce(ctx)
	lists := make([][]Record, len(queries))
	for i, q := range queries {
		lists[i] = rest.List(ctx, q)
	}
	return lists, asked.failed
}

// Secrets are the values of all secret fields of several queries, named by field, partner, environment and profile: what
// must not be in a file that leaves. A value that is missing is left out. The keyring is asked as by Survey.
func (s *Store) Secrets(ctx context.Context, queries []Query) (map[string]sign.Secret, error) {
	rest, asked := s.askingOnce(ctx)
	all := map[string]sign.Secret{}
	for _, q := range queries {
		values, _ := rest.Resolve(ctx, q) // what is missing cannot be in a file
		for _, f := range q.Fields {
			if v := values[f.Name].Secret; f.Secret && !v.Empty() {
				all[strings.Join([]string{f.Name, q.Provider, q.Environment, q.profile()}, " ")] = v
			}
		}
	}
	return all, asked.failed
}

// askingOnce is the store with a keyring that is left alone after its first failure, and was asked once.
func (s *Store) askingOnce(ctx context.Context) (Store, *askedOnce) {
	rest, asked := *s, &askedOnce{Keyring: s.Keyring}
	rest.Keyring = asked
	if s.Keyring == nil {
		asked.failed = trouble{ErrUnavailable, "no keyring is used"}
	}
	asked.Get(ctx, probe) // that it is not there is the answer that is hoped for
	return rest, asked
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
