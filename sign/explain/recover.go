package explain

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"fmt"
	"math/big"
	"slices"

	"countersign/sign"
	"filippo.io/nistec"
)

// A signature (r, s) over a digest e fits two public keys, r⁻¹(s·R − e·G) for each R with x = r
// (SEC 1 section 4.1.6). Over the wrong string they are keys at random. When two requests have the same key among
// those of their candidate strings, that key made both signatures, and the strings are the ones that were signed.

// recoverer is a judge that never finds anything, but notes the keys that would fit each candidate.
type recoverer struct {
	search *search
	r      []byte
	minus  []byte              // (−r⁻¹) mod n
	parts  []*nistec.P256Point // (s·r⁻¹)·R for each R
	keys   map[[33]byte]recovered
}

// recovered is a key with the string that it fits.
type recovered struct {
	chain  []step
	digest [32]byte
	hit    hit
}

func newRecoverer(q *search, signature []byte) *recoverer {
	points := lifts(signature)
	if points == nil {
		return nil
	}
	n, _ := curve()
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	inverse := new(big.Int).ModInverse(r, n)
	factor := new(big.Int).Mod(new(big.Int).Mul(s, inverse), n)
	v := &recoverer{search: q, r: signature[:32], keys: map[[33]byte]recovered{}}
	v.minus = new(big.Int).Sub(n, inverse).FillBytes(make([]byte, 32))
	for _, p := range points {
		if part, err := nistec.NewP256Point().ScalarMult(p, factor.FillBytes(make([]byte, 32))); err == nil {
			v.parts = append(v.parts, part)
		}
	}
	return v
}

func (v *recoverer) levels() int        { return 0 }
func (v *recoverer) mistakes() []string { return nil }

func (v *recoverer) try(input []byte, _ int) ([][]step, int) {
	e := sha256.Sum256(input)
	n, _ := curve()
	scalar := new(big.Int).Mul(new(big.Int).SetBytes(e[:]), new(big.Int).SetBytes(v.minus))
	eG, err := nistec.NewP256Point().ScalarBaseMult(scalar.Mod(scalar, n).FillBytes(make([]byte, 32)))
	if err != nil {
		return nil, 1
	}
	for _, part := range v.parts {
		k := nistec.NewP256Point().Add(part, eG).BytesCompressed()
		if len(k) != 33 {
			continue
		}
		if _, ok := v.keys[[33]byte(k)]; !ok {
			var h hit
			for id, value := range v.search.value {
				h.signed[id] = slices.Clone(value)
			}
			h.signed[atContent] = slices.Clone(v.search.content)
			v.keys[[33]byte(k)] = recovered{v.search.chains(nil)[0], e, h}
		}
	}
	return nil, 1
}

// recoverKey looks for one key that made the signatures of this request and of an earlier one,
// with at most one mistake in each.
func (x *examination) recoverKey(q *search, targets []target, known bool) {
	mine := recoverAll(x, q, targets)
	if mine == nil {
		return
	}
	for i, c := range x.e.Earlier {
		if i == maxEarlier || x.meter.spent {
			return
		}
		other := recoverOther(x, normalised(c))
		if other == nil || bytes.Equal(other.r, mine.r) {
			continue // the same R fits the same keys for whatever string: that proves nothing
		}
		if key, a, b, ok := common(mine, other); ok && !bytes.Equal(a.digest[:], b.digest[:]) {
			x.tellRecovered(q, key, a, known)
			return
		}
	}
}

// recoverAll collects the keys of a request's candidates with no mistake and with one.
func recoverAll(x *examination, q *search, targets []target) *recoverer {
	if len(targets) == 0 {
		return nil
	}
	v := newRecoverer(q, targets[0].bytes)
	if v == nil {
		return nil
	}
	was := q.judge
	q.judge = v
	q.forget()
	q.run(0)
	q.run(1)
	q.judge = was
	return v
}

// recoverOther does the same for an earlier request.
func recoverOther(x *examination, c sign.Captured) *recoverer {
	value, ok := c.Get(sabikaSignature)
	if !ok {
		return nil
	}
	protected, segment := splitJWS(value)
	s := x.scene()
	s.r = c
	q := newSearch(s, nil, sabikaOrder...)
	q.axes = sabikaAxes(s, protected)
	return recoverAll(x, q, es256Targets(s, segment))
}

// common finds a key that fits both, with the fewest mistakes, the same ones in both unless one request does not show them.
func common(a, b *recoverer) (key [33]byte, mine, other recovered, ok bool) {
	for k, m := range a.keys {
		o, both := b.keys[k]
		if !both || len(m.chain) > 0 && len(o.chain) > 0 && !sameMoves(m.chain, o.chain) {
			continue
		}
		if !ok || len(m.chain)+len(o.chain) < len(mine.chain)+len(other.chain) {
			key, mine, other, ok = k, m, o, true
		}
	}
	return key, mine, other, ok
}

// tellRecovered reports the key.
func (x *examination) tellRecovered(q *search, compressed [33]byte, m recovered, known bool) {
	p, err := nistec.NewP256Point().SetBytes(compressed[:])
	if err != nil {
		return
	}
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), p.Bytes())
	if err != nil {
		return
	}
	unknown := &signingKeyMoves.moves[2]
	chain := append(slices.Clip(slices.Clone(m.chain)), step{move: unknown, note: "fingerprint " + sign.KeyFingerprint(public)})
	f := chainFinding(chain)
	f.Proof, f.covers = Proved, known || len(m.chain) > 0
	f.Steps = append(f.Steps, fmt.Sprintf("of all keys that fit this request and those that fit an earlier one, exactly this one fits both; it is not among the %d at hand", len(x.e.SigningKeys)))
	x.report.Findings = append(x.report.Findings, f)
	x.report.Signed = q.text(&m.hit)
	x.matched = map[string]bool{}
	for _, st := range chain {
		x.matched[st.move.id] = true
	}
}
