package sign

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/base64"
	"testing"
	"time"
)

// rfc7515Key is the key of RFC 7515 appendix A.3.1.
func rfc7515Key(t testing.TB) PrivateKey {
	t.Helper()
	d, err := base64.RawURLEncoding.DecodeString("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI")
	if err != nil {
		t.Fatal(err)
	}
	k, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), d)
	if err != nil {
		t.Fatal(err)
	}
	key, err := NewPrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// body is an absent text for nil.
func body(s *string) Text {
	if s == nil {
		return Text{}
	}
	return Plain(Origin{Kind: Body}, []byte(*s))
}

func str(s string) *string { return &s }

// The expected values were computed with python's hmac over the scheme of docs.jiko.io/guides/auth.
func TestJikoVectors(t *testing.T) {
	const idempotency = "3f2b8c1e-9d47-4a6b-8f10-2c5d7e9a1b34"
	const account = "/api/v1/customers/c26ed6d6-cdd0-41a3-ab54-84597309ae3a/jiko-accounts/"
	tests := []struct {
		name, path, query string
		body              *string
		want              string
	}{
		{"no body", "/api/v1/agreements/", "", nil, "BBCWOrSohM29ImNa0+TMj1RKCHuk/a2zb7ZCTTyJjA4="},
		{"empty object", "/api/v1/agreements/", "", str("{}"), "Av9seZklnq/buLjGRjgnfMIhMhln9G1DtJpc6clNJyc="},
		{"no trailing slash", "/api/v1/agreements", "", nil, "C7Zt22D/tqd4iFuILbYWF6th+UuQ1GxA1OB58d8FU8c="},
		{"accounts", account, "", str("{}"), "ojCEIFYe6niz9qqzbm0HPtk7/GfWLDZzvXd3ebBaipk="},
		{"the query is not signed", "/api/v1/agreements/", "?limit=10", nil, "BBCWOrSohM29ImNa0+TMj1RKCHuk/a2zb7ZCTTyJjA4="},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			secret := NewSecret("demo-shared-signing-secret")
			signed, err := Jiko(Input{
				Request:        Request{Method: "GET", Scheme: "https", Authority: "partner.test", Path: tt.path, Query: tt.query, Body: body(tt.body)},
				Secrets:        map[string]Secret{"signing_secret": secret, AccessToken: NewSecret("token")},
				IdempotencyKey: idempotency,
			})
			if err != nil {
				t.Fatal(err)
			}
			got, _ := signed.Request.Get("x-jiko-signature")
			if got.String() != tt.want {
				t.Errorf("signature %s, want %s", got, tt.want)
			}
			canonical, _ := signed.Stage(StageCanonical)
			if err := VerifyJiko(canonical.Bytes(), got.String(), secret); err != nil {
				t.Error(err)
			}
		})
	}
}

// The expected values were made with python's cryptography (RFC 6979) and accepted by node's jose.
func TestSabikaVectors(t *testing.T) {
	tests := []struct {
		name, path, absolute string
		body                 *string
		length               int
		want                 string
	}{
		{"probe", "/v1/signed-probe", "", nil, 130, "4HuYw2TP3LUoV4e5hRMU1fCoiQwuGctKImqtrDcNneK-f1YOIr6NM9oglh9L28_7Ei7RPzJ-uPSBm8MKcIgz3A"},
		{"probe with empty object", "/v1/signed-probe", "", str("{}"), 130, "CPvuHD_imrRsfz8MNzYO4F11EOYxo-i_LNhj8GNZPxApknYA4CxjOyID5AH2WZ5E3vTQua2tJBCVOLmwQyu4ag"},
		{"order", "/v1/orders", "", str(`{"quote_id":"q_demo_1"}`), 124, "x3J_DZown61tC1gg0G57LgnCIByKFElX0pmzWo6CyO7BTq-a3LQ-SXp9w73UoGhRV0OByL0KD_suuIeeDndiXw"},
		{"order, absolute URL", "/v1/orders", "absolute", str(`{"quote_id":"q_demo_1"}`), 152, "F83eAqDaqQ8E6ZnLZPObc2pVgFYZMDXOOJvcjorg7JA03WMPGe_aLoqtk0aqQDSFb-4oyTJvHp30aQGsjxLl2g"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			key := rfc7515Key(t)
			signed, err := Sabika(Input{
				Request:    Request{Method: "POST", Scheme: "https", Authority: "sandbox.example.test", Path: tt.path, Body: body(tt.body)},
				Secrets:    map[string]Secret{AccessToken: NewSecret("token")},
				SigningKey: key,
				Time:       time.Unix(1760000000, 0),
				Nonce:      "0123456789abcdef0123456789abcdef",
				Options:    map[string]string{"url": tt.absolute},
			})
			if err != nil {
				t.Fatal(err)
			}
			canonical, _ := signed.Stage(StageCanonical)
			if canonical.Len() != tt.length {
				t.Errorf("canonical string of %d bytes, want %d: %q", canonical.Len(), tt.length, canonical)
			}
			got, _ := signed.Request.Get("X-JWS-Signature")
			if want := "eyJhbGciOiJFUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19.." + tt.want; got.String() != want {
				t.Errorf("signature %s, want %s", got, want)
			}
			if _, err := VerifyDetached(canonical.Bytes(), got.String(), key.Public().(*ecdsa.PublicKey)); err != nil {
				t.Error(err)
			}
		})
	}
}
