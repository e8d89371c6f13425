package credentials

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// Begin starts a profile, empty. One that is there already is refused.
func (c *Config) Begin(provider, environment, profile string) error {
	path := []string{provider, environment, profile}
	if !partName.MatchString(profile) {
		return fmt.Errorf("%q cannot name a profile: letters, digits and . _ - only, at most 63 of them", profile)
	}
	if _, ok := c.Profile(provider, environment, profile); ok {
		return fmt.Errorf("there is a profile %q for %s %s already", profile, provider, environment)
	}
	return c.change(path, func(map[string]string) {}, func(data []byte, entries []entry) []byte {
		if slices.ContainsFunc(entries, func(e entry) bool { return e.head && slices.Equal(e.path, path) }) {
			return data // another instance was faster
		}
		return fmt.Appendf(endLine(data), "\n[%s]\n", tableName(path))
	})
}

// End takes a whole profile away, with the comments inside of it. It is no error when there is none.
func (c *Config) End(provider, environment, profile string) error {
	path := []string{provider, environment, profile}
	forget := func(want map[string]string) {
		for name := range want {
			if strings.HasPrefix(name, fullName(path)+"\x00") {
				delete(want, name)
			}
		}
	}
	return c.change(path, forget, func(data []byte, entries []entry) []byte { return dropTable(data, entries, path) })
}

// dropTable removes the head of a table and what belongs to it. Comments behind its last key stay: they may be about
// the table that follows.
func dropTable(data []byte, entries []entry, path []string) []byte {
	for i, e := range entries {
		if !e.head || !slices.Equal(e.path, path) {
			continue
		}
		end := e.to
		for _, next := range entries[i+1:] {
			if next.head {
				break
			}
			end = next.to
		}
		from := bytes.LastIndexByte(data[:e.at], '\n') + 1
		rest := splice(data, from, nextLine(data, end), "")
		if bytes.HasSuffix(rest[:from], []byte("\n\n")) && (from == len(rest) || rest[from] == '\n') {
			rest = splice(rest, from-1, from, "") // the blank line that set it apart
		}
		return rest
	}
	return data
}
