package credentials

import (
	"errors"
	"fmt"
)

// errLiteral is about a secret that stands in a profile.
var errLiteral = errors.New("it holds the secret itself, and only references are kept there")

// missing tells that no source has a value, and how to give one.
func (r *resolver) missing(f Field) []Problem {
	if f.Optional {
		return nil
	}
	p := Problem{Field: f.Name, Message: f.label() + " is missing", Hint: r.howToGive(f)}
	if f.Secret && r.keyring != nil {
		p.Message += "; the keyring could not be asked: " + r.keyring.Error()
	}
	if name := r.emptyVariable(f); name != "" {
		p.Message += "; the environment variable " + name + " is set, but empty"
	}
	return []Problem{p}
}

// empty tells that a source has a value, of no length.
func (r *resolver) empty(f Field, s Source) []Problem {
	if f.Optional {
		return nil
	}
	return []Problem{{Field: f.Name, Message: fmt.Sprintf("%s is empty (from: %s)", f.label(), s), Hint: r.howToGive(f)}}
}

// emptyVariable is the environment variable of the field when it is set to nothing.
func (r *resolver) emptyVariable(f Field) string {
	if f.Env == "" || r.store.Getenv == nil || r.q.sealed() {
		return ""
	}
	if v, ok := r.store.Getenv(f.Env); ok && v == "" {
		return f.Env
	}
	return ""
}

// howToGive says how a person gives a value.
func (r *resolver) howToGive(f Field) string {
	value := "VALUE"
	if f.File {
		value = "FILE"
	}
	switch {
	case r.q.sealed():
		return "the embedded sandbox gives it when it starts; environment variables, profiles and the keyring are not used there"
	case f.Env != "":
		variable := f.Env
		if r.q.profile() != DefaultProfile {
			variable = profileVariable(f.Env, r.q.profile())
		}
		return fmt.Sprintf("set the environment variable %s, or store it: %s", variable, r.howToStore(f))
	case f.Secret && !f.File:
		return "store it: " + r.howToStore(f)
	}
	return fmt.Sprintf("give it with --set %s=%s, or store it: %s", f.Name, value, r.howToStore(f))
}

// howToStore is the command that stores a value.
func (r *resolver) howToStore(f Field) string {
	s := fmt.Sprintf("countersign credentials set %s %s --environment %s", r.q.Provider, f.Name, r.q.Environment)
	if p := r.q.profile(); p != DefaultProfile {
		s += " --profile " + p
	}
	return s
}
