// Package flows is what a person can do with a partner: obtain credentials and
// a token, see what would be signed, sign it, send it, and keep the full record.
//
// A partner is data ([Provider]); one file each holds it, readable from top to
// bottom next to the partner's page. A [Run] is one walk through the five steps.
// Everything up to the signature is pure ([Prepare]); [Runner.Send] and the
// token request are the only places that touch the network. What comes back is
// an [Exchange], complete even when it failed in DNS or the TLS handshake.
//
// Not a goal: drawing. No text is laid out for a screen here.
package flows

import (
	"io"
	"time"

	"countersign/flows/credentials"
	"countersign/sign"
)

// Provider is everything that a partner is. The fields stand in the order in which a newcomer asks.
type Provider struct {
	ID      string // stable, lower-case, used on the command line
	Name    string
	Docs    string // URL of the partner's page on authentication
	Summary string // one line: what protects a request

	Environments []Environment
	Fields       []credentials.Field
	Needs        func(options map[string]string) []string // the fields that must be there under these options; nil: those that are not optional
	Options      []Option                                 // visible settings where the partner's pages leave a choice
	Live         map[string]string                        // by field: how a value for production begins, where the partner says so
	MutualTLS    bool                                     // the fields client_certificate and client_key are presented in the TLS handshake

	Token             *TokenRules                     // nil: the partner has no token
	Scheme            SchemeFor                       // how a request is authenticated
	Nonce             func(io.Reader) (string, error) // nil: the scheme has none
	IdempotencyHeader string                          // carries the idempotency key where the scheme itself does not
	Instead           map[StepName]string             // for a step that the partner lacks: what protects the request instead

	Requests  []Sample
	ReadError func(status int, body []byte) (PartnerError, bool) // reads the partner's error envelope; false: it is none
	Errors    []KnownError
}

// Environment is a place where the partner can be reached. An empty BaseURL must be given by the person.
// {name} in it is replaced by the field of that name.
type Environment struct {
	Name       string // "embedded", "sandbox", "production"
	BaseURL    string
	Production bool   // real money: writes ask for a typed word
	Source     string // where the URL is documented
}

// The names of environments.
const (
	Embedded   = "embedded"
	Sandbox    = "sandbox"
	Production = "production"
)

// Environment finds an environment by name.
func (p *Provider) Environment(name string) (Environment, bool) {
	for _, e := range p.Environments {
		if e.Name == name {
			return e, true
		}
	}
	return Environment{}, false
}

// Sample finds a request by name; the empty name is the first, the safest to try.
func (p *Provider) Sample(name string) (Sample, bool) {
	for _, s := range p.Requests {
		if s.Name == name || name == "" {
			return s, true
		}
	}
	return Sample{}, false
}

// Option is a visible setting with a closed list of values; the first is the default.
type Option struct {
	Name, Label, Help string
	Values            []OptionValue
	Probe             string // name of a harmless request that tells which value the partner accepts; "" for none
}

// OptionValue is one choice of an [Option].
type OptionValue struct{ Name, Label string }

// Sample is a request to begin with. {name} in Path, Query and Body is replaced by a variable.
type Sample struct {
	Name        string
	Summary     string
	Method      string
	Path        string // behind the base URL
	Query       string // with its "?" or ""
	Header      []sign.Pair
	Body        *string // nil: no body is sent
	Variables   []Variable
	Writes      bool // changes something at the partner
	MovesMoney  bool // a write that needs the typed word in production
	Signed      bool // covered by a signature
	Open        bool // needs neither token nor signature
	Idempotency bool // carries an idempotency key
	Assumed     bool // path or body is not on the partner's pages; Summary says so
}

// Variable is a value that a person may change in a sample.
type Variable struct{ Name, Label, Default string }

// SchemeFor chooses the scheme for a request under the options in force.
type SchemeFor func(s Sample, options map[string]string) sign.Scheme

// TokenRules say how a token is obtained, how long it lives and where that is read.
type TokenRules struct {
	Doc             string                               // one line: which call, which lifetime
	Lifetime        time.Duration                        // documented; used when the answer has no expiry
	RefreshLifetime time.Duration                        // documented; 0 when there is no refresh token
	Early           time.Duration                        // a token is renewed this long before it expires
	NoStore         bool                                 // the partner forbids to write a token anywhere
	Skip            func(options map[string]string) bool // some modes need no token; nil: always needed

	Login        func(TokenInput) (sign.Request, error)              // pure
	Refresh      func(TokenInput, sign.Secret) (sign.Request, error) // pure; nil: log in again
	Read         func(body []byte, issued time.Time) (Token, error)  // pure; body is from outside
	KeepsRefresh func(options map[string]string) bool                // the old refresh token stays when the answer brings a new one; nil: replaced
}

// TokenInput is what a token request may use.
type TokenInput struct {
	Base    sign.Request // scheme, authority and path prefix of the base URL
	Fields  map[string]string
	Secrets map[string]sign.Secret
	Options map[string]string
}

// KnownError is an error that the partner documents, or that follows from its pages.
// Empty fields match everything; the first entry that matches counts.
type KnownError struct {
	Status     int
	Code       string // exact
	Message    string // substring, in any case
	Meaning    string
	Remedy     string
	Assumed    bool // not on the partner's pages
	DropsToken bool // the token is of no use any more; the next run fetches one
}
