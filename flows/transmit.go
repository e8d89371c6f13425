package flows

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"countersign/sign"
	"countersign/sign/untrusted"
)

// errStalled ends an exchange whose answer stopped coming.
var errStalled = errors.New("no data for too long")

// transmit puts the request on the wire, once, and records what happened. A connection is dialled for this
// request alone and closed behind it: net/http silently repeats a request that carries an Idempotency-Key
// when a reused connection dies, and then one confirmed payment would be two.
func (r *Runner) transmit(ctx context.Context, run Run, x *Exchange) {
	req := x.Signed.Request
	if req.Origin() != run.Base.Origin() {
		x.Outcome = OutcomeNotSent
		x.Err = usage(StepResponse, "base_url", "choose the environment that the credentials belong to",
			"the credentials are for %s only; this request goes to %s", run.Base.Origin(), req.Origin())
		return
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ctx, stop := context.WithTimeout(ctx, r.limits().Total)
	defer stop()

	config, err := r.tlsConfig(run, req)
	if err != nil {
		x.Outcome, x.Err = OutcomeNotSent, err
		return
	}
	line := &wire{now: r.now, dial: r.Dial, config: config, trace: trace{start: r.now()}}
	transport := line.transport(r.limits())
	defer transport.CloseIdleConnections()

	answer, cause := transport.RoundTrip(httpRequest(ctx, req))
	if cause == nil {
		x.Response, cause = r.receive(cancel, answer, line)
	}
	line.trace.done = r.now()
	if c := context.Cause(ctx); cause != nil && c != nil && !errors.Is(cause, c) && ctx.Err() != nil {
		cause = c
	}
	line.record(x, req)
	x.conclude(cause, req)
	if answer != nil {
		x.Skew = skew(answer.Header, line.trace.wrote, line.trace.firstByte)
	}
}

// httpRequest is the one place in which a request becomes net/http's.
func httpRequest(ctx context.Context, r sign.Request) *http.Request {
	h := make(http.Header, len(r.Header))
	for _, f := range r.Header {
		h[f.Name] = append(h[f.Name], string(f.Value.Wire())) // the map is set directly: names keep their case
	}
	out := (&http.Request{Method: r.Method, URL: wireURL(r), Host: r.Authority, Header: h, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}).WithContext(ctx)
	if r.Body.Present() {
		body := r.Body.Wire()
		out.Body, out.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		if len(body) == 0 {
			out.Body = http.NoBody
		}
	}
	return out
}

// receive reads the answer within its bounds.
func (r *Runner) receive(cancel context.CancelCauseFunc, answer *http.Response, line *wire) (*Response, error) {
	defer answer.Body.Close()
	limits := r.limits()
	stall := time.AfterFunc(limits.Stall, func() { cancel(errStalled) })
	defer stop(stall)
	body, err := readBody(&progress{answer.Body, stall, limits.Stall}, limits.Body+1)

	res := &Response{
		Status: answer.StatusCode, Proto: answer.Proto,
		Reason:   untrusted.From(strings.TrimSpace(strings.TrimPrefix(answer.Status, strconv.Itoa(answer.StatusCode)))),
		NoStore:  strings.Contains(strings.ToLower(answer.Header.Get("Cache-Control")), "no-store"),
		Expected: expectedBy(answer.Header),
	}
	res.Header = line.headers(answer.Header)
	if len(body) > limits.Body {
		body, res.Truncated = body[:limits.Body], true
		err = nil
	}
	res.Size = len(body)
	if err != nil {
		res.Cut = fmt.Sprintf("the answer was cut off behind %d bytes", len(body))
		if n := answer.ContentLength; n >= 0 {
			res.Cut = fmt.Sprintf("the answer was cut off: %d of %d bytes arrived", len(body), n)
		}
	}
	if strings.EqualFold(answer.Header.Get("Content-Encoding"), "gzip") && err == nil {
		body, err = gunzip(body, limits.Body, res)
	}
	res.Raw = sign.NewSecret(string(body))
	return res, err
}

func stop(t *time.Timer) { t.Stop() }

// progress restarts the stall timer with each byte that arrives.
type progress struct {
	r     io.Reader
	timer *time.Timer
	stall time.Duration
}

func (p *progress) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	if n > 0 {
		p.timer.Reset(p.stall)
	}
	return n, err
}

func readBody(r io.Reader, limit int) ([]byte, error) {
	return io.ReadAll(io.LimitReader(r, int64(limit)))
}

// gunzip decodes a body that came compressed although nobody asked for it.
func gunzip(body []byte, limit int, res *Response) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		res.Cut = "the answer says gzip but is not"
		return body, err
	}
	plain, err := readBody(z, limit+1)
	if len(plain) > limit {
		plain, res.Truncated, err = plain[:limit], true, nil
	}
	if err != nil {
		res.Cut = "the compressed answer is damaged"
	}
	res.Size = len(plain)
	return plain, err
}

// conclude decides what is known: an answer, nothing sent, or an unknown outcome.
func (x *Exchange) conclude(cause error, req sign.Request) {
	switch {
	case cause == nil:
		x.Outcome = OutcomeAnswered
	case x.Response != nil: // status and header arrived, the body did not
		x.Outcome = OutcomeAnswered
		x.Err = networkError(cause, x, req)
		if x.Response.Cut != "" {
			x.Err.Message = x.Response.Cut + " (" + x.Err.Message + ")"
		}
	case x.Sent.Bytes == 0 || refusedHandshake(cause):
		x.Outcome = OutcomeNotSent
		x.Err = networkError(cause, x, req)
	default:
		x.Outcome = OutcomeUnknown
		x.Err = networkError(cause, x, req)
		x.Err.Hint = "the request left and no answer came: the partner may have acted on it; ask for the status, or send the same operation again with the same idempotency key"
	}
	if x.Err != nil && x.Purpose != PurposeRequest {
		x.Err.Step = StepToken
	}
}

// skew compares the Date of an answer with the middle between sending and receiving.
// An answer from a cache (Age) tells nothing.
func skew(h http.Header, sent, received time.Time) *Skew {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil || h.Get("Age") != "" || sent.IsZero() || received.IsZero() {
		return nil
	}
	half := received.Sub(sent) / 2
	// Date has whole seconds: on average it is half a second in the past.
	return &Skew{Offset: date.Add(500 * time.Millisecond).Sub(sent.Add(half)), Error: half + 500*time.Millisecond, Date: date}
}

func (r *Runner) now() time.Time { return r.Now() }

// limits fills in what was left zero.
func (r *Runner) limits() Limits {
	l, d := r.Limits, DefaultLimits()
	if l.Total == 0 {
		l.Total = d.Total
	}
	if l.Stall == 0 {
		l.Stall = d.Stall
	}
	if l.Body == 0 {
		l.Body = d.Body
	}
	if l.Header == 0 {
		l.Header = d.Header
	}
	return l
}
