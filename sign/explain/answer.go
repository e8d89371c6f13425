package explain

import (
	"fmt"
	"slices"
	"strings"

	"countersign/sign"
)

// depths runs the rounds of a search, fewest mistakes first, and stops behind the first round that finds something.
func (x *examination) depths(q *search, most int) {
	for d := 1; d <= most; d++ {
		for id := range q.axes {
			q.axes[id].deepen(q.s, d)
		}
		found := q.run(d)
		if d == 1 && !x.meter.spent {
			x.exclude(q)
		}
		if found || x.meter.spent {
			return
		}
	}
}

// exclude notes every mistake that was tried alone.
func (x *examination) exclude(q *search) {
	for id := range q.axes {
		if a := &q.axes[id]; len(a.levels) > 1 {
			for _, v := range a.levels[1] {
				for _, way := range append([][]step{v.steps}, v.ties...) {
					x.test(way[0].move.id)
				}
			}
		}
	}
	for _, id := range q.judge.mistakes() {
		x.test(id)
	}
}

// answer turns what a search found into one finding: the likeliest chain, and the others that give the same bytes.
func (x *examination) answer(q *search, evidence string) {
	if len(q.hits) == 0 {
		return
	}
	var chains [][]step
	for _, h := range q.hits {
		chains = append(append(chains, h.chain), h.ties...)
	}
	x.report.Signed = q.text(&q.hits[0])
	if len(q.hits[0].chain) == 0 {
		x.checked("the signature itself is right; only the form in which it was sent is not")
		x.matched = map[string]bool{}
		return
	}
	x.tellChains(chains, evidence)
}

// tellChains makes one finding of chains that all give the same bytes.
func (x *examination) tellChains(chains [][]step, evidence string) {
	slices.SortStableFunc(chains, func(a, b []step) int {
		if len(a) != len(b) {
			return len(a) - len(b)
		}
		return likelihood(a) - likelihood(b)
	})
	least := len(chains[0])
	chains = slices.DeleteFunc(chains, func(c []step) bool { return len(c) > least })
	f := chainFinding(chains[0])
	for _, c := range chains[1:] {
		if id := strings.Join(idsOf(c), "+"); id != strings.Join(f.IDs(), "+") && !slices.Contains(f.Also, id) {
			f.Also = append(f.Also, id)
		}
	}
	if len(f.Also) > 0 {
		f.Separate = separating(chains)
	}
	f.Steps = append(f.Steps, evidence)
	f.Proof, f.covers = Proved, true
	x.report.Findings = append(x.report.Findings, f)
	if x.matched == nil {
		x.matched = map[string]bool{}
	}
	for _, c := range chains {
		for _, st := range c {
			x.matched[st.move.id] = true
		}
	}
}

// likelihood orders chains of the same length: what was seen more often comes first. A mistake with a line end alone
// comes before a library that happens to write the rest of the body as it was sent.
func likelihood(c []step) int {
	sum := 0
	for _, st := range c {
		switch body := layerOf(st.move.id) == "body"; {
		case body && st.move.stage == stageEnd:
		case body && st.move.stage == stageNewline:
			sum++
		default:
			sum += st.move.rank
		}
	}
	return sum
}

func idsOf(c []step) []string {
	ids := make([]string, len(c))
	for i, st := range c {
		ids[i] = st.move.id
	}
	return ids
}

// chainFinding tells a chain in words.
func chainFinding(c []step) Finding {
	f := Finding{ID: c[0].move.id, Layer: layerOf(c[0].move.id)}
	var titles, fixes []string
	for _, st := range c {
		f.rank += st.move.rank
		titles = append(titles, st.move.title)
		f.Steps = append(f.Steps, st.String())
		if !slices.Contains(fixes, st.move.fix) {
			fixes = append(fixes, st.move.fix)
		}
	}
	if len(c) > 1 {
		f.Chain = idsOf(c)
	}
	f.Title, f.Fix = titles[0], strings.Join(fixes, "; and ")
	switch n := len(titles); {
	case n == 2:
		f.Title += ", and another mistake was made with it"
	case n > 2:
		f.Title += fmt.Sprintf(", and %d more mistakes were made with it", n-1)
	}
	return f
}

// text rebuilds what was signed as a text whose bytes have origins.
func (q *search) text(h *hit) sign.Text {
	var b sign.Builder
	for _, c := range h.signed[atLayout] {
		switch {
		case c == atContent:
			b.Take(sign.Origin{Kind: contentKind(h.signed[atDigest])}, h.signed[atContent])
		case c >= atMethod && c <= atBody:
			if len(h.signed[c]) > 0 || c != atOrigin && c != atQuery {
				b.Take(q.s.origin(int(c)), h.signed[c])
			}
		default:
			b.Separator(string(c), "")
		}
	}
	return b.Text()
}

func contentKind(code []byte) sign.Kind {
	if code[0] == rawBody {
		return sign.Body
	}
	return sign.BodyHash
}

// origin is the origin of a part.
func (s *scene) origin(id int) sign.Origin {
	switch id {
	case atMethod:
		return sign.Origin{Kind: sign.Method}
	case atOrigin:
		return sign.Origin{Kind: sign.Authority}
	case atPath:
		return sign.Origin{Kind: sign.Path}
	case atQuery:
		return sign.Origin{Kind: sign.Query}
	case atClock:
		return sign.Origin{Kind: sign.Clock}
	case atSerial:
		if s.scheme == Jiko {
			return sign.Origin{Kind: sign.IdempotencyKey}
		}
		return sign.Origin{Kind: sign.Nonce}
	}
	return sign.Origin{Kind: sign.Body}
}

// canonical is the text as it should be signed: the right value on every axis.
func (q *search) canonical() sign.Text {
	q.reset()
	q.assemble()
	var h hit
	h.signed = q.value
	h.signed[atContent] = q.content
	return q.text(&h)
}

// tellShapes adds what can be read off the form of a signature, unless a proof says it already.
// It accounts for the refusal only when nothing could be recomputed: otherwise something else is wrong as well.
func (x *examination) tellShapes(t target, alone bool) {
	for _, st := range t.steps {
		proof := Certain
		if slices.Contains(byLength, st.move.id) {
			proof = Likely
		}
		if !x.found(st.move.id) {
			x.find(st.move.id, proof, alone, fmt.Sprintf("read so, the signature has the right length of %d bytes", len(t.bytes)))
		}
	}
}

// byLength are forms that nothing but the length tells: a signature that lost its end has it as well.
var byLength = []string{"signature-zero-lost", "signature-zero-added"}
