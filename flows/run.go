package flows

import (
	"context"
	"fmt"
	"slices"

	"countersign/flows/credentials"
	"countersign/sign"
)

// Run is one walk through the steps. It is a value: every method returns a changed copy,
// so a screen may keep an old one while a new one is being made.
type Run struct {
	Draft       Draft
	Typed       map[string]sign.Secret // what was typed into the form, by field name
	Set         map[string]string      // what was given with --set, by field name
	Given       Given                  // address and CA of the sandbox, in the embedded environment; its values are credentials
	Base        sign.Request           // the base URL, taken apart
	Credentials credentials.Set
	Problems    []credentials.Problem
	Loaded      Loaded
	Offline     bool // nothing is sent: no token is fetched, see [Run.Steps]
	Token       *Token
	TokenLog    []Exchange // the exchanges that obtained the token in this run, oldest first
	FromCache   bool       // the token was already there
	Prepared    *Prepared
	Exchange    *Exchange // the last send
	Reached     StepName  // the last step done; "" at the start
	Err         *Error    // why the next step could not be done

	operation string // idempotency key that this walk began with: going back and forth stays the same operation
}

// Loaded is what the credential files hold, checked.
type Loaded struct {
	Certificate sign.Certificate
	ClientKey   sign.PrivateKey
	SigningKey  sign.PrivateKey
	Remarks     []string // one sentence each
}

// Prepared is a signed request that was not sent.
type Prepared struct {
	Draft    Draft
	Signed   sign.Signed
	Input    Frozen
	Changed  []string // what Tamper did, one sentence each
	Warnings []string // what the partner will probably refuse, one sentence each
	Used     bool     // it was sent once: clock and nonce are spent
}

// Ledger keeps exchanges. History implements it; without one nothing is kept.
type Ledger interface {
	// Intend records what is about to be sent, durably, before the first byte leaves.
	// It refuses a second send of an operation that is still under way, with an *Error.
	Intend(ctx context.Context, x Exchange) (id string, err error)
	// Complete records how the exchange ended.
	Complete(ctx context.Context, x Exchange) error
}

// Format writes partner, request and step for every verb: what was given with --set may be secret.
func (run Run) Format(f fmt.State, _ rune) {
	id := ""
	if run.Draft.Provider != nil {
		id = run.Draft.Provider.ID
	}
	fmt.Fprintf(f, "[run %s %s, step %q]", id, run.Draft.Sample.Name, run.Reached)
}

// NewRun begins a walk.
func NewRun(d Draft) Run { return Run{Draft: d} }

// Next names the step that comes next. Behind the last one it is the response again: it is sent afresh.
func (run Run) Next() StepName {
	steps := Steps()
	i := slices.Index(steps, run.Reached) + 1
	return steps[min(i, len(steps)-1)]
}

// done reports whether a step is behind us.
func (run Run) done(s StepName) bool {
	steps := Steps()
	return slices.Index(steps, run.Reached) >= slices.Index(steps, s)
}

// Back undoes the last step. What it found stays with the person until it is done again.
func (run Run) Back() Run {
	i := slices.Index(Steps(), run.Reached)
	if i <= 0 {
		return run.Reset()
	}
	return run.backTo(Steps()[i-1])
}

// Reset undoes all steps and keeps what was typed.
func (run Run) Reset() Run {
	return Run{Draft: run.Draft, Typed: run.Typed, Set: run.Set, Offline: run.Offline}
}

// Edit changes the draft. The steps that depend on it are undone: all of them when the partner,
// the environment or the profile changed, those from the canonical string on otherwise.
func (run Run) Edit(change func(*Draft)) Run {
	before := run.Draft
	d := before.Clone()
	change(&d)
	run.Draft = d
	if d.Provider != before.Provider || d.Environment != before.Environment || d.Profile != before.Profile || d.CAFile != before.CAFile {
		return run.Reset()
	}
	if run.done(StepCanonical) {
		run = run.backTo(StepToken)
	}
	run.operation = ""
	return run
}

// Type sets a credential field as a person typed it; the empty secret takes it back. All steps are undone.
func (run Run) Type(field string, value sign.Secret) Run {
	typed := make(map[string]sign.Secret, len(run.Typed)+1)
	for k, v := range run.Typed {
		typed[k] = v
	}
	if value.Empty() {
		delete(typed, field)
	} else {
		typed[field] = value
	}
	run.Typed = typed
	return run.Reset()
}

// backTo undoes every step behind s.
func (run Run) backTo(s StepName) Run {
	run.Reached, run.Err = s, nil
	if !run.done(StepToken) {
		run.Token, run.TokenLog, run.FromCache = nil, nil, false
	}
	if !run.done(StepCanonical) && run.Prepared != nil {
		run.operation, run.Prepared = run.Prepared.Input.IdempotencyKey, nil
	}
	if !run.done(StepResponse) {
		run.Exchange = nil
	}
	return run
}

func (run Run) fail(err *Error) Run {
	run.Err = err
	return run
}

// Steps gives the state of each step, for a stepper and for the command line.
func (run Run) Steps() []Step {
	list := make([]Step, 0, len(Steps()))
	for _, name := range Steps() {
		s := Step{Name: name, Status: Waiting}
		switch {
		case run.done(name):
			s.Status, s.Detail = Done, run.detail(name)
		case run.Err != nil && name == run.Next():
			s.Status, s.Detail = Failed, run.Err.Message
		case name == run.Next():
			s.Status = Current
		}
		if instead, lacks := run.lacks(name); lacks && s.Status != Failed {
			s.Status, s.Detail = Absent, instead
		}
		if name == StepToken && s.Status == Done && run.withoutToken() {
			s.Status, s.Detail = Waiting, "not fetched: the run is offline; the signature does not depend on it"
		}
		if name == StepResponse && s.Status == Done && run.Exchange.partnerError() != nil {
			s.Status = Refused
		}
		list = append(list, s)
	}
	return list
}

// lacks reports whether the partner has no such step for this draft, and what protects the request instead.
func (run Run) lacks(name StepName) (string, bool) {
	d := run.Draft
	switch {
	case d.Sample.Open && name != StepCredentials && name != StepResponse:
		return "this request needs no authentication", true
	case name == StepToken && (d.Provider.Token == nil || d.Provider.Token.skips(d.Options)):
		return d.Provider.Instead[name], true
	case (name == StepCanonical || name == StepSignature) && !d.Sample.Signed:
		return d.Provider.Instead[name], true
	}
	return "", false
}

// Lacks tells a pane what to say where the partner has no such step.
func (run Run) Lacks(name StepName) (string, bool) { return run.lacks(name) }

// detail is the one line about a step that is done.
func (run Run) detail(name StepName) string {
	switch name {
	case StepCredentials:
		set := 0
		for _, v := range run.Credentials {
			if !v.Secret.Empty() {
				set++
			}
		}
		return fmt.Sprintf("%d of %d fields set", set, len(run.Draft.Provider.Fields))
	case StepToken:
		return run.tokenDetail()
	case StepCanonical:
		if t, ok := run.Prepared.Signed.Stage(sign.StageCanonical); ok {
			return fmt.Sprintf("%d bytes in %d parts", t.Len(), len(t.Spans()))
		}
	case StepSignature:
		return fmt.Sprintf("%s in %s", run.Prepared.Signed.Algorithm, run.Prepared.Signed.Carrier)
	case StepResponse:
		return run.Exchange.detail()
	}
	return ""
}

func (run Run) tokenDetail() string {
	if run.Token == nil {
		return ""
	}
	how := string(run.Token.Facts.Obtained)
	if run.FromCache {
		how = "from memory"
	}
	return fmt.Sprintf("%s %s, %s", run.Token.Facts.Type, run.Token.Facts.Format, how)
}
