package sign

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"time"
)

// Certificate is a client certificate as it is loaded for mutual TLS.
type Certificate struct {
	X509  *x509.Certificate   // the leaf
	Chain []*x509.Certificate // leaf first, then what the file holds besides
}

// ParseCertificate reads one or more certificates from PEM; the first is the leaf.
func ParseCertificate(text []byte) (Certificate, error) {
	if _, err := pemBlock(text, "certificate", "CERTIFICATE"); err != nil {
		return Certificate{}, err
	}
	var c Certificate
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		x, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return Certificate{}, errors.New("the PEM block says certificate, but its content cannot be read as one; copy the file again")
		}
		c.Chain = append(c.Chain, x)
	}
	if len(c.Chain) == 0 {
		return Certificate{}, errors.New("the certificate is not PEM: there is no complete CERTIFICATE block")
	}
	c.X509 = c.Chain[0]
	return c, nil
}

// Present reports whether there is a certificate.
func (c Certificate) Present() bool { return c.X509 != nil }

// Thumbprint is x5t#S256: base64url of SHA-256 over the DER form (RFC 8705 section 3.1).
func (c Certificate) Thumbprint() string {
	if c.X509 == nil {
		return ""
	}
	sum := sha256.Sum256(c.X509.Raw)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// CheckPair refuses a key that does not belong to the certificate.
func (c Certificate) CheckPair(k PrivateKey) error {
	pub, ok := c.X509.PublicKey.(*ecdsa.PublicKey)
	if !ok {
		return fmt.Errorf("the certificate for %q holds a %s key, not EC P-256", c.X509.Subject.CommonName, c.X509.PublicKeyAlgorithm)
	}
	if !pub.Equal(k.Public()) {
		return fmt.Errorf("the private key (%s) does not belong to the certificate for %q (%s); one of the files is another pair's",
			k.Fingerprint(), c.X509.Subject.CommonName, KeyFingerprint(pub))
	}
	return nil
}

// CheckValidity refuses a certificate that is expired or not yet valid at the moment now.
func (c Certificate) CheckValidity(now time.Time) error {
	name := c.X509.Subject.CommonName
	switch {
	case now.Before(c.X509.NotBefore):
		return fmt.Errorf("the certificate for %q is not valid before %s, in %s; check the clock",
			name, c.X509.NotBefore.UTC().Format(time.RFC3339), c.X509.NotBefore.Sub(now).Round(time.Second))
	case now.After(c.X509.NotAfter):
		return fmt.Errorf("the certificate for %q expired at %s, %s ago; ask the partner for a new one",
			name, c.X509.NotAfter.UTC().Format(time.RFC3339), now.Sub(c.X509.NotAfter).Round(time.Second))
	}
	return nil
}
