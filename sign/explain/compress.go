package explain

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Bounds on what is decompressed and compressed.
const (
	maxGunzip = 1 << 20
	maxGzip   = 64 << 10
)

// decompressed is what a body in gzip or zlib holds; nil when it is neither, or too much.
func decompressed(b []byte) []byte {
	var z io.Reader
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		if z, err = zlib.NewReader(bytes.NewReader(b)); err != nil {
			return nil
		}
	}
	out, err := io.ReadAll(io.LimitReader(z, maxGunzip+1))
	if err != nil || len(out) > maxGunzip {
		return nil
	}
	return append([]byte{}, out...)
}

// compressed yields the body as an earlier request carried it compressed, and as Go's gzip.NewWriter writes it, where
// Content-Encoding says that it was compressed: that takes long. Others cannot be followed: a text has many compressed
// forms, and Python's hold the time of day.
func compressed(s *scene, v []byte, yield yielder) {
	for i, c := range s.e.Earlier {
		if i < maxEarlier && len(v) > 0 && bytes.HasPrefix(c.Body, []byte{0x1f, 0x8b}) && bytes.Equal(decompressed(c.Body), v) {
			yield(c.Body, "as in an earlier request")
		}
	}
	if coding, _ := s.r.Get("Content-Encoding"); !strings.EqualFold(coding, "gzip") || len(v) == 0 || len(v) > maxGzip {
		return
	}
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	z.Write(v) // a buffer takes whatever is written
	z.Close()
	yield(out.Bytes(), "")
}

// encoding tells of a body that was compressed once and is not any more. Then a signature over the compressed bytes
// cannot be recomputed, and that the search found nothing means little.
func (x *examination) encoding() {
	coding, ok := x.e.Request.Get("Content-Encoding")
	if !ok || x.verified || x.matched != nil || strings.EqualFold(coding, "identity") || len(x.e.Request.Body) == 0 || !utf8.Valid(x.e.Request.Body) {
		return
	}
	x.find("content-encoding-undone", Likely, false, fmt.Sprintf("Content-Encoding is %s, and the %d bytes of the body are plain text", quote(coding), len(x.e.Request.Body)))
}
