package sign

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

const canary = "CNRY-6f1d9a52c0e34b7f"

// holder has a secret where reflection-based printers look first: exported, unexported, nested, as a key.
type holder struct {
	Exported Secret
	hidden   Secret
	Nested   *struct{ inner Secret }
	Keys     map[Secret]string
	List     []Secret
}

func TestSecretNeverPrints(t *testing.T) {
	s := NewSecret(canary)
	h := holder{s, s, &struct{ inner Secret }{s}, map[Secret]string{s: "k"}, []Secret{s}}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T"} {
		fmt.Fprintf(&out, verb, h)
		fmt.Fprintf(&out, verb, &h)
		fmt.Fprintf(&out, verb, s)
	}
	j, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(j)
	slog.New(slog.NewTextHandler(&out, nil)).Info("m", "holder", h, "secret", s)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "holder", h, "secret", s)
	fmt.Fprintln(&out, fmt.Errorf("wrapped: %v %w", s, fmt.Errorf("%v", h)))

	for name, form := range map[string]string{
		"raw":       canary,
		"hex":       fmt.Sprintf("%x", canary),
		"HEX":       fmt.Sprintf("%X", canary),
		"bytes":     strings.Trim(fmt.Sprint([]byte(canary)), "[]"),
		"go syntax": strings.Trim(strings.TrimPrefix(fmt.Sprintf("%#v", []byte(canary)), "[]byte"), "{}"),
	} {
		if strings.Contains(out.String(), form) {
			t.Errorf("%s form of the secret was printed: %s", name, out.String())
		}
	}
	if !strings.Contains(out.String(), mask) {
		t.Error("the mask is missing, so the printers were not exercised")
	}
}

func TestSecretFingerprint(t *testing.T) {
	if a, b := NewSecret(canary).Fingerprint(), NewSecret(canary).Fingerprint(); a != b || len(a) != 12 {
		t.Errorf("fingerprints of equal secrets: %q and %q", a, b)
	}
	if f := NewSecret("short").Fingerprint(); f != "" {
		t.Errorf("a short secret has fingerprint %q", f)
	}
}
