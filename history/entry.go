package history

import (
	"time"

	"countersign/flows"
	"countersign/sign/untrusted"
)

// State says what is known about an entry as a whole.
type State string

// The states of an entry.
const (
	Sending  State = "sending"         // under way in a window that lives
	Finished State = "finished"        // answered, or known not to have been sent
	Unknown  State = "outcome unknown" // it left, and no answer was recorded: the partner may have acted
	Resolved State = "resolved"        // was unknown; a person found out what happened
)

// Entry is one exchange as it was recorded. Its Exchange has the same shape as a fresh one, so the same panes draw
// it: secrets are masked in it, the bytes as sent and received (Sent.Raw, Response.Raw) are absent.
type Entry struct {
	ID         string
	State      State
	Exchange   flows.Exchange
	Keys       map[string]string // fingerprint of each secret of the profile, by field name; none for secrets under 8 bytes
	Masked     []Masked          // what was masked before it was written
	Withheld   string            // why bodies were not kept; empty: they were
	BodyCut    int               // bytes of the answer's body that were not kept; see Response.Size
	Tags       []string          // sorted
	Note       untrusted.Text
	Verdict    untrusted.Text // what an examination of the signature found; empty: nobody looked
	Resolution untrusted.Text // what the person who marked it resolved wrote
	Source     string         // name of the case file that it came from; empty: this history
	Version    int            // of the record's form
}

// Masked says that something was replaced, where, and by which layer: "position", "value" or "shape".
type Masked struct {
	Where string `json:"where"`
	Name  string `json:"name"`
	Layer string `json:"layer"`
	Count int    `json:"count"`
}

// ReadOnly reports whether the entry came out of a file and cannot be tagged, noted or deleted.
func (e Entry) ReadOnly() bool { return e.Source != "" }

// Ways are the ways on from an entry whose outcome is unknown: ask for the status, send the same operation again, or
// mark it as resolved. They are empty for every other entry.
func (e Entry) Ways() []Way {
	if e.State != Unknown || e.ReadOnly() {
		return nil
	}
	ways := []Way{{AskStatus, "ask the partner for the status"}}
	switch {
	case e.Exchange.IdempotencyKey == "" && !e.Exchange.Writes:
		ways = append(ways, Way{SendAgain, "send it again: it changes nothing"})
	case e.Exchange.IdempotencyKey != "":
		ways = append(ways, Way{SendAgain, "send the same operation again, with the same idempotency key"})
	}
	return append(ways, Way{Resolve, "mark it as resolved, with a word on what happened"})
}

// Way is one way on from an unknown outcome.
type Way struct{ Name, Label string }

// The names of the ways.
const (
	AskStatus = "ask-status"
	SendAgain = "same-operation"
	Resolve   = "resolve"
)

// Summary is what a list shows of an entry. Getting it reads neither texts nor bodies.
type Summary struct {
	ID             string
	State          State
	Started        time.Time
	Total          time.Duration
	Purpose        flows.Purpose
	Provider       string
	Environment    string
	Profile        string
	Sample         string
	Method         string
	Host           string
	Path           string // with its query
	Status         int    // 0: no answer
	Code           untrusted.Text
	Outcome        flows.Outcome
	IdempotencyKey string
	ReplayOf       string
	Writes         bool
	MovesMoney     bool
	Production     bool
	NoStore        bool
	Tags           []string
	Note           untrusted.Text
	Verdict        untrusted.Text
}
