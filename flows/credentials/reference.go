package credentials

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
)

// reference is what a profile holds in place of a secret: where the value is.
type reference struct{ scheme, name string }

// The schemes of a reference.
const (
	schemeEnv     = "env"
	schemeKeyring = "keyring"
	schemeFile    = "file"
)

var (
	variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	// itemName also keeps keyring items apart on every system: Windows joins service and item with a colon,
	// macOS passes them through a command line.
	itemName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/-]{0,254}$`)
	partName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)
)

// errBadReference is about text that starts like a reference and is none.
var errBadReference = errors.New("malformed reference")

// parseReference reads env:NAME, keyring:NAME or file:PATH. It reports false for any other text.
// The error never repeats the text: it may be a secret that happens to start like a reference.
func parseReference(text string) (reference, bool, error) {
	scheme, name, ok := strings.Cut(text, ":")
	if !ok {
		return reference{}, false, nil
	}
	ref, bad := reference{scheme, name}, ""
	switch scheme {
	case schemeEnv:
		if !variableName.MatchString(name) {
			bad = "env: takes the name of an environment variable, letters, digits and _ only"
		}
	case schemeKeyring:
		if !itemName.MatchString(name) {
			bad = "keyring: takes the name of an item, letters, digits and . _ / - only"
		}
	case schemeFile:
		if name == "" || strings.ContainsAny(name, "\x00\r\n") {
			bad = "file: takes a path"
		}
	default:
		return reference{}, false, nil
	}
	if bad != "" {
		return reference{}, true, fmt.Errorf("%w: %s", errBadReference, bad)
	}
	return ref, true, nil
}

// String is the reference as it is written in a profile.
func (r reference) String() string { return r.scheme + ":" + r.name }

// place makes a path of a profile absolute: ~/ is the home directory,
// and a relative path starts at the directory of the configuration file.
func place(path, home, dir string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok && home != "" {
		return filepath.Join(home, rest)
	}
	if !filepath.IsAbs(path) && dir != "" {
		return filepath.Join(dir, path)
	}
	return path
}
