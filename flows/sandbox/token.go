package sandbox

import (
	"crypto/sha256"
	"time"
)

// maxTokens bounds the tokens of one partner. The oldest is forgotten first, which only ever refuses a request.
const maxTokens = 4096

// grant is a token as the partner remembers it.
type grant struct {
	refresh    bool
	claims     []byte // JSON; nil for opaque tokens
	expires    time.Time
	expired    bool   // by the expire switch, whatever the clock says
	spent      bool   // a refresh token that was used
	thumbprint string // cnf x5t#S256 (RFC 8705 section 3.1), when bound
	session    time.Time
}

func (g *grant) alive(now time.Time) bool { return !g.expired && now.Before(g.expires) }

// tokens holds what was issued, by hash, so that a lookup compares no secret byte by byte.
type tokens struct {
	issued map[[32]byte]*grant
	order  [][32]byte
}

func newTokens() *tokens { return &tokens{issued: make(map[[32]byte]*grant)} }

func (t *tokens) add(text string, g *grant) {
	if len(t.order) == maxTokens {
		delete(t.issued, t.order[0])
		t.order = append(t.order[:0:0], t.order[1:]...)
	}
	sum := sha256.Sum256([]byte(text))
	t.issued[sum] = g
	t.order = append(t.order, sum)
}

func (t *tokens) find(text string) *grant { return t.issued[sha256.Sum256([]byte(text))] }

// expire ends every token issued so far, or the access tokens only.
func (t *tokens) expire(now time.Time, accessOnly bool) {
	for _, g := range t.issued {
		if accessOnly && g.refresh || !g.alive(now) {
			continue
		}
		g.expired, g.expires = true, now
	}
}
