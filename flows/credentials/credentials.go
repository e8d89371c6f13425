// Package credentials finds the values that a partner's requests need, keeps the secret ones in the OS keyring,
// and says of each where it came from.
//
// A value is looked for in a fixed order; [Store.Resolve] names it. Secrets are never written to a file:
// the configuration file holds references to them, and a keyring that does not answer leaves memory, which
// the answer says, never a plain file. The embedded sandbox stands apart: its values are its own,
// so that a production secret never meets it.
//
// The package knows no partner: fields are data. It delivers bytes and judges their shape only through
// [Field.Check]; reading PEM and matching a key with its certificate is for package sign.
//
// Not a goal: to protect secrets from other programs of the same user. No OS keyring does.
package credentials

import (
	"countersign/sign"
)

// Embedded is the environment of the built-in sandbox. Environment variables, profiles,
// keyring and memory are not consulted for it.
const Embedded = "embedded"

// DefaultProfile is the profile that is meant when none is named.
const DefaultProfile = "default"

// Field is one credential that a partner asks for.
type Field struct {
	Name  string // as in --set name=value and in the configuration file
	Label string // for people
	Help  string

	Secret   bool
	File     bool // the value is the content of a file; what a person gives is its path
	Optional bool

	Env     string // the environment variable that the partner documents, "" if none
	Default string

	// Check judges the shape of a value that is not empty; its error is shown as it is
	// and must not repeat the value. It may be nil.
	Check func(string) error
}

// label is what to call the field in a sentence.
func (f Field) label() string {
	if f.Label != "" {
		return f.Label
	}
	return f.Name
}

// Value is what was found for a field.
type Value struct {
	Secret sign.Secret // the value, whether the field is secret or not; empty when there is none
	Source Source
	Err    error // why there is no usable value although a source names one, or what Field.Check says
}

// Set is what was found for all fields of a query, by field name. Printing one shows no value.
type Set map[string]Value

// Problem is something to tell a person about a field. It never holds a value.
type Problem struct {
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	Warning bool   `json:"warning,omitempty"` // the value is there and is used as it is
}
