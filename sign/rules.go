package sign

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"strings"
)

// Rule is a named change of bytes. Name and function are one value, so what is shown is what ran.
type Rule struct {
	Name   string // as shown: "sha-256", "hex"
	Ref    string // where the rule is written down
	Key    string // name of the key that goes into the result, if any
	OneWay bool   // the input cannot be found from the result
	Apply  func([]byte) ([]byte, error)
}

// The rules without a key. Each is a value that is never changed.
var (
	// SHA256 hashes; the result is 32 bytes (FIPS 180-4).
	SHA256 = Rule{Name: "sha-256", Ref: "FIPS 180-4", OneWay: true, Apply: total(func(b []byte) []byte {
		sum := sha256.Sum256(b)
		return sum[:]
	})}
	// Hex writes lower-case hexadecimal digits.
	Hex = Rule{Name: "hex", Ref: "RFC 4648 section 8", Apply: total(func(b []byte) []byte {
		return hex.AppendEncode(nil, b)
	})}
	// Base64 writes the standard alphabet with padding (RFC 4648 section 4).
	Base64 = Rule{Name: "base64", Ref: "RFC 4648 section 4", Apply: total(func(b []byte) []byte {
		return base64.StdEncoding.AppendEncode(nil, b)
	})}
	// Base64URL writes the URL-safe alphabet without padding (RFC 7515 appendix C).
	Base64URL = Rule{Name: "base64url", Ref: "RFC 7515 appendix C", Apply: total(func(b []byte) []byte {
		return base64.RawURLEncoding.AppendEncode(nil, b)
	})}
	// Upper changes ASCII letters to upper case.
	Upper = Rule{Name: "upper-case", Apply: total(func(b []byte) []byte {
		return []byte(strings.ToUpper(string(b)))
	})}
	// FormEncoded escapes for application/x-www-form-urlencoded (RFC 6749 appendix B).
	FormEncoded = Rule{Name: "form-encode", Ref: "RFC 6749 appendix B", Apply: total(func(b []byte) []byte {
		return []byte(url.QueryEscape(string(b)))
	})}
	// JSONString writes the inside of a JSON string, without its quotes and without HTML escapes.
	JSONString = Rule{Name: "json-string", Ref: "RFC 8259 section 7", Apply: total(jsonInside)}
)

// total makes a rule's function of one that cannot fail.
func total(f func([]byte) []byte) func([]byte) ([]byte, error) {
	return func(b []byte) ([]byte, error) { return f(b), nil }
}

func jsonInside(b []byte) []byte {
	var out strings.Builder
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.Encode(string(b)) // encoding a string cannot fail
	s := strings.TrimSuffix(out.String(), "\n")
	return []byte(s[1 : len(s)-1])
}

// HMACSHA256 is the rule that replaces a message by its MAC under key; the result is 32 bytes (RFC 2104).
func HMACSHA256(name string, key Secret) Rule {
	return Rule{Name: "hmac-sha256", Ref: "RFC 2104", Key: name, OneWay: true, Apply: total(key.HMACSHA256)}
}
