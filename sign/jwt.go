package sign

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
)

// JWT is a token taken apart (RFC 7519). Nothing in it is verified: a client has no key for that,
// and what it reads here it must never trust for more than a display and a countdown.
type JWT struct {
	Header map[string]json.RawMessage
	Claims map[string]json.RawMessage
	Raw    []byte // the claims as they stand in the token: order and digits kept
}

// maxJWT bounds the tokens that are read.
const maxJWT = 64 << 10

// ParseJWT reads a compact JWT without verifying it. It refuses what is no JWT, so that an opaque token is not guessed at.
func ParseJWT(token string) (JWT, error) {
	if len(token) > maxJWT {
		return JWT{}, fmt.Errorf("the token is longer than %d bytes", maxJWT)
	}
	segments := strings.Split(token, ".")
	if len(segments) != 3 {
		return JWT{}, fmt.Errorf("the token has %d segments, a JWT has 3", len(segments))
	}
	header, err := strictBase64URL(segments[0])
	if err != nil {
		return JWT{}, errors.New("the header of the token is not base64url")
	}
	claims, err := strictBase64URL(segments[1])
	if err != nil {
		return JWT{}, errors.New("the claims of the token are not base64url")
	}
	j := JWT{Raw: claims}
	if j.Header, err = Members(header); err != nil {
		return JWT{}, fmt.Errorf("the header of the token: %w", err)
	}
	if j.Claims, err = Members(claims); err != nil {
		return JWT{}, fmt.Errorf("the claims of the token: %w", err)
	}
	return j, nil
}

// Time reads a NumericDate claim such as exp, nbf or iat (RFC 7519 section 2). A fraction is cut off.
// It is false when the claim is absent, no number, or outside the years 1970 to 9999.
func (j JWT) Time(claim string) (time.Time, bool) {
	var n json.Number
	v, ok := j.Claims[claim]
	if !ok || json.Unmarshal(v, &n) != nil || len(v) > 0 && v[0] == '"' {
		return time.Time{}, false
	}
	f, err := n.Float64()
	if err != nil || f < 0 || f > maxUnix || math.IsNaN(f) {
		return time.Time{}, false
	}
	return time.Unix(int64(f), 0).UTC(), true
}

// maxUnix is the last second of the year 9999.
const maxUnix = 253402300799

// Text reads a string claim.
func (j JWT) Text(claim string) (string, bool) {
	var s *string
	if json.Unmarshal(j.Claims[claim], &s) != nil || s == nil {
		return "", false
	}
	return *s, true
}

// Binding reads cnf."x5t#S256", the thumbprint of the certificate that the token is bound to (RFC 8705 section 3.1).
// It is false when there is none, or when what stands there is no base64url of 32 bytes.
func (j JWT) Binding() (string, bool) {
	cnf, err := Members(j.Claims["cnf"])
	if err != nil {
		return "", false
	}
	var thumbprint string
	if json.Unmarshal(cnf["x5t#S256"], &thumbprint) != nil {
		return "", false
	}
	if sum, err := strictBase64URL(thumbprint); err != nil || len(sum) != sha256.Size {
		return "", false
	}
	return thumbprint, true
}
