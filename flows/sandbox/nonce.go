package sandbox

import "time"

// nonces remembers the nonces of requests whose signature verified, until their timestamp cannot be accepted any more.
// When it is full it refuses new ones: forgetting one early would let a captured request through again.
type nonces struct {
	capacity int
	until    map[string]time.Time
}

// maxNonces is enough for a hundred signed requests a second over the whole window.
const maxNonces = 1 << 16

func newNonces(capacity int) *nonces {
	return &nonces{capacity, make(map[string]time.Time)}
}

func (n *nonces) used(nonce string) bool {
	_, found := n.until[nonce]
	return found
}

// use remembers a nonce until a moment, and reports whether there was room. The caller has asked used before.
func (n *nonces) use(nonce string, now, until time.Time) bool {
	if len(n.until) >= n.capacity {
		n.forget(now)
	}
	if len(n.until) >= n.capacity {
		return false
	}
	n.until[nonce] = until
	return true
}

// forget drops what lies wholly in the past. It runs only when room is needed, so its cost is spread over many uses.
func (n *nonces) forget(now time.Time) {
	for nonce, until := range n.until {
		if now.After(until) {
			delete(n.until, nonce)
		}
	}
}
