package credentials

import (
	"context"
	"errors"
	"sync"

	"countersign/sign"
)

// Service is the name under which items are kept in the OS keyring.
const Service = "countersign"

// Keyring keeps secrets by item name. [OSKeyring] is the keyring of the operating system,
// [Memory] forgets when the program ends. Both are safe for concurrent use.
type Keyring interface {
	// Get fails with ErrNotFound when there is no such item.
	Get(ctx context.Context, item string) (sign.Secret, error)
	Set(ctx context.Context, item string, value sign.Secret) error
	// Delete fails with ErrNotFound when there is no such item.
	Delete(ctx context.Context, item string) error
}

// Why a keyring did not do what was asked. The errors that wrap these are one sentence each.
var (
	ErrNotFound    = errors.New("not in the keyring")
	ErrUnavailable = errors.New("no keyring")
	ErrLocked      = errors.New("keyring locked")
	ErrHanging     = errors.New("keyring not answering")
	ErrTooLarge    = errors.New("too large for the keyring")
)

// Item is the name of the keyring item of a field: provider/environment/profile/field.
// None of the parts holds a slash.
func Item(provider, environment, profile, field string) string {
	return provider + "/" + environment + "/" + profile + "/" + field
}

// Memory keeps secrets until the program ends. The zero Memory is empty and ready for use.
type Memory struct {
	mu    sync.Mutex
	items map[string]sign.Secret
}

// Get returns the item.
func (m *Memory) Get(_ context.Context, item string) (sign.Secret, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.items[item]
	if !ok {
		return sign.Secret{}, ErrNotFound
	}
	return v, nil
}

// Set keeps the item; it cannot fail.
func (m *Memory) Set(_ context.Context, item string, value sign.Secret) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.items == nil {
		m.items = map[string]sign.Secret{}
	}
	m.items[item] = value
	return nil
}

// Delete forgets the item.
func (m *Memory) Delete(_ context.Context, item string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.items[item]; !ok {
		return ErrNotFound
	}
	delete(m.items, item)
	return nil
}
