package sign

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"testing"
)

func TestMACIsHMACSHA256AndIsReadyAgainAfterReset(t *testing.T) {
	s := NewSecret("demo-shared-signing-secret")
	m := s.MAC(sha256.New)
	for _, message := range []string{"first", "second"} {
		m.Reset()
		m.Write([]byte(message))
		if got, want := m.Sum(nil), s.HMACSHA256([]byte(message)); !bytes.Equal(got, want) {
			t.Errorf("MAC of %q is %x, want %x", message, got, want)
		}
	}
}

func TestDerivedSecretIsMasked(t *testing.T) {
	d := NewSecret("hunter2").Derive(func(b []byte) []byte { return append(bytes.Clone(b), '\n') })
	if got := fmt.Sprintf("%s %x %v", d, d, d); got != "[secret] [secret] [secret]" {
		t.Errorf("a derived secret prints as %q", got)
	}
	if !d.Equal(NewSecret("hunter2\n")) {
		t.Error("the derived secret is not what the function made")
	}
}

func TestHashIntoWritesTheValue(t *testing.T) {
	h := sha256.New()
	NewSecret("abc").HashInto(h)
	if want := sha256.Sum256([]byte("abc")); !bytes.Equal(h.Sum(nil), want[:]) {
		t.Error("HashInto did not write the value")
	}
}
