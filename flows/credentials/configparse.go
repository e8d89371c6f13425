package credentials

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"countersign/sign/untrusted"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// configVersion is the version of the file that this program writes.
const configVersion = 1

// The keys of a profile that are no credential fields.
const (
	keyBaseURL = "base_url"
	keyCAFile  = "ca_file"
)

// The table of the history with its keys. No partner has this name.
const (
	tableHistory     = "history"
	keyKeepDays      = "keep_days"
	keyKeepMegabytes = "keep_mb"
)

// entry is a key with its value, or the head of a table, and where it stands in the text.
type entry struct {
	path     []string // from the root on
	head     bool     // of a table
	kind     unstable.Kind
	value    string
	at       int // where the key begins
	from, to int // the value; for the head of a table to is where its name ends
}

// scan lists what stands in a text that is TOML.
func scan(data []byte) ([]entry, error) {
	var p unstable.Parser
	p.Reset(data)
	var out []entry
	var table []string
	for p.NextExpression() {
		n := p.Expression()
		if n.Kind != unstable.KeyValue && n.Kind != unstable.Table && n.Kind != unstable.ArrayTable {
			continue
		}
		path, first, last := keyPath(n)
		e := entry{kind: n.Kind, at: int(first.Offset), to: int(last.Offset + last.Length)}
		if n.Kind == unstable.KeyValue {
			v := n.Value()
			e.path, e.kind, e.value = append(slices.Clone(table), path...), v.Kind, string(v.Data)
			e.from, e.to = int(v.Raw.Offset), int(v.Raw.Offset+v.Raw.Length)
		} else {
			table = path
			e.path, e.head = path, true
		}
		out = append(out, e)
	}
	return out, p.Error()
}

// keyPath is the parts of a key with the places of the first and the last.
func keyPath(n *unstable.Node) (path []string, first, last unstable.Range) {
	it := n.Key()
	for it.Next() {
		if path == nil {
			first = it.Node().Raw
		}
		last = it.Node().Raw
		path = append(path, string(it.Node().Data))
	}
	return path, first, last
}

// line is the line, from 1 on, in which a place is.
func line(data []byte, at int) int { return 1 + bytes.Count(data[:at], []byte("\n")) }

// reading is a configuration file on its way to profiles.
type reading struct {
	config   *Config
	data     []byte
	newer    int64 // the version of the file, if this program does not know it
	profiles []Profile
	keep     Retention
	bad      map[string]bool // tables whose name is at fault, told once
	faults   []error
}

// parse reads the text of a configuration file. All faults are told at once.
func (c *Config) parse(data []byte) (*reading, error) {
	for mark, form := range map[string]string{"\xef\xbb\xbf": "with a byte order mark", "\xff\xfe": "in UTF-16", "\xfe\xff": "in UTF-16"} { // as some editors save
		if bytes.HasPrefix(data, []byte(mark)) {
			return nil, &ConfigError{Path: c.path, Line: 1, Message: "the file is saved " + form, Hint: "save it as UTF-8 without a byte order mark"}
		}
	}
	var whole map[string]any // finds what the scan does not: keys given twice
	if err := toml.Unmarshal(data, &whole); err != nil {
		fault := &ConfigError{Path: c.path, Message: "not TOML", Hint: `a line reads name = "value"; a secret is not written here, but kept by countersign credentials set`}
		var d *toml.DecodeError
		if errors.As(err, &d) {
			fault.Line, _ = d.Position()
			fault.Message = untrusted.From(strings.TrimPrefix(d.Error(), "toml: ")).String()
		}
		return nil, fault
	}
	entries, err := scan(data)
	if err != nil {
		return nil, &ConfigError{Path: c.path, Message: "not TOML"}
	}
	r := &reading{config: c, data: data, bad: map[string]bool{}}
	for _, e := range entries {
		if !e.head && len(e.path) == 1 && e.path[0] == "version" {
			r.version(e)
		}
	}
	for _, e := range entries {
		r.entry(e)
	}
	if r.newer > 0 {
		return r, nil // what it does not know must not hinder
	}
	return r, errors.Join(r.faults...)
}

func (r *reading) version(e entry) {
	n, err := strconv.ParseInt(e.value, 10, 32)
	switch {
	case e.kind != unstable.Integer || err != nil || n < 1:
		r.fault(e, fmt.Sprintf("the version of the file is a number from 1 to %d", configVersion), "")
	case n > configVersion:
		r.newer = n
	}
}

// entry takes one key or table.
func (r *reading) entry(e entry) {
	switch {
	case e.kind == unstable.ArrayTable:
		r.fault(e, "a profile is a table with one pair of brackets", "[provider.environment.profile]")
	case e.head && len(e.path) <= 2:
		// the head of tables to come, such as [sabika.production]
	case e.head && len(e.path) == 3:
		r.profile(e)
	case !e.head && len(e.path) == 1 && e.path[0] == "version":
	case !e.head && len(e.path) == 2 && e.path[0] == tableHistory:
		r.history(e)
	case !e.head && len(e.path) == 4:
		if p := r.profile(e); p != nil {
			r.key(p, e)
		}
	default:
		r.fault(e, "unknown key", "a profile is a table [provider.environment.profile] with keys such as base_url")
	}
}

// history takes one key of the history.
func (r *reading) history(e entry) {
	at := map[string]*int{keyKeepDays: &r.keep.Days, keyKeepMegabytes: &r.keep.Megabytes}[e.path[1]]
	n, err := strconv.ParseInt(e.value, 10, 32)
	switch {
	case at == nil:
		r.fault(e, "unknown key", "known: "+keyKeepDays+", "+keyKeepMegabytes)
	case e.kind != unstable.Integer || err != nil || n < 1 || n > MaxRetention:
		r.fault(e, fmt.Sprintf("the value is a number from 1 to %d", MaxRetention), "leave the key out to keep everything")
	default:
		*at = int(n)
	}
}

// profile finds the profile of an entry, or starts it. It returns nil when its name is at fault.
func (r *reading) profile(e entry) *Profile {
	provider, environment, name := e.path[0], e.path[1], e.path[2]
	for i := range r.profiles {
		if p := &r.profiles[i]; p.Provider == provider && p.Environment == environment && p.Name == name {
			return p
		}
	}
	table := strings.Join(e.path[:3], "\x00")
	if r.bad[table] {
		return nil
	}
	known, ok := r.config.partner(provider)
	switch {
	case !ok:
		r.fault(e, "unknown partner", fmt.Sprintf("known: %s", strings.Join(r.config.partners(), ", ")))
	case environment == Embedded:
		r.fault(e, "the embedded sandbox takes no profile; its credentials are made for each run", "")
	case !slices.Contains(known.Environments, environment):
		r.fault(e, "unknown environment", fmt.Sprintf("known for %s: %s", provider, strings.Join(known.Environments, ", ")))
	case !partName.MatchString(name):
		r.fault(e, "a profile is named with letters, digits and . _ - only, at most 63 of them", "")
	default:
		r.profiles = append(r.profiles, Profile{Provider: provider, Environment: environment, Name: name, Values: map[string]string{}})
		return &r.profiles[len(r.profiles)-1]
	}
	r.bad[table] = true
	return nil
}

// key takes one key of a profile.
func (r *reading) key(p *Profile, e entry) {
	name := e.path[3]
	known, _ := r.config.partner(p.Provider)
	field, isField := known.field(name)
	if !isField && name != keyBaseURL && name != keyCAFile {
		r.fault(e, "unknown key", "known: "+strings.Join(known.keys(), ", "))
		return
	}
	if e.kind != unstable.String {
		r.fault(e, "the value is a text in quotes", "")
		return
	}
	if message, hint := judge(p, field, name, e.value); message != "" {
		r.fault(e, message, hint)
		return
	}
	switch {
	case isField:
		p.Values[name] = e.value
	case name == keyBaseURL:
		p.BaseURL = e.value
	default:
		p.CAFile = e.value
	}
}

// judge says what is wrong with a value for a key of a profile.
func judge(p *Profile, field Field, key, value string) (message, hint string) {
	switch key {
	case keyBaseURL:
		if u, err := url.Parse(value); err == nil && u.User != nil {
			return "the URL holds a user name or password, and secrets are not kept here", "give them as credentials"
		}
		return "", ""
	case keyCAFile:
		return "", ""
	}
	_, isRef, err := parseReference(value)
	switch {
	case err != nil:
		return err.Error(), ""
	case field.Secret && !isRef:
		r := resolver{q: Query{Provider: p.Provider, Environment: p.Environment, Profile: p.Name}}
		hint = "take it out and store it: " + r.howToStore(field) + "; or refer to it with env:NAME, keyring:NAME or file:PATH"
		if field.File {
			hint = "refer to it with file:PATH"
		}
		return errLiteral.Error(), hint
	case strings.Contains(value, "-----BEGIN "):
		return "it holds the content of a file, and a path is kept there", "refer to it with file:PATH"
	}
	return "", ""
}

func (r *reading) fault(e entry, message, hint string) {
	r.faults = append(r.faults, &ConfigError{
		Path: r.config.path, Line: line(r.data, e.at), Key: strings.Join(e.path, "."), Message: message, Hint: hint,
	})
}

// partners are the names of the partners that are known.
func (c *Config) partners() []string {
	var ids []string
	for _, p := range c.catalog {
		ids = append(ids, p.ID)
	}
	return ids
}

// keys are the names that a profile of the partner may hold.
func (p Partner) keys() []string {
	out := []string{keyBaseURL, keyCAFile}
	for _, f := range p.Fields {
		out = append(out, f.Name)
	}
	return out
}
