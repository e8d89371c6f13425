package flows

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"countersign/sign"
	"countersign/sign/untrusted"
)

// signedOrOpen is scheme, or none for a request that needs no authentication.
func signedOrOpen(s Sample, scheme sign.Scheme) sign.Scheme {
	if s.Open {
		return nil
	}
	return scheme
}

// tokenRequest is a POST behind the base URL.
func tokenRequest(in TokenInput, path, contentType string, body sign.Text) sign.Request {
	r := in.Base
	r.Method, r.Path, r.Body = "POST", in.Base.Path+path, body
	return r.With(sign.ByProvider, "Content-Type", constant(contentType))
}

func constant(s string) sign.Text { return sign.Plain(sign.Origin{Kind: sign.Constant}, []byte(s)) }

// object is a JSON object from outside. Its names are compared exactly; encoding/json would take a token out of a member
// that is called Access_Token.
type object map[string]json.RawMessage

// readObject reads an answer that must be a JSON object. Its errors say what came instead.
func readObject(body []byte) (object, error) {
	trimmed := bytes.TrimSpace(body)
	switch {
	case len(trimmed) == 0:
		return nil, errors.New("it is empty")
	case trimmed[0] == '<':
		return nil, errors.New("it is HTML or XML, not JSON; a proxy or a wrong path may have answered")
	case trimmed[0] != '{':
		return nil, errors.New("it is not a JSON object")
	}
	o, err := sign.Members(trimmed)
	if err != nil && !json.Valid(trimmed) {
		return nil, errors.New("it is not valid JSON; perhaps it was cut off")
	}
	return o, err
}

// within is the object that a member holds; an object without members when it holds none.
func (o object) within(name string) object {
	inner, _ := sign.Members(o[name]) // what cannot be read has no members
	return inner
}

// text is a string member, or empty.
func (o object) text(name string) string {
	var s string
	json.Unmarshal(o[name], &s) // another type is no string
	return s
}

// need is the string member at a path, which must be there and not be empty.
func (o object) need(path ...string) (string, error) {
	for _, name := range path[:len(path)-1] {
		o = o.within(name)
	}
	name := path[len(path)-1]
	v, there := o[name]
	if s := o.text(name); s != "" {
		return s, nil
	}
	if !there {
		return "", fmt.Errorf("it has no field %s", strings.Join(path, "."))
	}
	return "", fmt.Errorf("its field %s is %s", strings.Join(path, "."), kindOf(v))
}

// kindOf names a JSON value that is not the string that was expected.
func kindOf(v json.RawMessage) string {
	switch v[0] {
	case '"':
		return "empty"
	case '{':
		return "an object"
	case '[':
		return "a list"
	case 't', 'f':
		return "true or false"
	case 'n':
		return "null"
	}
	return "a number"
}

// newToken takes an access token and an optional refresh token, and reads what they tell about themselves.
func newToken(access, refresh string) (Token, error) {
	t := Token{Access: sign.NewSecret(access), Refresh: sign.NewSecret(refresh)}
	for _, s := range []string{access, refresh} {
		if i := strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f }); i >= 0 {
			return t, fmt.Errorf("the token has the character %q at position %d, which no header can carry", []rune(s[i:])[0], i+1)
		}
	}
	f := &t.Facts
	f.Format, f.Fingerprint, f.Refreshes = "opaque", t.Access.Fingerprint(), t.Refresh.Fingerprint()
	if j, err := sign.ParseJWT(access); err == nil {
		f.Format, f.Claims = "JWT", untrusted.From(j.Raw)
		var bound bool
		if f.Binding, bound = j.Binding(); !bound && j.Claims["cnf"] != nil {
			f.Remarks = append(f.Remarks, "the claim cnf holds no thumbprint of a certificate (x5t#S256)")
		}
		var alg string
		json.Unmarshal(j.Header["alg"], &alg) // absent or odd: nothing to show
		f.Algorithm = untrusted.From(alg)
		if exp, ok := j.Time("exp"); ok {
			f.Expires, f.Source = exp, "claim exp of the token (not verified)"
		} else if j.Claims["exp"] != nil {
			f.Remarks = append(f.Remarks, "the claim exp is no time and left out")
		}
	}
	if j, err := sign.ParseJWT(refresh); err == nil {
		if exp, ok := j.Time("exp"); ok {
			f.RefreshExpires, f.RefreshSource = exp, "claim exp of the refresh token (not verified)"
		}
	}
	return t, nil
}

// tokenType takes the token_type of an answer (RFC 6749 section 5.1).
func (f *TokenFacts) tokenType(s string) {
	if s == "" {
		return
	}
	f.Type = excerpt(untrusted.From(s))
	if !strings.EqualFold(s, "Bearer") {
		f.Remarks = append(f.Remarks, fmt.Sprintf("token_type is %q, not Bearer; it is sent as Bearer all the same", f.Type))
	}
}

// expiresAt takes an RFC 3339 time. One that cannot be read is remarked on and left out.
func (f *TokenFacts) expiresAt(s, source string) {
	if s == "" {
		f.Remarks = append(f.Remarks, "the answer has no expiry; the documented lifetime counts")
		return
	}
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		f.Remarks = append(f.Remarks, fmt.Sprintf("the expiry %q is no RFC 3339 time with offset; the documented lifetime counts", excerpt(untrusted.From(s))))
		return
	}
	f.Expires, f.Source = at, source
}

// Bounds that tell a duration from a moment: 1e9 seconds of lifetime would be 31 years.
const (
	absoluteSeconds = 1e9
	absoluteMillis  = 1e12
)

// expiresIn takes the member of that name: a number, or one in a string, that is a lifetime in seconds, or a moment in
// Unix seconds or milliseconds. A claim exp that says otherwise is remarked on.
func (f *TokenFacts) expiresIn(o object, name string, received time.Time) {
	text := stringOrRaw(o[name])
	if text == "" || text == "null" {
		return
	}
	v, err := json.Number(text).Float64()
	claim := f.Expires
	switch {
	case err != nil || !(v > 0 && v <= absoluteMillis*100): // neither is true of what is no number
		f.Remarks = append(f.Remarks, fmt.Sprintf("the expiry %q is absurd and left out", excerpt(untrusted.From(text))))
		return
	case v > absoluteMillis:
		f.Expires, f.Source = time.UnixMilli(int64(v)).UTC(), fmt.Sprintf("field %s (Unix milliseconds, absolute)", name)
	case v > absoluteSeconds:
		f.Expires, f.Source = time.Unix(int64(v), 0).UTC(), fmt.Sprintf("field %s (Unix seconds, absolute)", name)
	default:
		f.Expires, f.Source = received.Add(time.Duration(v*float64(time.Second))), fmt.Sprintf("field %s (seconds from now)", name)
	}
	if !claim.IsZero() && claim.Sub(f.Expires).Abs() > time.Minute {
		f.Remarks = append(f.Remarks, fmt.Sprintf("the answer says it expires at %s, its claim exp says %s",
			f.Expires.UTC().Format(time.RFC3339), claim.UTC().Format(time.RFC3339)))
		if claim.Before(f.Expires) {
			f.Expires, f.Source = claim, "claim exp of the token (not verified), earlier than the answer says"
		}
	}
}

// stringOrRaw is a JSON string's content, or the JSON text itself.
func stringOrRaw(v json.RawMessage) string {
	var s string
	if json.Unmarshal(v, &s) == nil {
		return s
	}
	return string(v)
}

// joinLoc writes FastAPI's location, ["body", "amount", 0], as body.amount.0.
func joinLoc(loc []any) string {
	parts := make([]string, len(loc))
	for i, l := range loc {
		parts[i] = fmt.Sprint(l)
	}
	return strings.Join(parts, ".")
}
