package sandbox

import (
	"crypto/ecdsa"
	"crypto/rand"
	"encoding/base64"
	"math/big"
	"strings"
	"testing"

	jose "github.com/go-jose/go-jose/v4"
)

func signDetached(t testing.TB, key *ecdsa.PrivateKey, header, payload string) string {
	t.Helper()
	protected := base64.RawURLEncoding.EncodeToString([]byte(header))
	r, s, err := ecdsa.Sign(rand.Reader, key, digest(protected+"."+payload))
	if err != nil {
		t.Fatal(err)
	}
	return protected + ".." + base64.RawURLEncoding.EncodeToString(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...))
}

// joseAccepts is the opinion of go-jose.
func joseAccepts(value, payload string, key *ecdsa.PublicKey) bool {
	jws, err := jose.ParseDetached(value, []byte(payload), []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return false
	}
	_, err = jws.Verify(key)
	return err == nil
}

// TestDetachedBesideJose compares the verifier with go-jose. Where they differ, the reason is written down: each time
// go-jose 4.1.8 accepts what RFC 7515 or RFC 7797 refuses, or what this partner's page does not allow.
func TestDetachedBesideJose(t *testing.T) {
	key := newStream([32]byte{7}, "jws").key()
	const payload, header = "POST\n/v1/orders\nhash\n1760000000\n0123456789abcdef", `{"alg":"ES256","b64":false,"crit":["b64"]}`
	good := signDetached(t, key, header, payload)
	protected, signature, _ := strings.Cut(good, "..")
	with := func(header string) string { return signDetached(t, key, header, payload) }
	tests := []struct {
		name, value string
		accepted    bool
		differs     string // why go-jose says otherwise
	}{
		{"the page's header", good, true, ""},
		{"another order", with(`{"crit":["b64"],"alg":"ES256","b64":false}`), true, ""},
		{"a kid", with(`{"alg":"ES256","kid":"1","b64":false,"crit":["b64"]}`), true, ""},
		{"crit absent", with(`{"alg":"ES256","b64":false}`), false, "RFC 7797 section 6 wants b64 in crit; go-jose does not insist"},
		{"crit empty", with(`{"alg":"ES256","b64":false,"crit":[]}`), false, "RFC 7515 section 4.1.11 forbids the empty list; go-jose takes it"},
		{"crit twice b64", with(`{"alg":"ES256","b64":false,"crit":["b64","b64"]}`), false, "RFC 7515 section 4.1.11 forbids doubles; go-jose takes them"},
		{"crit unknown", with(`{"alg":"ES256","b64":false,"crit":["b64","x"],"x":1}`), false, ""},
		{"crit is text", with(`{"alg":"ES256","b64":false,"crit":"b64"}`), false, ""},
		{"b64 absent", with(`{"alg":"ES256","crit":["b64"]}`), false, ""},
		{"b64 is text", with(`{"alg":"ES256","b64":"false","crit":["b64"]}`), false, ""},
		{"b64 null", with(`{"alg":"ES256","b64":null,"crit":["b64"]}`), false, ""},
		{"alg none", with(`{"alg":"none","b64":false,"crit":["b64"]}`), false, ""},
		{"alg in lower case", with(`{"alg":"es256","b64":false,"crit":["b64"]}`), false, ""},
		{"alg ES384", with(`{"alg":"ES384","b64":false,"crit":["b64"]}`), false, ""},
		{"alg twice", with(`{"alg":"ES256","alg":"ES256","b64":false,"crit":["b64"]}`), false, ""},
		{"alg twice, escaped", with(`{"alg":"ES256","\u0061lg":"none","b64":false,"crit":["b64"]}`), false, ""},
		{"a nested double", with(`{"alg":"ES256","b64":false,"crit":["b64"],"x":{"a":1,"a":2}}`), false, ""},
		{"not an object", with(`["ES256"]`), false, ""},
		{"text after the object", with(header + "x"), false, ""},
		{"DER", protected + ".." + base64.RawURLEncoding.EncodeToString(derOf(t, key, protected+"."+payload)), false, ""},
		{"63 bytes", protected + ".." + signature[:84], false, ""},
		{"padding", protected + ".." + signature + "==", false, ""},
		{"a line break", protected + ".." + signature[:40] + "\n" + signature[40:], false, "Go's decoder skips line breaks; RFC 7515 section 2 has none"},
		{"stray bits", protected + ".." + flipTail(signature), false, "the last character has four unused bits; go-jose ignores them"},
		{"attached", protected + "." + base64.RawURLEncoding.EncodeToString([]byte(payload)) + "." + signature, false, ""},
		{"four parts", good + ".", false, ""},
		{"two parts", protected + "." + signature, false, ""},
		{"empty", "", false, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			jws, err := parseDetached(test.value)
			accepted := err == nil && jws.verify([]byte(payload), &key.PublicKey)
			if accepted != test.accepted {
				t.Errorf("accepted %t (%v), want %t", accepted, err, test.accepted)
			}
			if same := joseAccepts(test.value, payload, &key.PublicKey) == accepted; same != (test.differs == "") {
				t.Errorf("go-jose agrees: %t; expected difference: %q", same, test.differs)
			}
		})
	}
}

func derOf(t *testing.T, key *ecdsa.PrivateKey, input string) []byte {
	t.Helper()
	der, err := ecdsa.SignASN1(rand.Reader, key, digest(input))
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// flipTail sets an unused bit of the last character.
func flipTail(text string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	at := len(text) - 1
	return text[:at] + string(alphabet[strings.IndexByte(alphabet, text[at])|1])
}

// High-S signatures are valid: neither RFC 7518 nor the page demands the lower half. So a signature is no identifier.
func TestDetachedAcceptsHighS(t *testing.T) {
	key := newStream([32]byte{7}, "jws").key()
	good := signDetached(t, key, `{"alg":"ES256","b64":false,"crit":["b64"]}`, "payload")
	protected, signature, _ := strings.Cut(good, "..")
	raw, _ := base64.RawURLEncoding.DecodeString(signature)
	s := new(big.Int).SetBytes(raw[32:])
	s.Sub(key.Params().N, s)
	jws, err := parseDetached(protected + ".." + base64.RawURLEncoding.EncodeToString(append(raw[:32:32], s.FillBytes(make([]byte, 32))...)))
	if err != nil || !jws.verify([]byte("payload"), &key.PublicKey) {
		t.Errorf("the other S is refused: %v", err)
	}
}

func FuzzParseDetached(f *testing.F) {
	key := newStream([32]byte{7}, "jws").key()
	const payload = "payload"
	for _, header := range []string{`{"alg":"ES256","b64":false,"crit":["b64"]}`, `{"alg":"ES256"}`, `[[[[`, `{"a":{"a":{}}}`} {
		f.Add(signDetached(f, key, header, payload))
	}
	f.Add("..")
	f.Add(strings.Repeat(".", 9000))
	f.Fuzz(func(t *testing.T, value string) {
		jws, err := parseDetached(value)
		if err != nil {
			return
		}
		// What parses has one spelling, and go-jose finds no fault with anything that verifies here.
		again := jws.protected + ".." + base64.RawURLEncoding.EncodeToString(jws.signature[:])
		if again != value {
			t.Errorf("%q was read as %q", value, again)
		}
		if jws.verify([]byte(payload), &key.PublicKey) && !joseAccepts(value, payload, &key.PublicKey) {
			t.Errorf("go-jose refuses %q", value)
		}
	})
}
