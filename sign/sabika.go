package sign

import (
	"errors"
	"strconv"
)

// Sabika signs five lines with ES256 as a detached JWS with an unencoded payload
// (docs.sabikagold.com/authentication.html, "Signing money-moving requests"):
//
//	METHOD LF URL LF hex(sha256(body)) LF unix seconds LF nonce
//
// without blanks and without a line end behind the nonce. Whether URL is path and query or the absolute
// URL is not said by the page: option "url" is "path" (the default) or "absolute".
// Secrets: the access token. Keys: SigningKey. A request that the page does not ask to sign
// gets the bearer token alone; see [Bearer].
func Sabika(in Input) (Signed, error) {
	if !in.SigningKey.Present() {
		return Signed{}, errors.New("there is no signing key")
	}
	if len(in.Nonce) < minNonce {
		return Signed{}, errors.New("the nonce " + strconv.Quote(in.Nonce) + " is shorter than 16 characters")
	}
	req, err := withBearer(in)
	if err != nil {
		return Signed{}, err
	}
	clock := []byte(strconv.FormatInt(in.Time.Unix(), 10))
	canonical := Stage{StageCanonical, sabikaCanonical(in, clock)}
	stages, value, err := detachedJWS(canonical, "signing_key", in.SigningKey, in.Rand)
	if err != nil {
		return Signed{}, err
	}
	req = req.With(ByScheme, "X-Timestamp", Plain(Origin{Kind: Clock}, clock))
	req = req.With(ByScheme, "X-Nonce", Plain(Origin{Kind: Nonce}, []byte(in.Nonce)))
	req = req.With(ByScheme, "X-JWS-Signature", value)
	return Signed{
		Request: req, Stages: append([]Stage{canonical}, stages...),
		Algorithm: "ES256", KeyName: "signing_key", KeyID: in.SigningKey.Fingerprint(), Carrier: "X-JWS-Signature",
	}, nil
}

// minNonce is the least number of characters of X-Nonce that the page allows.
const minNonce = 16

func sabikaCanonical(in Input, clock []byte) Text {
	r := in.Request
	var b Builder
	b.Take(Origin{Kind: Method}, []byte(r.Method), Upper)
	b.Separator("\n", "LF behind the method")
	if in.Options["url"] == "absolute" {
		b.Constant(r.Scheme+"://", "the absolute form of the URL")
		b.Take(Origin{Kind: Authority}, []byte(r.Authority))
	}
	b.Take(Origin{Kind: Path}, []byte(r.Path))
	b.Take(Origin{Kind: Query}, []byte(r.Query))
	b.Separator("\n", "LF behind the URL")
	b.Take(Origin{Kind: BodyHash}, r.Body.raw(), SHA256, Hex)
	b.Separator("\n", "LF behind the body hash")
	b.Take(Origin{Kind: Clock}, clock)
	b.Separator("\n", "LF behind the timestamp; none follows the nonce")
	b.Take(Origin{Kind: Nonce}, []byte(in.Nonce))
	return b.Text()
}
