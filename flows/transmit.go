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

// What ends an exchange without a readable answer.
var (
	errStalled  = errors.New("no data for too long")
	errSwitched = errors.New("the server switched protocols, which nobody asked for")
	errEncoding = errors.New("the answer cannot be decoded")
)

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
	if err == nil {
		err = sendable(req)
	}
	if err != nil {
		x.Outcome, x.Err = OutcomeNotSent, err
		return
	}
	line := &wire{now: r.now, dial: r.Dial, config: config, patience: r.limits().Stall, trace: trace{start: r.now()}}
	transport := line.transport(ctx, r.limits())
	defer transport.CloseIdleConnections()

	answer, cause := transport.RoundTrip(httpRequest(ctx, req))
	if cause == nil {
		x.Response, cause = r.receive(cancel, answer, line)
	}
	if ctx.Err() != nil && cause != nil { // what ended the exchange tells more than what it broke
		cause = ended(ctx)
	}
	line.record(x, req)
	x.conclude(cause, req, line.heard())
	if answer != nil {
		x.Skew = line.skew(answer.Header)
	}
}

// ended says why a context ended: the stall timer, a deadline, or the person.
func ended(ctx context.Context) error {
	if c := context.Cause(ctx); errors.Is(c, errStalled) {
		return c
	}
	return ctx.Err()
}

// httpRequest is the one place in which a request becomes net/http's.
func httpRequest(ctx context.Context, r sign.Request) *http.Request {
	h := make(http.Header, len(r.Header))
	for _, f := range r.Header {
		h[f.Name] = append(h[f.Name], string(f.Value.Wire())) // the map is set directly: names keep their case
	}
	if _, ok := h["User-Agent"]; !ok {
		h["User-Agent"] = []string{""} // net/http adds its own otherwise, also beside one in lower case
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
	limit := r.limits().Body
	res := &Response{
		Status: answer.StatusCode, Proto: answer.Proto,
		Reason:   untrusted.From(strings.TrimSpace(strings.TrimPrefix(answer.Status, strconv.Itoa(answer.StatusCode)))),
		Header:   line.headers(answer.Header),
		NoStore:  strings.Contains(strings.ToLower(strings.Join(answer.Header.Values("Cache-Control"), ",")), "no-store"),
		Expected: expectedBy(answer.Header),
	}
	body, err := r.body(cancel, answer, limit+1)
	if len(body) > limit {
		body, res.Truncated, err = body[:limit], true, nil
	}
	res.Size = len(body)
	switch n := answer.ContentLength; {
	case errors.Is(err, errSwitched):
		res.Cut = err.Error()
	case err != nil && n >= 0:
		res.Cut = fmt.Sprintf("the answer was cut off: %d of %d bytes arrived", len(body), n)
	case err != nil:
		res.Cut = fmt.Sprintf("the answer was cut off behind %d bytes", len(body))
	}
	body, wrong := decode(answer.Header.Values("Content-Encoding"), body, limit, res)
	res.Raw = sign.NewSecret(string(body))
	if err == nil {
		err = wrong
	}
	return res, err
}

// body reads the bytes of an answer and gives up when they stop coming. Whoever reads the body of a 101 owns
// the connection, and no context ends that; so it is not read.
func (r *Runner) body(cancel context.CancelCauseFunc, answer *http.Response, limit int) ([]byte, error) {
	if answer.StatusCode == http.StatusSwitchingProtocols {
		return nil, errSwitched
	}
	wait := r.limits().Stall
	stall := time.AfterFunc(wait, func() { cancel(errStalled) })
	defer stop(stall)
	return readBody(&progress{answer.Body, stall, wait}, limit)
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

// decode undoes the Content-Encoding of a body that came compressed although nobody asked for it. Bytes that cannot be
// decoded are dropped: no secret in them could be found and masked.
func decode(encodings []string, body []byte, limit int, res *Response) ([]byte, error) {
	encoding := strings.ToLower(strings.Join(encodings, ", "))
	if encoding == "" || encoding == "identity" || len(body) == 0 {
		return body, nil
	}
	if encoding != "gzip" && encoding != "x-gzip" {
		res.Cut = fmt.Sprintf("the answer is encoded as %.40q, which nobody asked for; it is not shown", encoding)
		return nil, errEncoding
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		res.Cut = "the answer says gzip but is not"
		return body, errEncoding
	}
	plain, err := readBody(z, limit+1)
	if len(plain) > limit {
		plain, res.Truncated, err = plain[:limit], true, nil
	}
	res.Size = len(plain)
	if err == nil || res.Truncated {
		return plain, nil
	}
	if res.Cut == "" {
		res.Cut = "the compressed answer is damaged"
	}
	return plain, errEncoding
}

// conclude decides what is known: an answer, nothing sent, or an unknown outcome. heard: something came back.
func (x *Exchange) conclude(cause error, req sign.Request, heard bool) {
	if cause == nil {
		x.Outcome = OutcomeAnswered
		return
	}
	x.Outcome, x.Err = OutcomeUnknown, networkError(cause, x, req)
	switch {
	case x.Response != nil: // status and header arrived, the body did not
		x.Err.Hint = "the status arrived and the rest of the answer did not: "
		if x.onlyReads() {
			x.Err.Hint += x.wayOn()
		} else {
			x.Err.Hint += "ask the partner what became of the request before it is sent again"
		}
		if errors.Is(cause, errEncoding) || errors.Is(cause, errSwitched) {
			x.Err.Message = x.Response.Cut
		} else {
			x.Err.Message = x.Response.Cut + " (" + x.Err.Message + ")"
		}
	case x.Sent.Bytes == 0 || !heard && refusedClient(cause, x.TLS):
		x.Outcome = OutcomeNotSent
	case x.onlyReads():
		x.Err.Hint = x.wayOn()
	default:
		x.Err.Hint = "the request left and no answer came: the partner may have acted on it; " + x.wayOn()
	}
}

// onlyReads reports whether it does not matter how often the partner gets the request.
func (x *Exchange) onlyReads() bool {
	return x.Purpose == PurposeRequest && !x.Writes && x.IdempotencyKey == ""
}

// wayOn is what to do when nobody knows what the partner did.
func (x *Exchange) wayOn() string {
	switch {
	case x.onlyReads():
		return "the request changes nothing at the partner: send it again"
	case x.IdempotencyKey != "":
		return "ask for the status, or send the same operation again with the same idempotency key"
	}
	return "ask for the status"
}

// skew compares the Date of an answer with the middle between sending and receiving.
// An answer from a cache (Age) tells nothing.
func (w *wire) skew(h http.Header) *Skew {
	w.mu.Lock()
	sent, received := w.trace.wrote, w.trace.firstByte
	w.mu.Unlock()
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
