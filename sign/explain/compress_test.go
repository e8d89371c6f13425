package explain

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"testing"

	"countersign/sign"
)

// A Go client that signs what it compressed, behind a proxy that decompresses it.
func TestSignedCompressed(t *testing.T) {
	const id, path, body = "3f2b8c1e-9d47-4a6b-8f10-2c5d7e9a1b34", "/api/v1/subscriptions/", `{"url":"https://example.test/hook","events":["a","a","a"]}`
	for _, tt := range []struct {
		level        int
		coding, want string
	}{
		{gzip.DefaultCompression, "gzip", "proved body-gzipped"},
		{gzip.DefaultCompression, "GZIP", "proved body-gzipped"},
		{gzip.NoCompression, "gzip", "likely content-encoding-undone"},
		{gzip.DefaultCompression, "br", "likely content-encoding-undone"},
		{gzip.DefaultCompression, "identity", ""},
	} {
		var packed bytes.Buffer
		z, err := gzip.NewWriterLevel(&packed, tt.level)
		if err != nil {
			t.Fatal(err)
		}
		z.Write([]byte(body))
		z.Close()
		mac := hmac.New(sha256.New, []byte("a-signing-secret"))
		mac.Write([]byte(id + path + packed.String()))
		e := Evidence{Secrets: []NamedSecret{{"signing_secret", "", sign.NewSecret("a-signing-secret")}}, Request: sign.Captured{Method: "POST", Target: path, Body: []byte(body), HasBody: true,
			Header: pairs("Authorization", "Bearer opaque", "Content-Encoding", tt.coding, jikoIdempotency, id, jikoSignature, base64.StdEncoding.EncodeToString(mac.Sum(nil)))}}
		var got string
		if r := Explain(context.Background(), Jiko, e, Budget{Candidates: 50_000}); len(r.Findings) > 0 {
			got = string(r.Findings[0].Proof) + " " + r.Findings[0].ID
		}
		if got != tt.want {
			t.Errorf("level %d, %s: %q, want %q", tt.level, tt.coding, got, tt.want)
		}
	}
}

// What Python compressed is known where an earlier request carried it: then it is this body, and not that of another request.
func TestSignedCompressedAsBefore(t *testing.T) {
	const id, path, body = "3f2b8c1e-9d47-4a6b-8f10-2c5d7e9a1b34", "/api/v1/subscriptions/", `{"url":"https://example.test/hook"}`
	var packed bytes.Buffer
	z, _ := gzip.NewWriterLevel(&packed, gzip.NoCompression)
	z.Write([]byte(body))
	z.Close()
	mac := hmac.New(sha256.New, []byte("a-signing-secret"))
	mac.Write([]byte(id + path + packed.String()))
	e := Evidence{Secrets: []NamedSecret{{"signing_secret", "", sign.NewSecret("a-signing-secret")}}, Earlier: []sign.Captured{{Method: "POST", Target: path, Body: packed.Bytes()}},
		Request: sign.Captured{Method: "POST", Target: path, Body: []byte(body), HasBody: true,
			Header: pairs("Authorization", "Bearer opaque", jikoIdempotency, id, jikoSignature, base64.StdEncoding.EncodeToString(mac.Sum(nil)))}}
	r := Explain(context.Background(), Jiko, e, Budget{Candidates: 50_000})
	if got := summary(r); got != "proved body-gzipped (also body-of-other-request)" {
		t.Error(got)
	}
}
