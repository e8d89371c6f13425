package sandbox

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strings"
	"unicode/utf8"
)

// maxJWSHeader bounds the protected header before it is decoded.
const maxJWSHeader = 8 << 10

// detached is a compact JWS whose payload is carried elsewhere (RFC 7515 appendix F).
type detached struct {
	protected string // as received; the signature covers this text, not a re-encoding of what it says
	signature [64]byte
}

// parseDetached reads protected..signature and accepts one form only: alg ES256, b64 false (RFC 7797) and named by crit,
// crit naming nothing else, a signature of 64 bytes R||S (RFC 7518 section 3.4), everything in canonical base64url.
func parseDetached(value string) (detached, error) {
	if len(value) > maxJWSHeader+88 {
		return detached{}, fmt.Errorf("the JWS is longer than %d bytes", maxJWSHeader+88)
	}
	parts := strings.Split(value, ".")
	if len(parts) != 3 {
		return detached{}, fmt.Errorf("a detached JWS has the form protected..signature; this has %d parts", len(parts))
	}
	if parts[1] != "" {
		return detached{}, errors.New("the payload is in the JWS; a detached JWS leaves the middle part empty")
	}
	header, err := decodeBase64url(parts[0])
	if err != nil {
		return detached{}, fmt.Errorf("protected header: %w", err)
	}
	if err := checkHeader(header); err != nil {
		return detached{}, fmt.Errorf("protected header: %w", err)
	}
	signature, err := decodeBase64url(parts[2])
	if err != nil {
		return detached{}, fmt.Errorf("signature: %w", err)
	}
	if len(signature) != 64 {
		return detached{}, fmt.Errorf("signature: %d bytes; ES256 has 64, R then S%s", len(signature), derHint(signature))
	}
	return detached{parts[0], [64]byte(signature)}, nil
}

func derHint(signature []byte) string {
	if len(signature) > 2 && signature[0] == 0x30 && int(signature[1]) == len(signature)-2 {
		return " (these look like ASN.1 DER, which openssl and most libraries produce)"
	}
	return ""
}

// checkHeader judges the protected header. Members that RFC 7515 section 4.1 lets a receiver ignore are ignored; jku, jwk,
// x5u and x5c are among them, since the key is the registered one.
func checkHeader(header []byte) error {
	members, err := uniqueMembers(header)
	if err != nil {
		return err
	}
	var alg string
	if json.Unmarshal(members["alg"], &alg) != nil || alg != "ES256" {
		return fmt.Errorf("alg is %s; want \"ES256\"", show(members["alg"]))
	}
	if string(members["b64"]) != "false" {
		return fmt.Errorf("b64 is %s; want false", show(members["b64"]))
	}
	var crit []string
	if json.Unmarshal(members["crit"], &crit) != nil || len(crit) != 1 || crit[0] != "b64" {
		return fmt.Errorf("crit is %s; want [\"b64\"]", show(members["crit"]))
	}
	return nil
}

func show(value json.RawMessage) string {
	if value == nil {
		return "absent"
	}
	return fmt.Sprintf("%.60q", string(value))
}

// uniqueMembers reads a JSON object, refusing a name that occurs twice at any depth: parsers disagree on which one wins.
func uniqueMembers(data []byte) (map[string]json.RawMessage, error) {
	if !utf8.Valid(data) {
		return nil, errors.New("not UTF-8")
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil || members == nil {
		return nil, errors.New("not a JSON object")
	}
	return members, duplicates(json.NewDecoder(bytes.NewReader(data)), 0)
}

// maxDepth is far beyond any real header.
const maxDepth = 16

func duplicates(decoder *json.Decoder, depth int) error {
	token, err := decoder.Token()
	if err != nil {
		return err
	}
	delimiter, nested := token.(json.Delim)
	if !nested {
		return nil
	}
	if depth == maxDepth {
		return errors.New("nested too deeply")
	}
	seen := make(map[string]bool)
	for decoder.More() {
		if delimiter == '{' {
			name, err := decoder.Token()
			if err != nil {
				return err
			}
			if text := name.(string); seen[text] {
				return fmt.Errorf("the member %.40q occurs twice", text)
			}
			seen[name.(string)] = true
		}
		if err := duplicates(decoder, depth+1); err != nil {
			return err
		}
	}
	_, err = decoder.Token()
	return err
}

// verify checks the signature over protected "." payload, the payload as it is (RFC 7797 section 3).
func (d detached) verify(payload []byte, key *ecdsa.PublicKey) bool {
	hash := sha256.New()
	io.WriteString(hash, d.protected+".")
	hash.Write(payload)
	r, s := new(big.Int).SetBytes(d.signature[:32]), new(big.Int).SetBytes(d.signature[32:])
	return ecdsa.Verify(key, hash.Sum(nil), r, s)
}

// decodeBase64url accepts the one canonical text of each byte string (RFC 7515 section 2): no padding, no line breaks,
// which Go's decoder skips, and no stray bits at the end.
func decodeBase64url(text string) ([]byte, error) {
	switch {
	case strings.ContainsAny(text, "\r\n"):
		return nil, errors.New("a line break inside base64url")
	case strings.HasSuffix(text, "="):
		return nil, errors.New("base64url with padding; it has none here")
	case strings.ContainsAny(text, "+/"):
		return nil, errors.New("standard base64; want the URL-safe alphabet with - and _")
	}
	data, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, errors.New("not canonical base64url")
	}
	return data, nil
}

// compactJWS issues a token: a JWS over claims, in the partner's algorithm.
func compactJWS(header string, claims []byte, sign func(input []byte) ([]byte, error)) (string, error) {
	encode := base64.RawURLEncoding.EncodeToString
	input := encode([]byte(header)) + "." + encode(claims)
	signature, err := sign([]byte(input))
	return input + "." + encode(signature), err
}

func signHS256(secret []byte) func([]byte) ([]byte, error) {
	return func(input []byte) ([]byte, error) {
		mac := hmac.New(sha256.New, secret)
		mac.Write(input)
		return mac.Sum(nil), nil
	}
}

func signRS256(key *rsa.PrivateKey) func([]byte) ([]byte, error) {
	return func(input []byte) ([]byte, error) {
		digest := sha256.Sum256(input)
		return rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
	}
}

// signES256 is deterministic (RFC 6979) and gives R||S.
func signES256(key *ecdsa.PrivateKey) func([]byte) ([]byte, error) {
	return func(input []byte) ([]byte, error) {
		digest := sha256.Sum256(input)
		der, err := key.Sign(nil, digest[:], crypto.SHA256)
		if err != nil {
			return nil, err
		}
		return rawSignature(der)
	}
}
