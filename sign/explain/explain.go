// Package explain is the mismatch doctor: given a request that a partner refuses and the keys at hand, it finds
// the mistake that produced the request's signature, and proves it.
//
// The proof is recomputation. What a scheme signs is taken apart into axes (method, path, query, body,
// clock, nonce, layout, key, algorithm, encoding); each axis has a table of mistakes that people really make;
// candidates are tried with one mistake, then two, then three, until the bytes agree. 256 bits do not agree
// by chance, so a match is a proof. A miss is a list of exclusions and never a guess.
//
// Goals: no false cause, the smallest chain of mistakes, ties told as ties, bounded time and memory.
// Not goals: to find keys, or to judge a password or a token that only the partner can judge.
package explain

import (
	"context"
	"crypto/ecdsa"
	"time"

	"countersign/sign"
)

// Scheme is the way in which a partner authenticates requests, named like the partner.
type Scheme string

// The schemes that the doctor knows.
const (
	Jiko   Scheme = "jiko"   // HMAC-SHA256 over idempotency key, path and body
	Jupico Scheme = "jupico" // Basic
	JPay   Scheme = "jpay"   // bearer token with a refresh token
	Sabika Scheme = "sabika" // detached ES256 JWS, mutual TLS, bound token
	Kuna   Scheme = "kuna"   // bearer token or API key
)

// Evidence is everything the doctor may look at. Only Request is required; what is missing narrows what can be found.
type Evidence struct {
	Request sign.Captured
	At      time.Time         // the moment at which clocks are judged; zero when they cannot be
	Date    time.Time         // the server's Date, if known: then its clock is the judge
	Profile string            // the profile that the request should have used; empty: the first secret of its name
	Fields  map[string]string // public values by field name: username, client_id, email, merchant_id
	Secrets []NamedSecret     // every secret at hand, from all profiles

	SigningKeys []NamedKey        // public keys at hand, the registered one first
	Certificate sign.Certificate  // client certificate presented or loaded
	Token       sign.Secret       // the token that the partner issued last, of the kind that it refused: access or refresh token
	Nonces      []string          // nonces and idempotency keys that were taken earlier, the last one first
	Options     map[string]string // settings of the scheme; for sabika "url": "path" or "absolute"
	Earlier     []sign.Captured   // other requests of the same client, accepted or not
}

// NamedSecret is a secret at hand: the field that holds it and the profile it belongs to.
type NamedSecret struct {
	Name, Profile string
	Secret        sign.Secret
}

// NamedKey is a public key at hand.
type NamedKey struct {
	Name, Profile string
	Key           *ecdsa.PublicKey
}

// Budget bounds a search. The zero Budget means [DefaultTime] and [DefaultCandidates].
type Budget struct {
	Time       time.Duration
	Candidates int
	Now        func() time.Time         // the clock that measures Time; without it only Candidates bound the search
	Progress   func(tried, ofAbout int) // called now and then from the searching goroutine; may be nil
}

// Bounds of a search that names none. A search with three mistakes over a body of 1 KiB stays within them.
const (
	DefaultTime       = 6 * time.Second
	DefaultCandidates = 4_000_000
)

// Explain finds the mistake that produced a request's signature or makes its authentication fail.
// It is safe for concurrent use. When ctx ends or the budget is spent, what was found so far is returned
// and Complete is false. A scheme that is not known gets an empty, unexplained report.
func Explain(ctx context.Context, s Scheme, e Evidence, b Budget) Report {
	e.Request = normalised(e.Request)
	x := &examination{ctx: ctx, scheme: s, e: e, meter: newMeter(ctx, b)}
	x.report.Complete = true
	for _, p := range partners {
		if p.scheme == s {
			p.examine(x)
			return x.conclude()
		}
	}
	return x.conclude()
}

// partners names the examination of each scheme.
var partners = []struct {
	scheme  Scheme
	examine func(*examination)
}{
	{Jiko, examineJiko},
	{Jupico, examineJupico},
	{JPay, examineJPay},
	{Sabika, examineSabika},
	{Kuna, examineKuna},
}
