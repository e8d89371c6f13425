package explain

import (
	"bytes"
	"slices"
)

// hmacJudge tells whether a message, under any key and call, gives one of the digests that were received.
// It keeps the keyed state of every key, so a candidate costs its message and no key schedule.
type hmacJudge struct {
	keys    [][]key
	targets []target
	sum     []byte
}

// target is what was received, decoded in one way, with the mistakes that this way implies.
type target struct {
	bytes []byte
	steps []step
	lossy bool // the digest went through a text, where invalid bytes became U+FFFD
}

func (j *hmacJudge) levels() int { return len(j.keys) - 1 + 1 }

// try implements judge: of the n mistakes, at most one is the call's and the others are the key's.
func (j *hmacJudge) try(input []byte, n int) (endings [][]step, tried int) {
	for c := 0; c < len(calls) && c <= n; c++ {
		if n-c >= len(j.keys) {
			continue
		}
		for i := range calls[c] {
			how := &calls[c][i]
			if !j.wants(how.size) {
				continue
			}
			for k := range j.keys[n-c] {
				if !how.keyed && (n-c > 0 || k > 0) {
					break
				}
				tried++
				found := &j.keys[n-c][k]
				j.sum = how.sum(found, j.sum[:0], input)
				for t := range j.targets {
					if j.targets[t].is(j.sum) {
						endings = append(endings, chainsOf(found, how, &j.targets[t])...)
					}
				}
			}
		}
	}
	return endings, tried
}

// wants reports whether a digest of that size was received at all.
func (j *hmacJudge) wants(size int) bool {
	return slices.ContainsFunc(j.targets, func(t target) bool { return t.lossy || len(t.bytes) == size })
}

func (t *target) is(sum []byte) bool {
	if t.lossy {
		return bytes.Equal(t.bytes, asText(sum))
	}
	return bytes.Equal(t.bytes, sum)
}

// chainsOf lists the mistakes of key, call and encoding, with the ties of the key.
func chainsOf(k *key, how *call, t *target) [][]step {
	var all [][]step
	for _, steps := range append([][]step{k.steps}, k.ties...) {
		chain := slices.Clone(steps)
		if how.move != nil {
			chain = append(chain, step{move: how.move, note: how.note})
		}
		all = append(all, append(chain, t.steps...))
	}
	return all
}

// judged reports whether a mistake is the judge's own, not one of an axis.
func judged(m *move) bool {
	for _, t := range []*table{&keyMoves, &callMoves, &signingKeyMoves, &textMoves, &hmacForms, &es256Forms} {
		for i := range t.moves {
			if &t.moves[i] == m {
				return true
			}
		}
	}
	return false
}

// mistakes implements judge.
func (j *hmacJudge) mistakes() []string {
	var ids []string
	if len(j.keys) > 1 {
		for i := range j.keys[1] {
			ids = append(ids, j.keys[1][i].steps[0].move.id)
		}
	}
	for i := range calls[1] {
		if j.wants(calls[1][i].size) {
			ids = append(ids, calls[1][i].move.id)
		}
	}
	return append(ids, stepIDs(j.targets)...)
}

// stepIDs lists the mistakes that decoding implied.
func stepIDs(targets []target) []string {
	var ids []string
	for _, t := range targets {
		ids = append(ids, idsOf(t.steps)...)
	}
	return ids
}
