package credentials_test

import (
	"crypto/ecdsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"countersign/flows/credentials"
	"countersign/sign"
)

// pair makes a key and a certificate for it, in files.
func pair(t *testing.T) (keyFile, certificateFile string) {
	t.Helper()
	r := request(t)
	if _, err := credentials.GenerateClientKey(constant(7), r); err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode([]byte(read(t, r.KeyFile)))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	k := key.(*ecdsa.PrivateKey)
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "me"}, NotBefore: from, NotAfter: from.AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(nil, template, template, &k.PublicKey, k)
	if err != nil {
		t.Fatal(err)
	}
	certificateFile = r.KeyFile + ".crt"
	write(t, certificateFile, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	return r.KeyFile, certificateFile
}

// A key and its certificate are told by the same fingerprint, the one that records of requests name.
func TestListTellsWhatFilesHold(t *testing.T) {
	keyFile, certificateFile := pair(t)
	fields := []credentials.Field{key, {Name: "certificate", Label: "Certificate", File: true}, {Name: "public", File: true}, {Name: "none", File: true, Optional: true}}
	s := &credentials.Store{ReadFile: credentials.ReadFile, Mode: credentials.FileMode}
	signing := credentials.SigningKeyRequest{KeyFile: filepath.Join(t.TempDir(), "s"), PublicFile: filepath.Join(t.TempDir(), "s.pub")}
	made, err := credentials.GenerateSigningKey(constant(9), signing)
	if err != nil {
		t.Fatal(err)
	}
	q := credentials.Query{Provider: "acme", Environment: "production", Fields: fields,
		Options: map[string]string{"key": keyFile, "certificate": certificateFile, "public": signing.PublicFile}}
	records := s.List(t.Context(), q)
	k, c := records[0].Contents, records[1].Contents
	if k == nil || c == nil || k.Kind != credentials.APrivateKey || c.Kind != credentials.ACertificate || k.Fingerprint != c.Fingerprint || len(k.Fingerprint) != 32 {
		t.Fatalf("got %+v and %+v", k, c)
	}
	if c.Subject != "CN=me" || c.Issuer != "CN=me" || c.NotAfter.Format(time.DateOnly) != "2027-01-01" || c.Thumbprint == "" {
		t.Errorf("got %+v", c)
	}
	if p := records[2].Contents; p == nil || p.Kind != credentials.APublicKey || p.Fingerprint != made.Fingerprint {
		t.Errorf("got %+v", p)
	}
	if records[3].Contents != nil {
		t.Errorf("got %+v of no file", records[3].Contents)
	}
	body, _ := pem.Decode([]byte(read(t, keyFile)))
	all, _ := json.Marshal(records)
	if told := fmt.Sprintf("%+v", records) + string(all); strings.Contains(told, string(body.Bytes)) || strings.Contains(told, "PRIVATE KEY---") {
		t.Error("the private half is told")
	}
}

func TestListTellsWhyAFileIsOfNoUse(t *testing.T) {
	s := world{files: map[string]string{"/k": "-----BEGIN PRIVATE KEY-----\ncut"}}.store(t)
	q := production
	q.Options = map[string]string{"key": "/k"}
	r := s.List(t.Context(), q)[2]
	if r.Contents != nil || len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Message, "cut off or damaged") || r.Problems[0].Warning {
		t.Errorf("got %+v", r)
	}
}

// A private key that others can read is used, and told about wherever it is: when it is looked up and when it is stored.
func TestAnExposedKeyIsTold(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("SKIPPED: modes say nothing of other users there")
	}
	keyFile, _ := pair(t)
	s := world{config: "version = 1\n"}.store(t)
	s.ReadFile, s.Mode = credentials.ReadFile, credentials.FileMode
	q := production
	q.Options = map[string]string{"key": keyFile}
	told := func() (all []credentials.Problem) {
		_, problems := s.Resolve(t.Context(), q)
		for _, p := range problems {
			if p.Field == "key" {
				all = append(all, p)
			}
		}
		return all
	}
	if p := told(); len(p) != 0 {
		t.Errorf("a key of mode 0600 is told about: %v", p)
	}
	for _, mode := range []os.FileMode{0o644, 0o640, 0o620} {
		if err := os.Chmod(keyFile, mode); err != nil {
			t.Fatal(err)
		}
		if p := told(); len(p) != 1 || !p[0].Warning || !strings.Contains(p[0].Message, fmt.Sprintf("mode %04o", mode)) || !strings.Contains(p[0].Hint, "chmod 600 ") {
			t.Errorf("%v: got %v", mode, p)
		}
	}
	stored, err := s.Put(t.Context(), production, "key", sign.NewSecret(keyFile))
	if err != nil || len(stored.Problems) != 1 || !stored.Problems[0].Warning {
		t.Errorf("got %+v, %v", stored, err)
	}
}

// A keyring that hangs is asked once, whatever there is to list.
func TestSurveyAsksAFailingKeyringOnce(t *testing.T) {
	s := world{env: map[string]string{"ACME_PASS": "hunter2222"}}.store(t)
	broken := &failing{err: fmt.Errorf("%w, it seems", credentials.ErrHanging)}
	s.Keyring = broken
	other := production
	other.Profile = "old"
	lists, err := s.Survey(t.Context(), []credentials.Query{production, other})
	if err != broken.err || broken.asked != 1 {
		t.Errorf("asked %d times, %v", broken.asked, err)
	}
	if len(lists) != 2 || !lists[0][1].Set || lists[0][1].Source.Kind != credentials.FromEnvironment || len(lists[1]) != len(fields) {
		t.Errorf("got %+v", lists)
	}
}

func TestSurvey(t *testing.T) {
	s := world{keyring: map[string]string{"acme/production/old/password": "hunter2222"}}.store(t)
	old := production
	old.Profile = "old"
	lists, err := s.Survey(t.Context(), []credentials.Query{production, old})
	if err != nil || lists[0][1].Set || !lists[1][1].Set || lists[1][1].Profile != "old" {
		t.Errorf("got %+v, %v", lists, err)
	}
	s.Keyring = nil
	if _, err := s.Survey(t.Context(), nil); err == nil {
		t.Error("no keyring is no trouble")
	}
}

// The secrets of all queries are found, each under a name of its own, and nothing that is no secret.
func TestSecrets(t *testing.T) {
	s := world{keyring: map[string]string{"acme/production/old/password": "hunter2222"}, env: map[string]string{"ACME_PASS": "hunter3333"}}.store(t)
	old := production
	old.Profile = "old"
	got, err := s.Secrets(t.Context(), []credentials.Query{production, old})
	if err != nil || len(got) != 2 || got["password acme production default"].Reveal() != "hunter3333" || got["password acme production old"].Reveal() != "hunter2222" {
		t.Errorf("got %v, %v", got, err)
	}
	broken := &failing{err: fmt.Errorf("%w, it seems", credentials.ErrHanging)}
	s.Keyring = broken
	if got, err := s.Secrets(t.Context(), []credentials.Query{old, production}); err != broken.err || broken.asked != 1 || len(got) == 0 {
		t.Errorf("asked %d times, got %v, %v", broken.asked, got, err)
	}
}

func TestASecretThatLooksLikeAReference(t *testing.T) {
	s := world{}.store(t)
	got, err := s.Put(t.Context(), production, "password", sign.NewSecret("env:VAULT_PASS"))
	if err != nil || got.Where != credentials.InKeyring || len(got.Problems) != 1 || !got.Problems[0].Warning {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestExpand(t *testing.T) {
	s := world{env: map[string]string{"HOME": "/home/me"}}.store(t)
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"~/a": "/home/me/a", "/b": "/b", "c/../d": filepath.Join(here, "d"), "~": filepath.Join(here, "~")} {
		if got, err := s.Expand(path); got != want || err != nil {
			t.Errorf("%q: %q, %v", path, got, err)
		}
	}
}

// The commands that are shown make files that hold the same, whatever the names are.
func TestOpenSSLCommandsDoTheSame(t *testing.T) {
	for _, tool := range []string{"openssl", "sh"} {
		needs(t, tool)
	}
	dir := filepath.Join(t.TempDir(), "it's here")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"Your Org", `A/B + C\D, "E" & F`, "Ährenfeld"} {
		r := credentials.ClientKeyRequest{Organisation: name, ClientID: "sbk_live_1",
			KeyFile: filepath.Join(dir, fmt.Sprint(i, ".key")), RequestFile: filepath.Join(dir, fmt.Sprint(i, ".csr"))}
		g, err := credentials.GenerateClientKey(constant(7), r)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range []string{r.KeyFile, r.RequestFile} {
			if err := os.Remove(f); err != nil {
				t.Fatal(err)
			}
		}
		shell(t, g.OpenSSL())
		ours, theirs := subjectOf(t, g.PublicPEM), subjectOf(t, read(t, r.RequestFile))
		if ours != theirs {
			t.Errorf("%q: subject %q, by openssl %q", name, ours, theirs)
		}
		if _, err := sign.ParsePrivateKey([]byte(read(t, r.KeyFile))); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	s := credentials.SigningKeyRequest{KeyFile: filepath.Join(dir, "s"), PublicFile: filepath.Join(dir, "s.pub")}
	g, err := credentials.GenerateSigningKey(constant(9), s)
	if err != nil {
		t.Fatal(err)
	}
	os.Remove(s.KeyFile)
	os.Remove(s.PublicFile)
	shell(t, g.OpenSSL())
	if _, err := sign.ParsePublicKey([]byte(read(t, s.PublicFile))); err != nil {
		t.Error(err)
	}
}
