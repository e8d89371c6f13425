package sign

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// ParseURL splits an absolute https URL without changing a byte of path and query.
// It refuses what would send a request or a secret elsewhere than a reader thinks:
// other schemes, user information, fragments, control characters, a missing host.
// A missing path stays empty.
func ParseURL(s string) (Request, error) {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		scheme, rest = "", s
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	authority, target := rest[:end], rest[end:]
	if i := strings.LastIndex(authority, "@"); i >= 0 { // first, so that no later sentence quotes a password
		return Request{}, fmt.Errorf("the url for host %q has user information before the @; put credentials in their fields", authority[i+1:])
	}
	// A slash, a question mark or a # in a password ends the authority early.
	if strings.Contains(target, "@") && (strings.Contains(target, "#") || checkAuthority(authority) != nil) {
		return Request{}, errors.New("the url has an @ behind what is no host; put credentials in their fields")
	}
	shown, _, hasQuery := strings.Cut(s, "?") // a query may hold a secret
	if hasQuery {
		shown += "?..."
	}
	if i := strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }); i >= 0 {
		return Request{}, fmt.Errorf("url %q has the character %q at position %d; percent-encode it", shown, []rune(s[i:])[0], i+1)
	}
	if !ok {
		return Request{}, fmt.Errorf("url %q has no scheme; it must begin with https://", shown)
	}
	if !strings.EqualFold(scheme, "https") {
		return Request{}, fmt.Errorf("url %q is %s, not https: credentials would cross the network in clear", shown, strings.ToLower(scheme))
	}
	if strings.Contains(target, "#") {
		return Request{}, fmt.Errorf("url %q has a fragment, which is never sent; remove it from the # on", shown)
	}
	if err := checkAuthority(authority); err != nil {
		return Request{}, err
	}
	path, query := target, ""
	if i := strings.IndexByte(target, '?'); i >= 0 {
		path, query = target[:i], target[i:]
	}
	return Request{Scheme: "https", Authority: authority, Path: path, Query: query}, nil
}

// checkAuthority refuses hosts and ports that no URL can have.
func checkAuthority(a string) error {
	u, err := url.Parse("https://" + a)
	if err != nil || u.Hostname() == "" || u.Host != a || strings.ContainsAny(a, `\^|"<>{}%`) {
		return fmt.Errorf("%q is not a host; write it as api.example.com or api.example.com:8443", a)
	}
	if p := u.Port(); p != "" {
		if n, err := strconv.ParseUint(p, 10, 16); err != nil || n == 0 || p[0] == '0' {
			return fmt.Errorf("port %.20q of host %q is not between 1 and 65535", p, u.Hostname())
		}
	}
	return nil
}
