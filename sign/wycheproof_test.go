package sign

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"strings"
	"testing"

	"github.com/c2sp/wycheproof"
)

// hexBytes reads hexadecimal text in JSON.
type hexBytes []byte

func (h *hexBytes) UnmarshalText(t []byte) (err error) {
	*h, err = hex.DecodeString(string(t))
	return err
}

// vectors is the shape that the three files share; each uses some of it.
type vectors struct {
	NumberOfTests int `json:"numberOfTests"`
	Groups        []struct {
		PublicKeyPEM string `json:"publicKeyPem"`
		TagSize      int    `json:"tagSize"`
		Public       struct {
			Curve, Alg, X, Y string
			Kty              string
		} `json:"public"`
		Tests []struct {
			ID      int      `json:"tcId"`
			Comment string   `json:"comment"`
			Msg     hexBytes `json:"msg"`
			Sig     hexBytes `json:"sig"`
			Key     hexBytes `json:"key"`
			Tag     hexBytes `json:"tag"`
			JWS     any      `json:"jws"` // a string, or an object in the JSON serialisation
			Result  string   `json:"result"`
		} `json:"tests"`
	} `json:"testGroups"`
}

func readVectors(t *testing.T, name string) vectors {
	t.Helper()
	data, err := fs.ReadFile(wycheproof.TestVectors, name)
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestWycheproofES256(t *testing.T) {
	v := readVectors(t, "ecdsa_secp256r1_sha256_p1363_test.json")
	ran := 0
	for _, g := range v.Groups {
		key, err := ParsePublicKey([]byte(g.PublicKeyPEM))
		if err != nil {
			t.Fatal(err)
		}
		for _, tt := range g.Tests {
			ran++
			if ok := verifyES256(string(tt.Msg), tt.Sig, key) == nil; ok != (tt.Result == "valid") {
				t.Errorf("%d %s: accepted %v, want %s", tt.ID, tt.Comment, ok, tt.Result)
			}
		}
	}
	if ran != v.NumberOfTests || ran < 262 {
		t.Errorf("%d of %d vectors were run", ran, v.NumberOfTests)
	}
}

func TestWycheproofHMAC(t *testing.T) {
	v := readVectors(t, "hmac_sha256_test.json")
	ran := 0
	for _, g := range v.Groups {
		for _, tt := range g.Tests {
			ran++
			mac := NewSecret(string(tt.Key)).HMACSHA256(tt.Msg)[:g.TagSize/8]
			if ok := bytes.Equal(mac, tt.Tag); ok != (tt.Result == "valid") {
				t.Errorf("%d %s: equal %v, want %s", tt.ID, tt.Comment, ok, tt.Result)
			}
		}
	}
	if ran != v.NumberOfTests || ran < 174 {
		t.Errorf("%d of %d vectors were run", ran, v.NumberOfTests)
	}
}

// The vectors of json_web_signature_test are attached and base64url-encoded, which a detached verifier must refuse as
// they stand. Header, base64url and signature rules are the same, so each part is judged by itself.
func TestWycheproofJWS(t *testing.T) {
	ran := 0
	for _, g := range readVectors(t, "json_web_signature_test.json").Groups {
		if g.Public.Kty != "EC" || g.Public.Alg != "ES256" {
			continue
		}
		x, _ := base64.RawURLEncoding.DecodeString(g.Public.X)
		y, _ := base64.RawURLEncoding.DecodeString(g.Public.Y)
		key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append([]byte{4}, append(x, y...)...))
		if err != nil {
			t.Fatal(err)
		}
		for _, tt := range g.Tests {
			jws, compact := tt.JWS.(string)
			if !compact {
				continue
			}
			ran++
			if _, err := VerifyDetached(nil, jws, key); err == nil {
				t.Errorf("%d %s: an attached JWS was accepted as detached", tt.ID, tt.Comment)
			}
			if ok := verifyAttached(jws, key); ok != (tt.Result == "valid") {
				t.Errorf("%d %s: accepted %v, want %s: %s", tt.ID, tt.Comment, ok, tt.Result, jws)
			}
		}
	}
	if ran < 30 {
		t.Errorf("only %d vectors were run", ran)
	}
}

// verifyAttached applies our rules for header, base64url and signature to an attached JWS.
func verifyAttached(jws string, key *ecdsa.PublicKey) bool {
	s := strings.Split(jws, ".")
	if len(s) != 3 {
		return false
	}
	p, err := ParseProtected(s[0])
	if err != nil || p.Algorithm != "ES256" || len(p.Critical) > 0 || !p.Encoded {
		return false
	}
	if _, err := strictBase64URL(s[1]); err != nil {
		return false
	}
	sig, err := strictBase64URL(s[2])
	return err == nil && verifyES256(s[0]+"."+s[1], sig, key) == nil
}
