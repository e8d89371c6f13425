package explain

import (
	"bytes"
	"hash/maphash"
	"slices"
)

// judge knows what was received and tells whether a signing input gives it.
type judge interface {
	// levels is the highest number of mistakes that the judge makes by itself: with the key, with the algorithm.
	levels() int
	// try reports how input gives what was received when the judge makes exactly n mistakes by itself.
	// The endings are chains of the judge's own mistakes; what is merely decoded comes on top of n.
	try(input []byte, n int) (endings [][]step, tried int)
	// mistakes lists the ids of the mistakes that the judge tries by itself.
	mistakes() []string
}

// search goes through what the axes can become, fewest mistakes first.
type search struct {
	s     *scene
	judge judge
	axes  [axes]axis
	order []int // the axes that matter here, from the outermost loop to the innermost; atBody first

	pick    [axes]*variant
	value   [axes][]byte
	content []byte
	message []byte // buffers that are used again
	input   []byte

	seen map[uint64]sighting
	hits []hit
}

// sighting says with how many mistakes an input was first seen, and with how many of the judge's it was tried.
type sighting struct {
	steps  uint8
	judged uint8
}

// maxSeen bounds the memory of inputs; beyond it some are tried twice.
const maxSeen = 1 << 16

// hit is a chain that gives what was received, together with the chains that tie with it.
type hit struct {
	input  uint64
	judged int
	chain  []step
	ties   [][]step
	signed [axes][]byte
}

// newSearch prepares a search whose body is the outermost loop, so that a body is hashed once per form.
func newSearch(s *scene, j judge, order ...int) *search {
	return &search{s: s, judge: j, order: append([]int{atBody}, order...), seen: map[uint64]sighting{}}
}

// run tries everything with exactly total mistakes and reports whether something was found.
// For the judge's own mistakes the largest number comes first: there the strings are fewest.
func (q *search) run(total int) bool {
	for own := min(total, q.judge.levels()); own >= 0; own-- {
		q.descend(0, total-own, own)
		if q.s.meter.spent {
			break
		}
	}
	return len(q.hits) > 0
}

// descend chooses for the axis order[i] and those behind it, making exactly left mistakes.
func (q *search) descend(i, left, own int) {
	if i == len(q.order) {
		if left == 0 {
			q.leaf(own)
		}
		return
	}
	id := q.order[i]
	a := &q.axes[id]
	for d := 0; d <= left && d < len(a.levels); d++ {
		for k := range a.levels[d] {
			if q.s.meter.spent {
				return
			}
			v := &a.levels[d][k]
			q.pick[id], q.value[id] = v, a.get(q.s, v)
			if id == atBody || id == atDigest {
				q.content = nil
			}
			q.descend(i+1, left-d, own)
		}
	}
}

// leaf judges one candidate.
func (q *search) leaf(own int) {
	q.assemble()
	h := maphash.Bytes(q.s.seed, q.input)
	steps := uint8(0)
	for _, id := range q.order {
		steps += uint8(len(q.pick[id].steps))
	}
	before, known := q.seen[h]
	switch {
	case known && before.steps < steps:
		return // the same bytes with fewer mistakes
	case known && before.judged&(1<<own) != 0:
		q.tied(h, own)
		return
	case known || len(q.seen) < maxSeen:
		q.seen[h] = sighting{steps, before.judged | 1<<own}
	}
	endings, tried := q.judge.try(q.input, own)
	q.s.meter.count(tried)
	for _, ending := range endings {
		q.hit(h, own, ending)
	}
}

// assemble writes the candidate's signing input: layout, then wrapping, then what is done to the whole.
func (q *search) assemble() {
	if q.content == nil {
		q.content = content(q.value[atDigest], q.value[atBody])
	}
	q.message = q.expand(q.message[:0], q.value[atLayout])
	q.input = wrap(q.input[:0], q.value[atWrap], q.message)
	if len(q.value[atOuter]) > 0 {
		q.input = outer(q.value[atOuter][0], q.input)
	}
}

// expand replaces the markers of a layout.
func (q *search) expand(dst, layout []byte) []byte {
	for _, c := range layout {
		switch {
		case c == atContent:
			dst = append(dst, q.content...)
		case c >= atMethod && c <= atBody:
			dst = append(dst, q.value[c]...)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// hit keeps the present choice as an explanation, or as a tie of one with the same bytes.
func (q *search) hit(h uint64, own int, ending []step) {
	chains := q.chains(ending)
	for i := range q.hits {
		if q.hits[i].input == h || len(q.hits[i].chain) == len(chains[0]) {
			q.hits[i].ties = append(q.hits[i].ties, chains...)
			return
		}
	}
	n := hit{input: h, judged: own, chain: chains[0], ties: chains[1:]}
	for id := range q.value {
		n.signed[id] = slices.Clone(q.value[id])
	}
	n.signed[atContent] = slices.Clone(q.content)
	q.hits = append(q.hits, n)
}

// tied adds the present choice to an explanation with the same bytes.
func (q *search) tied(h uint64, own int) {
	for i := range q.hits {
		if t := &q.hits[i]; t.input == h && t.judged == own && len(t.ties) < maxTies {
			t.ties = append(t.ties, q.chains(t.own(own))...)
		}
	}
}

// own returns the judge's mistakes at the end of the chain.
func (h *hit) own(int) []step {
	i := len(h.chain)
	for i > 0 && judged(h.chain[i-1].move) {
		i--
	}
	return h.chain[i:]
}

// chains puts the choices of all axes into the order in which they were made, with every tie.
func (q *search) chains(ending []step) [][]step {
	all := [][]step{nil}
	for _, id := range madeIn {
		v := q.pick[id]
		if v == nil || len(v.steps) == 0 {
			continue
		}
		var next [][]step
		for _, way := range append([][]step{v.steps}, v.ties...) {
			for _, c := range all {
				if len(next) < maxTies {
					next = append(next, append(slices.Clip(slices.Clone(c)), way...))
				}
			}
		}
		all = next
	}
	for i := range all {
		all[i] = append(slices.Clip(all[i]), ending...)
	}
	return all
}

// madeIn is the order in which a client makes the parts.
var madeIn = []int{atMethod, atOrigin, atPath, atQuery, atBody, atDigest, atClock, atSerial, atLayout, atWrap, atOuter}

// base assembles the input without any mistake.
func (q *search) base() []byte {
	q.reset()
	q.assemble()
	return bytes.Clone(q.input)
}

// reset chooses the right value on every axis.
func (q *search) reset() {
	for id := range q.axes {
		q.pick[id], q.value[id] = nil, nil
		if len(q.axes[id].levels) > 0 {
			q.pick[id], q.value[id] = &q.axes[id].levels[0][0], q.axes[id].base
		}
	}
	q.content = nil
}

// forget drops what was tried, so that a judge with more mistakes of its own can look again.
func (q *search) forget() { clear(q.seen) }
