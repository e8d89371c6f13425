package credentials_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"countersign/flows/credentials"
)

// Instances that change the file at the same moment undo nothing of each other's: every answer that was given holds.
// Each instance is a process of its own, which is this test again.
func TestInstancesLoseNothing(t *testing.T) {
	const each = 12
	if path := os.Getenv("COUNTERSIGN_TEST_CONFIG"); path != "" {
		c, err := credentials.LoadConfig(path, catalog)
		if err != nil {
			t.Fatal(err)
		}
		for i := range each {
			if err := c.Put("acme", "production", fmt.Sprint(os.Getenv("COUNTERSIGN_TEST_NAME"), i), "user", "me"); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	c, err := load(t, "version = 1\n# mine\n")
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"a", "b", "c", "d"}
	var wg sync.WaitGroup
	for _, name := range names {
		wg.Go(func() {
			again := exec.Command(os.Args[0], "-test.run=^TestInstancesLoseNothing$")
			again.Env = append(os.Environ(), "COUNTERSIGN_TEST_CONFIG="+c.Path(), "COUNTERSIGN_TEST_NAME="+name)
			if out, err := again.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	wg.Wait()
	after, err := credentials.LoadConfig(c.Path(), catalog)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(after.Profiles("acme", "production")); n != each*len(names) {
		t.Errorf("%d profiles, want %d", n, each*len(names))
	}
	if text := read(t, c.Path()); !strings.HasPrefix(text, "version = 1\n# mine\n") {
		t.Errorf("the beginning is %.40q", text)
	}
}

func TestConfigBeginsAndEndsProfiles(t *testing.T) {
	const before = "version = 1\n\n# old\n[acme.production.default]\nuser = \"me\"\n\n# to come\n[acme.sandbox.default]\n"
	c, err := load(t, before)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Begin("acme", "production", "new"); err != nil {
		t.Fatal(err)
	}
	if p, ok := c.Profile("acme", "production", "new"); !ok || len(p.Values) != 0 {
		t.Errorf("got %+v, %v", p, ok)
	}
	if err := c.Put("acme", "production", "new", "user", "you"); err != nil {
		t.Fatal(err)
	}
	if got, want := read(t, c.Path()), before+"\n[acme.production.new]\nuser = \"you\"\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, refused := range []error{
		c.Begin("acme", "production", "new"), c.Begin("acme", "production", "a/b"), c.Begin("acme", "nowhere", "x"), c.Begin("emca", "production", "x"),
	} {
		if refused == nil {
			t.Error("a profile was begun that is there, or cannot be")
		}
	}
	for range 2 { // the second time there is nothing to end
		if err := c.End("acme", "production", "new"); err != nil {
			t.Fatal(err)
		}
		if got := read(t, c.Path()); got != before {
			t.Errorf("got\n%s\nwant\n%s", got, before)
		}
	}
	if err := c.End("acme", "production", "default"); err != nil {
		t.Fatal(err)
	}
	if got, want := read(t, c.Path()), "version = 1\n\n# old\n\n# to come\n[acme.sandbox.default]\n"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestEndRefusesWhatItCannotEdit(t *testing.T) {
	const text = "[acme.production]\ndefault.user = 'a'\n"
	c, err := load(t, text)
	if err != nil {
		t.Fatal(err)
	}
	var fault *credentials.ConfigError
	if err := c.End("acme", "production", "default"); !errors.As(err, &fault) || read(t, c.Path()) != text {
		t.Errorf("got %v", err)
	}
}
