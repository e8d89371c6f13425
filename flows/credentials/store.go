package credentials

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"countersign/sign"
)

// Query says whose values are wanted and what a person gave for them. Typed and Options hold
// a path where the field is a file.
type Query struct {
	Provider, Environment string
	Profile               string // "" means DefaultProfile
	Fields                []Field

	Typed   map[string]sign.Secret // from a form, by field name; an empty one counts as not typed
	Options map[string]string      // from --set; an empty text counts as the value

	// Given and GivenPEM are the values that the embedded sandbox made for this run,
	// GivenPEM the contents of files. Once either is there, the query is for the sandbox,
	// as it is when Environment is Embedded.
	Given    map[string]string
	GivenPEM map[string][]byte
}

// profile is the profile that is meant.
func (q Query) profile() string {
	if q.Profile == "" {
		return DefaultProfile
	}
	return q.Profile
}

// sealed reports whether the query is for the embedded sandbox.
func (q Query) sealed() bool {
	return q.Environment == Embedded || q.Given != nil || q.GivenPEM != nil
}

// item is the keyring item of a field.
func (q Query) item(field string) string {
	return Item(q.Provider, q.Environment, q.profile(), field)
}

// Store is where values come from and where they are kept. Any part may be absent.
// It is safe for concurrent use when its functions are.
type Store struct {
	Getenv   func(string) (string, bool)
	ReadFile func(string) ([]byte, error)
	Mode     func(string) (fs.FileMode, error) // tells of a private key that other users can read
	Keyring  Keyring
	Config   *Config
	Memory   *Memory
}

// NewStore puts a store together for this machine: the OS keyring with a limit of 3 seconds for each call,
// files of bounded size, and a memory of its own. config may be nil.
func NewStore(getenv func(string) (string, bool), config *Config) *Store {
	return &Store{
		Getenv:   getenv,
		ReadFile: ReadFile,
		Mode:     FileMode,
		Keyring:  NewOSKeyring(3*time.Second, getenv),
		Config:   config,
		Memory:   &Memory{},
	}
}

// maxFile bounds a credential file; a chain of certificates has a few kilobytes.
const maxFile = 1 << 20

// ReadFile reads a credential file of at most 1 MiB.
func ReadFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = errors.New("larger than 1 MiB, so it is no credential")
	}
	return data, err
}

// FileMode is the permission bits of a file. On Windows, where they say nothing of other users, it is 0600 for every file.
func FileMode(path string) (fs.FileMode, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	if runtime.GOOS == "windows" {
		return 0o600, nil
	}
	return info.Mode().Perm(), nil
}

// Resolve finds a value for every field of the query. The first of these sources that has one counts:
//
//  1. the form
//  2. the command line
//  3. the environment variable of the field; with a profile other than the default one its name
//     followed by _ and the profile in upper case, JIKO_PASS_OLD for the profile old
//  4. the profile: a reference, or a literal for a field that is no secret
//  5. the keyring, for secrets
//  6. with a profile other than the default one, the plain environment variable: it must not
//     override what the profile says, or two profiles could not be used side by side
//  7. memory
//  8. the default of the field
//
// For the embedded sandbox the sources are the form, the command line, what the sandbox gave, and the default.
//
// A source that names a value and cannot deliver it, such as a reference to a file that is not there, ends the
// search: no other value silently takes its place. A keyring that does not answer is passed over, and told
// about where a value is missing for it. Values are used as they are; what looks wrong is told.
func (s *Store) Resolve(ctx context.Context, q Query) (Set, []Problem) {
	r := resolver{store: s, q: q}
	if !q.sealed() && s.Config != nil {
		r.profile, r.known = s.Config.Profile(q.Provider, q.Environment, q.profile())
	}
	set := make(Set, len(q.Fields))
	var problems []Problem
	for _, f := range q.Fields {
		v, told := r.resolve(ctx, f)
		set[f.Name] = v
		problems = append(problems, told...)
	}
	if p, ok := r.unknownProfile(); ok {
		problems = append([]Problem{p}, problems...)
	}
	return set, problems
}

// unknownProfile warns of a profile, misspelt perhaps, from which nothing came.
func (r *resolver) unknownProfile() (Problem, bool) {
	if r.q.sealed() || r.known || r.used || r.q.profile() == DefaultProfile {
		return Problem{}, false
	}
	p := Problem{
		Message: fmt.Sprintf("no profile %q for %s %s", r.q.profile(), r.q.Provider, r.q.Environment),
		Hint:    "nothing is kept under this name",
		Warning: true,
	}
	if r.store.Config != nil {
		var names []string
		for _, known := range r.store.Config.Profiles(r.q.Provider, r.q.Environment) {
			names = append(names, known.Name)
		}
		if len(names) > 0 {
			p.Hint = fmt.Sprintf("profiles kept: %q", names)
		}
	}
	return p, true
}

// Endpoint is what the profile of the query says of the server: its base URL, and the path of a file with the certificates
// to trust. Either may be empty.
func (s *Store) Endpoint(q Query) (baseURL, caFile string) {
	if q.sealed() || s.Config == nil {
		return "", ""
	}
	p, _ := s.Config.Profile(q.Provider, q.Environment, q.profile())
	if p.CAFile == "" {
		return p.BaseURL, ""
	}
	return p.BaseURL, s.place(p.CAFile)
}

// Expand makes a path that a person typed absolute: ~/ is the home directory, anything else starts where the program was
// started.
func (s *Store) Expand(path string) (string, error) {
	if strings.HasPrefix(path, "~/") {
		return s.place(path), nil
	}
	return filepath.Abs(path)
}

// place makes a path that stands in a profile absolute.
func (s *Store) place(path string) string {
	home := ""
	if s.Getenv != nil {
		home, _ = s.Getenv("HOME")
	}
	return place(path, home, s.Config.dir())
}
