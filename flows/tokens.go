package flows

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"time"

	"countersign/sign"
)

// Tokens keeps tokens in memory, one per partner, place, profile and credentials. Nothing is ever written.
// Only one request for the same token is under way at a time: a refresh token is good for one use.
type Tokens struct {
	mu    sync.Mutex
	slots map[string]*slot
}

// slot holds one token; turn has room for the one who may ask for another.
type slot struct {
	turn    chan struct{}
	token   *Token // guarded by Tokens.mu, as refused is
	refused bool   // the partner does not accept it any more; its refresh token may still be good
}

// NewTokens returns an empty cache.
func NewTokens() *Tokens { return &Tokens{slots: map[string]*slot{}} }

// take waits for the turn at a token. The caller must give it back.
func (t *Tokens) take(ctx context.Context, key string) (*slot, error) {
	t.mu.Lock()
	s := t.slots[key]
	if s == nil {
		s = &slot{turn: make(chan struct{}, 1)}
		t.slots[key] = s
	}
	t.mu.Unlock()
	select {
	case s.turn <- struct{}{}:
		return s, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *slot) give() { <-s.turn }

// in returns the token of a slot, and whether the partner still accepts it as far as is known.
func (t *Tokens) in(s *slot) (token *Token, accepted bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return s.token, s.token != nil && !s.refused
}

// put replaces the token of a slot; nil forgets it.
func (t *Tokens) put(s *slot, token *Token) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s.token, s.refused = token, false
}

// peek returns the token in memory that the partner accepts as far as is known, or nil. It waits for nobody, not even
// for somebody who is renewing it.
func (t *Tokens) peek(key string) *Token {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s := t.slots[key]; s != nil && !s.refused {
		return s.token
	}
	return nil
}

// current reports whether a token is the one in memory, accepted as far as is known, and not expired.
func (t *Tokens) current(key string, token *Token, now time.Time) bool {
	kept := t.peek(key)
	return kept != nil && kept.Access.Equal(token.Access) && !kept.Facts.Expired(now)
}

// refuse notes that the partner does not accept a token. One that has taken its place meanwhile is not touched.
func (t *Tokens) refuse(key string, token *Token) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if s := t.slots[key]; s != nil && s.token != nil && token != nil && s.token.Access.Equal(token.Access) {
		s.refused = true
	}
}

// DropAll forgets every token.
func (t *Tokens) DropAll() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.slots = map[string]*slot{}
}

// tokenKey tells tokens apart: partner, place, profile, the credentials and the certificate they were issued to.
// It is a hash, with the length before each part, so that it holds no secret and no two lists of parts are alike.
func (run Run) tokenKey() string {
	h := sha256.New()
	part := func(s sign.Secret) {
		binary.Write(h, binary.BigEndian, int64(s.Len())) // a hash takes whatever is written
		s.HashInto(h)
	}
	for _, public := range []string{run.Draft.Provider.ID, run.Base.Origin() + run.Base.Path, run.Draft.Profile, run.Loaded.Certificate.Thumbprint()} {
		part(sign.NewSecret(public))
	}
	for _, f := range run.Draft.Provider.Fields {
		part(run.Credentials[f.Name].Secret)
	}
	return string(h.Sum(nil))
}
