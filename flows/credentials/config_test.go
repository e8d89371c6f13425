package credentials_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"countersign/flows/credentials"
)

// load reads a configuration from a directory of its own.
func load(t *testing.T, text string) (*credentials.Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "countersign", "config.toml")
	write(t, path, text)
	return credentials.LoadConfig(path, catalog)
}

func TestConfigProfiles(t *testing.T) {
	c, err := load(t, `
version = 1

# rotation: the new password counts from May on
[acme.production.default]
base_url = "https://api.acme.example/v2"
user = "me"            # a literal
password = "keyring:acme/production/default/password"

[acme.production."2026.05"]
password = 'env:NEW_PASS'
key = "file:~/new.pem"

[acme.sandbox]
default.user = "tester"
`)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range c.Profiles("acme", "production") {
		names = append(names, p.Name)
	}
	if strings.Join(names, " ") != "default 2026.05" {
		t.Errorf("profiles %q", names)
	}
	p, ok := c.Profile("acme", "production", "default")
	if !ok || p.BaseURL != "https://api.acme.example/v2" || p.Values["user"] != "me" {
		t.Errorf("got %+v", p)
	}
	if p, ok := c.Profile("acme", "sandbox", "default"); !ok || p.Values["user"] != "tester" {
		t.Errorf("got %+v", p)
	}
	if len(c.Profiles("", "")) != 3 || len(c.Notes()) != 0 {
		t.Errorf("got %v, %q", c.Profiles("", ""), c.Notes())
	}
}

// A fault names line and key, and never repeats a value.
func TestConfigFaults(t *testing.T) {
	const canary = "CNRY-71c2"
	for _, c := range []struct {
		name, text string
		line       int
		key, want  string
		hint       string
	}{
		{"literal secret", "version = 1\n\n[acme.production.default]\npassword = 'CNRY-71c2'\n", 4, "acme.production.default.password",
			"it holds the secret itself, and only references are kept there", "countersign credentials set acme password --environment production"},
		{"literal that looks like a reference", "[acme.production.default]\npassword = 'env:CNRY-71c2'\n", 2, "acme.production.default.password",
			"malformed reference: env: takes", ""},
		{"content of a key file", "[acme.production.default]\nkey = '''-----BEGIN CNRY-71c2'''\n", 2, "acme.production.default.key",
			"it holds the secret itself", "file:PATH"},
		{"password in the URL", "[acme.production.default]\nbase_url = 'https://me:CNRY-71c2@acme.example'\n", 2, "acme.production.default.base_url",
			"the URL holds a user name or password", ""},
		{"misspelt key", "[acme.production.default]\nuser = 'a'\npasword = 'CNRY-71c2'\n", 3, "acme.production.default.pasword",
			"unknown key", "known: base_url, ca_file, user, password, key, region, pin"},
		{"key outside", "colour = 'CNRY-71c2'\n", 1, "colour", "unknown key", "[provider.environment.profile]"},
		{"key of the history", "[history]\nkeep = 3\n", 2, "history.keep", "unknown key", "known: keep_days, keep_mb"},
		{"retention of nothing", "[history]\nkeep_days = 0\n", 2, "history.keep_days", "a number from 1 to", "leave the key out"},
		{"retention in words", "[history]\nkeep_mb = '10'\n", 2, "history.keep_mb", "a number from 1 to", ""},
		{"retention without end", "history.keep_days = 99999999999999\n", 1, "history.keep_days", "a number from 1 to", ""},
		{"key too deep", "[acme.production.default.more]\nx = 1\n", 1, "acme.production.default.more", "unknown key", ""},
		{"unknown partner", "\n[acne.production.default]\npassword = 'CNRY-71c2'\n", 2, "acne.production.default", "unknown partner", "known: acme"},
		{"unknown environment", "[acme.prod.default]\n", 1, "acme.prod.default", "unknown environment", "known for acme: sandbox, production"},
		{"embedded", "[acme.embedded.default]\n", 1, "acme.embedded.default", "the embedded sandbox takes no profile", ""},
		{"profile name", "[acme.production.'a b']\n", 1, "acme.production.a b", "a profile is named with letters", ""},
		{"number", "[acme.production.default]\nuser = 71\n", 2, "acme.production.default.user", "the value is a text in quotes", ""},
		{"inline table", "[acme.production]\ndefault = {user = 'CNRY-71c2'}\n", 2, "acme.production.default", "unknown key", ""},
		{"array of tables", "[[acme.production.default]]\n", 1, "acme.production.default", "one pair of brackets", ""},
		{"version", "version = 'one'\n", 1, "version", "a number from 1 to 1", ""},
		{"key twice", "[acme.production.default]\nuser = 'a'\nuser = 'CNRY-71c2'\n", 3, "", "", ""},
		{"not toml", "[acme.production.default]\nuser = \"CNRY-71c2\n", 2, "", "", "credentials set"},
		{"secret without quotes", "[acme.production.default]\npassword = CNRY-71c2\n", 2, "", "", "credentials set"},
		{"byte order mark", "\xef\xbb\xbf[acme.production.default]\n", 1, "", "with a byte order mark", "save it as UTF-8"},
		{"UTF-16", "\xff\xfe[\x00a\x00", 1, "", "in UTF-16", "save it as UTF-8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := load(t, c.text)
			var fault *credentials.ConfigError
			if !errors.As(err, &fault) {
				t.Fatalf("got %v", err)
			}
			if fault.Line != c.line || c.key != "" && fault.Key != c.key || !strings.Contains(fault.Message, c.want) || !strings.Contains(fault.Hint, c.hint) {
				t.Errorf("got line %d, key %q, %q, hint %q", fault.Line, fault.Key, fault.Message, fault.Hint)
			}
			if all := err.Error() + fault.Hint; strings.Contains(all, canary) {
				t.Errorf("the value is repeated: %s", all)
			}
		})
	}
}

// Retention is read with the profiles, survives an edit, and is nothing where a newer program wrote the file.
func TestConfigRetention(t *testing.T) {
	const text = "version = 1\n\n[history] # for the auditors\nkeep_days = 400\nkeep_mb = 2000\n"
	c, err := load(t, text)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.Retention(), (credentials.Retention{Days: 400, Megabytes: 2000}); got != want {
		t.Errorf("it keeps %+v, want %+v", got, want)
	}
	if err := c.Put("acme", "production", "default", "region", "eu"); err != nil {
		t.Fatal(err)
	}
	again, err := credentials.LoadConfig(c.Path(), catalog)
	if err != nil || again.Retention() != c.Retention() {
		t.Errorf("after an edit it keeps %+v, %v", again.Retention(), err)
	}
	newer, err := load(t, strings.Replace(text, "version = 1", "version = 7", 1))
	if err != nil || newer.Retention() != (credentials.Retention{}) {
		t.Errorf("of a newer file it keeps %+v, %v", newer.Retention(), err)
	}
	if got := (*credentials.Config)(nil).Retention(); got != (credentials.Retention{}) {
		t.Errorf("without a file it keeps %+v", got)
	}
}

func TestConfigTellsAllFaultsAtOnce(t *testing.T) {
	_, err := load(t, "[acme.production.default]\na = '1'\nb = '2'\n[nobody.x.y]\nc = '3'\nd = '4'\n")
	if err == nil || strings.Count(err.Error(), "line ") != 3 {
		t.Errorf("got %v", err)
	}
}

func TestConfigOfANewerVersion(t *testing.T) {
	const text = "version = 7\n[acme.production.default]\nuser = 'me'\nshape = 'round'\n[future]\nx = 1\n"
	c, err := load(t, text)
	if err != nil {
		t.Fatal(err)
	}
	if p, _ := c.Profile("acme", "production", "default"); p.Values["user"] != "me" {
		t.Errorf("got %+v", p)
	}
	if !strings.Contains(c.ReadOnly(), "version 7, this one knows 1") || len(c.Notes()) != 1 {
		t.Errorf("got %q, %q", c.ReadOnly(), c.Notes())
	}
	if err := c.Put("acme", "production", "default", "user", "you"); err == nil || !strings.Contains(err.Error(), "version 7") {
		t.Errorf("got %v", err)
	}
	if data, _ := os.ReadFile(c.Path()); string(data) != text {
		t.Errorf("the file changed: %s", data)
	}
}

// Comments, order and blank lines stay.
func TestConfigEdits(t *testing.T) {
	const before = `# mine
version = 1

[acme.production.default] # the one that counts
user = "me" # shared
# the end`
	c, err := load(t, before)
	if err != nil {
		t.Fatal(err)
	}
	const password = "password = \"env:P\"\n"
	const added = "\n[acme.production.\"new.1\"]\nca_file = \"ca.pem\"\n"
	head, end, _ := strings.Cut(before, "# the end")
	end = "# the end" + end + "\n"
	for _, step := range []struct {
		name string
		do   func() error
		want string
	}{
		{"replace", func() error { return c.Put("acme", "production", "default", "user", `y"o\u`) }, strings.Replace(before, `"me"`, `"y\"o\\u"`, 1)},
		{"replace again", func() error { return c.Put("acme", "production", "default", "user", "me") }, before},
		{"add", func() error { return c.Put("acme", "production", "default", "password", "env:P") }, head + password + end},
		{"add a profile", func() error { return c.Put("acme", "production", "new.1", "ca_file", "ca.pem") }, head + password + end + added},
		{"remove", func() error { return c.Drop("acme", "production", "default", "user") },
			strings.Replace(head, "user = \"me\" # shared\n", "", 1) + password + end + added},
		{"remove nothing", func() error { return c.Drop("acme", "sandbox", "default", "user") },
			strings.Replace(head, "user = \"me\" # shared\n", "", 1) + password + end + added},
	} {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if data, _ := os.ReadFile(c.Path()); string(data) != step.want {
			t.Fatalf("%s:\n%s\nwant:\n%s", step.name, data, step.want)
		}
	}
}

func TestConfigIsMadePrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "countersign")
	path := filepath.Join(dir, "config.toml")
	c, err := credentials.LoadConfig(path, catalog)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("reading made a directory")
	}
	if err := c.Put("acme", "sandbox", "default", "user", "me"); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{path: 0o600, dir: 0o700} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, %v", path, info.Mode(), err)
		}
	}
	if data, _ := os.ReadFile(path); string(data) != "version = 1\n\n[acme.sandbox.default]\nuser = \"me\"\n" {
		t.Errorf("got %s", data)
	}

	os.Chmod(path, 0o644)
	os.Chmod(dir, 0o755)
	if c, err = credentials.LoadConfig(path, catalog); err != nil || len(c.Notes()) != 2 {
		t.Fatalf("%v, %q", err, c.Notes())
	}
	for path, want := range map[string]os.FileMode{path: 0o600, dir: 0o700} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, %v", path, info.Mode(), err)
		}
	}
}

// A configuration that lies elsewhere does not close the directory it lies in.
func TestConfigLeavesForeignDirectoriesAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "shared")
	write(t, filepath.Join(dir, "my.toml"), "version = 1\n")
	os.Chmod(dir, 0o755)
	if _, err := credentials.LoadConfig(filepath.Join(dir, "my.toml"), catalog); err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(dir); info.Mode().Perm() != 0o755 {
		t.Errorf("the directory has mode %v", info.Mode())
	}
}

// What another instance wrote since stays, and a symbolic link stays one.
func TestConfigKeepsWhatOthersWrote(t *testing.T) {
	c, err := load(t, "version = 1\n")
	if err != nil {
		t.Fatal(err)
	}
	real := filepath.Join(t.TempDir(), "dotfiles.toml")
	write(t, real, "version = 1\n[acme.sandbox.default]\nuser = 'other'\n")
	os.Remove(c.Path())
	if err := os.Symlink(real, c.Path()); err != nil {
		t.Fatal(err)
	}
	if err := c.Put("acme", "production", "default", "user", "me"); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(c.Path()); err != nil || info.Mode().Type() != os.ModeSymlink {
		t.Errorf("the link is gone: %v, %v", info.Mode(), err)
	}
	if p, _ := c.Profile("acme", "sandbox", "default"); p.Values["user"] != "other" {
		t.Errorf("got %+v", c.Profiles("", ""))
	}
}

func TestConfigRefusesWhatItCannotEdit(t *testing.T) {
	for name, text := range map[string]string{
		"profile by dotted keys": "[acme.production]\ndefault.user = 'a'\n",
	} {
		c, err := load(t, text)
		if err != nil {
			t.Fatal(err)
		}
		err = c.Put("acme", "production", "default", "region", "eu")
		var fault *credentials.ConfigError
		if !errors.As(err, &fault) || !strings.Contains(fault.Hint, "[acme.production.default]") {
			t.Errorf("%s: got %v", name, err)
		}
		if data, _ := os.ReadFile(c.Path()); string(data) != text {
			t.Errorf("%s: the file changed: %s", name, data)
		}
	}
}

func TestConfigRefusesABadValue(t *testing.T) {
	c, err := load(t, "version = 1\n")
	if err != nil {
		t.Fatal(err)
	}
	for key, value := range map[string]string{"password": "CNRY-71c2", "base_url": "https://a:CNRY-71c2@b", "nokey": "CNRY-71c2", "user": "\xff"} {
		err := c.Put("acme", "production", "default", key, value)
		if err == nil || strings.Contains(err.Error(), "CNRY") || strings.Contains(err.Error(), "line") || strings.Contains(err.Error(), "form") {
			t.Errorf("%s: got %v", key, err)
		}
	}
	if data, _ := os.ReadFile(c.Path()); string(data) != "version = 1\n" {
		t.Errorf("the file changed: %s", data)
	}
}

func TestConfigFromManyGoroutines(t *testing.T) {
	c, err := load(t, "version = 1\n")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for _, profile := range []string{"a", "b", "c", "d"} {
		wg.Go(func() {
			if err := c.Put("acme", "production", profile, "user", profile); err != nil {
				t.Error(err)
			}
			c.Profiles("acme", "")
		})
	}
	wg.Wait()
	if n := len(c.Profiles("", "")); n != 4 {
		t.Errorf("%d profiles", n)
	}
}

func TestConfigPath(t *testing.T) {
	for _, c := range []struct {
		env  map[string]string
		want string
	}{
		{map[string]string{"XDG_CONFIG_HOME": "/xdg", "HOME": "/h"}, "/xdg/countersign/config.toml"},
		{map[string]string{"XDG_CONFIG_HOME": "rel", "HOME": "/h"}, "/h/.config/countersign/config.toml"},
		{map[string]string{"HOME": "/h"}, "/h/.config/countersign/config.toml"},
		{nil, ""},
	} {
		got, err := credentials.ConfigPath(func(n string) (string, bool) { v, ok := c.env[n]; return v, ok })
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%v: got %q, %v", c.env, got, err)
		}
	}
}

// Whatever the file holds, reading it does not panic; what is read can be edited or is left as it is.
func FuzzConfig(f *testing.F) {
	f.Add("version = 1\n[acme.production.default]\nuser = 'a' # b\npassword = \"env:A\"", "you")
	f.Add("[acme]\nproduction.default.user = '''\na'''\n", "\t\"\\")
	f.Add("acme = {production = {default = {user = 'a'}}}", "")
	f.Add("version = 9\n[[acme.production.default]]\nx=[1,{a=2}]\n", "env:X")
	f.Add("\"acme\" . 'production' . default . user = \"\\u0041\"\r\n", "é")
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text, value string) {
		path := filepath.Join(dir, "config.toml")
		write(t, path, text)
		c, err := credentials.LoadConfig(path, catalog)
		if err != nil {
			return
		}
		before, _ := c.Profile("acme", "production", "default")
		if err := c.Put("acme", "production", "default", "user", value); err != nil {
			if data, _ := os.ReadFile(path); string(data) != text {
				t.Fatalf("%v, and the file changed to %q", err, data)
			}
			return
		}
		again, err := credentials.LoadConfig(path, catalog)
		if err != nil {
			t.Fatalf("what was written is not read: %v", err)
		}
		p, _ := again.Profile("acme", "production", "default")
		if p.Values["user"] != value || p.Values["password"] != before.Values["password"] {
			t.Fatalf("%q became %+v", text, p)
		}
		if err := c.Drop("acme", "production", "default", "user"); err != nil {
			t.Fatal(err)
		}
	})
}
