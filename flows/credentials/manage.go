package credentials

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"countersign/sign"
)

// Record says of one field whether it is set and from where; never its value.
type Record struct {
	Provider    string    `json:"provider"`
	Environment string    `json:"environment"`
	Profile     string    `json:"profile"`
	Field       string    `json:"field"`
	Label       string    `json:"label"`
	Secret      bool      `json:"secret"`
	File        bool      `json:"file,omitempty"`
	Optional    bool      `json:"optional,omitempty"`
	Env         string    `json:"env,omitempty"`
	Set         bool      `json:"set"`
	Source      Source    `json:"source"`
	Fingerprint string    `json:"fingerprint,omitempty"` // of a secret; equal secrets have equal ones
	Contents    *Contents `json:"contents,omitempty"`    // of a file that was read
	Problems    []Problem `json:"problems,omitempty"`
}

// Where says where a value is kept.
type Where string

// The places in which a value can be kept.
const (
	InKeyring Where = "keyring"
	InConfig  Where = "config" // a reference, or a value that is no secret
	InMemory  Where = "memory" // until the program ends
)

// Stored is the answer to storing a value, to be shown: memory is never used silently.
type Stored struct {
	Field    string    `json:"field"`
	Where    Where     `json:"where"`
	Detail   string    `json:"detail,omitempty"` // the keyring item, the reference or the configuration file
	Why      string    `json:"why,omitempty"`    // why it is in memory, or what could not be noted down
	Problems []Problem `json:"problems,omitempty"`
}

// Removed is the answer to removing a value.
type Removed struct {
	Field string  `json:"field"`
	From  []Where `json:"from"`            // empty when it was nowhere
	Still *Source `json:"still,omitempty"` // from where a value would come all the same
}

// List says of every field of the query whether it is set and from where.
func (s *Store) List(ctx context.Context, q Query) []Record {
	set, problems := s.Resolve(ctx, q)
	out := make([]Record, 0, len(q.Fields))
	for _, f := range q.Fields {
		v := set[f.Name]
		r := Record{
			Provider: q.Provider, Environment: q.Environment, Profile: q.profile(),
			Field: f.Name, Label: f.label(), Secret: f.Secret, File: f.File, Optional: f.Optional, Env: f.Env,
			Set: !v.Secret.Empty(), Source: v.Source,
		}
		if f.Secret {
			r.Fingerprint = v.Secret.Fingerprint()
		}
		if f.File && r.Set {
			r.describe(f, v)
		}
		for _, p := range problems {
			if p.Field == f.Name {
				r.Problems = append(r.Problems, p)
			}
		}
		out = append(out, r)
	}
	return out
}

// Put keeps a value for a field: a secret in the keyring, with a reference to it in the profile; the path of a file as
// a reference in the profile; any other value in the profile. What cannot be kept there is kept in memory, and the
// answer says why. An error means that nothing is kept.
func (s *Store) Put(ctx context.Context, q Query, field string, value sign.Secret) (Stored, error) {
	f, err := s.target(q, field)
	if err != nil {
		return Stored{}, err
	}
	if value.Empty() {
		return Stored{}, fmt.Errorf("there is no value to store for %q; to take one away, remove it", field)
	}
	text := value.Reveal() // judged, and written where the field is no secret
	out := Stored{Field: field}
	if f.File {
		ref, content, err := s.fileReference(text)
		if err != nil {
			return Stored{}, err
		}
		out.Problems = append(s.exposed(f, s.place(strings.TrimPrefix(ref, schemeFile+":"))), check(f, content)...)
		return s.note(ctx, q, f, ref, out)
	}
	out.Problems = append(oddities(f, finding{value: text, source: Source{Kind: FromForm}}), check(f, text)...)
	_, isRef, _ := parseReference(text)
	if isRef && f.Secret {
		out.Problems = append(out.Problems, Problem{Field: f.Name, Warning: true, Message: f.label() + " looks like a reference; it is kept as the secret itself",
			Hint: "if the secret is elsewhere, store a reference to it"})
	}
	if !f.Secret {
		if isRef {
			return Stored{}, fmt.Errorf("the value for %q looks like a reference; store it as one", field)
		}
		return s.note(ctx, q, f, text, out)
	}
	return s.keep(ctx, q, f, value, out)
}

// PutReference notes in the profile where a value is: env:NAME, keyring:NAME or file:PATH. It need not exist yet.
func (s *Store) PutReference(ctx context.Context, q Query, field, ref string) (Stored, error) {
	f, err := s.target(q, field)
	if err != nil {
		return Stored{}, err
	}
	if _, isRef, err := parseReference(ref); err != nil {
		return Stored{}, err
	} else if !isRef {
		return Stored{}, errors.New("a reference is env:NAME, keyring:NAME or file:PATH")
	}
	if s.Config == nil {
		return Stored{}, errors.New("no configuration file is in use, so there is no place for a reference")
	}
	if err := s.Config.Put(q.Provider, q.Environment, q.profile(), f.Name, ref); err != nil {
		return Stored{}, err
	}
	return Stored{Field: field, Where: InConfig, Detail: ref}, nil
}

// target finds the field to change.
func (s *Store) target(q Query, field string) (Field, error) {
	if q.sealed() {
		return Field{}, errors.New("the embedded sandbox makes its own credentials for each run; choose another environment")
	}
	if !partName.MatchString(q.profile()) {
		return Field{}, fmt.Errorf("%q cannot name a profile: letters, digits and . _ - only, at most 63 of them", q.profile())
	}
	if s.Config != nil {
		if p, ok := s.Config.partner(q.Provider); ok && !slices.Contains(p.Environments, q.Environment) {
			return Field{}, fmt.Errorf("%s has no environment %q; it has %s", q.Provider, q.Environment, strings.Join(p.Environments, ", "))
		}
	}
	var names []string
	for _, f := range q.Fields {
		if f.Name == field {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return Field{}, fmt.Errorf("%s has no field %q; it has %s", q.Provider, field, strings.Join(names, ", "))
}

// fileReference makes a reference to a file that can be read, and returns its content.
func (s *Store) fileReference(path string) (ref, content string, err error) {
	if strings.Contains(path, "-----BEGIN ") {
		return "", "", errors.New("this is the content of a file; give its path")
	}
	path = strings.TrimPrefix(path, schemeFile+":")
	if !strings.HasPrefix(path, "~/") {
		if path, err = filepath.Abs(path); err != nil {
			return "", "", err
		}
	}
	if s.ReadFile == nil {
		return "", "", errors.New("files are not read here")
	}
	data, err := s.ReadFile(s.place(path))
	if err != nil {
		return "", "", fmt.Errorf("cannot read %q: %w", path, bare(err))
	}
	return schemeFile + ":" + path, string(data), nil
}

// keep puts a secret into the keyring, or else into memory.
func (s *Store) keep(ctx context.Context, q Query, f Field, value sign.Secret, out Stored) (Stored, error) {
	item := q.item(f.Name)
	err := error(trouble{ErrUnavailable, "no keyring is used"})
	if s.Keyring != nil {
		err = s.Keyring.Set(ctx, item, value)
	}
	if err != nil {
		return s.remember(ctx, item, value, out, err)
	}
	if s.Memory != nil {
		s.Memory.Delete(ctx, item) // an older value
	}
	out.Where, out.Detail = InKeyring, item
	if s.Config == nil {
		return out, nil
	}
	ref := reference{schemeKeyring, item}.String()
	if err := s.Config.Put(q.Provider, q.Environment, q.profile(), f.Name, ref); err != nil {
		out.Why = "it is found in the keyring, but the profile does not name it: " + err.Error()
	}
	return out, nil
}

// note writes a value or reference into the profile, or else into memory.
func (s *Store) note(ctx context.Context, q Query, f Field, text string, out Stored) (Stored, error) {
	if s.Config == nil {
		return s.remember(ctx, q.item(f.Name), sign.NewSecret(text), out, errors.New("no configuration file is in use"))
	}
	if err := s.Config.Put(q.Provider, q.Environment, q.profile(), f.Name, text); err != nil {
		return s.remember(ctx, q.item(f.Name), sign.NewSecret(text), out, err)
	}
	out.Where, out.Detail = InConfig, s.Config.Path()
	return out, nil
}

// remember keeps a value in memory because of why.
func (s *Store) remember(ctx context.Context, item string, value sign.Secret, out Stored, why error) (Stored, error) {
	if s.Memory == nil {
		return Stored{}, why
	}
	if err := s.Memory.Set(ctx, item, value); err != nil {
		return Stored{}, err
	}
	out.Where, out.Why = InMemory, why.Error()
	return out, nil
}

// check is what Field.Check says, as a problem.
func check(f Field, value string) []Problem {
	if f.Check == nil {
		return nil
	}
	if err := f.Check(value); err != nil {
		return []Problem{{Field: f.Name, Message: err.Error(), Hint: "it is stored all the same"}}
	}
	return nil
}

// Remove takes the value of a field out of memory, keyring and profile. Files, environment variables and
// keyring items under other names stay; Still says when one of them has a value. Places that cannot be reached are
// told in the error, and the others are cleared all the same.
func (s *Store) Remove(ctx context.Context, q Query, field string) (Removed, error) {
	f, err := s.target(q, field)
	if err != nil {
		return Removed{}, err
	}
	out := Removed{Field: field, From: []Where{}}
	var failed error
	item := q.item(field)
	if s.Memory != nil && s.Memory.Delete(ctx, item) == nil {
		out.From = append(out.From, InMemory)
	}
	if f.Secret && s.Keyring != nil {
		switch err := s.Keyring.Delete(ctx, item); {
		case err == nil:
			out.From = append(out.From, InKeyring)
		case !errors.Is(err, ErrNotFound):
			failed = fmt.Errorf("it may still be in the keyring: %w", err)
		}
	}
	if p, ok := s.Config.Profile(q.Provider, q.Environment, q.profile()); ok {
		if _, named := p.Values[field]; named {
			if err := s.Config.Drop(q.Provider, q.Environment, q.profile(), field); err != nil {
				failed = errors.Join(failed, fmt.Errorf("it is still in the profile: %w", err))
			} else {
				out.From = append(out.From, InConfig)
			}
		}
	}
	out.Still = s.still(ctx, q, f, failed)
	return out, failed
}

// still finds where the value of a field would come from.
func (s *Store) still(ctx context.Context, q Query, f Field, failed error) *Source {
	q.Fields, q.Typed, q.Options = []Field{f}, nil, nil
	rest := *s
	if failed != nil {
		rest.Keyring = nil // it was asked just now
	}
	set, _ := rest.Resolve(ctx, q)
	v := set[f.Name]
	if v.Secret.Empty() || v.Source.Kind == FromDefault {
		return nil
	}
	return &v.Source
}

// RemoveProfile takes a whole profile away: each of its values as Remove does, then its table in the configuration. When
// a value could not be removed, the error says so and the table stays, so that one can try again.
func (s *Store) RemoveProfile(ctx context.Context, q Query) error {
	var failed error
	for _, f := range q.Fields {
		if _, err := s.Remove(ctx, q, f.Name); err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", f.label(), err))
		}
	}
	if failed != nil || s.Config == nil {
		return failed
	}
	return s.Config.End(q.Provider, q.Environment, q.profile())
}
