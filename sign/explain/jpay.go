package explain

import (
	"encoding/json"
	"fmt"
	"strings"

	"countersign/sign"
)

// examineJPay looks at a bearer token of JPay Africa (docs.api.jpay.africa), or at the calls that fetch one.
func examineJPay(x *examination) {
	switch path := strings.TrimRight(x.e.Request.Path(), "/"); {
	case strings.HasSuffix(path, "/auth/app/token"):
		x.login([]loginMember{
			{"app_key", []string{"appKey", "app-key", "key", "client_id", "username"}},
			{"app_secret", []string{"appSecret", "app-secret", "secret", "client_secret", "password"}},
		})
	case strings.HasSuffix(path, "/auth/refresh"):
		if m := x.login([]loginMember{{"refresh", []string{"refresh_token", "refreshToken", "token"}}}); m != nil {
			x.refreshMember(textOf(m["refresh"]), func(j sign.JWT) bool { return !has(j, "refresh") && (has(j, "app_code") || has(j, "products")) })
		}
	default:
		if t := x.bearer(); t.read && has(t.jwt, "refresh") {
			x.find("refresh-token-as-bearer", Certain, true, "its claims say refresh")
		}
	}
}

// loginMember is a member that a login body must have, and the names under which people send it.
type loginMember struct {
	name   string
	others []string
}

// login judges the body of a call that fetches a token; it returns the members when it is JSON.
func (x *examination) login(want []loginMember) map[string]json.RawMessage {
	m, ok := members(x.e.Request.Body)
	if !ok {
		x.find("login-not-json", Certain, true, fmt.Sprintf("the %d bytes of the body are not a JSON object", len(x.e.Request.Body)))
		return nil
	}
	for _, w := range want {
		x.loginMember(m, w)
	}
	return m
}

func (x *examination) loginMember(m map[string]json.RawMessage, w loginMember) {
	if v, ok := m[w.name]; ok {
		if text := textOf(v); len(v) > 0 && v[0] != '"' {
			x.find("login-member-missing", Certain, true, fmt.Sprintf("member %s is no string", w.name))
		} else if isPlaceholder(text) {
			x.find("login-member-missing", Certain, true, fmt.Sprintf("member %s is %s", w.name, placeholderName(text)))
		} else {
			x.loginValue(w.name, text)
		}
		return
	}
	for _, o := range w.others {
		if _, ok := m[o]; ok {
			x.find("login-member-name", Certain, true, fmt.Sprintf("the body has %q, the partner wants %q", o, w.name))
			return
		}
	}
	x.find("login-member-missing", Certain, true, fmt.Sprintf("the body has no member %q", w.name))
}

// loginValue compares a member with the value at hand.
func (x *examination) loginValue(name, text string) {
	if known := x.e.Fields[name]; known != "" && known != text {
		x.find("login-secret-differs", Certain, false, fmt.Sprintf("member %s is not the value at hand", name))
		return
	}
	right, others := pickSecrets(&x.e, name)
	if len(right) == 0 || right[0].Secret.Equal(sign.NewSecret(text)) {
		x.checked("member %s is there", name)
		return
	}
	for _, level := range keyring(x.scene(), right, others, 1) {
		for _, k := range level {
			x.meter.count(1)
			if k.secret.Equal(sign.NewSecret(text)) {
				x.tellChains(append([][]step{k.steps}, k.ties...), "the member "+name+" is byte for byte what this mistake makes of the value at hand")
				return
			}
		}
	}
	x.find("login-secret-differs", Certain, false, fmt.Sprintf("member %s is not the secret at hand, and no known mistake makes it from that", name))
}

// refreshMember judges a refresh token: its kind, what became of it on its way, and its expiry.
func (x *examination) refreshMember(text string, isAccess func(sign.JWT) bool) {
	j, err := sign.ParseJWT(text)
	if err == nil && isAccess(j) {
		x.find("access-token-as-refresh", Certain, true, "its claims are those of an access token")
		return
	}
	if text != "" {
		x.issued(text)
	}
	if err != nil {
		return
	}
	x.tokenClock(j)
}
