// Package leak looks for secrets where none may be: in files, in what a program prints. It is for tests. A test
// gives a program secrets that occur nowhere else, and afterwards looks for each of them in every form in which it could
// have leaked.
//
// It shares no code with the redaction that it judges.
package leak

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Forms are the ways in which a secret may be written, by name: as it is, in hexadecimal, percent-encoded, inside a JSON
// string, and inside a longer base64 text at each of the three offsets at which it can begin.
func Forms(secret string) map[string]string {
	quoted, _ := json.Marshal(secret)
	f := map[string]string{
		"raw": secret, "hex": hex.EncodeToString([]byte(secret)), "HEX": strings.ToUpper(hex.EncodeToString([]byte(secret))),
		"query": url.QueryEscape(secret), "path": url.PathEscape(secret), "json": strings.Trim(string(quoted), `"`),
	}
	for i, pad := range []string{"", "x", "xy"} {
		for name, e := range map[string]*base64.Encoding{"base64": base64.RawStdEncoding, "base64url": base64.RawURLEncoding} {
			s := e.EncodeToString([]byte(pad + secret))
			from := (len(pad)*8 + 5) / 6 // the first character that depends on the secret alone
			to := (len(pad) + len(secret)) * 8 / 6
			f[name+string(rune('0'+i))] = s[from:to]
		}
	}
	return f
}

// shortest is the least length of a form that is looked for: a shorter one occurs by chance.
const shortest = 8

// In says which secrets are in a text, and in which form; secrets are by name. It never repeats a secret.
func In(text []byte, secrets map[string]string) []string {
	var found []string
	for name, secret := range secrets {
		for form, s := range Forms(secret) {
			if len(s) >= shortest && bytes.Contains(text, []byte(s)) {
				found = append(found, name+" as "+form)
			}
		}
	}
	slices.Sort(found)
	return found
}

// Below says the same of every regular file below a directory, in front of each the name of the file.
func Below(dir string, secrets map[string]string) ([]string, error) {
	var found []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, f := range In(b, secrets) {
			found = append(found, filepath.Base(path)+": "+f)
		}
		return nil
	})
	return found, err
}
