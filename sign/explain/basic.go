package explain

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"countersign/sign"
)

// examineJupico looks at Basic credentials (RFC 7617). It takes them apart and compares them with the values at hand;
// whether they are right is for the partner to say, so the verdict is never that they verify.
func examineJupico(x *examination) {
	x.contentType()
	values := headers(x.e.Request, "Authorization")
	if len(values) == 0 {
		x.find("basic-missing", Certain, true, "the request has no Authorization header")
		return
	}
	encoded, ok := x.basicText(values[0])
	if !ok {
		return
	}
	decoded, ok := x.basicDecoded(encoded)
	if !ok {
		return
	}
	x.report.Signed = x.userPass(decoded)
	x.basicBytes(decoded)
	x.basicValues(decoded)
}

// contentType judges Content-Type, which this partner wants on every request.
func (x *examination) contentType() {
	v, ok := x.e.Request.Get("Content-Type")
	media, _, _ := strings.Cut(v, ";")
	switch {
	case !ok:
		x.find("content-type-missing", Certain, true, "there is no Content-Type header")
	case !strings.EqualFold(strings.TrimSpace(media), "application/json"):
		x.find("content-type-missing", Certain, true, "Content-Type is "+quote(v))
	default:
		x.checked("Content-Type is application/json")
	}
}

// basicText finds the base64 text.
func (x *examination) basicText(value string) (string, bool) {
	scheme, rest, ok := strings.Cut(strings.TrimLeft(value, " \t"), " ")
	switch {
	case !ok && !strings.EqualFold(scheme, "basic"):
		x.find("basic-scheme", Certain, true, "there is no scheme in front of the credentials")
		rest = scheme
	case !strings.EqualFold(scheme, "basic"):
		x.find("basic-scheme", Certain, true, "the scheme is "+schemeName(scheme))
	case len(rest) > 6 && strings.EqualFold(rest[:6], "basic "):
		x.find("basic-scheme", Certain, true, "Basic stands there twice")
		rest = rest[6:]
	}
	if isPlaceholder(strings.TrimSpace(rest)) {
		x.find("basic-not-base64", Certain, true, placeholderName(rest)+" stands where the credentials belong")
		return "", false
	}
	return rest, true
}

// basicDecoded decodes, if need be from a wrong form.
func (x *examination) basicDecoded(text string) ([]byte, bool) {
	if b, err := base64.StdEncoding.Strict().DecodeString(text); err == nil && !strings.ContainsAny(text, "\r\n") {
		return b, true
	}
	joined := strings.Join(strings.Fields(text), "")
	if joined != text {
		x.find("basic-wrapped", Certain, true, fmt.Sprintf("%d blanks or line ends stand in it", len(text)-len(joined)))
	}
	if strings.Contains(joined, ":") {
		x.find("basic-not-encoded", Certain, true, "there is a colon, which base64 has not")
		return []byte(text), true
	}
	if b := anyBase64([]byte(joined)); b != nil {
		if base64.StdEncoding.EncodeToString(b) != joined {
			x.find("basic-alphabet", Certain, true, fmt.Sprintf("%d characters decode only as base64url or without padding", len(joined)))
		}
		return b, true
	}
	x.find("basic-not-base64", Certain, true, fmt.Sprintf("%d characters cannot be decoded", len(joined)))
	return nil, false
}

// userPass shows decoded credentials with the password masked and everything that does not belong there in clear.
// When the parts may stand in the wrong order, the first is masked as well.
func (x *examination) userPass(decoded []byte) sign.Text {
	var b sign.Builder
	user, rest, ok := bytes.Cut(decoded, []byte(":"))
	if !ok {
		b.Key("credentials", sign.NewSecret(string(decoded)))
		return b.Text()
	}
	if x.mayBeSecret(user) {
		b.Key("username", sign.NewSecret(string(user)))
	} else {
		b.Take(sign.Origin{Kind: sign.Field, Name: "username"}, user)
	}
	b.Separator(":", "parts user-id and password; the first colon counts")
	password := bytes.TrimRight(rest, "\r\n\t ")
	b.Key("password", sign.NewSecret(string(password)))
	if stray := rest[len(password):]; len(stray) > 0 {
		b.Constant(string(stray), "does not belong to the password")
	}
	return b.Text()
}

// mayBeSecret reports whether a user-id is a secret at hand, or not the user at hand although that is known.
func (x *examination) mayBeSecret(user []byte) bool {
	known := x.e.Fields["username"]
	return known != "" && known != string(user) ||
		slices.ContainsFunc(x.e.Secrets, func(n NamedSecret) bool { return n.Secret.Equal(sign.NewSecret(string(user))) })
}

// basicBytes tells what is odd in the decoded bytes by themselves.
func (x *examination) basicBytes(b []byte) {
	if bytes.HasSuffix(b, []byte("\n")) || bytes.HasSuffix(b, []byte("\r")) {
		stray := b[len(bytes.TrimRight(b, "\r\n")):]
		x.find("basic-newline", Certain, true, fmt.Sprintf("the %d decoded bytes end in %q", len(b), stray))
		b = b[:len(b)-len(stray)]
	}
	user, password, ok := bytes.Cut(b, []byte(":"))
	switch {
	case !ok:
		if in := anyBase64(b); in != nil && utf8.Valid(in) && bytes.Contains(in, []byte(":")) {
			x.find("basic-twice", Certain, true, "decoding once more gives a text with a colon")
			return
		}
		x.find("basic-colon-missing", Certain, true, fmt.Sprintf("the %d decoded bytes have no colon", len(b)))
		return
	case len(user) == 0 || len(password) == 0:
		x.find("basic-empty-part", Certain, true, fmt.Sprintf("%d bytes stand in front of the colon, %d behind it", len(user), len(password)))
	}
	if !bytes.Equal(bytes.Trim(user, " \t"), user) || !bytes.Equal(bytes.Trim(password, " \t"), password) {
		x.find("basic-blank", Likely, false, "a blank stands at an end of the user or the password")
	}
	if !utf8.Valid(b) {
		x.find("basic-charset", Certain, true, "the decoded bytes are not UTF-8")
	}
	for i, c := range b {
		if c < ' ' || c == 0x7f {
			x.find("basic-control", Certain, true, fmt.Sprintf("byte %d of the decoded text is 0x%02x", i+1, c))
			break
		}
	}
}

// basicValues compares the parts with the values at hand.
func (x *examination) basicValues(decoded []byte) {
	user, password, ok := strings.Cut(strings.TrimRight(string(decoded), "\r\n"), ":")
	right, others := pickSecrets(&x.e, "password")
	known := x.e.Fields["username"]
	if !ok || known == "" && len(right) == 0 {
		x.checked("the credentials decode; there are no values at hand to compare them with")
		return
	}
	if len(right) > 0 && known != "" && user != known && right[0].Secret.Equal(sign.NewSecret(user)) {
		x.find("basic-swapped", Certain, true, "the part in front of the colon is the password at hand")
		return
	}
	if known != "" && user != known {
		x.userDiffers(user, known)
	} else if known != "" {
		x.checked("the user is the one at hand")
	}
	if len(right) > 0 && password != "" {
		x.passwordDiffers(sign.NewSecret(password), right, others)
	}
}

func (x *examination) userDiffers(user, known string) {
	if plain, err := url.QueryUnescape(user); err == nil && plain == known {
		x.find("basic-form-encoded", Proved, true, "the user percent-decodes to the one at hand")
		return
	}
	x.find("basic-user-differs", Certain, false, fmt.Sprintf("%d bytes were sent that are not %s", len(user), quote(known)))
}

// passwordDiffers looks for the mistake that makes the password that was sent from one at hand.
func (x *examination) passwordDiffers(sent sign.Secret, right, others []NamedSecret) {
	if sent.Equal(right[0].Secret) {
		x.checked("the password is the one at hand")
		return
	}
	s := x.scene()
	var chains [][]step
	for _, level := range keyring(s, right, others, 2) {
		for _, k := range level {
			x.meter.count(1)
			if len(k.steps) == 1 {
				x.test(k.steps[0].move.id)
			}
			if k.secret.Equal(sent) {
				chains = append(append(chains, k.steps), k.ties...)
			}
		}
		if len(chains) > 0 {
			x.tellChains(chains, "the password that was sent is byte for byte what these mistakes make of the one at hand")
			return
		}
	}
	x.find("basic-password-differs", Certain, false, "no chain of known mistakes makes it from the passwords at hand")
}
