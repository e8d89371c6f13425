package flows

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"strings"

	"countersign/sign"
	"countersign/sign/untrusted"
)

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
