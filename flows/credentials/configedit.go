package credentials

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2/unstable"
)

// Put writes one key of a profile, which is started if need be: base_url, ca_file or the name of a field.
// A secret field takes only a reference.
func (c *Config) Put(provider, environment, profile, key, value string) error {
	if value == "" {
		return fmt.Errorf("there is no value for %q; to take a key away, remove it", key)
	}
	if !utf8.ValidString(value) {
		return fmt.Errorf("the value of %q is not UTF-8", key)
	}
	path := []string{provider, environment, profile, key}
	return c.change(path, func(want map[string]string) { want[fullName(path)] = value }, func(data []byte, entries []entry) []byte {
		return put(data, entries, path, quote(value))
	})
}

// Drop removes one key of a profile. It is no error when the key is not there.
func (c *Config) Drop(provider, environment, profile, key string) error {
	path := []string{provider, environment, profile, key}
	return c.change(path, func(want map[string]string) { delete(want, fullName(path)) }, func(data []byte, entries []entry) []byte {
		return drop(data, entries, path)
	})
}

// change edits the text of the file as it is now, not as it was loaded, so that what another instance
// wrote stays. The outcome must be what was asked for, what amend makes of the values, and nothing else, or nothing is written.
func (c *Config) change(path []string, amend func(map[string]string), edit func([]byte, []entry) []byte) error {
	c.changing.Lock()
	defer c.changing.Unlock()
	if c.readOnly != "" {
		return &ConfigError{Path: c.path, Message: "it is not changed: " + c.readOnly}
	}
	unlock, err := c.lock()
	if err != nil {
		return err
	}
	defer unlock()
	data, err := c.read()
	if err != nil {
		return err
	}
	before, err := c.parse(data)
	if err != nil {
		return err
	}
	if before.newer > 0 {
		return &ConfigError{Path: c.path, Message: "it was written by a newer version of the program in the meantime; nothing was changed"}
	}
	entries, err := scan(data)
	if err != nil {
		return err
	}
	if len(data) == 0 {
		data = fmt.Appendf(nil, "version = %d\n", configVersion)
	}
	edited := edit(data, entries)
	want := flatten(before.profiles)
	amend(want)
	profiles, err := c.verify(edited, path, want)
	if err != nil || bytes.Equal(edited, data) {
		return err
	}
	if err := c.write(edited); err != nil {
		return err
	}
	c.mu.Lock()
	c.profiles = profiles
	c.mu.Unlock()
	return nil
}

// verify reads an edited text and returns its profiles, if they are the ones that are wanted.
func (c *Config) verify(edited []byte, path []string, want map[string]string) ([]Profile, error) {
	after, err := c.parse(edited)
	if err != nil && c.blames(err, path) {
		return nil, inWords(err)
	}
	if err != nil || !maps.Equal(flatten(after.profiles), want) {
		return nil, &ConfigError{Path: c.path, Key: strings.Join(path, "."), Message: "the file is written in a form that the program cannot change",
			Hint: fmt.Sprintf("write the profile as a table [%s] of its own", tableName(path))}
	}
	return after.profiles, nil
}

// fullName is the key of a value in what flatten returns.
func fullName(path []string) string { return strings.Join(path, "\x00") }

// blames reports whether a fault of the edited text is about the key that was edited, and not about the form of the text.
func (c *Config) blames(err error, path []string) bool {
	var fault *ConfigError
	return errors.As(err, &fault) && strings.HasPrefix(strings.Join(path, "."), fault.Key) && fault.Key != ""
}

// inWords leaves the line out: the text with that line was never written.
func inWords(err error) error {
	var fault *ConfigError
	if errors.As(err, &fault) {
		told := *fault
		told.Line = 0
		return &told
	}
	return err
}

// flatten lists all values of all profiles by their full name.
func flatten(profiles []Profile) map[string]string {
	out := map[string]string{}
	for _, p := range profiles {
		set := func(key, value string) { out[fullName([]string{p.Provider, p.Environment, p.Name, key})] = value }
		for k, v := range p.Values {
			set(k, v)
		}
		if p.BaseURL != "" {
			set(keyBaseURL, p.BaseURL)
		}
		if p.CAFile != "" {
			set(keyCAFile, p.CAFile)
		}
	}
	return out
}

// put replaces the value at path, or adds it at the end of its table, or adds the table.
func put(data []byte, entries []entry, path []string, quoted string) []byte {
	end := -1 // where the table of the profile ends
	for i, e := range entries {
		if !e.head && slices.Equal(e.path, path) && e.kind == unstable.String {
			return splice(data, e.from, e.to, quoted)
		}
		if e.head && slices.Equal(e.path, path[:3]) {
			end = e.to
			for _, next := range entries[i+1:] {
				if next.head {
					break
				}
				end = next.to
			}
		}
	}
	row := key(path[3]) + " = " + quoted + "\n"
	if end >= 0 {
		return splice(endLine(data), nextLine(data, end), nextLine(data, end), row)
	}
	return fmt.Appendf(endLine(data), "\n[%s]\n%s", tableName(path), row)
}

// drop removes the line of a key, and leaves the table even when it is empty: a profile that exists.
func drop(data []byte, entries []entry, path []string) []byte {
	for _, e := range entries {
		if !e.head && slices.Equal(e.path, path) {
			return splice(data, bytes.LastIndexByte(data[:e.at], '\n')+1, nextLine(data, e.to), "")
		}
	}
	return data
}

// splice returns data with another text in place of the bytes from from to to.
func splice(data []byte, from, to int, text string) []byte {
	return slices.Concat(data[:min(from, len(data))], []byte(text), data[min(to, len(data)):])
}

// nextLine is where the line after the place begins, or would.
func nextLine(data []byte, at int) int {
	if i := bytes.IndexByte(data[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(data) + 1
}

// endLine returns a copy of data that ends with a line.
func endLine(data []byte) []byte {
	if len(data) > 0 && data[len(data)-1] != '\n' {
		return append(slices.Clone(data), '\n')
	}
	return slices.Clone(data)
}

// tableName is the name of the table of a profile.
func tableName(path []string) string { return key(path[0]) + "." + key(path[1]) + "." + key(path[2]) }

// key writes a part of a key, in quotes where TOML needs them.
func key(s string) string {
	bare := s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-')
	})
	if bare {
		return s
	}
	return quote(s)
}

// quote writes a TOML basic string.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < 0x20 || r >= 0x7F && r < 0xA0:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
