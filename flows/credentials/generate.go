package credentials

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"countersign/sign"
	"countersign/sign/untrusted"
)

// ClientKeyRequest asks for a key for mutual TLS and the certificate signing request that goes to the partner.
type ClientKeyRequest struct {
	Organisation, ClientID string // the subject, /O=Organisation/CN=ClientID
	KeyFile, RequestFile   string
	Overwrite              bool // replace files that are there
}

// SigningKeyRequest asks for a key for signing requests and the public half that goes to the partner.
type SigningKeyRequest struct {
	KeyFile, PublicFile string
	Overwrite           bool
}

// Generated is what was made. It holds nothing secret.
type Generated struct {
	KeyFile     string `json:"key_file"`    // PKCS#8 in PEM, mode 0600
	PublicFile  string `json:"public_file"` // the request or the public key, in PEM
	PublicPEM   string `json:"public_pem"`  // the content of PublicFile, to be copied
	Subject     string `json:"subject,omitempty"`
	Fingerprint string `json:"fingerprint"` // of the SubjectPublicKeyInfo, see sign.KeyFingerprint

	name pkix.Name // of the subject, for OpenSSL
}

// GenerateClientKey makes a P-256 key and a certificate signing request (RFC 2986) for it, as
//
//	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out partner.key
//	openssl req -new -key partner.key -subj "/O=Your Org/CN=your_client_id" -out partner.csr
//
// do. Either both files are written or none. An error for a file that is there satisfies errors.Is(err, fs.ErrExist).
// random is the source of the key, crypto/rand.Reader outside of tests.
func GenerateClientKey(random io.Reader, r ClientKeyRequest) (Generated, error) {
	for what, text := range map[string]string{"organisation": r.Organisation, "client id": r.ClientID} {
		if err := subjectPart(what, text); err != nil {
			return Generated{}, err
		}
	}
	k, err := newKey(random)
	if err != nil {
		return Generated{}, err
	}
	template := &x509.CertificateRequest{
		Subject:            pkix.Name{Organization: []string{r.Organisation}, CommonName: r.ClientID},
		SignatureAlgorithm: x509.ECDSAWithSHA256,
	}
	// Without a source of randomness the signature is deterministic (RFC 6979): the file depends on the key alone.
	der, err := x509.CreateCertificateRequest(nil, template, k)
	if err != nil {
		return Generated{}, fmt.Errorf("cannot make the certificate signing request: %w", err)
	}
	g := Generated{KeyFile: r.KeyFile, PublicFile: r.RequestFile, Subject: "/O=" + r.Organisation + "/CN=" + r.ClientID, name: template.Subject}
	return g.write(k, &pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}, r.Overwrite)
}

// GenerateSigningKey makes a P-256 key for ES256 and the PEM of its public half. Its files are written as by [GenerateClientKey].
func GenerateSigningKey(random io.Reader, r SigningKeyRequest) (Generated, error) {
	k, err := newKey(random)
	if err != nil {
		return Generated{}, err
	}
	der, err := x509.MarshalPKIXPublicKey(&k.PublicKey)
	if err != nil {
		return Generated{}, err
	}
	g := Generated{KeyFile: r.KeyFile, PublicFile: r.PublicFile}
	return g.write(k, &pem.Block{Type: "PUBLIC KEY", Bytes: der}, r.Overwrite)
}

// newKey draws a P-256 key by rejection sampling (FIPS 186-5 appendix A.2.2). It does not call ecdsa.GenerateKey,
// which ignores the source that it is given.
func newKey(random io.Reader) (*ecdsa.PrivateKey, error) {
	var raw [32]byte
	for range 100 { // a draw fails once in 2^32
		if _, err := io.ReadFull(random, raw[:]); err != nil {
			return nil, fmt.Errorf("no randomness for a key: %w", err)
		}
		if k, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), raw[:]); err == nil {
			return k, nil
		}
	}
	return nil, errors.New("the source of randomness gives no usable key")
}

// subjectPart refuses what a certificate authority would. The bound is ub-common-name and
// ub-organization-name (RFC 5280 appendix A.1).
func subjectPart(what, text string) error {
	switch {
	case text == "":
		return fmt.Errorf("the %s is missing; it is part of the subject", what)
	case strings.TrimSpace(text) != text:
		return fmt.Errorf("the %s %q starts or ends with a blank", what, text)
	case untrusted.From(text).String() != text:
		return fmt.Errorf("the %s %q holds a character that cannot be seen", what, text)
	case utf8.RuneCountInString(text) > 64:
		return fmt.Errorf("the %s has %d characters, and a certificate holds 64", what, utf8.RuneCountInString(text))
	}
	return nil
}

// write puts the key and its public part into their files.
func (g Generated) write(k *ecdsa.PrivateKey, public *pem.Block, overwrite bool) (Generated, error) {
	if filepath.Clean(g.KeyFile) == filepath.Clean(g.PublicFile) {
		return Generated{}, fmt.Errorf("the key and its public part cannot both go to %q", g.KeyFile)
	}
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		return Generated{}, err
	}
	g.Fingerprint, g.PublicPEM = sign.KeyFingerprint(&k.PublicKey), string(pem.EncodeToMemory(public))
	private := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})

	files := []file{{g.KeyFile, private, 0o600}, {g.PublicFile, []byte(g.PublicPEM), 0o644}}
	save := createAll
	if overwrite {
		save = overwriteAll
	}
	if err := save(files); err != nil {
		return Generated{}, err
	}
	return g, nil
}

// file is one to be written.
type file struct {
	path string
	data []byte
	mode fs.FileMode
}

// createAll writes all files, or, when one of them is there already or cannot be written, none.
func createAll(files []file) error {
	for i, f := range files {
		if err := create(f); err != nil {
			for _, done := range files[:i] {
				os.Remove(done.path)
			}
			return err
		}
	}
	return nil
}

// overwriteAll writes all files whether they are there or not; the old ones stay until all new ones are on the disk.
func overwriteAll(files []file) error {
	var staged []string
	defer func() {
		for _, name := range staged {
			os.Remove(name) // those that got their name are not there any more
		}
	}()
	for _, f := range files {
		name, err := stage(f.path, f.data, f.mode)
		if err != nil {
			return fmt.Errorf("cannot write %q, which stays as it was: %w", f.path, err)
		}
		staged = append(staged, name)
	}
	for i, f := range files {
		if err := settle(staged[i], f.path); err != nil {
			return fmt.Errorf("cannot replace %q: %w", f.path, err)
		}
	}
	return nil
}

func exists(path string) error {
	return fmt.Errorf("%q is there already, and is not overwritten unless you say so: %w", path, fs.ErrExist)
}

// create writes a file that is not there yet, and leaves nothing behind when it cannot.
func create(f file) error {
	out, err := os.OpenFile(f.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, f.mode)
	if errors.Is(err, fs.ErrExist) {
		return exists(f.path)
	}
	if err != nil {
		return fmt.Errorf("cannot write %q: %w", f.path, bare(err))
	}
	_, err = out.Write(f.data)
	if err == nil {
		err = out.Sync()
	}
	if e := out.Close(); err == nil {
		err = e
	}
	if err != nil {
		os.Remove(f.path)
		return fmt.Errorf("cannot write %q: %w", f.path, bare(err))
	}
	syncDir(filepath.Dir(f.path))
	return nil
}
