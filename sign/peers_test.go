package sign

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// peer finds a program that we did not write; without it the test says loudly that it did not run.
func peer(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("NOT RUN: %s is not installed", name)
	}
	return path
}

func run(t *testing.T, stdin string, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(peer(t, name), args...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return strings.TrimSpace(string(out))
}

func writeFile(t *testing.T, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

var hostileBodies = []string{"", "{}", `{"name": "é ü 漢", "amount": 1.00}`, "line\nfeed\r\n\x00\xff", strings.Repeat("x", 70000)}

// Jiko's guide computes the signature with python's hmac and with openssl.
func TestJikoPeers(t *testing.T) {
	const script = `
import base64, hashlib, hmac, sys
sys.stdout.write(base64.b64encode(hmac.new(sys.argv[1].encode("utf-8"), sys.stdin.buffer.read(), hashlib.sha256).digest()).decode())`
	for _, b := range hostileBodies {
		s, err := Jiko(Input{
			Request:        Request{Method: "POST", Path: "/api/v1/subscriptions/", Body: Plain(Origin{Kind: Body}, []byte(b))},
			Secrets:        map[string]Secret{"signing_secret": NewSecret("sécret #1"), AccessToken: NewSecret("t")},
			IdempotencyKey: "3f2b8c1e-9d47-4a6b-8f10-2c5d7e9a1b34",
		})
		if err != nil {
			t.Fatal(err)
		}
		value, _ := s.Request.Get("x-jiko-signature")
		message := "3f2b8c1e-9d47-4a6b-8f10-2c5d7e9a1b34" + "/api/v1/subscriptions/" + b
		if got := run(t, message, "python3", "-c", script, "sécret #1"); got != value.String() {
			t.Errorf("python signs %s, we sign %s", got, value)
		}
		mac := writeFile(t, "mac", nil)
		run(t, message, "openssl", "dgst", "-sha256", "-hmac", "sécret #1", "-binary", "-out", mac)
		raw, err := os.ReadFile(mac)
		if err != nil {
			t.Fatal(err)
		}
		if got := base64.StdEncoding.EncodeToString(raw); got != value.String() {
			t.Errorf("openssl signs %s, we sign %s", got, value)
		}
	}
}

// openssl verifies what we sign, in the DER form that it wants, over the signing input built by plain concatenation.
func TestSabikaOpenSSL(t *testing.T) {
	k := p256(t)
	key, _ := NewPrivateKey(k)
	der, err := x509.MarshalPKIXPublicKey(&k.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	public := writeFile(t, "public.pem", pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	for _, b := range hostileBodies {
		compact, message := signedOrder(t, key, b)
		raw, err := base64.RawURLEncoding.DecodeString(strings.Split(compact, ".")[2])
		if err != nil {
			t.Fatal(err)
		}
		input := strings.Split(compact, ".")[0] + "." + message
		sig := writeFile(t, "sig.der", derSignature(raw))
		if out := run(t, input, "openssl", "dgst", "-sha256", "-verify", public, "-signature", sig); out != "Verified OK" {
			t.Errorf("openssl: %s", out)
		}
	}
}

// node's jose verifies the header value, with the payload given as the detached one.
func TestSabikaJose(t *testing.T) {
	modules := os.Getenv("COUNTERSIGN_NODE_MODULES")
	if _, err := os.Stat(filepath.Join(modules, "jose")); modules == "" || err != nil {
		t.Skip("NOT RUN: COUNTERSIGN_NODE_MODULES names no directory with jose")
	}
	const script = `
const [dir, pem, compact] = process.argv.slice(2);
const { flattenedVerify, importSPKI } = await import(dir + "/jose/dist/webapi/index.js").catch(() => import(dir + "/jose/dist/node/esm/index.js"));
const chunks = []; for await (const c of process.stdin) chunks.push(c);
const [protectedHeader, middle, signature] = compact.split(".");
const r = await flattenedVerify({ protected: protectedHeader, payload: Buffer.concat(chunks), signature }, await importSPKI(pem, "ES256"));
console.log(middle === "" && r.protectedHeader.b64 === false ? "Verified OK" : "odd");`
	file := writeFile(t, "verify.mjs", []byte(script))
	k := p256(t)
	key, _ := NewPrivateKey(k)
	der, _ := x509.MarshalPKIXPublicKey(&k.PublicKey)
	public := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	for _, b := range hostileBodies[:3] {
		compact, message := signedOrder(t, key, b)
		if out := run(t, message, "node", file, modules, public, compact); out != "Verified OK" {
			t.Errorf("jose: %s", out)
		}
	}
}

// signedOrder signs an order with random k and returns the header value and the canonical string, put together
// here by plain concatenation with a body hash from sha256sum.
func signedOrder(t *testing.T, key PrivateKey, b string) (compact, message string) {
	t.Helper()
	s, err := Sabika(Input{
		Request: Request{Method: "POST", Scheme: "https", Authority: "a.test", Path: "/v1/orders", Query: "?a=%20b", Body: Plain(Origin{Kind: Body}, []byte(b))},
		Secrets: map[string]Secret{AccessToken: NewSecret("t")}, SigningKey: key,
		Time: time.Unix(1760000000, 0), Nonce: "0123456789abcdef0123456789abcdef", Rand: rand.Reader,
	})
	if err != nil {
		t.Fatal(err)
	}
	hash, _, _ := strings.Cut(run(t, b, "sha256sum"), " ")
	value, _ := s.Request.Get("X-JWS-Signature")
	return value.String(), "POST\n/v1/orders?a=%20b\n" + hash + "\n1760000000\n0123456789abcdef0123456789abcdef"
}

// derSignature writes R || S as ASN.1 DER by hand.
func derSignature(raw []byte) []byte {
	number := func(b []byte) []byte {
		for len(b) > 1 && b[0] == 0 && b[1] < 0x80 {
			b = b[1:]
		}
		if b[0] >= 0x80 {
			b = append([]byte{0}, b...)
		}
		return append([]byte{2, byte(len(b))}, b...)
	}
	body := append(number(raw[:32]), number(raw[32:])...)
	return append([]byte{0x30, byte(len(body))}, body...)
}
