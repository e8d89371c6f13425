package sandbox

import (
	"context"
	"crypto/rsa"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

// Bounds on what one client can take: a megabyte of body (the largest documented request is a few hundred bytes) and
// half a minute for each part of an exchange.
const (
	maxBody       = 1 << 20
	maxHeader     = 64 << 10
	readTimeout   = 30 * time.Second
	writeTimeout  = 5 * time.Minute // longer than any client waits, so that the stall switch ends at the client's timeout
	idleTimeout   = 60 * time.Second
	closeTimeout  = 500 * time.Millisecond
	headerTimeout = 10 * time.Second
)

// imitation is what makes one partner different from another.
type imitation struct {
	prefix             string // of the base URL
	ownSwitches        []Switch
	issuesTokens       bool // it issues tokens, which can expire
	clientCertificates bool // it asks for a certificate in the TLS handshake
	account            *account
	routes             []route
	refusal            func(status int, message string) answer // a failure of no scheme, in the partner's body shape
	unrouted           func(c *call, status int) answer        // 404 or 405
}

// desk is what an imitation works with. It is used under the partner's lock only.
type desk struct {
	stream   *stream
	tokens   *tokens
	switches *switchboard
}

// partner is one imitation with its listener.
type partner struct {
	imitation
	*desk
	id     string
	server *Server
	origin string
	hosts  []string

	listener *recordingListener
	http     *http.Server
	wait     sync.WaitGroup // the serving goroutine and one for each connection

	mu sync.Mutex // guards the desk and the imitation's state: requests are judged one at a time
}

func newPartner(s *Server, id string, make func(*desk, setting) (imitation, error), random *stream, given setting) (*partner, error) {
	p := &partner{id: id, server: s, desk: &desk{stream: random, tokens: newTokens()}}
	var err error
	p.imitation, err = make(p.desk, given)
	p.switches = newSwitchboard(p.issuesTokens, p.ownSwitches...)
	return p, err
}

// setting is what an imitation may need from the sandbox at its start.
type setting struct {
	authority *authority
	now       time.Time
	rsaKey    *rsa.PrivateKey
}

// imitations are the partners in the order of their ports.
var imitations = []struct {
	id  string
	new func(*desk, setting) (imitation, error)
}{
	{"jiko", newJiko},
	{"jupico", newJupico},
	{"jpay", newJPay},
	{"sabika", newSabika},
	{"kuna", newKuna},
}

// IDs lists the partners in the order in which they take ports.
func IDs() []string {
	ids := make([]string, len(imitations))
	for i := range imitations {
		ids[i] = imitations[i].id
	}
	return ids
}

// listen takes the listener. Nothing is accepted before serve.
func (p *partner) listen(ctx context.Context, l net.Listener, certificate tls.Certificate) {
	config := &tls.Config{
		Certificates:           []tls.Certificate{certificate},
		NextProtos:             []string{"http/1.1"},
		MinVersion:             tls.VersionTLS12,
		SessionTicketsDisabled: true, // every connection shows its certificate
		Time:                   p.server.clock,
	}
	if p.clientCertificates {
		// Asked for but verified later, so that its absence or its fault is answered in words and not with an alert.
		config.ClientAuth = tls.RequestClientCert
	}
	p.origin = "https://" + l.Addr().String()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	p.hosts = []string{"127.0.0.1:" + port, "localhost:" + port, "[::1]:" + port}
	p.listener = &recordingListener{Listener: l, config: config, broken: p.broken, slots: make(chan struct{}, maxConnections)}
	p.http = &http.Server{
		Handler:           http.HandlerFunc(p.serveHTTP),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          log.New(io.Discard, "", 0), // what matters becomes an Event
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ConnState: func(_ net.Conn, state http.ConnState) {
			switch state {
			case http.StateNew: // within Serve, which is counted itself
				p.wait.Add(1)
			case http.StateClosed:
				p.wait.Done()
			}
		},
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, recorderKey{}, c)
		},
	}
}

// recorderKey finds a request's connection; net/http offers no other way.
type recorderKey struct{}

func (p *partner) serve() {
	p.wait.Go(func() { _ = p.http.Serve(p.listener) }) // always ErrServerClosed or the listener's end
}

func (p *partner) close() error {
	if p.http == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	err := p.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = p.http.Close()
	}
	p.listener.Close() // known to http.Server only once serve ran
	p.wait.Wait()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// now is the partner's clock. The caller holds the lock.
func (p *partner) now() time.Time { return p.server.clock().Add(p.switches.skew()) }
