package flows

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"countersign/sign"
	"countersign/sign/untrusted"
)

// wire is one connection for one request. It records what is written to it and when things happened.
type wire struct {
	now    func() time.Time
	dial   func(ctx context.Context, network, address string) (net.Conn, error)
	config *tls.Config

	mu      sync.Mutex // the transport writes and reads in goroutines of its own
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
// (RoundTrip follows none), no proxy, no HTTP/2, no decompression.
func (w *wire) transport(l Limits) *http.Transport {
	return &http.Transport{
		DialTLSContext:         w.connect,
		DisableKeepAlives:      true,
		DisableCompression:     true,
		MaxResponseHeaderBytes: l.Header,
		ResponseHeaderTimeout:  l.Stall,
		TLSNextProto:           map[string]func(string, *tls.Conn) http.RoundTripper{},
	}
}

// connect resolves, dials and shakes hands, noting the time of each.
func (w *wire) connect(ctx context.Context, network, address string) (net.Conn, error) {
	if w.dialled {
		return nil, errSecondDial
	}
	w.dialled = true
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
	w.remote = conn.RemoteAddr().String()
	w.mark(&w.trace.tlsStart)
	w.config.GetClientCertificate = w.present
	secure := tls.Client(conn, w.config)
	if err := secure.HandshakeContext(ctx); err != nil {
		conn.Close()
		return nil, err
	}
	w.mark(&w.trace.tlsDone)
	state := secure.ConnectionState()
	w.state = &state
	return &recorder{Conn: secure, wire: w}, nil
}

// present hands over the client certificate when the server asks, whichever authorities it names:
// that a certificate is refused is for the server to say.
func (w *wire) present(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
	w.asked = true
	if len(w.config.Certificates) == 0 {
		return &tls.Certificate{}, nil
	}
	return &w.config.Certificates[0], nil
}

func (w *wire) mark(t *time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	*t = w.now()
}

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

// record copies what is known into the exchange and compares what was sent with what was signed.
func (w *wire) record(x *Exchange, req sign.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
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

func (w *wire) facts() *TLSFacts {
	f := &TLSFacts{Version: tls.VersionName(w.state.Version), Cipher: tls.CipherSuiteName(w.state.CipherSuite), ClientAsked: w.asked}
	for _, c := range w.state.PeerCertificates {
		f.Server = append(f.Server, FactsOf(c))
	}
	if w.asked && len(w.config.Certificates) > 0 {
		if c, err := x509.ParseCertificate(w.config.Certificates[0].Certificate[0]); err == nil {
			facts := FactsOf(c)
			f.Client = &facts
		}
	}
	return f
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

// difference says how the bytes on the wire differ from the request that was signed: request line, header
// fields, body. Fields that the transport adds (Host, Content-Length, Connection) are no difference.
func difference(sent []byte, r sign.Request) string {
	head, body, ok := bytes.Cut(sent, []byte("\r\n\r\n"))
	lines := strings.Split(string(head), "\r\n")
	if want := r.Method + " " + r.Target() + " HTTP/1.1"; lines[0] != want {
		return fmt.Sprintf("the request line on the wire is %q, signed was %q", lines[0], want)
	}
	for _, h := range r.Header {
		if !slices.Contains(lines, h.Name+": "+string(h.Value.Wire())) {
			return fmt.Sprintf("header %s did not go out as it was prepared", h.Name)
		}
	}
	if want := r.Body.Wire(); !ok || !bytes.Equal(body, want) {
		return fmt.Sprintf("the body on the wire has %d bytes, signed were %d", len(body), len(want))
	}
	return ""
}

// headers are the fields of the answer in the order and case in which they arrived.
func (w *wire) headers(parsed http.Header) []ResponseHeader {
	w.mu.Lock()
	head := string(w.head)
	w.mu.Unlock()
	head, _, complete := strings.Cut(head, "\r\n\r\n")
	var list []ResponseHeader
	for _, line := range strings.Split(head, "\r\n")[1:] {
		name, value, ok := strings.Cut(line, ":")
		if ok {
			list = append(list, ResponseHeader{untrusted.From(name), untrusted.From(strings.TrimSpace(value))})
		}
	}
	if complete && !strings.HasPrefix(head, "HTTP/1.1 1") && len(list) > 0 {
		return list
	}
	list = list[:0] // an unusual framing: net/http's reading, sorted
	for name, values := range parsed {
		for _, v := range values {
			list = append(list, ResponseHeader{untrusted.From(name), untrusted.From(v)})
		}
	}
	slices.SortFunc(list, func(a, b ResponseHeader) int { return strings.Compare(a.Name.Raw(), b.Name.Raw()) })
	return list
}

// wireURL makes net/http write path and query exactly as they were signed.
func wireURL(r sign.Request) *url.URL {
	u := &url.URL{Scheme: r.Scheme, Host: r.Authority, Opaque: r.Path, RawQuery: strings.TrimPrefix(r.Query, "?"), ForceQuery: r.Query == "?"}
	if strings.HasPrefix(r.Path, "//") { // net/http would take an opaque // for the absolute form
		u.Opaque, u.Path, u.RawPath = "", r.Path, r.Path
		if p, err := url.PathUnescape(r.Path); err == nil {
			u.Path = p
		}
	}
	return u
}

// tlsConfig trusts the sandbox's own CA in the embedded environment, the given file where there is one, and the
// system otherwise. It presents the client certificate when the server asks.
func (r *Runner) tlsConfig(run Run, req sign.Request) (*tls.Config, *Error) {
	host, _, err := net.SplitHostPort(req.Authority)
	if err != nil {
		host = strings.Trim(req.Authority, "[]")
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: host, NextProtos: []string{"http/1.1"}, Time: r.Now}
	ca := run.Given.CA
	if run.Draft.CAFile != "" {
		if ca, err = r.ReadFile(run.Draft.CAFile); err != nil {
			return nil, &Error{Kind: KindLocal, Step: StepResponse, Field: "ca", Message: fmt.Sprintf("the CA file %q cannot be read: %s", run.Draft.CAFile, untrusted.From(err.Error())), Err: err}
		}
	}
	if ca != nil {
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(ca) {
			return nil, usage(StepResponse, "ca", "give a PEM file with the CA's certificate", "the CA file %q holds no certificate", run.Draft.CAFile)
		}
	}
	if l := run.Loaded; l.Certificate.Present() {
		pair := tls.Certificate{PrivateKey: l.ClientKey, Leaf: l.Certificate.X509}
		for _, x := range l.Certificate.Chain {
			pair.Certificate = append(pair.Certificate, x.Raw)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}
