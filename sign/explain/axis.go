package explain

import (
	"hash/maphash"
	"slices"

	"countersign/sign"
)

// The axes: the parts of a signing input that can each go wrong. The first eight are at the same time the
// markers that stand for them in a layout, so a layout is itself a byte string that mistakes can change.
const (
	atMethod  = 1 + iota
	atOrigin  // scheme and host in front of the path
	atPath    //
	atQuery   //
	atContent // the body in the form that atDigest says; no axis of its own
	atClock   //
	atSerial  // nonce or idempotency key
	atBody    // as a marker: the body as it is
)

// The axes that have no marker.
const (
	atDigest = 1 + atBody + iota // how the body enters
	atLayout
	atWrap  // what is put around the canonical string
	atOuter // what is done to the whole
	axes
)

// move is one way to go wrong on one axis: a row of a table. One of edit, print and apply says what it does;
// a row without any is a fact that is read off the request.
type move struct {
	id, title, how, fix string
	probe               string // a request that would show it
	rank                int
	stage               int // chains on one axis have rising stages, so that no order is tried twice
	only                []Scheme

	edit  func([]byte) []byte // nil: does not apply here
	print *printer
	apply func(s *scene, v []byte, yield yielder)
}

// schemes are the partners at whose requests a move of the table is tried.
func (m *move) schemes(t *table) []Scheme {
	if m.only != nil {
		return m.only
	}
	return t.schemes
}

// yielder takes one result of a move and a note that tells it from other results of the same move.
type yielder func(value []byte, note string)

// each calls yield with every result of the move on v.
func (m *move) each(s *scene, v []byte, yield yielder) {
	switch {
	case m.edit != nil:
		if out := m.edit(v); out != nil {
			yield(out, "")
		}
	case m.print != nil:
		if out := m.print.rewrite(v); out != nil {
			yield(out, "")
		}
	case m.apply != nil:
		m.apply(s, v, yield)
	}
}

// step is a move as it was made: which of its results, and the note of that.
type step struct {
	move *move
	nth  int
	note string
}

func (s step) String() string {
	if s.note == "" {
		return s.move.title
	}
	return s.move.title + ": " + s.note
}

// variant is a value that an axis can take, with the shortest chain of mistakes that leads to it.
type variant struct {
	value []byte // nil when it is too much to keep; axis.get makes it again
	steps []step
	ties  [][]step // other chains of the same length to the same value
}

// axis is one part with everything it can become, ordered by the number of mistakes.
type axis struct {
	base   []byte
	levels [][]variant
	most   int // the highest number of mistakes that is tried on this part

	tables []*table
	seen   map[uint64][2]int // hash of a value to its level and place
	kept   int
}

// keep bounds the bytes of values that an axis holds; what does not fit is made again when it is needed.
const keep = 4 << 20

// newAxis applies the moves of the tables to base, once; deepen does it again, most times in all.
func newAxis(s *scene, base []byte, most int, tables ...*table) axis {
	if base == nil {
		base = []byte{}
	}
	a := axis{base: base, levels: [][]variant{{{value: base}}}, most: most, tables: tables}
	a.seen = map[uint64][2]int{s.hash(base): {0, 0}}
	a.deepen(s, 1)
	return a
}

// deepen makes what the given number of mistakes leads to.
func (a *axis) deepen(s *scene, depth int) {
	for d := max(1, len(a.levels)); d <= min(depth, a.most) && !s.meter.spent; d++ {
		a.levels = append(a.levels, nil)
		for i := range a.levels[d-1] {
			a.grow(s, d, &a.levels[d-1][i])
			if !s.meter.look() {
				break
			}
		}
	}
}

// From large on the clock is asked before each move; a huge value gets only the moves that are cheap.
const large, huge = 64 << 10, 1 << 20

// grow adds to level d what one more move makes of from.
func (a *axis) grow(s *scene, d int, from *variant) {
	v := a.get(s, from)
	for _, t := range a.tables {
		for i := range t.moves {
			m := &t.moves[i]
			if !follows(from.steps, m) || !slices.Contains(m.schemes(t), s.scheme) || len(v) > huge && !m.cheap() {
				continue
			}
			if len(v) > large && !s.meter.look() {
				return
			}
			a.apply(s, d, from, v, m)
		}
	}
}

// apply adds the results of one move.
func (a *axis) apply(s *scene, d int, from *variant, v []byte, m *move) {
	nth := -1
	m.each(s, v, func(value []byte, note string) {
		nth++
		if len(value) > maxValue {
			return
		}
		chain := append(slices.Clip(slices.Clone(from.steps)), step{m, nth, note})
		h := s.hash(value)
		if at, ok := a.seen[h]; ok {
			if at[0] == d {
				a.tie(at, chain)
			}
			return
		}
		a.seen[h] = [2]int{d, len(a.levels[d])}
		w := variant{steps: chain}
		if a.kept += len(value); a.kept <= keep {
			w.value = append([]byte{}, value...)
		}
		a.levels[d] = append(a.levels[d], w)
	})
}

// cheap reports whether a move costs little even on a body of megabytes.
func (m *move) cheap() bool {
	return m.stage == stageReplaced || m.stage == stageNewline || m.stage == stageEnd
}

// maxValue bounds what a mistake may make of a part.
const maxValue = 8 << 20

// follows reports whether m may be made after the steps.
func follows(steps []step, m *move) bool {
	return len(steps) == 0 || steps[len(steps)-1].move.stage < m.stage
}

// tie notes another chain to a value of the same level.
func (a *axis) tie(at [2]int, chain []step) {
	v := &a.levels[at[0]][at[1]]
	if len(v.ties) < maxTies && !sameMoves(v.steps, chain) &&
		!slices.ContainsFunc(v.ties, func(t []step) bool { return sameMoves(t, chain) }) {
		v.ties = append(v.ties, chain)
	}
}

// maxTies bounds how many explanations of the same bytes are kept.
const maxTies = 24

func sameMoves(a, b []step) bool {
	return slices.EqualFunc(a, b, func(a, b step) bool { return a.move.id == b.move.id })
}

// get returns the value of a variant.
func (a *axis) get(s *scene, v *variant) []byte {
	if v.value != nil {
		return v.value
	}
	value := a.base
	for _, st := range v.steps {
		nth := -1
		var next []byte
		st.move.each(s, value, func(out []byte, _ string) {
			if nth++; nth == st.nth {
				next = append([]byte{}, out...)
			}
		})
		value = next
	}
	return value
}

// scene is what moves may look at besides the value that they change.
type scene struct {
	scheme Scheme
	e      *Evidence
	r      sign.Captured
	meter  *meter
	seed   maphash.Seed
}

func (s *scene) hash(b []byte) uint64 { return maphash.Bytes(s.seed, b) }
