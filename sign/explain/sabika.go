package explain

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"countersign/sign"
)

// Headers of Sabika (docs.sabikagold.com/authentication.html).
const (
	sabikaSignature = "X-JWS-Signature"
	sabikaTimestamp = "X-Timestamp"
	sabikaNonce     = "X-Nonce"
)

// sabikaLayout is five lines: method, URL, body hash, timestamp, nonce.
var sabikaLayout = []byte{atMethod, '\n', atOrigin, atPath, atQuery, '\n', atContent, '\n', atClock, '\n', atSerial}

// sabikaProtected is the protected header that the scheme wants.
const sabikaProtected = "eyJhbGciOiJFUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19"

// examineSabika looks at a detached ES256 JWS, its clock and nonce, the token and its binding.
func examineSabika(x *examination) {
	value, ok := x.signatureHeader(sabikaSignature)
	x.bearer()
	x.binding()
	if !ok {
		return
	}
	x.sabikaFields()
	protected, segment := x.jwsForm(value)
	s := x.scene()
	keys, right := candidateKeys(&x.e)
	targets := es256Targets(s, segment)
	j := newES256Judge(targets, keys)
	j.hashes = slices.DeleteFunc(hmacTargets(s, segment), func(t target) bool { return len(t.bytes) != sha256.Size || t.lossy })
	q := newSearch(s, j, atDigest, atMethod, atOrigin, atPath, atQuery, atClock, atSerial, atLayout, atWrap, atOuter)
	q.axes = sabikaAxes(s, protected)
	x.report.Canonical = q.canonical()
	if right != nil {
		x.meter.count(1)
		if _, err := sign.VerifyDetached(x.report.Canonical.Bytes(), value, right.Key); err == nil {
			x.verified = true
			x.checked("the signature verifies with %s", right.Name)
			return
		}
	}
	if len(keys) == 0 {
		x.checked("the signature could not be recomputed: there is no public key at hand")
	}
	if len(j.fits)+len(j.hashes) > 0 {
		q.run(0)
		if len(q.hits) == 0 {
			x.depths(q, 2)
		}
		x.answer(q, "the signature verifies over what these mistakes make of the request")
	}
	x.es256Shape(targets, segment, len(keys) == 0)
}

// sabikaAxes holds the right value of every part, and what it can become.
func sabikaAxes(s *scene, protected string) [axes]axis {
	var a [axes]axis
	clock, _ := s.r.Get(sabikaTimestamp)
	nonce, _ := s.r.Get(sabikaNonce)
	var origin []byte
	if s.e.Options["url"] == "absolute" {
		origin = []byte("https://" + s.r.Authority)
	}
	a[atMethod] = newAxis(s, []byte(strings.ToUpper(s.r.Method)), 2, &methodMoves)
	a[atOrigin] = newAxis(s, origin, 2, &originMoves)
	a[atPath] = newAxis(s, []byte(s.r.Path()), 2, &pathMoves)
	a[atQuery] = newAxis(s, []byte(s.r.Query()), 2, &queryMoves)
	a[atBody] = newAxis(s, s.r.Body, 2, &bodyMoves, &presetMoves, &jsonMoves, &charsetMoves)
	a[atDigest] = newAxis(s, []byte{hexSHA256}, 1, &digestMoves)
	a[atClock] = newAxis(s, []byte(clock), 2, &clockMoves)
	a[atSerial] = newAxis(s, []byte(nonce), 2, &serialMoves)
	a[atLayout] = newAxis(s, sabikaLayout, 2, &layoutMoves)
	a[atWrap] = newAxis(s, append([]byte(protected), '.', rawMessage), 2, &wrapMoves)
	a[atOuter] = newAxis(s, nil, 1, &outerMoves)
	return a
}

// jwsForm takes the JWS apart and tells what its form says. It returns the protected header to search with, and the signature.
func (x *examination) jwsForm(value string) (protected, segment string) {
	value = strings.TrimSpace(value)
	parts := strings.Split(value, ".")
	if len(parts) != 3 {
		x.find("jws-segments", Certain, true, fmt.Sprintf("there are %d segments, not 3", len(parts)))
		return sabikaProtected, parts[len(parts)-1]
	}
	if parts[1] != "" {
		x.find("jws-not-detached", Certain, true, fmt.Sprintf("%d characters stand between the dots", len(parts[1])))
	}
	if _, err := base64.RawURLEncoding.DecodeString(parts[0]); err != nil || parts[0] == "" || strings.ContainsAny(parts[0], "\r\n") {
		x.find("jws-header-malformed", Certain, true, "the first segment is not base64url")
		return sabikaProtected, parts[2]
	}
	x.protectedHeader(parts[0])
	return parts[0], parts[2]
}

// protectedHeader judges alg, b64 and crit.
func (x *examination) protectedHeader(segment string) {
	p, err := sign.ParseProtected(segment)
	if err != nil {
		id := "jws-header-malformed"
		if strings.Contains(err.Error(), "crit") {
			id = "jws-crit-missing"
		} else if strings.Contains(err.Error(), "b64") {
			id = "jws-b64-missing"
		}
		x.find(id, Certain, true, err.Error())
		return
	}
	if p.Algorithm != "ES256" {
		x.find("jws-algorithm", Certain, true, "alg is "+quote(p.Algorithm))
	}
	if p.Encoded {
		x.find("jws-b64-missing", Certain, true, "b64 is not false, so a receiver expects the payload base64url-encoded")
	}
	if len(p.Critical) != 1 || p.Critical[0] != "b64" {
		x.find("jws-crit-missing", Certain, true, fmt.Sprintf("crit is %q", p.Critical))
	}
}

// es256Shape tells what the form of the signature says, when nothing proved it.
func (x *examination) es256Shape(targets []target, segment string, alone bool) {
	if len(x.matched) > 0 {
		return
	}
	for _, t := range targets {
		if len(t.steps) == 0 {
			x.checked("the signature has the right form: base64url of 64 bytes")
			return
		}
	}
	b := anyBase64([]byte(strings.TrimSpace(segment)))
	if b == nil {
		b = unhex([]byte(segment))
	}
	if name, ok := otherLengths[len(b)]; ok && len(targets) == 0 {
		x.find("signature-other-algorithm", Likely, alone, fmt.Sprintf("%d bytes have the length of %s; ES256 has 64", len(b), name))
		return
	}
	if len(targets) > 0 {
		x.tellShapes(targets[0])
		return
	}
	x.find("signature-malformed", Certain, true, fmt.Sprintf("it decodes to %d bytes; ES256 has 64", len(b)))
}

// otherLengths are the lengths of signatures of other algorithms.
var otherLengths = map[int]string{32: "HS256 or a plain SHA-256 hash", 20: "SHA-1", 48: "HS384", 96: "ES384", 132: "ES512", 256: "RS256 or PS256 with 2048 bits", 384: "RS256 with 3072 bits", 512: "RS256 with 4096 bits"}

func (x *examination) sabikaFields() {}
func (x *examination) binding()      {}
