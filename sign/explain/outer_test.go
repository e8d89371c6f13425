package explain

import (
	"bytes"
	"testing"
)

// What is not UTF-8 has no form in UTF-16. It must stay as it is: an empty message in its place would turn the HMAC of
// nothing into a proof of this mistake.
func TestUTF16OfTheWholeMessage(t *testing.T) {
	if got := outer(outerUTF16LE, []byte("a/é")); !bytes.Equal(got, []byte("a\x00/\x00\xe9\x00")) {
		t.Errorf("low byte first: % x", got)
	}
	if got := outer(outerUTF16BE, []byte("a/é")); !bytes.Equal(got, []byte("\x00a\x00/\x00\xe9")) {
		t.Errorf("high byte first: % x", got)
	}
	for _, code := range []byte{outerUTF16LE, outerUTF16BE} {
		if got := outer(code, []byte("a\xff")); !bytes.Equal(got, []byte("a\xff")) {
			t.Errorf("code %d: % x", code, got)
		}
	}
}
