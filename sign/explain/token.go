package explain

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"countersign/sign"
)

// bearerToken is what stands behind Bearer.
type bearerToken struct {
	text string
	jwt  sign.JWT
	read bool // jwt could be read
}

// tokenHeaders are names under which tokens are sent by mistake.
var tokenHeaders = []string{"X-Access-Token", "X-Auth-Token", "Access-Token", "Access_Token", "X-Authorization", "Authentication", "X-Auth", "Token", "Bearer", "X-Token", "X-Api-Token"}

// bearer looks at the Authorization header, the token's form and its clock.
func (x *examination) bearer() bearerToken {
	values := headers(x.e.Request, "Authorization")
	if len(values) == 0 {
		x.noBearer()
		return bearerToken{}
	}
	text := x.tokenText(values[0])
	if text == "" {
		return bearerToken{}
	}
	t := bearerToken{text: text}
	x.sentSecret(text)
	x.issued(text)
	j, err := sign.ParseJWT(text)
	switch {
	case err == nil:
		t.jwt, t.read = j, true
		x.tokenClock(j)
	case strings.HasPrefix(text, "eyJ") && x.found("token-malformed"): // told with proof
	case strings.HasPrefix(text, "eyJ"):
		x.find("token-malformed", Certain, x.unsigned(), err.Error())
	default:
		x.checked("the token is no JWT, so its expiry cannot be read")
	}
	return t
}

// unsigned reports whether a finding about a header accounts for the refusal: there is no signature to explain.
func (x *examination) unsigned() bool { return !x.signed }

// noBearer says why there is no token.
func (x *examination) noBearer() {
	for _, name := range tokenHeaders {
		if _, ok := x.e.Request.Get(name); ok {
			x.find("token-header-name", Certain, x.unsigned(), fmt.Sprintf("there is no Authorization header, but %s", name))
			return
		}
	}
	x.find("token-missing", Certain, x.unsigned(), "the request has no Authorization header")
}

// tokenText takes the value of Authorization apart; it is empty when there is no token in it.
func (x *examination) tokenText(value string) string {
	scheme, rest, ok := strings.Cut(strings.TrimLeft(value, " \t"), " ")
	switch {
	case !ok && !strings.EqualFold(scheme, "bearer"):
		x.find("token-scheme", Certain, x.unsigned(), "there is no scheme in front of the token")
		rest = scheme
	case !strings.EqualFold(strings.TrimSuffix(scheme, ":"), "bearer"):
		x.find("token-scheme", Certain, x.unsigned(), "the scheme is "+schemeName(scheme))
	case strings.HasSuffix(scheme, ":"):
		x.find("token-scheme", Certain, x.unsigned(), "a colon stands behind Bearer")
	case len(rest) > 7 && strings.EqualFold(rest[:7], "bearer "):
		x.find("token-scheme", Certain, x.unsigned(), "Bearer stands there twice")
		rest = rest[7:]
	}
	clean := strings.Trim(rest, " \t\r\n\"'")
	if clean != rest && !isPlaceholder(clean) {
		x.find("token-blanks", Certain, x.unsigned(), fmt.Sprintf("%d characters around the token do not belong to it", len(rest)-len(clean)))
	}
	if isPlaceholder(clean) {
		x.find("token-placeholder", Certain, x.unsigned(), placeholderName(clean)+" stands where the token belongs")
		return ""
	}
	return clean
}

// isPlaceholder reports whether a program or a shell put no value in.
func isPlaceholder(s string) bool {
	switch strings.ToLower(s) {
	case "", "undefined", "null", "none", "nil", "false", "token", "access_token", "accesstoken", "[object object]", "[object promise]", "<token>", "<access_token>", "your_token", "your-token":
		return true
	}
	first, last := s[0], s[len(s)-1]
	return first == '$' || first == '{' && last == '}' || first == '<' && last == '>' || first == '%' && last == '%' || strings.HasPrefix(strings.ToUpper(s), "YOUR_")
}

// schemeName quotes an authentication scheme, unless it may be a credential that stands where the scheme belongs.
func schemeName(s string) string {
	const longest = 16
	letters := strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-") == ""
	if letters && len(s) <= longest {
		return quote(s)
	}
	return fmt.Sprintf("no scheme but %d characters of something else", len(s))
}

// placeholderName quotes a placeholder, unless it holds more than a name.
func placeholderName(s string) string {
	if strings.ContainsAny(s, `"':`) || len(s) > 40 {
		return fmt.Sprintf("a text of %d characters", len(s))
	}
	return quote(s)
}

// sentSecret finds a secret at hand that was sent as the token.
func (x *examination) sentSecret(text string) {
	for _, n := range x.e.Secrets {
		if n.Secret.Empty() || !n.Secret.Equal(sign.NewSecret(text)) {
			continue
		}
		switch name := strings.ToLower(n.Name); {
		case strings.Contains(name, "refresh"):
			x.find("refresh-token-as-bearer", Certain, x.unsigned(), "the token is the "+secretName(n))
		case strings.Contains(name, "access") || name == "token":
			x.checked("the token is the %s at hand", secretName(n))
		default:
			x.find("secret-as-bearer", Certain, x.unsigned(), "the token is the "+secretName(n))
		}
		return
	}
}

// judging is the clock that counts: the server's, if it is known.
func (x *examination) judging() (now time.Time, whose string) {
	if !x.e.Date.IsZero() {
		return x.e.Date, "the server's clock"
	}
	return x.e.At, "the clock of this machine"
}

// tokenClock judges exp, nbf and iat.
func (x *examination) tokenClock(j sign.JWT) {
	now, whose := x.judging()
	exp, ok := j.Time("exp")
	switch {
	case !ok:
		x.checked("the token says nothing about its expiry")
	case now.IsZero():
		x.checked("the token expires at %s; without a clock it was not judged", instant(exp))
	case !now.Before(exp):
		steps := []string{fmt.Sprintf("it expired at %s, %s ago by %s, which says %s", instant(exp), seconds(now.Sub(exp)), whose, instant(now))}
		if !x.e.Date.IsZero() && !x.e.At.IsZero() && x.e.At.Before(exp) {
			steps = append(steps, fmt.Sprintf("the clock of this machine says %s: it is %s behind the server's", instant(x.e.At), seconds(x.e.Date.Sub(x.e.At))))
		}
		x.find("token-expired", Certain, x.unsigned(), steps...)
	default:
		x.checked("the token is valid for another %s by %s", seconds(exp.Sub(now)), whose)
	}
	for _, claim := range []string{"nbf", "iat"} {
		if t, ok := j.Time(claim); ok && !now.IsZero() && t.After(now) {
			x.find("token-not-yet-valid", Certain, x.unsigned() && claim == "nbf",
				fmt.Sprintf("%s is %s, %s ahead of %s, which says %s", claim, instant(t), seconds(t.Sub(now)), whose, instant(now)))
			return
		}
	}
}

// instant and seconds write times the way the reports do: always UTC, always in seconds.
func instant(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func seconds(d time.Duration) string { return fmt.Sprintf("%d s", int64(d/time.Second)) }

// has reports whether a claim is there and neither null nor false.
func has(j sign.JWT, claim string) bool {
	v, ok := j.Claims[claim]
	return ok && string(v) != "null" && string(v) != "false"
}

// members reads the members of a JSON object in a body, the last of each name.
func members(body []byte) (map[string]json.RawMessage, bool) {
	var m map[string]json.RawMessage
	if len(body) > maxJSON || json.Unmarshal(body, &m) != nil || m == nil {
		return nil, false
	}
	return m, true
}

// textOf reads a string member.
func textOf(v json.RawMessage) string {
	var s string
	if json.Unmarshal(v, &s) != nil {
		return ""
	}
	return s
}
