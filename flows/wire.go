package flows

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"

	"countersign/sign"
)

// wire is one connection for one request. It records what is written to it and when things happened.
type wire struct {
	now      func() time.Time
	dial     func(ctx context.Context, network, address string) (net.Conn, error)
	config   *tls.Config
	patience time.Duration // for dialling and shaking hands together

	mu      sync.Mutex // the transport dials, writes and reads in goroutines that may outlive the exchange
	trace   trace
	sent    []byte
	head    []byte // the head of the answer as received, for the order and case of its fields
	state   *tls.ConnectionState
	asked   bool
	remote  string
	dialled bool
}

// trace holds the moments of an exchange; a zero moment was not reached.
type trace struct {
	start, dnsStart, dnsDone, connectStart, connectDone, tlsStart, tlsDone, wrote, firstByte, done time.Time
}

// maxHead bounds what is kept of the head of an answer.
const maxHead = 64 << 10

// errSecondDial should never be seen: one send dials once.
var errSecondDial = errors.New("a second connection was asked for, and refused")

// transport is a transport for this request alone: no second connection, no reuse, no redirects
// (RoundTrip follows none), no proxy, no HTTP/2, no decompression. The context is that of the exchange: the one that
// net/http gives to a dialler is never cancelled and has no deadline, so a silent server would hold the connection for ever.
func (w *wire) transport(ctx context.Context, l Limits) *http.Transport {
	return &http.Transport{
		DialTLSContext: func(_ context.Context, network, address string) (net.Conn, error) {
			return w.connect(ctx, network, address)
		},
		DisableKeepAlives:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: l.Header,
		ResponseHeaderTimeout:  l.Stall,
		TLSNextProto:           map[string]func(string, *tls.Conn) http.RoundTripper{},
	}
}

// connect resolves, dials and shakes hands, noting the time of each.
func (w *wire) connect(ctx context.Context, network, address string) (net.Conn, error) {
	if !w.first() {
		return nil, errSecondDial
	}
	ctx, done := context.WithTimeout(ctx, w.patience)
	defer done()
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		DNSStart:     func(httptrace.DNSStartInfo) { w.mark(&w.trace.dnsStart) },
		DNSDone:      func(httptrace.DNSDoneInfo) { w.mark(&w.trace.dnsDone) },
		ConnectStart: func(string, string) { w.mark(&w.trace.connectStart) },
		ConnectDone:  func(string, string, error) { w.mark(&w.trace.connectDone) },
	})
	w.mark(&w.trace.connectStart)
	conn, err := w.dial(ctx, network, address)
	w.mark(&w.trace.connectDone)
	if err != nil {
		return nil, err
	}
	w.note(func() { w.remote, w.trace.tlsStart = conn.RemoteAddr().String(), w.now() })
	w.config.GetClientCertificate = w.present
	secure := tls.Client(conn, w.config)
	if err := secure.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	state := secure.ConnectionState()
	w.note(func() { w.state, w.trace.tlsDone = &state, w.now() })
	return &recorder{Conn: secure, wire: w}, nil
}

// first reports whether nothing was dialled yet.
func (w *wire) first() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	before := w.dialled
	w.dialled = true
	return !before
}

// present hands over the client certificate when the server asks, whichever authorities it names:
// that a certificate is refused is for the server to say.
func (w *wire) present(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
	w.note(func() { w.asked = true })
	if len(w.config.Certificates) == 0 {
		return &tls.Certificate{}, nil
	}
	return &w.config.Certificates[0], nil
}

// note runs f while nobody else reads or writes what is recorded.
func (w *wire) note(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
}

func (w *wire) mark(t *time.Time) { w.note(func() { *t = w.now() }) }

// recorder notes the clear bytes that go into and come out of the TLS connection.
type recorder struct {
	net.Conn
	wire *wire
}

// Write records the bytes before it writes them: the answer may be read before Write returns.
func (c *recorder) Write(b []byte) (int, error) {
	w := c.wire
	w.mu.Lock()
	w.sent = append(w.sent, b...)
	w.trace.wrote = w.now()
	w.mu.Unlock()
	n, err := c.Conn.Write(b)
	if n < len(b) {
		w.mu.Lock()
		w.sent = w.sent[:len(w.sent)-(len(b)-n)]
		w.mu.Unlock()
	}
	return n, err
}

// Read records the head of the answer and the moment of its first byte.
func (c *recorder) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.wire.mu.Lock()
	defer c.wire.mu.Unlock()
	if n > 0 && c.wire.trace.firstByte.IsZero() {
		c.wire.trace.firstByte = c.wire.now()
	}
	if room := maxHead - len(c.wire.head); room > 0 {
		c.wire.head = append(c.wire.head, b[:min(n, room)]...)
	}
	return n, err
}

// heard reports whether the far side sent anything behind the handshake.
func (w *wire) heard() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.trace.firstByte.IsZero()
}

// record copies what is known into the exchange and compares what was sent with what was signed.
func (w *wire) record(x *Exchange, req sign.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trace.done = w.now()
	x.Remote = w.remote
	x.Timing = w.trace.timing()
	x.Sent = Sent{Raw: sign.NewSecret(string(w.sent)), Bytes: len(w.sent)}
	if len(w.sent) > 0 {
		x.Sent.Requests = 1
		x.Sent.Difference = difference(w.sent, req)
	}
	if w.state != nil {
		x.TLS = w.facts()
	}
}

func (t trace) timing() Timing {
	between := func(a, b time.Time) time.Duration {
		if a.IsZero() || b.IsZero() || b.Before(a) {
			return 0
		}
		return b.Sub(a)
	}
	return Timing{
		DNS: between(t.dnsStart, t.dnsDone), Connect: between(t.connectStart, t.connectDone), TLS: between(t.tlsStart, t.tlsDone),
		FirstByte: between(t.wrote, t.firstByte), Transfer: between(t.firstByte, t.done), Total: between(t.start, t.done),
	}
}
