// Package embedded runs the sandbox inside this program. The client and the sandbox share no code and do not know each
// other; here the sandbox's own types are put into the terms of package flows, and nothing else is done.
package embedded

import (
	"crypto/x509"
	"slices"
	"time"

	"countersign/flows"
	"countersign/flows/sandbox"
	"countersign/sign"
	"countersign/sign/untrusted"
)

// Options say how the sandbox is started.
type Options struct {
	Listen  string              // loopback host and port; "" for free ports on 127.0.0.1
	Dir     string              // where the CA and the key files are written; "" for nowhere
	Observe func(flows.Inbound) // called once for each request, one call at a time; may be nil
}

// life is how long the sandbox's certificates are good: people leave it running, and keep what it gave them loaded.
const life = 365 * 24 * time.Hour

// Start starts the sandbox. It runs until its Close is called.
func Start(o Options) (flows.Embedding, error) {
	options := sandbox.Options{Listen: o.Listen, Dir: o.Dir, Life: life}
	if o.Observe != nil {
		options.Observe = func(e sandbox.Event) { o.Observe(Inbound(e)) }
	}
	s, err := sandbox.Start(options)
	if err != nil {
		return flows.Embedding{}, err
	}
	return Of(s), nil
}

// Of is a sandbox that runs, as the client sees it.
func Of(s *sandbox.Server) flows.Embedding {
	return flows.Embedding{
		Given: func(id string) flows.Given {
			return flows.Given{BaseURL: s.BaseURL(id), Values: s.Credentials(id), PEM: s.PEM(id), CA: s.CAPEM()}
		},
		CAFile: s.CAFile(),
		Files:  s.Files,
		Switches: func(id string) []flows.Switch {
			var list []flows.Switch
			for _, w := range s.Switches(id) {
				list = append(list, flows.Switch(w))
			}
			return list
		},
		Set:   s.Set,
		Close: s.Close,
	}
}

// Inbound is a request that reached the sandbox.
func Inbound(e sandbox.Event) flows.Inbound {
	in := flows.Inbound{
		Sequence: e.Sequence, At: e.At, Provider: e.Provider, Remote: e.Remote,
		Request: sign.Captured{Method: e.Method, Scheme: "https", Target: e.Target, Body: e.Body, HasBody: len(e.Body) > 0},
		Raw:     sign.NewSecret(string(e.Raw)),
		Status:  e.Status, Body: untrusted.From(e.ResponseBody),
		Expected: slices.Clone(e.Expected), Claims: untrusted.From(e.TokenClaims), Note: e.Note,
	}
	for _, h := range e.Header {
		in.Request.Header = append(in.Request.Header, sign.Pair(h))
	}
	in.Request.Authority, _ = in.Request.Get("Host")
	for _, h := range e.ResponseHeader {
		in.Header = append(in.Header, flows.ResponseHeader{Name: untrusted.From(h.Name), Value: untrusted.From(h.Value)})
	}
	for _, c := range e.Checks {
		in.Checks = append(in.Checks, flows.Check(c))
	}
	if leaf, err := x509.ParseCertificate(e.ClientCertificate); err == nil {
		in.Certificate = sign.Certificate{X509: leaf, Chain: []*x509.Certificate{leaf}}
	}
	return in
}
