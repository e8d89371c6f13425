package explain

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"fmt"
	"math/big"
	"slices"

	"filippo.io/nistec"
)

// signingKeyMoves are mistakes with the key of a signature.
var signingKeyMoves = table{"key", jws, byRecomputing, []move{
	{id: "wrong-signing-key", rank: 37,
		title: "another key at hand made the signature, not the registered one",
		how:   "every public key of every profile", probe: "any request",
		fix: "sign with the private key whose public half the partner has registered for this environment"},
	{id: "mtls-key-used", rank: 37,
		title: "the key of the client certificate made the signature",
		how:   "the public key of the client certificate", probe: "any request",
		fix: "sign with the signing key; the certificate's key is for TLS"},
	{id: "unknown-signing-key", rank: 37,
		title: "a key that is not at hand made the signature",
		how:   "the public keys that fit are recovered from two requests; one key fits both", probe: "any two requests",
		fix: "find the private key with this public half, or register that half with the partner"},
	{id: "signature-is-hash", rank: 59,
		title: "a plain SHA-256 hash was sent where an ES256 signature belongs",
		how:   "SHA-256 of the signing input", probe: "any request",
		fix: "sign with the private key: sign('sha256', input, {key, dsaEncoding: 'ieee-p1363'})"},
}}

// es256Judge tells whether a signing input fits a received signature under a key at hand.
//
// ecdsa.Verify computes (e·G + r·Q)/s and compares x with r. For a fixed signature (r, s) and key Q that holds only
// when e·G = s·R − r·Q for one of the points R with x = r. The right side is computed once; a candidate
// then costs one multiplication of the base point, and Verify has the last word.
type es256Judge struct {
	fits   map[[32]byte][]fit
	hashes []target // 32 bytes in place of a signature
}

// fit is a signature, a key and the mistakes that they imply.
type fit struct {
	signature []byte
	key       *ecdsa.PublicKey
	steps     []step
}

// candidateKey is a public key with the mistakes that its use implies.
type candidateKey struct {
	key   *ecdsa.PublicKey
	steps []step
}

func newES256Judge(targets []target, keys []candidateKey) *es256Judge {
	j := &es256Judge{fits: map[[32]byte][]fit{}}
	for _, t := range targets {
		for _, k := range keys {
			f := fit{t.bytes, k.key, append(slices.Clip(slices.Clone(k.steps)), t.steps...)}
			for _, x := range fittingPoints(t.bytes, k.key) {
				j.fits[x] = append(j.fits[x], f)
			}
		}
	}
	return j
}

// levels implements judge: keys and encodings cost nothing here, so they come with every candidate.
func (j *es256Judge) levels() int { return 0 }

// try implements judge.
func (j *es256Judge) try(input []byte, _ int) (endings [][]step, tried int) {
	e := sha256.Sum256(input)
	for _, t := range j.hashes {
		if bytes.Equal(t.bytes, e[:]) {
			endings = append(endings, append([]step{{move: &signingKeyMoves.moves[3]}}, t.steps...))
		}
	}
	if len(j.fits) == 0 {
		return endings, 1
	}
	p, err := nistec.NewP256Point().ScalarBaseMult(e[:])
	if err != nil {
		return endings, 1
	}
	x, err := p.BytesX()
	if err != nil {
		return endings, 1
	}
	for _, f := range j.fits[[32]byte(x)] {
		if verifies(f.key, e[:], f.signature) {
			endings = append(endings, f.steps)
		}
	}
	return endings, 1
}

// verifies is the last word on a digest, a signature of 64 bytes and a key.
func verifies(key *ecdsa.PublicKey, digest, signature []byte) bool {
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	return ecdsa.Verify(key, digest, r, s)
}

// order is the number of points of P-256, prime its field.
func curve() (n, p *big.Int) {
	params := elliptic.P256().Params()
	return params.N, params.P
}

// lifts returns the points whose x is r modulo the order: two, or with a probability of 2^-128 four.
func lifts(signature []byte) []*nistec.P256Point {
	n, p := curve()
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	if r.Sign() == 0 || s.Sign() == 0 || r.Cmp(n) >= 0 || s.Cmp(n) >= 0 {
		return nil
	}
	var points []*nistec.P256Point
	for x := r; x.Cmp(p) < 0; x = new(big.Int).Add(x, n) {
		for _, parity := range []byte{2, 3} {
			b := append([]byte{parity}, x.FillBytes(make([]byte, 32))...)
			if point, err := nistec.NewP256Point().SetBytes(b); err == nil {
				points = append(points, point)
			}
		}
	}
	return points
}

// fittingPoints returns the x of s·R − r·Q for each R.
func fittingPoints(signature []byte, key *ecdsa.PublicKey) [][32]byte {
	n, _ := curve()
	raw, err := key.Bytes()
	if err != nil {
		return nil
	}
	q, err := nistec.NewP256Point().SetBytes(raw)
	if err != nil {
		return nil
	}
	minusR := new(big.Int).Sub(n, new(big.Int).SetBytes(signature[:32]))
	if minusR.Sign() <= 0 {
		return nil
	}
	rq, err := nistec.NewP256Point().ScalarMult(q, minusR.FillBytes(make([]byte, 32)))
	if err != nil {
		return nil
	}
	var all [][32]byte
	for _, point := range lifts(signature) {
		t, err := nistec.NewP256Point().ScalarMult(point, signature[32:])
		if err != nil {
			continue
		}
		if x, err := t.Add(t, rq).BytesX(); err == nil && !slices.Contains(all, [32]byte(x)) {
			all = append(all, [32]byte(x))
		}
	}
	return all
}

// candidateKeys lists the keys at hand: the registered one, others, that of the certificate.
func candidateKeys(e *Evidence) (keys []candidateKey, right *NamedKey) {
	seen := map[string]bool{}
	add := func(k *ecdsa.PublicKey, steps ...step) bool {
		if k == nil || k.Curve != elliptic.P256() {
			return false
		}
		raw, err := k.Bytes()
		if err != nil || seen[string(raw)] {
			return false
		}
		seen[string(raw)] = true
		keys = append(keys, candidateKey{k, steps})
		return true
	}
	profile := e.Profile
	for i, k := range e.SigningKeys {
		if right == nil && (profile == "" || k.Profile == profile) && add(k.Key) {
			right = &e.SigningKeys[i]
		}
	}
	for i, k := range e.SigningKeys {
		note := k.Name
		if k.Profile != "" {
			note = fmt.Sprintf("%s of profile %s", k.Name, quote(k.Profile))
		}
		add(k.Key, step{&signingKeyMoves.moves[0], i, note})
	}
	if e.Certificate.Present() {
		if k, ok := e.Certificate.X509.PublicKey.(*ecdsa.PublicKey); ok {
			add(k, step{move: &signingKeyMoves.moves[1]})
		}
	}
	return keys, right
}

// mistakes implements judge.
func (j *es256Judge) mistakes() []string {
	ids := stepIDs(j.hashes)
	for _, fits := range j.fits {
		for _, f := range fits {
			ids = append(ids, idsOf(f.steps)...)
		}
	}
	return ids
}
