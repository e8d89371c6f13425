package credentials_test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"countersign/flows/credentials"
	"countersign/sign"
)

// constant is a source of randomness that gives the same key each time.
func constant(b byte) io.Reader { return bytes.NewReader(bytes.Repeat([]byte{b}, 32)) }

// request asks for a client key in a directory of its own.
func request(t *testing.T) credentials.ClientKeyRequest {
	dir := t.TempDir()
	return credentials.ClientKeyRequest{
		Organisation: "Your Org", ClientID: "sbk_live_1",
		KeyFile: filepath.Join(dir, "partner.key"), RequestFile: filepath.Join(dir, "partner.csr"),
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestGenerateClientKey(t *testing.T) {
	r := request(t)
	g, err := credentials.GenerateClientKey(constant(7), r)
	if err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(r.KeyFile); info.Mode().Perm() != 0o600 {
		t.Errorf("the key has mode %v", info.Mode())
	}
	k, err := sign.ParsePrivateKey([]byte(read(t, r.KeyFile)))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode([]byte(read(t, r.RequestFile)))
	csr, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil || csr.CheckSignature() != nil {
		t.Fatalf("%v, %v", err, csr.CheckSignature())
	}
	if csr.Subject.String() != "CN=sbk_live_1,O=Your Org" || g.Subject != "/O=Your Org/CN=sbk_live_1" {
		t.Errorf("the subject is %q, told as %q", csr.Subject, g.Subject)
	}
	if g.Fingerprint != k.Fingerprint() || g.PublicPEM != read(t, r.RequestFile) {
		t.Errorf("got %+v", g)
	}
	again := request(t)
	if h, err := credentials.GenerateClientKey(constant(7), again); err != nil || h.PublicPEM != g.PublicPEM {
		t.Errorf("the same randomness gives another request: %v", err)
	}
}

func TestGenerateSigningKey(t *testing.T) {
	dir := t.TempDir()
	r := credentials.SigningKeyRequest{KeyFile: filepath.Join(dir, "k"), PublicFile: filepath.Join(dir, "k.pub")}
	g, err := credentials.GenerateSigningKey(constant(9), r)
	if err != nil {
		t.Fatal(err)
	}
	public, err := sign.ParsePublicKey([]byte(g.PublicPEM))
	if err != nil || sign.KeyFingerprint(public) != g.Fingerprint || read(t, r.PublicFile) != g.PublicPEM {
		t.Errorf("got %+v, %v", g, err)
	}
}

// What is there stays, whichever of the two files it is, and no half of a pair is left behind.
func TestGenerateOverwritesNothing(t *testing.T) {
	for _, c := range []struct {
		there, other func(credentials.ClientKeyRequest) string
	}{
		{func(r credentials.ClientKeyRequest) string { return r.KeyFile }, func(r credentials.ClientKeyRequest) string { return r.RequestFile }},
		{func(r credentials.ClientKeyRequest) string { return r.RequestFile }, func(r credentials.ClientKeyRequest) string { return r.KeyFile }},
	} {
		r := request(t)
		write(t, c.there(r), "precious")
		_, err := credentials.GenerateClientKey(constant(7), r)
		if !errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), c.there(r)) {
			t.Errorf("got %v", err)
		}
		if read(t, c.there(r)) != "precious" {
			t.Error("the file was overwritten")
		}
		if _, err := os.Stat(c.other(r)); err == nil {
			t.Error("half of the pair was written")
		}
		r.Overwrite = true
		if _, err := credentials.GenerateClientKey(constant(7), r); err != nil {
			t.Fatal(err)
		}
		info, _ := os.Stat(r.KeyFile)
		if !strings.HasPrefix(read(t, r.KeyFile), "-----BEGIN PRIVATE KEY-----") || info.Mode().Perm() != 0o600 {
			t.Errorf("asked to overwrite, it did not, or left mode %v", info.Mode())
		}
		if left, _ := os.ReadDir(filepath.Dir(r.KeyFile)); len(left) != 2 {
			t.Errorf("left behind: %v", left)
		}
	}
}

// A link to nowhere is not followed to make a key in another place.
func TestGenerateFollowsNoLink(t *testing.T) {
	r := request(t)
	target := filepath.Join(t.TempDir(), "elsewhere")
	if err := os.Symlink(target, r.KeyFile); err != nil {
		t.Fatal(err)
	}
	if _, err := credentials.GenerateClientKey(constant(7), r); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(target); err == nil {
		t.Error("the key was written through the link")
	}
}

func TestGenerateRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*credentials.ClientKeyRequest)
		random io.Reader
	}{
		"no organisation":     {func(r *credentials.ClientKeyRequest) { r.Organisation = "" }, constant(7)},
		"no client id":        {func(r *credentials.ClientKeyRequest) { r.ClientID = "" }, constant(7)},
		"blank at the end":    {func(r *credentials.ClientKeyRequest) { r.ClientID += " " }, constant(7)},
		"invisible character": {func(r *credentials.ClientKeyRequest) { r.Organisation = "Your\u200bOrg" }, constant(7)},
		"too long":            {func(r *credentials.ClientKeyRequest) { r.ClientID = strings.Repeat("x", 65) }, constant(7)},
		"one file for both":   {func(r *credentials.ClientKeyRequest) { r.RequestFile = r.KeyFile }, constant(7)},
		"no directory":        {func(r *credentials.ClientKeyRequest) { r.KeyFile += "/x/y" }, constant(7)},
		"no randomness":       {func(r *credentials.ClientKeyRequest) {}, constant(0xFF)},
		"short randomness":    {func(r *credentials.ClientKeyRequest) {}, strings.NewReader("x")},
	} {
		r := request(t)
		dir := filepath.Dir(r.KeyFile)
		c.change(&r)
		if _, err := credentials.GenerateClientKey(c.random, r); err == nil {
			t.Errorf("%s was accepted", name)
		}
		if left, _ := os.ReadDir(dir); len(left) != 0 {
			t.Errorf("%s: left behind %v", name, left)
		}
	}
}

// openssl reads what was made, and says the same of it.
func TestOpenSSLReadsTheFiles(t *testing.T) {
	needs(t, "openssl")
	openssl := func(args ...string) string {
		out, err := exec.Command("openssl", args...).CombinedOutput()
		if err != nil {
			t.Fatalf("openssl %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	r := request(t)
	if _, err := credentials.GenerateClientKey(constant(7), r); err != nil {
		t.Fatal(err)
	}
	text := openssl("req", "-in", r.RequestFile, "-verify", "-noout", "-text", "-subject", "-nameopt", "compat")
	for _, want := range []string{"verify OK", "/O=Your Org/CN=sbk_live_1", "prime256v1", "ecdsa-with-SHA256"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if text := openssl("pkey", "-in", r.KeyFile, "-check", "-noout"); !strings.Contains(text, "valid") {
		t.Errorf("got %s", text)
	}
	if openssl("pkey", "-in", r.KeyFile, "-pubout") != openssl("req", "-in", r.RequestFile, "-pubkey", "-noout") {
		t.Error("the request is for another key")
	}
	dir := t.TempDir()
	s := credentials.SigningKeyRequest{KeyFile: filepath.Join(dir, "k"), PublicFile: filepath.Join(dir, "k.pub")}
	g, err := credentials.GenerateSigningKey(constant(9), s)
	if err != nil || openssl("pkey", "-in", s.KeyFile, "-pubout") != g.PublicPEM {
		t.Errorf("openssl derives another public key: %v", err)
	}
}

// needs skips a test that has no second opinion without a program.
func needs(t *testing.T, program string) {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("SKIPPED: %s is not installed, so nobody else made or read the files", program)
	}
}

// shell runs commands as a person who copied them does.
func shell(t *testing.T, commands []string) {
	t.Helper()
	if out, err := exec.Command("sh", "-ec", strings.Join(commands, "\n")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s\n%s", err, strings.Join(commands, "\n"), out)
	}
}

// subjectOf is the subject of a certificate signing request. Its strings may be PrintableString or UTF8String, which
// RFC 5280 section 4.1.2.4 leaves open, so it is compared as text.
func subjectOf(t *testing.T, text string) string {
	t.Helper()
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		t.Fatalf("no PEM: %q", text)
	}
	csr, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return csr.Subject.String()
}
