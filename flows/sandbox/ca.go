package sandbox

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"net"
	"time"
)

// Certificates begin an hour early, for clients whose clock is behind, and end [Options.Life] after the start.
const (
	certificateBefore = time.Hour
	defaultLife       = 23 * time.Hour
	maxLife           = 397 * 24 * time.Hour
)

// period is the validity that all certificates of one run share. None of them is renewed on the way: what a client
// loaded on the first day (CA, certificate, key) is good until the last, and so are tokens bound to its certificate.
type period struct{ from, until time.Time }

// authority is the CA of one run. It is name-constrained to loopback (RFC 5280 section 4.2.1.10), so that a copy that
// ends up in somebody's trust store can vouch for nothing else, and its key exists in memory only.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	valid       period
	stream      *stream
	roots       *x509.CertPool
}

func newAuthority(now time.Time, life time.Duration, s *stream) (*authority, error) {
	a := &authority{key: s.key(), stream: s, valid: period{now.Add(-certificateBefore), now.Add(life)}}
	der, err := a.sign(&x509.Certificate{
		SerialNumber:                s.serial(),
		Subject:                     pkix.Name{Organization: []string{"Countersign sandbox"}, CommonName: "Countersign sandbox CA " + s.hex(4)},
		NotBefore:                   a.valid.from,
		NotAfter:                    a.valid.until,
		IsCA:                        true,
		BasicConstraintsValid:       true,
		MaxPathLenZero:              true,
		KeyUsage:                    x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		PermittedDNSDomainsCritical: true,
		PermittedDNSDomains:         []string{"localhost"},
		PermittedIPRanges: []*net.IPNet{
			{IP: net.IPv4(127, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)},
			{IP: net.IPv6loopback, Mask: net.CIDRMask(128, 128)},
		},
	}, &a.key.PublicKey)
	if err != nil {
		return nil, err
	}
	if a.certificate, err = x509.ParseCertificate(der); err != nil {
		return nil, err
	}
	a.roots = x509.NewCertPool()
	a.roots.AddCert(a.certificate)
	return a, nil
}

// serverCertificate is the certificate that every partner's listener presents.
func (a *authority) serverCertificate() (tls.Certificate, error) {
	key := a.stream.key()
	der, err := a.sign(&x509.Certificate{
		SerialNumber: a.stream.serial(),
		Subject:      pkix.Name{Organization: []string{"Countersign sandbox"}, CommonName: "localhost"},
		NotBefore:    a.valid.from,
		NotAfter:     a.valid.until,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:     []string{"localhost"},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1).To4(), net.IPv6loopback},
	}, &key.PublicKey)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// clientCertificate issues what a partner would return for a CSR of this subject.
func (a *authority) clientCertificate(commonName string, key *ecdsa.PublicKey) ([]byte, error) {
	return a.sign(&x509.Certificate{
		SerialNumber: a.stream.serial(),
		Subject:      pkix.Name{Organization: []string{"Your Org"}, CommonName: commonName},
		NotBefore:    a.valid.from,
		NotAfter:     a.valid.until,
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, key)
}

func (a *authority) sign(template *x509.Certificate, public *ecdsa.PublicKey) ([]byte, error) {
	parent := a.certificate
	if parent == nil {
		parent = template // the CA signs itself
	}
	return x509.CreateCertificate(nil, template, parent, public, deterministic{a.key})
}

// deterministic signs as RFC 6979 says, without randomness, so that a fixed seed gives the same certificates.
type deterministic struct{ key *ecdsa.PrivateKey }

func (d deterministic) Public() crypto.PublicKey { return &d.key.PublicKey }

func (d deterministic) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return d.key.Sign(nil, digest, opts)
}

func pemBlock(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}
