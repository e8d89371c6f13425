package credentials

import "fmt"

// SourceKind says which kind of place a value came from.
type SourceKind string

// The kinds of source.
const (
	FromForm        SourceKind = "typed"
	FromOption      SourceKind = "option"      // --set
	FromEnvironment SourceKind = "environment" // an environment variable
	FromReference   SourceKind = "reference"   // what a profile names, or a literal in it
	FromKeyring     SourceKind = "keyring"
	FromSandbox     SourceKind = "sandbox" // made for this run
	FromMemory      SourceKind = "memory"  // kept until the program ends
	FromDefault     SourceKind = "default"
	Missing         SourceKind = "missing"
)

// Source is where a value came from.
type Source struct {
	Kind   SourceKind `json:"kind"`
	Detail string     `json:"detail,omitempty"` // the variable, option, reference or item; the path when a file was read
	Name   string     `json:"name,omitempty"`   // with a file that was read: the variable, option or reference that named it
}

// String names the source for people, such as "environment variable JIKO_PASS".
func (s Source) String() string {
	name, file := s.Detail, ""
	if s.Name != "" {
		name, file = s.Name, fmt.Sprintf(", file %q", s.Detail)
	}
	switch s.Kind {
	case FromForm:
		return "typed" + file
	case FromOption:
		return "option --set " + name + file
	case FromEnvironment:
		return "environment variable " + name + file
	case FromReference:
		return fmt.Sprintf("profile, %s%s", name, file)
	case FromKeyring:
		return fmt.Sprintf("keyring item %q", name)
	case FromSandbox:
		return "made by the embedded sandbox for this run"
	case FromMemory:
		return "memory, until the program ends"
	case FromDefault:
		return "default"
	}
	return "missing"
}
