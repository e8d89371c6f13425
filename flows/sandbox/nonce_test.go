package sandbox

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A nonce is accepted at most once while its timestamp could be, whatever order and moment requests come in, and even
// when the store is full.
func TestNonceSingleUse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		store := newNonces(rapid.IntRange(1, 4).Draw(t, "capacity"))
		now := moment
		accepted := make(map[string]time.Time)
		for range rapid.IntRange(1, 60).Draw(t, "requests") {
			now = now.Add(time.Duration(rapid.IntRange(0, 400).Draw(t, "pause")) * time.Second)
			nonce := fmt.Sprint("nonce-", rapid.IntRange(0, 6).Draw(t, "nonce"))
			if store.used(nonce) || !store.use(nonce, now, now.Add(2*sabikaWindow*time.Second)) {
				continue
			}
			if last, before := accepted[nonce]; before && now.Sub(last) <= 2*sabikaWindow*time.Second {
				t.Fatalf("%s accepted at %v and %v", nonce, last, now)
			}
			accepted[nonce] = now
			if len(store.until) > store.capacity {
				t.Fatalf("%d nonces in a store of %d", len(store.until), store.capacity)
			}
		}
	})
}

func TestNonceStoreRefusesWhenFull(t *testing.T) {
	s := startSabika(t)
	// The routes hold the imitation; its store is replaced by one that is full.
	full := newNonces(1)
	full.use("taken", moment, moment.Add(time.Hour))
	i := &sabika{desk: s.partners["sabika"].desk, nonces: full}
	c := &call{now: moment, event: &Event{}, request: &http.Request{Header: http.Header{"X-Nonce": {testNonce}}}}
	o := i.checkNonce(c)
	if o.answer == nil || o.answer.status != 503 {
		t.Errorf("outcome %+v", o)
	}
	c.now = moment.Add(2 * time.Hour)
	if o := i.checkNonce(c); o.answer != nil {
		t.Errorf("a store with room again: %+v", o.answer)
	}
	if o := i.checkNonce(c); o.answer == nil || o.answer.status != 401 {
		t.Errorf("the same nonce again: %+v", o)
	}
}

func TestRepeatsRefuseWhenFull(t *testing.T) {
	r := newRepeats(time.Hour)
	r.limit = 2
	for _, key := range []string{"a", "b"} {
		if !r.room(moment) {
			t.Fatal("no room for", key)
		}
		r.add(key, "p", answer{body: []byte("x")}, moment)
	}
	if r.room(moment.Add(time.Hour)) {
		t.Error("room for a third within the hour")
	}
	if !r.room(moment.Add(time.Hour+time.Second)) || len(r.byKey) != 0 || r.bytes != 0 {
		t.Errorf("after the hour: %d keys, %d bytes", len(r.byKey), r.bytes)
	}
}

func TestTokensAreBounded(t *testing.T) {
	tokens := newTokens()
	for i := range maxTokens + 1 {
		tokens.add(fmt.Sprint(i), &grant{expires: moment})
	}
	if len(tokens.issued) != maxTokens || tokens.find("0") != nil || tokens.find("1") == nil {
		t.Errorf("%d tokens, the oldest is %v", len(tokens.issued), tokens.find("0"))
	}
}
