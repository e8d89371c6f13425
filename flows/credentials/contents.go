package credentials

import (
	"crypto/ecdsa"
	"fmt"
	"time"

	"countersign/sign"
)

// Contents is what a file holds, as far as it may be told: nothing of it is secret.
type Contents struct {
	Kind        ContentKind `json:"kind"`
	Fingerprint string      `json:"fingerprint"` // of the public key, see sign.KeyFingerprint: equal for a key and its certificate

	// Of a certificate only.
	Subject    string     `json:"subject,omitempty"`
	Issuer     string     `json:"issuer,omitempty"`
	NotBefore  *time.Time `json:"not_before,omitempty"`
	NotAfter   *time.Time `json:"not_after,omitempty"`
	Thumbprint string     `json:"thumbprint,omitempty"` // x5t#S256 (RFC 8705 section 3.1)
}

// ContentKind is a kind of PEM file.
type ContentKind string

// The kinds of file that are told apart.
const (
	ACertificate ContentKind = "certificate"
	APrivateKey  ContentKind = "private key"
	APublicKey   ContentKind = "public key"
)

// describe says what the file of a field holds, or why it is of no use.
func (r *Record) describe(f Field, v Value) {
	c, err := contents(f, []byte(v.Secret.Reveal())) // the private half goes no further than the parser
	if err != nil {
		r.Problems = append(r.Problems, Problem{Field: f.Name, Message: r.Label + ": " + err.Error(), Hint: "it comes from: " + v.Source.String()})
		return
	}
	r.Contents = &c
}

// contents reads PEM: a private key where the field is secret, else a certificate or a public key.
func contents(f Field, text []byte) (Contents, error) {
	if f.Secret {
		k, err := sign.ParsePrivateKey(text)
		return Contents{Kind: APrivateKey, Fingerprint: k.Fingerprint()}, err
	}
	if k, err := sign.ParsePublicKey(text); err == nil && !certified(text) {
		return Contents{Kind: APublicKey, Fingerprint: sign.KeyFingerprint(k)}, nil
	}
	c, err := sign.ParseCertificate(text)
	if err != nil {
		return Contents{}, err
	}
	x := c.X509
	out := Contents{Kind: ACertificate, Thumbprint: c.Thumbprint(), Subject: x.Subject.String(), Issuer: x.Issuer.String(), NotBefore: &x.NotBefore, NotAfter: &x.NotAfter}
	if k, ok := x.PublicKey.(*ecdsa.PublicKey); ok {
		out.Fingerprint = sign.KeyFingerprint(k)
	}
	return out, nil
}

func certified(text []byte) bool {
	_, err := sign.ParseCertificate(text)
	return err == nil
}

// exposed warns of a private key that other users of the machine can read.
func (s *Store) exposed(f Field, path string) []Problem {
	if !f.Secret || s.Mode == nil {
		return nil
	}
	mode, err := s.Mode(path)
	if err != nil || mode&0o077 == 0 { // that it cannot be read is told when it is read
		return nil
	}
	return []Problem{{Field: f.Name, Warning: true, Message: fmt.Sprintf("%s: other users can get at the file %q (mode %04o)", f.label(), path, mode),
		Hint: fmt.Sprintf("chmod 600 %s", shellQuote(path))}}
}
