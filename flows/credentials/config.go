package credentials

import (
	"fmt"
	"path/filepath"
	"slices"
	"sync"
)

// Partner is what the configuration must know of a partner to judge a profile.
type Partner struct {
	ID           string
	Environments []string
	Fields       []Field
}

// Profile is one set of credentials of a partner in an environment. There may be several,
// the old and the new ones during a rotation.
type Profile struct {
	Provider, Environment, Name string

	BaseURL string            // "" means the one of the environment
	CAFile  string            // certificates to trust in place of the system's, as written; see Store.Endpoint
	Values  map[string]string // by field: a reference, or a literal for a field that is no secret
}

// Config is the configuration file:
//
//	version = 1
//
//	[sabika.production.default]
//	base_url = "https://api.example"
//	client_id = "sbk_live_1"
//	client_secret = "keyring:sabika/production/default/client_secret"
//	signing_key = "file:~/keys/signing.key"
//
//	[history]
//	keep_days = 400
//	keep_mb = 2000
//
// Each other table is a profile. It never holds a secret: a literal in a secret field is refused.
// Changes are made in the text of the file, so that comments and order stay, and under a lock (config.toml.lock beside
// it), so that two instances undo nothing of each other's.
//
// A Config is safe for concurrent use. A nil Config has no profiles.
type Config struct {
	path     string
	catalog  []Partner
	notes    []string
	readOnly string

	changing sync.Mutex // held while the file is changed, which can take seconds

	keep Retention // as it was when the file was loaded

	mu       sync.Mutex // guards what follows, for moments only: a screen reads it
	profiles []Profile
}

// Retention is what the configuration says about the history: the days after which an exchange goes, and the
// megabytes that may stay. Zero keeps everything.
type Retention struct{ Days, Megabytes int }

// MaxRetention bounds both numbers of a retention to what fits a duration: 273 years, or a tenth of a terabyte.
const MaxRetention = 100_000

// ConfigError is one fault of the configuration file. It never repeats a value.
type ConfigError struct {
	Path    string
	Line    int // from 1 on; 0 when the fault is nowhere in particular
	Key     string
	Message string
	Hint    string
}

// Error names file, line, key and fault.
func (e *ConfigError) Error() string {
	s := fmt.Sprintf("%q", e.Path)
	if e.Line > 0 {
		s += fmt.Sprintf(" line %d", e.Line)
	}
	if e.Key != "" {
		s += fmt.Sprintf(", key %q", e.Key)
	}
	return s + ": " + e.Message
}

// Path is where the file is, or would be.
func (c *Config) Path() string { return c.path }

// Notes are things that were found and mended, or that a person should know, one sentence each.
func (c *Config) Notes() []string { return c.notes }

// ReadOnly says why the file is not changed, or nothing.
func (c *Config) ReadOnly() string { return c.readOnly }

// Retention is how much history is kept. A nil Config keeps everything.
func (c *Config) Retention() Retention {
	if c == nil {
		return Retention{}
	}
	return c.keep
}

// dir is the directory at which relative paths start.
func (c *Config) dir() string {
	if c == nil {
		return ""
	}
	return filepath.Dir(c.path)
}

// Profile finds a profile.
func (c *Config) Profile(provider, environment, name string) (Profile, bool) {
	for _, p := range c.Profiles(provider, environment) {
		if p.Name == name {
			return p, true
		}
	}
	return Profile{}, false
}

// Profiles are the profiles of a partner in an environment, in the order of the file.
// An empty name stands for all.
func (c *Config) Profiles(provider, environment string) []Profile {
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []Profile
	for _, p := range c.profiles {
		if (provider == "" || p.Provider == provider) && (environment == "" || p.Environment == environment) {
			out = append(out, p)
		}
	}
	return out
}

// partner finds what is known of a partner.
func (c *Config) partner(id string) (Partner, bool) {
	i := slices.IndexFunc(c.catalog, func(p Partner) bool { return p.ID == id })
	if i < 0 {
		return Partner{}, false
	}
	return c.catalog[i], true
}

// field finds a field of a partner.
func (p Partner) field(name string) (Field, bool) {
	i := slices.IndexFunc(p.Fields, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return Field{}, false
	}
	return p.Fields[i], true
}
