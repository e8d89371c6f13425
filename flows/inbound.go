package flows

import (
	"time"

	"countersign/sign"
	"countersign/sign/untrusted"
)

// Inbound is a request that reached the embedded sandbox, from anybody's code, and how it was judged.
type Inbound struct {
	Sequence    int
	At          time.Time
	Provider    string
	Remote      string
	Request     sign.Captured
	Raw         sign.Secret // the bytes as received; they hold credentials
	Status      int
	Header      []ResponseHeader // of the answer
	Body        untrusted.Text   // of the answer
	Checks      []Check          // in the order in which they ran
	Expected    []byte           // the canonical string that the sandbox wanted; nil: none, or not reached
	Certificate sign.Certificate // presented by the client; absent: none
	Claims      untrusted.Text   // claims of the token; empty: none was recognised
	Note        string
}

// Check is one thing that was verified.
type Check struct {
	Name    string // "certificate", "token", "binding", "timestamp", "nonce", "signature", ...
	OK      bool
	Skipped bool // a check before it failed
	Detail  string
}

// Failed returns the check that refused the request; false when all passed.
func (in Inbound) Failed() (Check, bool) {
	for _, c := range in.Checks {
		if !c.OK && !c.Skipped {
			return c, true
		}
	}
	return Check{}, false
}

// Switch is a fault or a documented disagreement that a person can turn on in the sandbox.
type Switch struct {
	Name, Title, Doc string
	Value            string
	Values           []string
}

// Embedding is a running embedded sandbox, as seen from outside: nobody but the program's
// entry knows the package behind it. Its functions may be called from any goroutine.
type Embedding struct {
	Given    func(provider string) Given
	CAFile   string                                  // "" when no files were written
	Files    func(provider string) map[string]string // file field to path; empty when no files were written
	Switches func(provider string) []Switch
	Set      func(provider, name, value string) error
	Close    func() error
}
