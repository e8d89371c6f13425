package sandbox

import "time"

// maxRepeats and maxRepeatBytes bound the idempotency keys of one partner and the answers kept for them. A full store
// refuses new keys: forgetting one early could execute a payment twice.
const (
	maxRepeats     = 4096
	maxRepeatBytes = 16 << 20
)

// repeats remembers what was answered under an idempotency key.
type repeats struct {
	keep  time.Duration
	limit int
	bytes int
	byKey map[string]repeat
}

type repeat struct {
	parameters string // what must be the same for a request to count as the same
	answer     answer
	until      time.Time
}

func newRepeats(keep time.Duration) *repeats {
	return &repeats{keep: keep, limit: maxRepeats, byKey: make(map[string]repeat)}
}

// find is the earlier request under this key, if it was within the time kept (the last moment included).
func (r *repeats) find(key string, now time.Time) (repeat, bool) {
	earlier, found := r.byKey[key]
	if found && now.After(earlier.until) {
		r.drop(key)
		return repeat{}, false
	}
	return earlier, found
}

// room reports whether one more key can be kept.
func (r *repeats) room(now time.Time) bool {
	if len(r.byKey) < r.limit && r.bytes < maxRepeatBytes {
		return true
	}
	for key, earlier := range r.byKey {
		if now.After(earlier.until) {
			r.drop(key)
		}
	}
	return len(r.byKey) < r.limit && r.bytes < maxRepeatBytes
}

func (r *repeats) add(key, parameters string, a answer, now time.Time) {
	r.byKey[key] = repeat{parameters, a, now.Add(r.keep)}
	r.bytes += len(a.body)
}

func (r *repeats) drop(key string) {
	r.bytes -= len(r.byKey[key].answer.body)
	delete(r.byKey, key)
}
