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
	"reflect"
	"slices"
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
	e.Message = fmt.Sprintf("the exchange with %s failed: %s", req.Authority, excerpt(untrusted.From(cause.Error())))
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
		return fmt.Sprintf("the certificate of %s is for another name: %s", host, namesOf(name.Certificate)),
			"check the host of the base url"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return fmt.Sprintf("the certificate of %s is not valid now: it runs from %s to %s", host,
				invalid.Cert.NotBefore.UTC().Format(time.RFC3339), invalid.Cert.NotAfter.UTC().Format(time.RFC3339)),
			"check the clock of this machine, then ask the partner"
	case errors.As(err, &invalid):
		return fmt.Sprintf("the certificate of %s cannot be used: %s", host, excerpt(untrusted.From(invalid.Error()))), "ask the partner"
	}
	return "", ""
}

// namesOf are the names and addresses that a certificate is for.
func namesOf(c *x509.Certificate) string {
	names := slices.Clone(c.DNSNames)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		return "none that counts"
	}
	return excerpt(untrusted.From(strings.Join(names, ", ")))
}

// The alerts that a server sends when it refuses the handshake (RFC 8446 section 6.2).
const (
	alertHandshakeFailure    = 40
	alertBadCertificate      = 42 // to 46: unsupported, revoked, expired, unknown
	alertCertificateUnknown  = 46
	alertUnknownCA           = 48
	alertAccessDenied        = 49
	alertProtocolVersion     = 70
	alertCertificateRequired = 116
)

// remoteAlert is the alert with which the far side ended the connection. crypto/tls has no exported type for it outside
// QUIC, so it is known by its place in a net.OpError and by its kind: the number of the alert.
func remoteAlert(err error) (uint8, bool) {
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "remote error" {
		return 0, false
	}
	v := reflect.ValueOf(op.Err)
	if v.Kind() != reflect.Uint8 {
		return 0, false
	}
	return uint8(v.Uint()), true
}

// refusedClient reports whether the server refused our certificate, or the lack of one, in the handshake. With TLS 1.3 the
// client learns of it only behind its first bytes, and the server has not looked at those (RFC 8446 section 4.4.2.4).
// With TLS 1.2 the handshake is over for both sides before a byte is written, so an alert may follow on the request.
func refusedClient(err error, facts *TLSFacts) bool {
	alert, ok := remoteAlert(err)
	if !ok || facts == nil || !facts.ClientAsked || facts.Version != tls.VersionName(tls.VersionTLS13) {
		return false
	}
	return alert == alertHandshakeFailure || aboutCertificate(alert)
}

// aboutCertificate reports whether an alert judges the certificate that we presented.
func aboutCertificate(alert uint8) bool {
	return alert >= alertBadCertificate && alert <= alertCertificateUnknown ||
		alert == alertUnknownCA || alert == alertAccessDenied || alert == alertCertificateRequired
}

func tlsError(err error, host string) (string, string) {
	var record tls.RecordHeaderError
	if errors.As(err, &record) {
		return fmt.Sprintf("%s does not speak TLS on this port", host), "check the port: it answers, but not with https"
	}
	alert, ok := remoteAlert(err)
	name := tls.AlertError(alert)
	switch {
	case !ok:
		return "", ""
	case alert == alertCertificateRequired || alert == alertHandshakeFailure:
		return fmt.Sprintf("%s ended the handshake (%s); it probably requires a client certificate", host, name), "load the client certificate that the partner issued"
	case alert == alertProtocolVersion:
		return fmt.Sprintf("%s accepts no TLS version that is safe (1.2 or later)", host), "ask the partner"
	case aboutCertificate(alert):
		return fmt.Sprintf("%s refused the client certificate (%s)", host, name), "check that it is the one issued for this environment, and not expired"
	}
	return fmt.Sprintf("%s ended the TLS connection (%s)", host, name), "ask the partner"
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
