package flows

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"countersign/flows/credentials"
)

// Given is what the embedded sandbox hands out for one partner.
type Given struct {
	BaseURL string
	Values  map[string]string
	PEM     map[string][]byte
	CA      []byte // PEM
}

// Runner does the steps. Everything from outside is an argument; the zero value of an
// optional field is the real thing. It is safe for concurrent use.
type Runner struct {
	Credentials *credentials.Store
	Given       func(ctx context.Context, provider string) (Given, error) // waits until the sandbox is up; nil: there is none
	Ledger      Ledger                                                    // nil: nothing is kept
	ReadFile    func(string) ([]byte, error)                              // for CAFile
	Dial        func(ctx context.Context, network, address string) (net.Conn, error)
	Now         func() time.Time
	Rand        io.Reader // nonces and idempotency keys
	SignRand    io.Reader // randomised signatures; nil: deterministic (RFC 6979)
	Limits      Limits
	Tokens      *Tokens
}

// Limits bound an exchange. A zero field has the default of [DefaultLimits].
type Limits struct {
	Total  time.Duration // from the first lookup to the last byte
	Stall  time.Duration // without a byte of the answer
	Body   int           // decoded bytes that are kept
	Header int64
}

// DefaultLimits are bounds that no documented answer reaches.
func DefaultLimits() Limits {
	return Limits{Total: time.Minute, Stall: 15 * time.Second, Body: 10 << 20, Header: 64 << 10}
}

// NewRunner returns a runner on the real clock, randomness and network, with a token cache of its own.
func NewRunner(store *credentials.Store) *Runner {
	return &Runner{
		Credentials: store, ReadFile: credentials.ReadFile, Now: time.Now, Rand: rand.Reader, SignRand: rand.Reader,
		Dial: (&net.Dialer{}).DialContext, Limits: DefaultLimits(), Tokens: NewTokens(),
	}
}

// Next does the next step of a run and returns the run behind it. Only the steps token and
// response use the network. A step that fails leaves the run where it was, with Err set.
func (r *Runner) Next(ctx context.Context, run Run) Run {
	run.Err = nil
	switch run.Next() {
	case StepCredentials:
		return r.loadCredentials(ctx, run)
	case StepToken:
		return r.obtainToken(ctx, run, false)
	case StepCanonical:
		return r.prepare(run)
	case StepSignature:
		run.Reached = StepSignature
		return run
	default:
		return r.respond(ctx, run)
	}
}

// Through does all steps up to and including the last named, and stops at the first that fails.
// A run that already has an answer is sent again, signed afresh, when that is the last named.
func (r *Runner) Through(ctx context.Context, run Run, last StepName) Run {
	if run.Reached == StepResponse && last == StepResponse {
		return r.Next(ctx, run)
	}
	for range Steps() {
		if run.done(last) {
			break
		}
		run = r.Next(ctx, run)
		if run.Err != nil {
			break
		}
	}
	return run
}

// RenewToken drops the cached token of the run and obtains another; the steps behind it are undone.
func (r *Runner) RenewToken(ctx context.Context, run Run) Run {
	if run.Reached == "" {
		if run = r.loadCredentials(ctx, run); run.Err != nil {
			return run
		}
	}
	run = run.backTo(StepCredentials)
	return r.obtainToken(ctx, run, true)
}

// loadCredentials finds the values, where they came from, and what is wrong with them.
func (r *Runner) loadCredentials(ctx context.Context, run Run) Run {
	d := run.Draft
	q := credentials.Query{
		Provider: d.Provider.ID, Environment: d.Environment.Name, Profile: d.Profile,
		Fields: d.fields(), Typed: run.Typed, Options: run.Set,
	}
	run.Given = Given{}
	if d.Environment.Name == Embedded && d.Environment.BaseURL == "" {
		given, err := r.given(ctx, d.Provider.ID)
		if err != nil {
			return run.fail(err)
		}
		run.Given = Given{BaseURL: given.BaseURL, CA: given.CA} // the values travel on as credentials, which mask themselves
		q.Given, q.GivenPEM = given.Values, given.PEM
	} else if d.Environment.Name == Embedded {
		q.Environment = Sandbox // an address of the person's own: nothing of the embedded sandbox is behind it
	}
	if err := checkBaseURL(d.Environment.BaseURL); err != nil {
		return run.fail(err)
	}
	run.Credentials, run.Problems = r.Credentials.Resolve(ctx, q)
	if i := slices.IndexFunc(run.Problems, func(p credentials.Problem) bool { return !p.Warning }); i >= 0 {
		p := run.Problems[i]
		return run.fail(&Error{Kind: KindUsage, Step: StepCredentials, Field: p.Field, Message: p.Message, Hint: p.Hint})
	}
	var err *Error
	if run.Loaded, err = load(d.Provider, run.Credentials, r.Now()); err != nil {
		return run.fail(err)
	}
	run.Loaded.Remarks = append(run.Loaded.Remarks, misplaced(d, run.Credentials)...)
	if run.Base, err = baseURL(run); err != nil {
		return run.fail(err)
	}
	if err = r.checkBound(run, q); err != nil {
		return run.fail(err)
	}
	run.Reached = StepCredentials
	return run
}

// prepare freezes the moment and signs.
func (r *Runner) prepare(run Run) Run {
	d := run.Draft
	if d.IdempotencyKey == "" {
		d.IdempotencyKey = run.operation
	}
	if run.Prepared != nil && d.IdempotencyKey == "" {
		d.IdempotencyKey = run.Prepared.Input.IdempotencyKey // the same operation again
	}
	f, err := r.freeze(d)
	if err != nil {
		return run.fail(err)
	}
	prepare := Prepare
	if run.withoutToken() {
		prepare = prepareOffline
	}
	p, err := prepare(run.Draft, run.Base, run.Credentials, run.Loaded, run.Token, f)
	if err != nil {
		return run.fail(err)
	}
	run.Prepared, run.Reached = &p, StepCanonical
	return run
}

// freeze takes clock, nonce and idempotency key from the draft, or makes fresh ones.
func (r *Runner) freeze(d Draft) (Frozen, *Error) {
	f := Frozen{Time: d.At, Nonce: d.Nonce, IdempotencyKey: d.IdempotencyKey, Rand: r.SignRand}
	if f.Time.IsZero() {
		f.Time = r.Now()
	}
	var err error
	if f.Nonce == "" && d.Provider.Nonce != nil {
		f.Nonce, err = d.Provider.Nonce(r.Rand)
	}
	if err == nil && f.IdempotencyKey == "" && d.Sample.Idempotency {
		f.IdempotencyKey, err = newUUID(r.Rand)
	}
	if err != nil {
		return f, &Error{Kind: KindLocal, Step: StepCanonical, Message: fmt.Sprintf("there is no randomness to make a nonce from: %s", err), Err: err}
	}
	return f, nil
}

// respond sends. A request that was sent once is prepared again first: clock and nonce are spent. The idempotency
// key stays, so that pressing send twice never makes two operations; an edit makes a new one.
func (r *Runner) respond(ctx context.Context, run Run) Run {
	if run.Offline {
		return run.fail(usage(StepResponse, "", "", "the request is not sent: the run is offline"))
	}
	if run.Prepared.Used {
		if run = r.again(ctx, run); run.Err != nil {
			return run
		}
	}
	used := *run.Prepared
	used.Used = true
	run.Prepared = &used
	x := r.Send(ctx, run)
	run.Exchange = &x
	if x.Err != nil && x.Err.Kind != KindRefused {
		run.Err = x.Err
		return run
	}
	if e := x.partnerError(); e != nil && (e.Known != nil && e.Known.DropsToken || e.Known == nil && x.Response.Status == http.StatusUnauthorized) {
		r.Tokens.refuse(run.tokenKey(), run.Token)
	}
	run.Reached = StepResponse
	return run
}

// again makes a request that was sent once ready to be sent once more: with a token that the partner still accepts as far
// as is known, and signed afresh.
func (r *Runner) again(ctx context.Context, run Run) Run {
	if run.Token != nil && !r.Tokens.current(run.tokenKey(), run.Token, r.Now()) {
		next := r.obtainToken(ctx, run, false)
		if next.Err != nil {
			failed := next.backTo(StepCredentials)
			failed.TokenLog, failed.Err = next.TokenLog, next.Err
			return failed
		}
		run = next
	}
	if run = r.prepare(run); run.Err == nil {
		run.Reached = StepSignature // what fails now is the sending
	}
	return run
}

func newUUID(rand io.Reader) (string, error) {
	u, err := uuid.NewRandomFromReader(rand)
	return u.String(), err
}

// hexNonce is a nonce of 32 hex digits, like a UUID without dashes.
func hexNonce(rand io.Reader) (string, error) {
	b := make([]byte, 16)
	if _, err := io.ReadFull(rand, b); err != nil {
		return "", err
	}
	return hex.EncodeToString(b), nil
}
