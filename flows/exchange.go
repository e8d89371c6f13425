package flows

import (
	"crypto/x509"
	"time"

	"countersign/sign"
	"countersign/sign/untrusted"
)

// Purpose says why an exchange took place.
type Purpose string

// The purposes of an exchange.
const (
	PurposeLogin   Purpose = "login"
	PurposeRefresh Purpose = "refresh"
	PurposeRequest Purpose = "request"
)

// Outcome says what is known about an exchange.
type Outcome string

// The outcomes. Unknown means that bytes left and no complete answer came: the partner may have acted.
const (
	OutcomePrepared Outcome = "prepared" // nothing was sent yet
	OutcomeNotSent  Outcome = "not sent" // failed before the first byte of the request left
	OutcomeAnswered Outcome = "answered"
	OutcomeUnknown  Outcome = "outcome unknown"
)

// Exchange is the full record of one attempt. Texts in it mask their secrets; text from outside is untrusted.
type Exchange struct {
	ID             string // given by the ledger; empty when there is none
	Purpose        Purpose
	Provider       string
	Environment    string
	Profile        string
	BaseURL        string
	Sample         string // name of the request
	Writes         bool
	MovesMoney     bool
	Production     bool
	NoStore        bool // bodies of this exchange must not be written anywhere
	IdempotencyKey string
	Nonce          string
	ClientKey      string // thumbprint of the client certificate presented (x5t#S256)
	Options        map[string]string

	Started   time.Time
	Signed    sign.Signed
	Changed   []string // what was changed after signing, one sentence each
	Sent      Sent
	Response  *Response // nil: no answer
	TLS       *TLSFacts // nil: no handshake was finished
	Remote    string    // address that was dialled
	Timing    Timing
	Skew      *Skew // nil: unknown
	Token     *TokenFacts
	Outcome   Outcome
	Err       *Error // why there is no answer, or how it was refused
	LedgerErr *Error // the answer could not be recorded
	ReplayOf  string // ID of the exchange that this one repeats

	// Secrets are all that went into the exchange or came out of it, by field name, tokens as access_token and
	// refresh_token: what a ledger must mask in everything it keeps. In memory only.
	Secrets map[string]sign.Secret

	token *Token // what a token request gave; taken by the runner
}

// Sent is what went out on the wire.
type Sent struct {
	Raw        sign.Secret // the bytes written to the TLS connection
	Bytes      int
	Requests   int    // how many requests were written: never more than one
	Difference string // how the bytes written differ from the bytes signed; empty: they agree
}

// Response is an answer as received. Known secrets in it are masked.
type Response struct {
	Status    int
	Reason    untrusted.Text
	Proto     string
	Header    []ResponseHeader
	Body      untrusted.Text // decoded; known secrets masked
	Raw       sign.Secret    // the decoded body as received, in memory only
	Size      int            // decoded bytes received
	Truncated bool           // larger than the limit; only the beginning was kept
	Cut       string         // why the body is incomplete; empty: it is complete
	NoStore   bool           // Cache-Control: no-store
	Error     *PartnerError  // nil: the answer is no error
	Expected  []byte         // the canonical string that the far side says it expected; nil: it does not say
}

// ResponseHeader is one header field of an answer.
type ResponseHeader struct {
	Name  untrusted.Text
	Value untrusted.Text
}

// PartnerError is a refusal in the partner's own words, with what is known about it.
type PartnerError struct {
	Code    untrusted.Text
	Message untrusted.Text
	Known   *KnownError // nil: not documented
}

// TLSFacts describe a finished handshake.
type TLSFacts struct {
	Version     string
	Cipher      string
	Server      []CertificateFacts
	ClientAsked bool              // the server asked for a client certificate
	Client      *CertificateFacts // what was presented; nil: none
}

// CertificateFacts are what is shown of a certificate.
type CertificateFacts struct {
	Subject    untrusted.Text
	Issuer     untrusted.Text
	NotBefore  time.Time
	NotAfter   time.Time
	Thumbprint string // x5t#S256
}

// FactsOf reads what is shown of a certificate.
func FactsOf(c *x509.Certificate) CertificateFacts {
	return CertificateFacts{
		Subject:    untrusted.From(c.Subject.String()),
		Issuer:     untrusted.From(c.Issuer.String()),
		NotBefore:  c.NotBefore,
		NotAfter:   c.NotAfter,
		Thumbprint: sign.Certificate{X509: c}.Thumbprint(),
	}
}

// Timing holds durations; a phase that was not reached is zero.
type Timing struct {
	DNS, Connect, TLS, FirstByte, Transfer, Total time.Duration
}

// Skew is the difference between the partner's clock and ours, read from a Date header.
type Skew struct {
	Offset time.Duration // positive: the partner's clock is ahead
	Error  time.Duration // half the round trip plus the one second that Date cannot tell
	Date   time.Time
}

// Token is what a token request gave.
type Token struct {
	Access  sign.Secret
	Refresh sign.Secret
	Facts   TokenFacts
}

// TokenFacts describe a token without holding it.
type TokenFacts struct {
	Type           string // "Bearer"
	Format         string // "JWT" or "opaque"
	Issued         time.Time
	Expires        time.Time // zero: unknown
	Source         string    // where the expiry comes from
	RefreshExpires time.Time // zero: no refresh token, or unknown
	RefreshSource  string
	Fingerprint    string
	Refreshes      string         // fingerprint of the refresh token
	Claims         untrusted.Text // JSON as it stands in the token; empty when opaque. Never verified.
	Algorithm      untrusted.Text // alg of the token's header
	Binding        string         // cnf x5t#S256; "" when the token is not bound
	Remarks        []string       // what is odd about it, one sentence each
	Obtained       Purpose        // login or refresh
	NoStore        bool           // the partner forbids to keep the token, so its claims must not be kept either
}

// Expired reports whether the token is of no use at the moment now.
func (f TokenFacts) Expired(now time.Time) bool { return !f.Expires.IsZero() && !now.Before(f.Expires) }
