// Package sandbox imitates the five partners on loopback, over TLS, strictly enough to integrate against.
//
// It is a second implementation of every scheme, written from the partners' pages with the standard library alone, and it
// imports neither sign nor flows. The duplication is deliberate: a verifier that shares code with the signer agrees with
// the signer's mistakes. Only where two independent readings of a page meet does an accepted request prove anything.
//
// The side channel beside a partner's answer is a few headers: Sandbox-Check names the check that failed, Sandbox-Detail
// says why, Sandbox-Expected is base64 of the canonical string that should have been signed, Sandbox-Note tells what else
// was seen, and Sandbox-Replayed marks a stored answer given again.
//
// Goals: verify all that the partner would (TLS client certificate, token and its binding, signature, clock, nonce,
// idempotency); answer in the partner's words and body shapes; say on the side, in Sandbox-* headers and in [Event], which
// check failed and what was expected; offer every documented disagreement and every fault as a named switch; keep all
// state bounded; serve anybody's code, not only ours.
//
// Non-goals: completeness of a partner's API (a handful of operations each), persistence, being reachable from another
// machine. Statuses, codes and body members that no page documents are marked "assumption" where they are written.
package sandbox

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Options configure a sandbox; every field is optional.
type Options struct {
	// Listen is a loopback host and a port, by default 127.0.0.1:0. Each partner has a listener of its own: with a port
	// P given, the partners take P, P+1, ... in the order of IDs; with port 0 each takes a free one.
	Listen string
	// Now is the clock that certificates, tokens and timestamps are judged by; time.Now by default.
	Now func() time.Time
	// Life is how long from Start the CA and all certificates are valid; 23 hours by default. A sandbox that is left
	// running wants more, at most 397 days: some TLS clients take no server certificate with a longer life. When it is
	// over nothing is renewed, because clients have loaded what they were given: start another sandbox.
	Life time.Duration
	// Rand seeds every credential, key, token and id: 32 bytes are read from it in Start. A fixed Rand and a fixed Now
	// give the same bytes on every start. crypto/rand by default.
	Rand io.Reader
	// RSAKey signs KUNA's tokens. Without it a 2048-bit key is made at the first login, because that takes longer than
	// Start may; such a key does not depend on Rand.
	RSAKey *rsa.PrivateKey
	// Listener replaces net.Listen, for tests that advertise fixed addresses through Addr.
	Listener func(network, address string) (net.Listener, error)
	// Observe is called once for each request received, one call at a time, when its answer is decided and before the
	// client has all of it: a client that read its answer can rely on Observe having returned. A connection that failed
	// before it carried a request (a TLS alert, plain HTTP, malformed HTTP) is reported as well, with an empty Method.
	// It must not block on the client.
	Observe func(Event)
	// Dir is where the CA certificate and the partners' key files are written, in a directory of mode 0700, as files of
	// mode 0600. Without it nothing is written.
	Dir string
}

// Server is a running sandbox. Its methods may be called from any goroutine.
type Server struct {
	authority *authority
	caFile    string
	partners  map[string]*partner
	clock     func() time.Time
	cancel    context.CancelFunc

	observing sync.Mutex // makes Observe serial and Sequence dense
	sequence  int
	observe   func(Event)
}

// Start makes a CA, certificates and credentials, and serves the partners until Close. It returns in a few milliseconds.
func Start(options Options) (*Server, error) {
	options = withDefaults(options)
	addresses, err := addresses(options.Listen)
	if err != nil {
		return nil, err
	}
	var seed [32]byte
	if _, err := io.ReadFull(options.Rand, seed[:]); err != nil {
		return nil, fmt.Errorf("sandbox: cannot read 32 random bytes: %w", err)
	}
	if options.Life < 0 || options.Life > maxLife {
		return nil, fmt.Errorf("sandbox: certificates cannot live %s; want 0 to %s", options.Life, maxLife)
	}
	authority, err := newAuthority(options.Now(), options.Life, newStream(seed, "authority"))
	if err != nil {
		return nil, fmt.Errorf("sandbox: cannot make a certificate authority: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{
		authority: authority,
		partners:  make(map[string]*partner),
		clock:     options.Now,
		cancel:    cancel,
		observe:   options.Observe,
	}
	if err := s.start(ctx, options, seed, addresses); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// start makes the partners, opens their listeners and writes the files.
func (s *Server) start(ctx context.Context, options Options, seed [32]byte, addresses []string) error {
	certificate, err := s.authority.serverCertificate()
	if err != nil {
		return fmt.Errorf("sandbox: cannot make a server certificate: %w", err)
	}
	given := setting{authority: s.authority, now: s.clock(), rsaKey: options.RSAKey}
	for i, partner := range imitations {
		id := partner.id
		p, err := newPartner(s, id, partner.new, newStream(seed, id), given)
		if err != nil {
			return fmt.Errorf("sandbox: cannot make the imitation of %s: %w", id, err)
		}
		listener, err := options.Listener("tcp", addresses[i])
		if err != nil {
			return fmt.Errorf("sandbox: cannot listen for %s: %w", id, err)
		}
		s.partners[id] = p
		p.listen(ctx, listener, certificate)
	}
	if options.Dir != "" {
		if s.caFile, err = writeFiles(options.Dir, s.CAPEM(), s.partners); err != nil {
			return err
		}
	}
	for _, p := range s.partners { // only now: a handler may look at the other partners
		p.serve()
	}
	return nil
}

func withDefaults(o Options) Options {
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Life == 0 {
		o.Life = defaultLife
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Listener == nil {
		o.Listener = net.Listen
	}
	return o
}

// addresses gives each partner its address. Only loopback is served: the sandbox hands out credentials and is meant for
// the one person at this machine.
func addresses(listen string) ([]string, error) {
	host, portText, err := net.SplitHostPort(listen)
	if err != nil {
		return nil, fmt.Errorf("sandbox: listen address %q: want host:port, for instance 127.0.0.1:0: %w", listen, err)
	}
	if host == "" {
		return nil, fmt.Errorf("sandbox: listen address %q has no host and would serve every interface; use 127.0.0.1:%s", listen, portText)
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	address, err := netip.ParseAddr(host)
	if err != nil || !address.Unmap().IsLoopback() {
		return nil, fmt.Errorf("sandbox: listen address %q is not loopback; use 127.0.0.1 or [::1]", listen)
	}
	if host != "127.0.0.1" && host != "::1" { // the certificate and the Host check know these two
		return nil, fmt.Errorf("sandbox: listen address %q: of the loopback addresses, only 127.0.0.1 and [::1] are served", listen)
	}
	port, err := strconv.ParseUint(portText, 10, 16)
	if err != nil || int(port)+len(IDs())-1 > 65535 {
		return nil, fmt.Errorf("sandbox: listen address %q: port %q leaves no room for %d listeners below 65536", listen, portText, len(IDs()))
	}
	all := make([]string, len(IDs()))
	for i := range all {
		p := uint64(0)
		if port != 0 {
			p = port + uint64(i)
		}
		all[i] = net.JoinHostPort(host, strconv.FormatUint(p, 10))
	}
	return all, nil
}

// CAPEM is the certificate of the CA that signed the partners' server certificates, valid for as long as [Options.Life] says and only for
// loopback names. Its key never leaves the process.
func (s *Server) CAPEM() []byte { return pemBlock("CERTIFICATE", s.authority.certificate.Raw) }

// CAFile is the path of the CA certificate, or "" when Options.Dir was empty.
func (s *Server) CAFile() string { return s.caFile }

// BaseURL is where a partner is served, for instance https://127.0.0.1:40123, without a trailing slash. JPay's carries
// the /api/v1 of its documented base URL. It is "" for an unknown id.
func (s *Server) BaseURL(id string) string {
	p := s.partners[id]
	if p == nil {
		return ""
	}
	return p.origin + p.prefix
}

// Credentials are a partner's credentials, by field name, made for this run. The map is the caller's own.
func (s *Server) Credentials(id string) map[string]string {
	if p := s.partners[id]; p != nil {
		return maps.Clone(p.account.fields)
	}
	return nil
}

// PEM holds a partner's key and certificate files by field name. Only Sabika has any.
func (s *Server) PEM(id string) map[string][]byte {
	p := s.partners[id]
	if p == nil {
		return nil
	}
	files := make(map[string][]byte, len(p.account.files))
	for name, data := range p.account.files {
		files[name] = slices.Clone(data)
	}
	return files
}

// Files gives the paths of the files of PEM, by the same names; it is empty when Options.Dir was.
func (s *Server) Files(id string) map[string]string {
	if p := s.partners[id]; p != nil {
		return maps.Clone(p.account.paths)
	}
	return nil
}

// Switches lists what can be turned at a partner, with its present value.
func (s *Server) Switches(id string) []Switch {
	p := s.partners[id]
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.switches.list()
}

// Set turns a switch. The next request sees the new value.
func (s *Server) Set(id, name, value string) error {
	p := s.partners[id]
	if p == nil {
		return fmt.Errorf("sandbox: no partner %q", id)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.switches.set(name, value); err != nil {
		return fmt.Errorf("sandbox: %s: %w", id, err)
	}
	if name == switchExpire && value != expireNone {
		p.tokens.expire(p.now(), value == expireAccess)
		p.switches.reset(switchExpire)
	}
	return nil
}

// Close stops serving, lets running answers finish for a moment, and returns when no handler is left. It may be called
// more than once.
func (s *Server) Close() error {
	s.cancel()
	var (
		wait   sync.WaitGroup
		errs   = make([]error, len(s.partners))
		number int
	)
	for _, p := range s.partners {
		i := number
		number++
		wait.Go(func() { errs[i] = p.close() })
	}
	wait.Wait()
	return errors.Join(errs...)
}

// report numbers an event and hands it to the observer.
func (s *Server) report(e Event) {
	if s.observe == nil {
		return
	}
	s.observing.Lock()
	defer s.observing.Unlock()
	s.sequence++
	e.Sequence = s.sequence
	s.observe(e)
}
