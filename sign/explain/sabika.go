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
	x.signed = sabikaSigns(x.e.Request)
	if isTokenCall(x.e.Request.Path(), sabikaTokenPath) {
		x.sabikaToken()
		return
	}
	if _, sent := x.e.Request.Get(sabikaSignature); !sent && !x.signed {
		x.checked("this request needs no signature")
		x.binding(x.bearer())
		return
	}
	x.signed = true
	x.binding(x.bearer())
	value, ok := x.signatureHeader(sabikaSignature)
	if !ok {
		return
	}
	x.timestamp()
	x.nonce()
	x.idempotencyKey()
	protected, segment := x.jwsForm(value)
	x.sabikaSignature(value, protected, segment)
	x.misnamed(sabikaSignature)
}

// sabikaSignature verifies, and searches when that fails.
func (x *examination) sabikaSignature(value, protected, segment string) {
	s := x.scene()
	keys, right := candidateKeys(&x.e)
	targets := es256Targets(s, segment)
	j := newES256Judge(targets, keys)
	j.hashes = hashTargets(s, segment)
	q := newSearch(s, j, sabikaOrder...)
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
	if s.e.Options["url"] == "absolute" && s.r.Authority == "" {
		x.checked("the absolute URL could not be tried: the host is not known")
	}
	x.sabikaSearch(q, j, targets, right != nil)
	x.encoding()
	x.es256Shape(targets, segment, len(keys) == 0)
}

// sabikaSearch recomputes. Known says that the registered key is at hand.
func (x *examination) sabikaSearch(q *search, j *es256Judge, targets []target, known bool) {
	if len(j.fits)+len(j.hashes) > 0 {
		q.run(0)
		if len(q.hits) == 0 {
			x.depths(q, 2)
		}
		x.answer(q, "the signature verifies over what these mistakes make of the request")
	}
	if n := len(x.report.Findings); !known && n > 0 && x.report.Findings[n-1].ID == "mtls-key-used" && len(x.report.Findings[n-1].Chain) == 0 {
		x.report.Findings[n-1].covers = false
		x.checked("what was signed is right; whether the certificate's key is the registered one is not known")
	}
	if len(q.hits) == 0 && !x.meter.spent {
		x.recoverKey(q, targets, known)
	}
}

// hashTargets decodes a signature that has the size of a hash; base64url is the right form here.
func hashTargets(s *scene, segment string) []target {
	var all []target
	for _, t := range hmacTargets(s, segment) {
		if len(t.bytes) != sha256.Size || t.lossy {
			continue
		}
		t.steps = slices.DeleteFunc(slices.Clone(t.steps), func(st step) bool {
			return st.move.id == "output-base64url" || st.move.id == "output-unpadded"
		})
		all = append(all, t)
	}
	return all
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
	protected, segment = splitJWS(value)
	parts := strings.Split(strings.TrimLeft(value, " \t"), ".")
	switch {
	case len(parts) != 3:
		x.find("jws-segments", Certain, true, fmt.Sprintf("there are %d segments, not 3", len(parts)))
	case parts[0] != protected:
		x.find("jws-header-malformed", Certain, true, "the first segment is not base64url")
	default:
		if parts[1] != "" {
			x.find("jws-not-detached", Certain, true, fmt.Sprintf("%d characters stand between the dots", len(parts[1])))
		}
		x.protectedHeader(parts[0])
	}
	return protected, segment
}

// splitJWS returns the protected header as sent, or the usual one where that cannot be used, and the last segment.
func splitJWS(value string) (protected, segment string) {
	parts := strings.Split(strings.TrimLeft(value, " \t"), ".")
	segment = parts[len(parts)-1]
	if len(parts) != 3 || parts[0] == "" || len(parts[0]) > maxProtected || strings.ContainsAny(parts[0], "\r\n") {
		return sabikaProtected, segment
	}
	if _, err := base64.RawURLEncoding.DecodeString(parts[0]); err != nil {
		return sabikaProtected, segment
	}
	return parts[0], segment
}

// maxProtected bounds the protected header that is looked at.
const maxProtected = 8 << 10

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
	if x.matched != nil {
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
	if len(b) < es256Size && slices.ContainsFunc(targets, func(t target) bool { return t.steps[len(t.steps)-1].move.id == "signature-zero-lost" }) {
		steps := []string{fmt.Sprintf("it decodes to %d bytes; ES256 has %d", len(b), es256Size)}
		if !alone {
			steps = append(steps, "padded with zeros it does not verify, over what should be signed or what a known mistake makes of that")
		}
		x.find("signature-cut", Likely, alone, steps...)
		if !alone {
			return
		}
	}
	if len(targets) > 0 {
		x.tellShapes(targets[0], alone)
		return
	}
	x.find("signature-malformed", Certain, true, fmt.Sprintf("it decodes to %d bytes; ES256 has 64", len(b)))
}

// otherLengths are the lengths of signatures of other algorithms.
var otherLengths = map[int]string{32: "HS256 or a plain SHA-256 hash", 20: "SHA-1", 48: "HS384", 96: "ES384", 132: "ES512", 256: "RS256 or PS256 with 2048 bits", 384: "RS256 with 3072 bits", 512: "RS256 with 4096 bits"}

// sabikaOrder is the order of the loops of the search, behind the body.
var sabikaOrder = []int{atDigest, atMethod, atOrigin, atPath, atQuery, atClock, atSerial, atLayout, atWrap, atOuter}

// sabikaSigns reports whether the page asks for a signature. A base URL may carry a path, so the end of the path counts.
func sabikaSigns(c sign.Captured) bool {
	path := strings.TrimRight(c.Path(), "/")
	return strings.EqualFold(c.Method, "POST") &&
		(strings.HasSuffix(path, "/v1/orders") || strings.HasSuffix(path, "/v1/withdrawals") || strings.HasSuffix(path, "/v1/signed-probe"))
}

// idempotencyKey judges Idempotency-Key on requests that move money.
func (x *examination) idempotencyKey() {
	path := strings.TrimRight(x.e.Request.Path(), "/")
	if !strings.HasSuffix(path, "/v1/orders") && !strings.HasSuffix(path, "/v1/withdrawals") {
		return
	}
	if _, ok := x.e.Request.Get("Idempotency-Key"); !ok {
		x.find("idempotency-key-missing", Certain, false, "there is no header Idempotency-Key")
		return
	}
	x.checked("Idempotency-Key is there; it is not signed")
}
