package sign

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// By says who put a header on the request.
type By uint8

// Who put a header: the person, the partner's documentation, or the scheme while it signed.
const (
	ByPerson By = iota
	ByProvider
	ByScheme
)

// String is "you", "provider" or "scheme".
func (b By) String() string { return [...]string{"you", "provider", "scheme"}[b] }

// Header is one header field. Order, case and repetition are kept, which http.Header would lose.
type Header struct {
	Name  string
	Value Text
	By    By
}

// Request is what is signed and then sent, byte for byte. It is a value: schemes return a changed copy.
type Request struct {
	Method    string
	Scheme    string // "https"
	Authority string // host or host:port, as it stands in the URL
	Path      string // begins with "/"; percent-encoding kept as typed
	Query     string // with its "?" when there is one; "" when there is none
	Header    []Header
	Body      Text // absent: no body is sent at all
}

// Target is the origin-form of the request target: path and query (RFC 9112 section 3.2.1).
func (r Request) Target() string { return r.Path + r.Query }

// URL is the absolute URL.
func (r Request) URL() string { return r.Origin() + r.Target() }

// Origin is scheme, host and port: what credentials are bound to (RFC 6454).
func (r Request) Origin() string { return r.Scheme + "://" + r.Authority }

// Get returns the value of the first header of that name, in any case.
func (r Request) Get(name string) (Text, bool) {
	for _, h := range r.Header {
		if strings.EqualFold(h.Name, name) {
			return h.Value, true
		}
	}
	return Text{}, false
}

// With returns a copy of the request with a header added behind those it has.
func (r Request) With(by By, name string, value Text) Request {
	r.Header = append(r.Header[:len(r.Header):len(r.Header)], Header{name, value, by})
	return r
}

// Without returns a copy of the request that lacks every header of that name.
func (r Request) Without(name string) Request {
	kept := make([]Header, 0, len(r.Header))
	for _, h := range r.Header {
		if !strings.EqualFold(h.Name, name) {
			kept = append(kept, h)
		}
	}
	r.Header = kept
	return r
}

// Input is everything a scheme may look at.
type Input struct {
	Request        Request
	Fields         map[string]string // public values by field name: user name, client id
	Secrets        map[string]Secret // by field name; the access token under "access_token"
	SigningKey     PrivateKey        // for schemes that sign with a private key
	Time           time.Time
	Nonce          string
	IdempotencyKey string
	Options        map[string]string // visible settings of the scheme, by name
	Rand           io.Reader         // for randomised signatures; nil means deterministic (RFC 6979)
}

// Scheme signs: it returns the request as it must be sent and every stage on the way. It is pure.
type Scheme func(Input) (Signed, error)

// Names of the stages that the schemes share.
const (
	StageCanonical    = "canonical string"
	StageProtected    = "protected header"
	StageSigningInput = "signing input"
	StageSignature    = "signature"
	StageCredentials  = "user-pass" // RFC 7617 section 2
)

// Signed is the result of a scheme.
type Signed struct {
	Request   Request // complete, ready to be sent
	Stages    []Stage // in the order in which they were made
	Algorithm string  // "HMAC-SHA256", "ES256", "Basic"; empty when nothing is signed
	KeyName   string  // name of the field that held the key
	KeyID     string  // fingerprint of the key, never the key
	Carrier   string  // name of the header that carries the signature
}

// Stage finds a stage by name.
func (s Signed) Stage(name string) (Text, bool) {
	for _, st := range s.Stages {
		if st.Name == name {
			return st.Text, true
		}
	}
	return Text{}, false
}

// Check refuses a request that could not be sent as it is written, and names the part and the character.
func (r Request) Check() error {
	if !isToken(r.Method) {
		return fmt.Errorf("method %q is not a token (RFC 9110 section 9.1)", r.Method)
	}
	if !strings.HasPrefix(r.Path, "/") {
		return fmt.Errorf("path %q does not begin with /", r.Path)
	}
	for _, c := range []struct{ what, s string }{{fmt.Sprintf("path %q", r.Path), r.Path}, {"the query", strings.TrimPrefix(r.Query, "?")}} { // a query may hold a secret
		if i := strings.IndexFunc(c.s, func(x rune) bool { return x <= ' ' || x >= 0x7f || x == '#' }); i >= 0 {
			return fmt.Errorf("%s has the character %q at position %d; percent-encode it", c.what, []rune(c.s[i:])[0], i+1)
		}
	}
	if strings.Contains(r.Path, "?") || r.Query != "" && r.Query[0] != '?' {
		return fmt.Errorf("the query must begin with ? and the path %q must not contain one", r.Path)
	}
	for _, h := range r.Header {
		if err := CheckHeader(h.Name, h.Value); err != nil {
			return err
		}
	}
	return checkAuthority(r.Authority)
}

// CheckHeader refuses a field name that is no token and a value with control characters
// or blanks at its ends, which a proxy would change (RFC 9110 section 5).
// The value is not quoted: it may be a secret.
func CheckHeader(name string, value Text) error {
	if !isToken(name) {
		return fmt.Errorf("header name %q is not a token (RFC 9110 section 5.1)", name)
	}
	v := value.raw()
	for i, c := range v {
		if c < ' ' && c != '\t' || c == 0x7f {
			return fmt.Errorf("header %s has the control character 0x%02x at position %d of its value", name, c, i+1)
		}
	}
	if s := string(v); strings.Trim(s, " \t") != s {
		return fmt.Errorf("header %s has a blank at the beginning or the end of its value, which would be dropped on the way", name)
	}
	return nil
}

func isToken(s string) bool {
	for _, c := range []byte(s) {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0) {
			return false
		}
	}
	return s != ""
}
