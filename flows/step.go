package flows

// StepName names one of the five steps. Every partner has all five on the screen;
// where it lacks one, [Provider.Instead] says what protects the request.
type StepName string

// The steps, in order.
const (
	StepCredentials StepName = "credentials"
	StepToken       StepName = "token"
	StepCanonical   StepName = "canonical"
	StepSignature   StepName = "signature"
	StepResponse    StepName = "response"
)

// Steps lists the steps in order.
func Steps() []StepName {
	return []StepName{StepCredentials, StepToken, StepCanonical, StepSignature, StepResponse}
}

// Status is the state of a step.
type Status string

// The states of a step.
const (
	Waiting Status = "waiting"
	Current Status = "current" // the next to be done
	Running Status = "running"
	Done    Status = "done"
	Absent  Status = "none" // the partner has no such step
	Refused Status = "refused"
	Failed  Status = "failed"
)

// Step is the state of one step, with one line about it.
type Step struct {
	Name   StepName
	Status Status
	Detail string
}
