package explain

import (
	"encoding/base64"
	"fmt"
	"hash/maphash"
	"strings"

	"countersign/sign"
)

// Headers of Jiko (docs.jiko.io/guides/auth).
const (
	jikoSignature   = "x-jiko-signature"
	jikoIdempotency = "x-jiko-idempotency"
)

// jikoLogin ends the path of the call that fetches a token, with or without a slash behind it.
const jikoLogin = "/login"

// jikoLayout is idempotency key, path and body without anything between; origin and query are there to go wrong.
var jikoLayout = []byte{atSerial, atOrigin, atPath, atQuery, atContent}

// jikoOrder is the order of the loops of the search, behind the body.
var jikoOrder = []int{atDigest, atLayout, atPath, atQuery, atOrigin, atSerial, atMethod, atClock, atWrap, atOuter}

// examineJiko looks at an HMAC signature.
func examineJiko(x *examination) {
	path := strings.TrimRight(x.e.Request.Path(), "/")
	if _, sent := x.e.Request.Get(jikoSignature); !sent && (strings.HasSuffix(path, jikoLogin) || strings.HasSuffix(path, "/health") || strings.HasSuffix(path, "/public-keys")) {
		x.checked("this request needs no signature")
		if x.e.Request.Method == "POST" && strings.HasSuffix(path, jikoLogin) {
			x.login([]loginMember{
				{"username", []string{"user", "userName", "user_name", "login", "email"}},
				{"password", []string{"pass", "passwd", "secret"}},
			})
		}
		return
	}
	x.signed = true
	x.bearer()
	received, ok := x.signatureHeader(jikoSignature)
	x.jikoIdempotency()
	if !ok {
		return
	}
	s := x.scene()
	targets := hmacTargets(s, received)
	right, others := pickSecrets(&x.e, "signing_secret")
	j := &hmacJudge{targets: targets, keys: keyring(s, right, others, 1)}
	q := newSearch(s, j, jikoOrder...)
	q.axes = jikoAxes(s)
	x.report.Canonical = q.canonical()
	switch {
	case len(right)+len(others) == 0:
		x.checked("the signature could not be recomputed: there is no signing secret at hand")
		x.hmacShape(targets, true)
		return
	case len(right) == 0:
		x.checked("there is no signing_secret at hand; the other secrets were tried")
	}
	x.jikoSearch(s, q, j, right, others, received)
	x.encoding()
	x.hmacShape(targets, false)
	x.misnamed(jikoSignature)
}

// jikoSearch recomputes.
func (x *examination) jikoSearch(s *scene, q *search, j *hmacJudge, right, others []NamedSecret, received string) {
	base := q.base()
	if len(right) > 0 {
		x.meter.count(1)
		x.report.Expected = expectedMAC(base, right[0].Secret)
		if sign.VerifyJiko(base, received, right[0].Secret) == nil {
			x.verified = true
			x.checked("the signature verifies with %s", secretName(right[0]))
			return
		}
	}
	if len(right) > 0 && x.cutSignature(base, received, right[0].Secret) || len(j.targets) == 0 {
		return
	}
	q.run(0)
	if len(q.hits) == 0 {
		x.depths(q, 2)
	}
	if len(q.hits) == 0 && !x.meter.spent {
		j.keys = keyring(s, right, others, 2)
		q.forget()
		x.depths(q, 3)
	}
	x.answer(q, "HMAC-SHA256, made with these mistakes, is byte for byte the signature that was received")
	if len(q.hits) == 0 {
		x.checked("no chain of known mistakes with the %d secrets at hand gives this signature", len(right)+len(others))
	}
}

// leastCut is the length from which a part of a signature is no accident: 96 bits.
const leastCut = 16

// cutSignature tells whether a part of the right signature was received.
func (x *examination) cutSignature(base []byte, received string, secret sign.Secret) bool {
	whole := base64.StdEncoding.EncodeToString(secret.HMACSHA256(base))
	part := strings.TrimSpace(received)
	if len(part) < leastCut || len(part) >= len(strings.TrimRight(whole, "=")) || !strings.Contains(whole, part) {
		return false
	}
	if x.matched == nil {
		x.matched = map[string]bool{}
	}
	x.matched["signature-cut"] = true
	x.find("signature-cut", Proved, true, fmt.Sprintf("these %d characters stand in the right signature, which has %d", len(part), len(whole)))
	return true
}

// expectedMAC is the right signature, which is a credential.
func expectedMAC(base []byte, secret sign.Secret) sign.Secret {
	var b sign.Builder
	b.Take(sign.Origin{}, base, sign.HMACSHA256("signing_secret", secret), sign.Base64)
	return sign.NewSecret(b.Text().String())
}

// jikoAxes holds the right value of every part, and what it can become.
func jikoAxes(s *scene) [axes]axis {
	var a [axes]axis
	id, _ := s.r.Get(jikoIdempotency)
	a[atMethod] = newAxis(s, []byte(s.r.Method), 0)
	a[atOrigin] = newAxis(s, nil, 1, &originMoves)
	a[atPath] = newAxis(s, []byte(s.r.Path()), 2, &pathMoves)
	a[atQuery] = newAxis(s, nil, 2, &queryMoves)
	a[atBody] = newAxis(s, s.r.Body, 2, &bodyMoves, &presetMoves, &jsonMoves, &charsetMoves)
	a[atDigest] = newAxis(s, []byte{rawBody}, 1, &digestMoves)
	a[atClock] = newAxis(s, nil, 0)
	a[atSerial] = newAxis(s, []byte(id), 2, &serialMoves)
	a[atLayout] = newAxis(s, jikoLayout, 2, &layoutMoves)
	a[atWrap] = newAxis(s, []byte{rawMessage}, 0)
	a[atOuter] = newAxis(s, nil, 1, &outerMoves)
	return a
}

// scene is the stage for moves.
func (x *examination) scene() *scene {
	return &scene{scheme: x.scheme, e: &x.e, r: x.e.Request, meter: x.meter, seed: maphash.MakeSeed()}
}

// jikoIdempotency looks at the idempotency header.
func (x *examination) jikoIdempotency() {
	ids := headers(x.e.Request, jikoIdempotency)
	switch {
	case len(ids) == 0:
		x.find("idempotency-missing", Certain, true, "there is no header "+jikoIdempotency)
	case len(ids) > 1:
		x.find("header-repeated", Certain, false, fmt.Sprintf("%s stands there %d times", jikoIdempotency, len(ids)))
	case !isUUID(ids[0]):
		x.find("idempotency-malformed", Certain, false, quote(ids[0])+" is not a UUID")
	default:
		x.checked("%s is a UUID", jikoIdempotency)
	}
}

// isUUID reports whether s is 8-4-4-4-12 hexadecimal digits.
func isUUID(s string) bool {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return false
	}
	bare := strings.ReplaceAll(s, "-", "")
	return len(bare) == 32 && isHex([]byte(bare))
}

// hmacShape tells what the form of the signature says. Alone says that nothing could be recomputed.
func (x *examination) hmacShape(targets []target, alone bool) {
	if x.verified || x.matched != nil {
		return
	}
	for _, t := range targets {
		if len(t.bytes) != 32 && !t.lossy {
			continue
		}
		if len(t.steps) == 0 {
			x.checked("the signature has the right form: base64 of 32 bytes")
			return
		}
		x.tellShapes(t, alone)
		return
	}
	if len(targets) > 0 {
		x.find("hmac-other-hash", Likely, alone, fmt.Sprintf("the signature decodes to %d bytes; HMAC-SHA256 has 32", len(targets[0].bytes)))
		return
	}
	x.find("signature-malformed", Certain, true, "it does not decode to a digest of any usual length")
}
