package sign

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"strings"
)

// PrivateKey is a P-256 key that cannot be printed. It is a crypto.Signer, so that a TLS client can use it.
// The zero PrivateKey is absent.
type PrivateKey struct{ box *keyBox }

// keyBox keeps the key two pointers away from any printer; see box in secret.go.
type keyBox struct{ key **ecdsa.PrivateKey }

var _ crypto.Signer = PrivateKey{}

// NewPrivateKey takes a P-256 key.
func NewPrivateKey(k *ecdsa.PrivateKey) (PrivateKey, error) {
	if k == nil || k.Curve != elliptic.P256() {
		return PrivateKey{}, errors.New("the key is not on the curve P-256, which ES256 requires (RFC 7518 section 3.4)")
	}
	return PrivateKey{&keyBox{&k}}, nil
}

// Present reports whether there is a key.
func (k PrivateKey) Present() bool { return k.box != nil }

// Public returns the public key, an *ecdsa.PublicKey, or nil when the key is absent.
func (k PrivateKey) Public() crypto.PublicKey {
	if k.box == nil {
		return nil
	}
	return &(*k.box.key).PublicKey
}

// Sign signs a digest, giving ASN.1 DER, as crypto.Signer asks. With rand nil the signature is deterministic (RFC 6979).
func (k PrivateKey) Sign(rand io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if k.box == nil {
		return nil, errors.New("there is no private key to sign with")
	}
	return (*k.box.key).Sign(rand, digest, opts)
}

// Fingerprint is the first 16 bytes of SHA-256 over the SubjectPublicKeyInfo, in hex.
func (k PrivateKey) Fingerprint() string {
	if k.box == nil {
		return ""
	}
	return KeyFingerprint(&(*k.box.key).PublicKey)
}

// Format writes the fingerprint for every verb.
func (k PrivateKey) Format(f fmt.State, _ rune) {
	if k.Present() {
		fmt.Fprintf(f, "[private key %s]", k.Fingerprint())
	}
}

// MarshalText gives the fingerprint, in text and in JSON.
func (k PrivateKey) MarshalText() ([]byte, error) { return fmt.Append(nil, k), nil }

// KeyFingerprint names a public key: the first 16 bytes of SHA-256 over its SubjectPublicKeyInfo, in hex.
func KeyFingerprint(k *ecdsa.PublicKey) string {
	der, err := x509.MarshalPKIXPublicKey(k)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:16])
}

// ParsePrivateKey reads a P-256 private key from PEM: PKCS#8 ("PRIVATE KEY") or SEC 1 ("EC PRIVATE KEY").
// Each error says in one sentence what the text holds instead and what to do.
func ParsePrivateKey(text []byte) (PrivateKey, error) {
	block, err := pemBlock(text, "private key", "PRIVATE KEY", "EC PRIVATE KEY")
	if err != nil {
		return PrivateKey{}, err
	}
	var parsed any
	if block.Type == "EC PRIVATE KEY" {
		parsed, err = x509.ParseECPrivateKey(block.Bytes)
	} else {
		parsed, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	}
	if err != nil {
		return PrivateKey{}, errors.New("the PEM block says private key, but its content cannot be read as one; copy the file again")
	}
	switch k := parsed.(type) {
	case *ecdsa.PrivateKey:
		if k.Curve != elliptic.P256() {
			return PrivateKey{}, fmt.Errorf("the key is on the curve %s, not P-256, which ES256 requires; make one with: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256", k.Curve.Params().Name)
		}
		return NewPrivateKey(k)
	case *rsa.PrivateKey:
		return PrivateKey{}, fmt.Errorf("the key is RSA (%d bits), not EC P-256; make one with: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256", k.N.BitLen())
	default:
		return PrivateKey{}, fmt.Errorf("the key is of type %T, not EC P-256", parsed)
	}
}

// ParsePublicKey reads a P-256 public key from PEM ("PUBLIC KEY"), or takes it from a certificate.
func ParsePublicKey(text []byte) (*ecdsa.PublicKey, error) {
	block, err := pemBlock(text, "public key", "PUBLIC KEY", "CERTIFICATE")
	if err != nil {
		return nil, err
	}
	var parsed any
	if block.Type == "CERTIFICATE" {
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, errors.New("the certificate cannot be read; copy the file again")
		}
		parsed = c.PublicKey
	} else if parsed, err = x509.ParsePKIXPublicKey(block.Bytes); err != nil {
		return nil, errors.New("the PEM block says public key, but its content cannot be read as one; copy the file again")
	}
	k, ok := parsed.(*ecdsa.PublicKey)
	if !ok || k.Curve != elliptic.P256() {
		return nil, errors.New("the public key is not EC P-256, which ES256 requires")
	}
	return k, nil
}

// pemBlock finds the first block of a wanted type and, when there is none, says what the text is instead.
func pemBlock(text []byte, what string, types ...string) (*pem.Block, error) {
	s := strings.TrimSpace(strings.TrimPrefix(string(text), "\ufeff"))
	var other string
	for rest := []byte(s); ; {
		block, tail := pem.Decode(rest)
		if block == nil {
			break
		}
		if block.Type == "ENCRYPTED PRIVATE KEY" || strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED") {
			return nil, errors.New("the private key is protected by a passphrase; write a copy without one: openssl pkey -in FILE -out NEW, and keep it mode 0600")
		}
		for _, t := range types {
			if block.Type == t {
				return block, nil
			}
		}
		if block.Type != "EC PARAMETERS" && other == "" {
			other = block.Type
		}
		rest = tail
	}
	return nil, notPEM(s, what, other)
}

// notPEM names the cause when no wanted block was found.
func notPEM(s, what, other string) error {
	switch {
	case s == "":
		return fmt.Errorf("the %s is empty", what)
	case other != "":
		other = strings.ToLower(other)
		if len(other) > 40 || strings.Trim(other, "abcdefghijklmnopqrstuvwxyz0123456789 ") != "" {
			return fmt.Errorf("a %s is needed, but the PEM text holds %.40q", what, other)
		}
		return fmt.Errorf("a %s is needed, but the PEM text holds a %s", what, other)
	case strings.Contains(s, "-----BEGIN") && strings.Contains(s, `\n`):
		return fmt.Errorf(`the %s has the two characters \n where line breaks must be; replace them with real line breaks`, what)
	case strings.Contains(s, "-----BEGIN"):
		return fmt.Errorf("the %s begins like PEM but is cut off or damaged; copy the whole file, from BEGIN to END", what)
	case s[0] == 0x30:
		return fmt.Errorf("the %s is in DER or PKCS#12 form; convert it to PEM with openssl", what)
	default:
		return fmt.Errorf("the %s is not PEM: there is no line that begins with -----BEGIN", what)
	}
}
