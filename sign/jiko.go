package sign

import (
	"encoding/base64"
	"errors"
)

// Jiko signs with HMAC-SHA256 over idempotency key, pathname and body, without anything between them,
// in standard base64 with padding (docs.jiko.io/guides/auth, "Request Signing").
//
// The pathname has no query, and its percent-encoding is kept. The body is the bytes that are sent;
// an absent body adds nothing. Secrets: "signing_secret" and the access token.
func Jiko(in Input) (Signed, error) {
	secret := in.Secrets["signing_secret"]
	if secret.Empty() {
		return Signed{}, errors.New("there is no signing secret")
	}
	if in.IdempotencyKey == "" {
		return Signed{}, errors.New("there is no idempotency key; it is part of what is signed")
	}
	req, err := withBearer(in)
	if err != nil {
		return Signed{}, err
	}

	var b Builder
	b.Take(Origin{Kind: IdempotencyKey}, []byte(in.IdempotencyKey))
	b.Take(Origin{Kind: Path}, []byte(in.Request.Path))
	appendBody(&b, in.Request.Body)
	canonical := Stage{StageCanonical, b.Text()}

	var mac Builder
	mac.Within(canonical, HMACSHA256("signing_secret", secret))
	signature := Stage{StageSignature, mac.Text()}

	var value Builder
	value.Within(signature, Base64)
	req = req.With(ByScheme, "x-jiko-idempotency", Plain(Origin{Kind: IdempotencyKey}, []byte(in.IdempotencyKey)))
	req = req.With(ByScheme, "x-jiko-signature", value.Text())
	return Signed{
		Request: req, Stages: []Stage{canonical, signature},
		Algorithm: "HMAC-SHA256", KeyName: "signing_secret", KeyID: secret.Fingerprint(), Carrier: "x-jiko-signature",
	}, nil
}

// VerifyJiko checks a received x-jiko-signature over the canonical bytes, in constant time and with strict base64.
func VerifyJiko(canonical []byte, received string, secret Secret) error {
	mac, err := base64.StdEncoding.Strict().DecodeString(received)
	if err != nil || len(received) != base64.StdEncoding.EncodedLen(len(mac)) {
		return errors.New("the signature is not base64 in the standard alphabet with padding")
	}
	if len(mac) != 32 {
		return errors.New("the signature is not the 32 bytes of HMAC-SHA256")
	}
	if !NewSecret(string(mac)).Equal(NewSecret(string(secret.HMACSHA256(canonical)))) {
		return ErrSignature
	}
	return nil
}

// appendBody adds the body, or an empty span where there is none.
func appendBody(b *Builder, body Text) {
	if !body.Present() {
		b.Take(Origin{Kind: Body}, nil)
		return
	}
	b.Append(body)
}
