package leak_test

import (
	"os"
	"path/filepath"
	"testing"

	"countersign/history/leak"
)

// The control of every test that finds nothing: each form that is planted on purpose is found.
func TestEveryFormIsFound(t *testing.T) {
	const secret = `CNRY-4f2a&"/+9c0d1e`
	secrets := map[string]string{"planted": secret}
	for form, s := range leak.Forms(secret) {
		dir := filepath.Join(t.TempDir(), "deep", "below")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "file"), []byte("text before "+s+" text behind"), 0o600); err != nil {
			t.Fatal(err)
		}
		if found, err := leak.Below(filepath.Dir(dir), secrets); err != nil || len(found) == 0 {
			t.Errorf("%s was planted and not found, %v", form, err)
		}
	}
	if found := leak.In([]byte("CNRY-4f2a and 9c0d1e, but not together"), secrets); len(found) > 0 {
		t.Errorf("found %q where there is none", found)
	}
}
