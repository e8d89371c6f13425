package sign

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"
)

// protectedES256 is the protected header of an ES256 signature over an unencoded payload (RFC 7797 section 3).
// Its bytes are signed, so they are a constant and not the output of an encoder.
const protectedES256 = `{"alg":"ES256","b64":false,"crit":["b64"]}`

// es256Size is the length of R and S together (RFC 7518 section 3.4).
const es256Size = 64

// maxProtected bounds the decoded protected header that is read from outside.
const maxProtected = 8 << 10

// ES256 is the rule that replaces a message by its 64-byte signature R || S (RFC 7518 section 3.4).
// With rand nil it is deterministic (RFC 6979).
func ES256(name string, key PrivateKey, rand io.Reader) Rule {
	return Rule{Name: "es256", Ref: "RFC 7518 section 3.4", Key: name, OneWay: true, Apply: func(m []byte) ([]byte, error) {
		sum := sha256.Sum256(m)
		der, err := key.Sign(rand, sum[:], crypto.SHA256)
		if err != nil {
			return nil, err
		}
		return rawSignature(der)
	}}
}

// rawSignature changes ASN.1 DER into R || S, each padded to 32 bytes.
func rawSignature(der []byte) ([]byte, error) {
	var rs struct{ R, S *big.Int }
	if rest, err := asn1.Unmarshal(der, &rs); err != nil || len(rest) > 0 {
		return nil, errors.New("the signer did not return an ASN.1 signature")
	}
	out := make([]byte, es256Size)
	rs.R.FillBytes(out[:es256Size/2])
	rs.S.FillBytes(out[es256Size/2:])
	return out, nil
}

// detachedJWS signs payload as a detached compact JWS with an unencoded payload:
// BASE64URL(protected) || ".." || BASE64URL(R || S) (RFC 7515 appendix F, RFC 7797).
// It returns the stages protected header, signing input, signature, and the header value.
func detachedJWS(payload Stage, name string, key PrivateKey, rand io.Reader) ([]Stage, Text, error) {
	protected := Stage{StageProtected, Plain(Origin{Kind: Constant}, []byte(protectedES256))}

	var input Builder
	input.Within(protected, Base64URL)
	input.Separator(".", "between protected header and payload")
	input.Append(payload.Text) // b64 is false: the payload goes in as it is
	signingInput := Stage{StageSigningInput, input.Text()}

	var sig Builder
	sig.Within(signingInput, ES256(name, key, rand))
	signature := Stage{StageSignature, sig.Text()}

	var value Builder
	value.Within(protected, Base64URL)
	value.Separator("..", "the payload between the dots is left out (detached)")
	value.Within(signature, Base64URL)
	return []Stage{protected, signingInput, signature}, value.Text(), sig.Err()
}

// Protected is a protected header as received.
type Protected struct {
	Algorithm string
	KeyID     string
	Encoded   bool // b64: whether the payload is base64url-encoded in the signing input
	Critical  []string
}

// VerifyDetached checks a detached compact JWS with an unencoded payload against a P-256 key:
// alg ES256, crit exactly ["b64"], b64 false, nothing between the dots, canonical base64url, 64 bytes.
// The algorithm is fixed by the key, never taken from the header. The error names the first rule that is broken;
// [ErrSignature] means that everything but the signature itself is right.
func VerifyDetached(payload []byte, compact string, key *ecdsa.PublicKey) (Protected, error) {
	if n := strings.Count(compact, ".") + 1; n != 3 {
		return Protected{}, fmt.Errorf("a compact JWS has 3 segments, this has %d (RFC 7515 section 7.1)", n)
	}
	segments := strings.Split(compact, ".")
	p, err := ParseProtected(segments[0])
	if err != nil {
		return p, err
	}
	switch {
	case segments[1] != "":
		return p, errors.New("the payload stands between the dots; a detached JWS leaves it out (RFC 7515 appendix F)")
	case p.Algorithm != "ES256":
		return p, fmt.Errorf("alg is %.40q, the key is for ES256", p.Algorithm)
	case p.Encoded:
		return p, errors.New("b64 is not false (RFC 7797 section 3)")
	case len(p.Critical) != 1 || p.Critical[0] != "b64":
		return p, fmt.Errorf(`crit is %q, not exactly ["b64"] (RFC 7797 section 6)`, p.Critical)
	}
	sig, err := strictBase64URL(segments[2])
	if err != nil {
		return p, fmt.Errorf("the signature is not base64url: %w", err)
	}
	return p, verifyES256(segments[0]+"."+string(payload), sig, key)
}

// ErrSignature says that a well-formed signature does not belong to these bytes and this key.
var ErrSignature = errors.New("the signature does not verify over these bytes with this key")

func verifyES256(input string, sig []byte, key *ecdsa.PublicKey) error {
	if len(sig) != es256Size {
		return fmt.Errorf("an ES256 signature is 64 bytes, this is %d (RFC 7518 section 3.4)", len(sig))
	}
	r, s := new(big.Int).SetBytes(sig[:es256Size/2]), new(big.Int).SetBytes(sig[es256Size/2:])
	sum := sha256.Sum256([]byte(input))
	if !ecdsa.Verify(key, sum[:], r, s) {
		return ErrSignature
	}
	return nil
}

// ParseProtected reads the protected header of a compact JWS. Members must be unique, known
// members must have their type, and b64 defaults to true.
func ParseProtected(segment string) (Protected, error) {
	p := Protected{Encoded: true}
	if len(segment) > base64.RawURLEncoding.EncodedLen(maxProtected) {
		return p, fmt.Errorf("the protected header is longer than %d bytes", maxProtected)
	}
	raw, err := strictBase64URL(segment)
	if err != nil {
		return p, fmt.Errorf("the protected header is not base64url: %w", err)
	}
	members, err := Members(raw)
	if err != nil {
		return p, fmt.Errorf("the protected header: %w", err)
	}
	for _, m := range []struct {
		name string
		into any
	}{{"alg", &p.Algorithm}, {"kid", &p.KeyID}, {"b64", &p.Encoded}, {"crit", &p.Critical}} {
		if v, ok := members[m.name]; ok {
			if err := json.Unmarshal(v, m.into); err != nil || string(v) == "null" {
				return p, fmt.Errorf("member %s of the protected header has the wrong type", m.name)
			}
		}
	}
	return p, nil
}

// strictBase64URL decodes without padding, line breaks or stray bits in the last character.
func strictBase64URL(s string) ([]byte, error) {
	if strings.ContainsAny(s, "\r\n") {
		return nil, errors.New("it has a line break")
	}
	return base64.RawURLEncoding.Strict().DecodeString(s)
}

// Members reads a JSON object from outside. Names are kept apart as they are written, which encoding/json does not do for
// the fields of a struct; a name that is repeated, and text behind the object, are refused (RFC 7515 section 4).
func Members(raw []byte) (map[string]json.RawMessage, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("it is not a JSON object")
	}
	members := map[string]json.RawMessage{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return nil, errors.New("it is not valid JSON")
		}
		name := t.(string) // a member name, or Token had failed
		if _, twice := members[name]; twice {
			return nil, fmt.Errorf("member %.40q stands there twice", name)
		}
		var v json.RawMessage
		if err := d.Decode(&v); err != nil {
			return nil, errors.New("it is not valid JSON")
		}
		members[name] = v
	}
	if _, err := d.Token(); err != nil {
		return nil, errors.New("it is not valid JSON")
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("there is text behind the JSON object")
	}
	return members, nil
}
