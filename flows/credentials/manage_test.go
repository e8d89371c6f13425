package credentials_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"countersign/flows/credentials"
	"countersign/sign"
)

// production asks for all fields of the partner's production.
var production = credentials.Query{Provider: "acme", Environment: "production", Fields: fields}

func TestPutKeepsASecretInTheKeyring(t *testing.T) {
	s := world{config: "version = 1\n"}.store(t)
	const canary = "CNRY-0d4f6a"
	got, err := s.Put(t.Context(), production, "password", sign.NewSecret(canary))
	want := credentials.Stored{Field: "password", Where: credentials.InKeyring, Detail: "acme/production/default/password"}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	if v, err := s.Keyring.Get(t.Context(), got.Detail); err != nil || v.Reveal() != canary {
		t.Errorf("the keyring holds %q, %v", v.Reveal(), err)
	}
	data, _ := os.ReadFile(s.Config.Path())
	if !strings.Contains(string(data), `password = "keyring:acme/production/default/password"`) || strings.Contains(string(data), canary) {
		t.Errorf("the configuration is %s", data)
	}
	set, _ := s.Resolve(t.Context(), production)
	if set["password"].Secret.Reveal() != canary {
		t.Errorf("it is not found again: %v", set["password"])
	}
}

// There is no silent fallback: the answer names memory and the reason, and no file holds the value.
func TestPutSaysWhenOnlyMemoryIsLeft(t *testing.T) {
	s := world{config: "version = 1\n", broken: fmt.Errorf("no OS keyring here: %w", credentials.ErrUnavailable)}.store(t)
	got, err := s.Put(t.Context(), production, "password", sign.NewSecret("CNRY-0d4f6a"))
	if err != nil || got.Where != credentials.InMemory || got.Why != "no OS keyring here: no keyring" {
		t.Errorf("got %+v, %v", got, err)
	}
	set, _ := s.Resolve(t.Context(), production)
	if v := set["password"]; v.Secret.Reveal() != "CNRY-0d4f6a" || v.Source.Kind != credentials.FromMemory {
		t.Errorf("got %+v", v)
	}
	filepath.WalkDir(filepath.Dir(s.Config.Path()), func(path string, d os.DirEntry, err error) error {
		if data, _ := os.ReadFile(path); strings.Contains(string(data), "CNRY") {
			t.Errorf("%s holds the value", path)
		}
		return nil
	})
	s.Memory = nil
	if _, err := s.Put(t.Context(), production, "password", sign.NewSecret("CNRY")); !errors.Is(err, credentials.ErrUnavailable) {
		t.Errorf("without memory: %v", err)
	}
}

// A value that could only be kept in memory is found although the profile refers to the keyring.
func TestMemoryStandsInForAReference(t *testing.T) {
	const item = "acme/production/default/password"
	s := world{config: "[acme.production.default]\npassword = 'keyring:" + item + "'\n", memory: map[string]string{item: "kept"}}.store(t)
	set, problems := s.Resolve(t.Context(), credentials.Query{Provider: "acme", Environment: "production", Fields: []credentials.Field{password}})
	if v := set["password"]; v.Secret.Reveal() != "kept" || v.Source.Kind != credentials.FromMemory || len(problems) != 0 {
		t.Errorf("got %+v, %v", v, problems)
	}
}

func TestPutWritesOtherValuesIntoTheProfile(t *testing.T) {
	s := world{config: "version = 1\n", files: map[string]string{"/k.pem": "PEM"}}.store(t)
	q := production
	q.Profile = "new"
	for field, value := range map[string]string{"user": "me\n", "key": "/k.pem"} {
		got, err := s.Put(t.Context(), q, field, sign.NewSecret(value))
		if err != nil || got.Where != credentials.InConfig || got.Detail != s.Config.Path() {
			t.Errorf("%s: got %+v, %v", field, got, err)
		}
		if field == "user" && (len(got.Problems) != 1 || !strings.Contains(got.Problems[0].Message, "ends in a newline")) {
			t.Errorf("got %v", got.Problems)
		}
	}
	p, _ := s.Config.Profile("acme", "production", "new")
	if p.Values["user"] != "me\n" || p.Values["key"] != "file:/k.pem" {
		t.Errorf("got %+v", p)
	}
}

func TestPutReference(t *testing.T) {
	s := world{config: "version = 1\n"}.store(t)
	if got, err := s.PutReference(t.Context(), production, "password", "env:VAULT_PASS"); err != nil || got.Where != credentials.InConfig {
		t.Errorf("got %+v, %v", got, err)
	}
	if p, _ := s.Config.Profile("acme", "production", "default"); p.Values["password"] != "env:VAULT_PASS" {
		t.Errorf("got %+v", p)
	}
	for _, bad := range []string{"hunter22", "env:a b", "keyring:", "file:"} {
		if _, err := s.PutReference(t.Context(), production, "password", bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestPutRefuses(t *testing.T) {
	for _, c := range []struct {
		name, field, value, environment, profile, want string
	}{
		{"the sandbox", "password", "x", credentials.Embedded, "", "the embedded sandbox makes its own credentials"},
		{"an unknown field", "passwort", "x", "production", "", `acme has no field "passwort"; it has user, password, key, region, pin`},
		{"an unknown environment", "password", "x", "prod", "", `acme has no environment "prod"; it has sandbox, production`},
		{"a profile name with a slash", "password", "x", "production", "a/b", `"a/b" cannot name a profile`},
		{"nothing", "password", "", "production", "", "there is no value"},
		{"a file that is not there", "key", "/nope", "production", "", `cannot read "/nope": file does not exist`},
		{"the content of a file", "key", "-----BEGIN PRIVATE KEY-----", "production", "", "give its path"},
		{"a reference as a name", "user", "env:X", "production", "", "looks like a reference"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := world{config: "version = 1\n"}.store(t)
			q := production
			q.Environment, q.Profile = c.environment, c.profile
			got, err := s.Put(t.Context(), q, c.field, sign.NewSecret(c.value))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestPutStoresAnOddShapeAndSaysSo(t *testing.T) {
	s := world{}.store(t)
	got, err := s.Put(t.Context(), production, "pin", sign.NewSecret("12345"))
	if err != nil || got.Where != credentials.InKeyring || len(got.Problems) != 1 || got.Problems[0].Message != "a pin has four digits" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestListShowsSourcesAndFingerprints(t *testing.T) {
	s := world{env: map[string]string{"ACME_USER": "me-and-my-user"}, keyring: map[string]string{"acme/production/default/password": "hunter2222"}}.store(t)
	records := s.List(t.Context(), production)
	if len(records) != len(fields) {
		t.Fatalf("%d records", len(records))
	}
	u, p, k := records[0], records[1], records[2]
	if !u.Set || u.Source.String() != "environment variable ACME_USER" || u.Fingerprint != "" {
		t.Errorf("got %+v", u)
	}
	if !p.Set || p.Source.Kind != credentials.FromKeyring || p.Fingerprint != sign.NewSecret("hunter2222").Fingerprint() {
		t.Errorf("got %+v", p)
	}
	if k.Set || k.Source.Kind != credentials.Missing || len(k.Problems) != 1 {
		t.Errorf("got %+v", k)
	}
	if all := fmt.Sprintf("%+v", records); strings.Contains(all, "hunter2222") || strings.Contains(all, "me-and-my-user") {
		t.Errorf("a value is shown: %s", all)
	}
}

func TestRemove(t *testing.T) {
	const item = "acme/production/default/password"
	w := world{
		env:     map[string]string{"ACME_PASS": "x"},
		keyring: map[string]string{item: "a"}, memory: map[string]string{item: "b"},
		config: "[acme.production.default]\npassword = 'keyring:" + item + "'\n",
	}
	s := w.store(t)
	got, err := s.Remove(t.Context(), production, "password")
	if err != nil || fmt.Sprint(got.From) != "[memory keyring config]" || got.Still == nil || got.Still.String() != "environment variable ACME_PASS" {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := s.Keyring.Get(t.Context(), item); !errors.Is(err, credentials.ErrNotFound) {
		t.Errorf("the keyring: %v", err)
	}
	delete(w.env, "ACME_PASS")
	got, err = s.Remove(t.Context(), production, "password")
	if err != nil || len(got.From) != 0 || got.Still != nil {
		t.Errorf("a second time: %+v, %v", got, err)
	}
}

// A keyring that cannot be reached is told, and the rest is cleared all the same.
func TestRemoveWithoutAKeyring(t *testing.T) {
	s := world{memory: map[string]string{"acme/production/default/password": "b"},
		config: "[acme.production.default]\npassword = 'env:NOPE'\n", broken: credentials.ErrHanging}.store(t)
	got, err := s.Remove(t.Context(), production, "password")
	if !errors.Is(err, credentials.ErrHanging) || fmt.Sprint(got.From) != "[memory config]" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestRemoveProfile(t *testing.T) {
	const item = "acme/production/old/password"
	w := world{keyring: map[string]string{item: "a", "acme/production/default/password": "b"},
		config: "[acme.production.default]\nuser = 'me'\n\n[acme.production.old]\nbase_url = 'https://a.example'\npassword = 'keyring:" + item + "'\n"}
	s := w.store(t)
	q := production
	q.Profile = "old"
	working := s.Keyring
	s.Keyring = &failing{err: credentials.ErrLocked}
	if err := s.RemoveProfile(t.Context(), q); !errors.Is(err, credentials.ErrLocked) {
		t.Errorf("with a locked keyring: %v", err)
	}
	if _, there := s.Config.Profile("acme", "production", "old"); !there {
		t.Error("the profile is gone although a secret of it is left")
	}
	s.Keyring = working
	if err := s.RemoveProfile(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Keyring.Get(t.Context(), item); !errors.Is(err, credentials.ErrNotFound) {
		t.Errorf("the keyring: %v", err)
	}
	if v, err := s.Keyring.Get(t.Context(), "acme/production/default/password"); err != nil || v.Reveal() != "b" {
		t.Errorf("the other profile lost its secret: %v", err)
	}
	if data, _ := os.ReadFile(s.Config.Path()); string(data) != "[acme.production.default]\nuser = 'me'\n" {
		t.Errorf("the configuration is %q", data)
	}
}
