package credentials_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"countersign/flows/credentials"
	"countersign/sign"
)

// The fields of a partner that has one of each kind.
var (
	user     = credentials.Field{Name: "user", Label: "User name", Env: "ACME_USER"}
	password = credentials.Field{Name: "password", Label: "Password", Secret: true, Env: "ACME_PASS"}
	key      = credentials.Field{Name: "key", Label: "Signing key", Secret: true, File: true}
	region   = credentials.Field{Name: "region", Optional: true, Default: "eu"}
	pin      = credentials.Field{Name: "pin", Secret: true, Optional: true, Check: func(v string) error {
		if len(v) != 4 {
			return errors.New("a pin has four digits")
		}
		return nil
	}}
	fields  = []credentials.Field{user, password, key, region, pin}
	catalog = []credentials.Partner{{ID: "acme", Environments: []string{"sandbox", "production"}, Fields: fields}}
)

// typed is what a person typed into a form.
type typed = map[string]sign.Secret

// world is everything that a store looks at.
type world struct {
	env     map[string]string
	files   map[string]string
	keyring map[string]string
	memory  map[string]string
	config  string
	broken  error // the keyring fails with it
}

// store makes a store that sees w.
func (w world) store(t *testing.T) *credentials.Store {
	t.Helper()
	s := &credentials.Store{
		Getenv: func(name string) (string, bool) { v, ok := w.env[name]; return v, ok },
		ReadFile: func(path string) ([]byte, error) {
			if v, ok := w.files[path]; ok {
				return []byte(v), nil
			}
			return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
		},
		Keyring: filled(w.keyring),
		Memory:  filled(w.memory),
	}
	if w.broken != nil {
		s.Keyring = &failing{err: w.broken}
	}
	if w.config != "" {
		path := filepath.Join(t.TempDir(), "countersign", "config.toml")
		write(t, path, w.config)
		var err error
		if s.Config, err = credentials.LoadConfig(path, catalog); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func filled(items map[string]string) *credentials.Memory {
	m := &credentials.Memory{}
	for k, v := range items {
		m.Set(context.Background(), k, sign.NewSecret(v))
	}
	return m
}

// failing is a keyring that fails, and counts how often it was asked.
type failing struct {
	err   error
	asked int
}

func (k *failing) Get(context.Context, string) (sign.Secret, error) {
	k.asked++
	return sign.Secret{}, k.err
}
func (k *failing) Set(context.Context, string, sign.Secret) error { k.asked++; return k.err }
func (k *failing) Delete(context.Context, string) error           { k.asked++; return k.err }

// Each step takes away the source that counted, and the next one counts.
func TestOrderOfSources(t *testing.T) {
	const item = "acme/production/default/password"
	w := world{
		env:     map[string]string{"ACME_PASS": "from-env", "OTHER": "from-ref"},
		keyring: map[string]string{item: "from-keyring"},
		memory:  map[string]string{item: "from-memory"},
		config:  "[acme.production.default]\npassword = 'env:OTHER'\n",
	}
	q := credentials.Query{
		Provider: "acme", Environment: "production", Fields: []credentials.Field{password},
		Typed: typed{"password": sign.NewSecret("from-form")}, Options: map[string]string{"password": "from-option"},
	}
	for _, step := range []struct {
		value, source string
		kind          credentials.SourceKind
		takeAway      func()
	}{
		{"from-form", "typed", credentials.FromForm, func() { q.Typed = typed{"password": sign.NewSecret("")} }},
		{"from-option", "option --set password", credentials.FromOption, func() { q.Options = nil }},
		{"from-env", "environment variable ACME_PASS", credentials.FromEnvironment, func() { w.env["ACME_PASS"] = "" }},
		{"from-ref", "profile, env:OTHER", credentials.FromReference, func() { w.config = "" }},
		{"from-keyring", `keyring item "` + item + `"`, credentials.FromKeyring, func() { w.keyring = nil }},
		{"from-memory", "memory, until the program ends", credentials.FromMemory, func() { w.memory = nil }},
		{"", "missing", credentials.Missing, func() {}},
	} {
		set, _ := w.store(t).Resolve(t.Context(), q)
		v := set["password"]
		if v.Secret.Reveal() != step.value || v.Source.Kind != step.kind || v.Source.String() != step.source {
			t.Errorf("got %q from %q (%s), want %q from %q", v.Secret.Reveal(), v.Source, v.Source.Kind, step.value, step.source)
		}
		step.takeAway()
	}
}

// With a named profile its own variable counts first, and the plain one only when the profile has nothing.
func TestOrderOfSourcesWithAProfile(t *testing.T) {
	w := world{
		env:    map[string]string{"ACME_PASS_OLD_2": "own", "ACME_PASS": "plain", "OTHER": "from-ref"},
		config: "[acme.production.'old.2']\npassword = 'env:OTHER'\n",
	}
	q := credentials.Query{Provider: "acme", Environment: "production", Profile: "old.2", Fields: []credentials.Field{password}}
	for _, step := range []struct {
		value, source string
		takeAway      func()
	}{
		{"own", "environment variable ACME_PASS_OLD_2", func() { delete(w.env, "ACME_PASS_OLD_2") }},
		{"from-ref", "profile, env:OTHER", func() {
			w.config, w.keyring = "", map[string]string{"acme/production/old.2/password": "kept"}
		}},
		{"kept", `keyring item "acme/production/old.2/password"`, func() { w.keyring = nil }},
		{"plain", "environment variable ACME_PASS", func() {}},
	} {
		set, _ := w.store(t).Resolve(t.Context(), q)
		if v := set["password"]; v.Secret.Reveal() != step.value || v.Source.String() != step.source {
			t.Errorf("got %q from %q, want %q from %q", v.Secret.Reveal(), v.Source, step.value, step.source)
		}
		step.takeAway()
	}
}

// Nothing of the outside meets the embedded sandbox, whichever way the query says that it is for it.
func TestTheSandboxSeesNoOtherSecret(t *testing.T) {
	const item = "acme/embedded/default/password"
	w := world{
		env:     map[string]string{"ACME_PASS": "production!"},
		keyring: map[string]string{item: "production!", "acme/production/default/password": "production!"},
		memory:  map[string]string{item: "production!"},
		config:  "[acme.production.default]\npassword = 'env:ACME_PASS'\n",
	}
	for name, q := range map[string]credentials.Query{
		"by name":   {Environment: credentials.Embedded},
		"by values": {Environment: "production", Given: map[string]string{}},
		"by files":  {Environment: "production", GivenPEM: map[string][]byte{}},
	} {
		q.Provider, q.Fields = "acme", fields
		set, problems := w.store(t).Resolve(t.Context(), q)
		for field, v := range set {
			if !v.Secret.Empty() && v.Source.Kind != credentials.FromDefault {
				t.Errorf("%s: %s came from %s", name, field, v.Source)
			}
		}
		if len(problems) != 3 || strings.Contains(fmt.Sprint(problems), "ACME_") {
			t.Errorf("%s: %v", name, problems)
		}
	}
	set, problems := w.store(t).Resolve(t.Context(), credentials.Query{
		Provider: "acme", Environment: credentials.Embedded, Fields: fields,
		Given:    map[string]string{"user": "demo", "password": "given"},
		GivenPEM: map[string][]byte{"key": []byte("PEM")},
		Options:  map[string]string{"password": "tried"},
	})
	for field, want := range map[string]string{"user": "demo", "password": "tried", "key": "PEM", "region": "eu"} {
		if got := set[field].Secret.Reveal(); got != want {
			t.Errorf("%s is %q, want %q", field, got, want)
		}
	}
	if len(problems) != 0 {
		t.Error(problems)
	}
}

func TestFiles(t *testing.T) {
	home := map[string]string{"HOME": "/home/me"}
	q := credentials.Query{Provider: "acme", Environment: "production", Fields: []credentials.Field{key}}
	for _, c := range []struct {
		name, config string
		options      map[string]string
		keyring      map[string]string
		file, source string
	}{
		{name: "option", options: map[string]string{"key": "/k.pem"}, file: "/k.pem", source: `option --set key, file "/k.pem"`},
		{name: "reference", config: "key = 'file:/k.pem'", file: "/k.pem", source: `profile, file:/k.pem, file "/k.pem"`},
		{name: "home", config: "key = 'file:~/k.pem'", file: "/home/me/k.pem", source: `profile, file:~/k.pem, file "/home/me/k.pem"`},
		{name: "kept whole", keyring: map[string]string{"acme/production/default/key": "PEM"}, source: `keyring item "acme/production/default/key"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := world{env: home, keyring: c.keyring, files: map[string]string{c.file: "PEM"}, config: "[acme.production.default]\n" + c.config}
			q.Options = c.options
			set, problems := w.store(t).Resolve(t.Context(), q)
			v := set["key"]
			if v.Secret.Reveal() != "PEM" || v.Source.String() != c.source || len(problems) != 0 {
				t.Errorf("got %q from %s, %v", v.Secret.Reveal(), v.Source, problems)
			}
			if c.file != "" && v.Source.Detail != c.file {
				t.Errorf("detail is %q, want the path", v.Source.Detail)
			}
		})
	}
}

func TestRelativePathsStartAtTheConfiguration(t *testing.T) {
	s := world{config: "[acme.production.default]\nkey = 'file:keys/k.pem'\nca_file = 'ca.pem'\nbase_url = 'https://api.acme.example'\n"}.store(t)
	s.ReadFile = credentials.ReadFile
	dir := filepath.Dir(s.Config.Path())
	write(t, filepath.Join(dir, "keys", "k.pem"), "PEM")
	q := credentials.Query{Provider: "acme", Environment: "production", Fields: []credentials.Field{key}}
	set, problems := s.Resolve(t.Context(), q)
	if set["key"].Secret.Reveal() != "PEM" {
		t.Error(problems)
	}
	base, ca := s.Endpoint(q)
	if base != "https://api.acme.example" || ca != filepath.Join(dir, "ca.pem") {
		t.Errorf("got %q, %q", base, ca)
	}
	q.Environment = credentials.Embedded
	if base, ca := s.Endpoint(q); base != "" || ca != "" {
		t.Errorf("the sandbox got %q, %q", base, ca)
	}
}

func TestProblems(t *testing.T) {
	const command = "countersign credentials set acme "
	for _, c := range []struct {
		name    string
		world   world
		query   credentials.Query
		field   credentials.Field
		message string
		hint    string
		warning bool
		value   string
	}{
		{name: "missing with a variable", field: password, message: "Password is missing",
			hint: "set the environment variable ACME_PASS, or store it: " + command + "password --environment production"},
		{name: "missing in a profile", field: password, query: credentials.Query{Profile: "new"},
			message: "Password is missing",
			hint:    "set the environment variable ACME_PASS_NEW, or store it: " + command + "password --environment production --profile new"},
		{name: "missing file", field: key, message: "Signing key is missing",
			hint: "give it with --set key=FILE, or store it: " + command + "key --environment production"},
		{name: "empty variable", field: password, world: world{env: map[string]string{"ACME_PASS": ""}},
			message: "Password is missing; the environment variable ACME_PASS is set, but empty"},
		{name: "empty option", field: user, query: credentials.Query{Options: map[string]string{"user": ""}},
			message: "User name is empty (from: option --set user)"},
		{name: "keyring hangs", field: password, world: world{broken: errors.New("the keyring is locked or not answering")},
			message: "Password is missing; the keyring could not be asked: the keyring is locked or not answering"},
		{name: "newline", field: password, world: world{env: map[string]string{"ACME_PASS": "hunter22\n"}}, warning: true, value: "hunter22\n",
			message: "Password ends in a newline; it is used as it is (from: environment variable ACME_PASS)",
			hint:    "if that is not meant, store the value again without it; printf %s writes no newline, echo does"},
		{name: "blank before", field: password, query: credentials.Query{Typed: typed{"password": sign.NewSecret("\u00a0x ")}}, warning: true, value: "\u00a0x ",
			message: "Password starts with a blank; it is used as it is (from: typed)"},
		{name: "blank after", field: password, query: credentials.Query{Typed: typed{"password": sign.NewSecret("x\t")}}, warning: true, value: "x\t",
			message: "Password ends in a blank; it is used as it is (from: typed)"},
		{name: "byte order mark", field: password, query: credentials.Query{Typed: typed{"password": sign.NewSecret("\ufeffx")}}, warning: true, value: "\ufeffx",
			message: "Password starts with a byte order mark; it is used as it is (from: typed)"},
		{name: "invisible", field: password, query: credentials.Query{Typed: typed{"password": sign.NewSecret("ab\u200bcd")}}, warning: true, value: "ab\u200bcd",
			message: "Password holds a character that cannot be seen, <U+200B> at byte 3, as copied text may hold; it is used as it is (from: typed)"},
		{name: "shape", field: pin, query: credentials.Query{Typed: typed{"pin": sign.NewSecret("12345")}}, value: "12345",
			message: "a pin has four digits", hint: "it comes from: typed"},
		{name: "file that is not there", field: key, query: credentials.Query{Options: map[string]string{"key": "/no\x1b[8m"}},
			message: `Signing key: option --set key, file "/no\x1b[8m": cannot read it: file does not exist`},
		{name: "reference to nothing", field: password, world: world{config: "[acme.production.default]\npassword = 'env:NOPE'\n",
			keyring: map[string]string{"acme/production/default/password": "must not be taken"}},
			message: "Password: profile, env:NOPE: the environment variable NOPE is not set or empty"},
		{name: "reference to an item that is not there", field: password, world: world{config: "[acme.production.default]\npassword = 'keyring:nope'\n"},
			message: "Password: profile, keyring:nope: not in the keyring"},
		{name: "optional", field: pin},
	} {
		t.Run(c.name, func(t *testing.T) {
			q := c.query
			q.Provider, q.Environment, q.Fields = "acme", "production", []credentials.Field{c.field}
			set, problems := c.world.store(t).Resolve(t.Context(), q)
			problems = slices.DeleteFunc(problems, func(p credentials.Problem) bool { return p.Field == "" })
			if got := set[c.field.Name].Secret.Reveal(); got != c.value {
				t.Errorf("the value is %q, want %q", got, c.value)
			}
			if c.message == "" {
				if len(problems) != 0 {
					t.Errorf("got %v", problems)
				}
				return
			}
			if len(problems) != 1 {
				t.Fatalf("got %v", problems)
			}
			p := problems[0]
			if p.Message != c.message || p.Warning != c.warning || p.Field != c.field.Name || c.hint != "" && p.Hint != c.hint {
				t.Errorf("got  %+v\nwant %q\nhint %q", p, c.message, c.hint)
			}
		})
	}
}

func TestAnUnknownProfileIsTold(t *testing.T) {
	w := world{config: "[acme.production.default]\nuser='me'\n[acme.production.new]\n"}
	q := credentials.Query{Provider: "acme", Environment: "production", Profile: "nwe", Fields: []credentials.Field{pin}}
	_, problems := w.store(t).Resolve(t.Context(), q)
	if len(problems) != 1 || problems[0].Message != `no profile "nwe" for acme production` || problems[0].Hint != `profiles kept: ["default" "new"]` {
		t.Errorf("got %+v", problems)
	}
	q.Profile = "new"
	if _, problems := w.store(t).Resolve(t.Context(), q); len(problems) != 0 {
		t.Errorf("got %+v", problems)
	}
}

// A keyring that hangs costs its time limit once, not once for each field.
func TestAKeyringThatFailsIsAskedOnce(t *testing.T) {
	s := world{}.store(t)
	k := &failing{err: credentials.ErrHanging}
	s.Keyring = k
	s.Resolve(t.Context(), credentials.Query{Provider: "acme", Environment: "production", Fields: fields})
	if k.asked != 1 {
		t.Errorf("asked %d times", k.asked)
	}
}

func TestAnEmptyStoreResolves(t *testing.T) {
	set, problems := (&credentials.Store{}).Resolve(t.Context(), credentials.Query{
		Provider: "acme", Environment: "production", Fields: fields, Options: map[string]string{"key": "/k"}})
	if len(set) != len(fields) || len(problems) != 3 {
		t.Errorf("got %v, %v", set, problems)
	}
}

func TestASetShowsNoValue(t *testing.T) {
	const canary = "CNRY-5b1f0c77"
	set, problems := world{}.store(t).Resolve(t.Context(), credentials.Query{Provider: "acme", Environment: "production", Fields: fields,
		Typed: typed{"password": sign.NewSecret(canary + "\n"), "user": sign.NewSecret(canary), "pin": sign.NewSecret(canary)}})
	data, err := json.Marshal(map[string]any{"set": set, "problems": problems})
	if err != nil {
		t.Fatal(err)
	}
	shown := string(data)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		shown += fmt.Sprintf(verb, set) + fmt.Sprintf(verb, problems)
	}
	if strings.Contains(shown, canary) || strings.Contains(shown, fmt.Sprintf("%x", canary)) {
		t.Errorf("a value is shown: %s", shown)
	}
	if set["user"].Secret.Reveal() != canary {
		t.Error("the canary was not there to be shown")
	}
}

func TestReadFileIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "big")
	write(t, path, strings.Repeat("x", 1<<20+1))
	if _, err := credentials.ReadFile(path); err == nil {
		t.Error("a file of more than 1 MiB was read")
	}
}
