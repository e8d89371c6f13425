package sandbox

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// account is what a partner hands out at onboarding. Everything in it was made for this run, but Jupico's pair, which
// Jupico publishes for everybody.
type account struct {
	fields map[string]string
	files  map[string][]byte // PEM
	paths  map[string]string // of files, once written
}

// is compares a presented secret in constant time. Hashing first keeps the length out of the timing as well.
func (a *account) is(field, presented string) bool {
	want, got := sha256.Sum256([]byte(a.fields[field])), sha256.Sum256([]byte(presented))
	return subtle.ConstantTimeCompare(want[:], got[:]) == 1
}

// privatePEM is a key in PKCS#8, the form that the page's importPKCS8 reads.
func privatePEM(key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return pemBlock("PRIVATE KEY", der), nil
}

func publicPEM(key *ecdsa.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return nil, err
	}
	return pemBlock("PUBLIC KEY", der), nil
}

// writeFiles puts the CA certificate and the partners' PEM files into dir and returns the CA's path. Files of an earlier
// run are replaced.
func writeFiles(dir string, ca []byte, partners map[string]*partner) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("sandbox: cannot make %q: %w", dir, err)
	}
	// An existing directory keeps its mode through MkdirAll.
	if err := os.Chmod(dir, 0o700); err != nil {
		return "", fmt.Errorf("sandbox: cannot close %q to others: %w", dir, err)
	}
	for id, p := range partners {
		p.account.paths = make(map[string]string)
		for _, name := range slices.Sorted(maps.Keys(p.account.files)) {
			path := filepath.Join(dir, id+"-"+strings.ReplaceAll(name, "_", "-")+".pem")
			if err := writePrivate(path, p.account.files[name]); err != nil {
				return "", err
			}
			p.account.paths[name] = path
		}
	}
	path := filepath.Join(dir, "ca.pem")
	return path, writePrivate(path, ca)
}

// writePrivate writes a file that only its owner may read. A new file is renamed into place, so that neither the mode of
// an old one nor a link at that path matters.
func writePrivate(path string, data []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".new-*") // mode 0600
	if err != nil {
		return fmt.Errorf("sandbox: cannot write %q: %w", path, err)
	}
	_, err = file.Write(data)
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		os.Remove(file.Name())
		return fmt.Errorf("sandbox: cannot write %q: %w", path, err)
	}
	return nil
}
