package flows

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"countersign/sign"
	"countersign/sign/untrusted"
)

// networkError says what went wrong between us and the partner: cause, what was expected, what to do.
func networkError(cause error, x *Exchange, req sign.Request) *Error {
	e := &Error{Kind: KindNetwork, Step: StepResponse, Err: cause}
	for _, explain := range []func(error, string) (string, string){nameError, dialError, certificateError, tlsError, timeError, streamError} {
		if e.Message, e.Hint = explain(cause, req.Authority); e.Message != "" {
			return e
		}
	}
	e.Message = fmt.Sprintf("the exchange with %s failed: %s", req.Authority, untrusted.From(cause.Error()))
	return e
}

func nameError(err error, host string) (string, string) {
	var dns *net.DNSError
	if !errors.As(err, &dns) {
		return "", ""
	}
	name := untrusted.From(dns.Name)
	switch {
	case dns.IsNotFound:
		return fmt.Sprintf("there is no host %q", name.String()), "check the base url for a typing mistake"
	case dns.IsTimeout:
		return fmt.Sprintf("the name server did not answer for %q", name.String()), "check the network connection"
	}
	return fmt.Sprintf("the name %q could not be looked up", name.String()), "check the network connection"
}

func dialError(err error, host string) (string, string) {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Sprintf("%s refused the connection: nothing listens there", host), "check host and port, and whether the server runs"
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		return fmt.Sprintf("there is no route to %s", host), "check the network connection and the VPN"
	}
	return "", ""
}

func certificateError(err error, host string) (string, string) {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &unknown):
		return fmt.Sprintf("the certificate of %s is signed by an authority that is not trusted here", host),
			"give the partner's CA with --ca FILE; never send credentials to a server that cannot prove its name"
	case errors.As(err, &name):
		return fmt.Sprintf("the certificate of %s is for another name: %s", host, untrusted.From(strings.Join(name.Certificate.DNSNames, ", "))),
			"check the host of the base url"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return fmt.Sprintf("the certificate of %s is not valid now: it runs from %s to %s", host,
				invalid.Cert.NotBefore.UTC().Format(time.RFC3339), invalid.Cert.NotAfter.UTC().Format(time.RFC3339)),
			"check the clock of this machine, then ask the partner"
	case errors.As(err, &invalid):
		return fmt.Sprintf("the certificate of %s cannot be used: %s", host, untrusted.From(invalid.Error())), "ask the partner"
	}
	return "", ""
}

// The alerts that a server sends when it refuses the handshake (RFC 8446 section 6.2).
const (
	alertHandshakeFailure    = 40
	alertBadCertificate      = 42
	alertUnsupportedCert     = 43
	alertCertificateRevoked  = 44
	alertCertificateExpired  = 45
	alertCertificateUnknown  = 46
	alertUnknownCA           = 48
	alertAccessDenied        = 49
	alertProtocolVersion     = 70
	alertCertificateRequired = 116
)

// refusedHandshake reports whether the server ended the handshake. With TLS 1.3 the client learns of it only behind
// its first bytes; the server has not looked at them.
func refusedHandshake(err error) bool {
	var alert tls.AlertError
	if !errors.As(err, &alert) {
		return false
	}
	switch alert {
	case alertHandshakeFailure, alertBadCertificate, alertUnsupportedCert, alertCertificateRevoked, alertCertificateExpired,
		alertCertificateUnknown, alertUnknownCA, alertAccessDenied, alertProtocolVersion, alertCertificateRequired:
		return true
	}
	return false
}

func tlsError(err error, host string) (string, string) {
	var record tls.RecordHeaderError
	var alert tls.AlertError
	switch {
	case errors.As(err, &record):
		return fmt.Sprintf("%s does not speak TLS on this port", host), "check the port: it answers, but not with https"
	case !errors.As(err, &alert):
		return "", ""
	case alert == alertCertificateRequired || alert == alertHandshakeFailure:
		return fmt.Sprintf("%s ended the handshake (%s); it probably requires a client certificate", host, alert), "load the client certificate that the partner issued"
	case alert == alertProtocolVersion:
		return fmt.Sprintf("%s accepts no TLS version that is safe (1.2 or later)", host), "ask the partner"
	case refusedHandshake(err):
		return fmt.Sprintf("%s refused the client certificate (%s)", host, alert), "check that it is the one issued for this environment, and not expired"
	}
	return fmt.Sprintf("%s ended the TLS connection (%s)", host, alert), "ask the partner"
}

func timeError(err error, host string) (string, string) {
	var timeout net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return "cancelled", ""
	case errors.Is(err, errStalled):
		return fmt.Sprintf("%s stopped sending in the middle of its answer", host), ""
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout(),
		strings.Contains(err.Error(), "timeout awaiting response headers"):
		return fmt.Sprintf("%s did not answer in time", host), "check the network connection and the partner's status page"
	}
	return "", ""
}

func streamError(err error, host string) (string, string) {
	switch {
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return fmt.Sprintf("%s reset the connection", host), ""
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), strings.Contains(err.Error(), "server closed"):
		return fmt.Sprintf("%s closed the connection without a complete answer", host), ""
	case strings.Contains(err.Error(), "malformed HTTP"):
		return fmt.Sprintf("%s answers with something that is not HTTP/1.1", host), "check the port of the base url"
	}
	return "", ""
}
