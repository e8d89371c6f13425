package capture

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"countersign/sign"
)

// RawHTTP reads a request as it goes over the wire, with CRLF or LF line ends: request line, header fields, an empty
// line, the body. The target may be in origin-form or absolute-form; Host may be missing. HTTP/2 pseudo-headers and
// the lines of curl -v that begin with "> " are read too.
//
// The body is kept byte for byte. Where it ends is told by Content-Length: a line end behind that many bytes
// belongs to the editor. Without Content-Length one line end at the very end is taken for the editor's
// and dropped, with a remark. A chunked body is decoded.
func RawHTTP(text []byte) (sign.Captured, []Remark, error) {
	if len(text) > MaxText {
		return sign.Captured{}, nil, fmt.Errorf("the text has %d bytes; at most %d are read", len(text), MaxText)
	}
	r := raw{rest: bytes.TrimLeft(text, "\r\n")}
	if bytes.HasPrefix(r.rest, []byte("> ")) {
		r.rest = verbose(r.rest)
		r.remark("the lines were read as the output of curl -v, which has no body")
	}
	if err := r.head(); err != nil {
		return sign.Captured{}, nil, err
	}
	r.body()
	if _, ok := r.c.Get("Host"); !ok && r.c.Authority == "" {
		r.remark("there is no Host header, so the host is not known")
	}
	return r.c, r.remarks, nil
}

// raw reads a request.
type raw struct {
	rest    []byte
	line    int
	c       sign.Captured
	remarks []Remark
	ended   bool // there is an empty line behind the header
}

func (r *raw) remark(format string, a ...any) {
	r.remarks = append(r.remarks, Remark(fmt.Sprintf(format, a...)))
}

// verbose keeps the lines of the request.
func verbose(text []byte) []byte {
	var out []byte
	for line := range bytes.Lines(text) {
		if kept, ok := bytes.CutPrefix(line, []byte(">")); ok {
			out = append(out, bytes.TrimPrefix(kept, []byte(" "))...)
		}
	}
	return out
}

// next returns the next line without its end.
func (r *raw) next() (string, bool) {
	if len(r.rest) == 0 {
		return "", false
	}
	line, rest, _ := bytes.Cut(r.rest, []byte("\n"))
	r.rest = rest
	r.line++
	return string(bytes.TrimSuffix(line, []byte("\r"))), true
}

// head reads the request line and the header fields.
func (r *raw) head() error {
	first, _ := r.next()
	if strings.HasPrefix(first, ":") {
		if err := r.pseudo(first); err != nil {
			return err
		}
	} else if err := r.requestLine(first); err != nil {
		return err
	}
	for {
		line, ok := r.next()
		if !ok {
			break
		}
		if line == "" {
			r.ended = true
			break
		}
		if err := r.field(line); err != nil {
			return err
		}
	}
	if r.c.Method == "" || r.c.Target == "" {
		return errors.New("the request has no method or no path")
	}
	if host, ok := r.c.Get("Host"); ok && r.c.Authority == "" {
		r.c.Authority = strings.TrimSpace(host)
	}
	return nil
}

// requestLine reads METHOD SP target SP version; the version may be missing.
func (r *raw) requestLine(line string) error {
	f := strings.Fields(line)
	switch {
	case len(f) < 2 || len(f) > 3 || !isToken(f[0]):
		return fmt.Errorf("line 1 is no request line; it must read like POST /v1/orders HTTP/1.1, and is %s", short(line))
	case len(f) == 3 && !strings.HasPrefix(f[2], "HTTP/"):
		return fmt.Errorf("line 1 ends in %s, not in an HTTP version; encode blanks in the path as %%20", short(f[2]))
	}
	r.c.Method, r.c.Target = f[0], f[1]
	if strings.Contains(f[1], "://") && !strings.HasPrefix(f[1], "/") {
		scheme, _, authority, target, err := splitURL(f[1])
		if err != nil {
			return fmt.Errorf("line 1: %w", err)
		}
		r.c.Scheme, r.c.Authority, r.c.Target = scheme, authority, target
	} else if !strings.HasPrefix(f[1], "/") {
		return fmt.Errorf("line 1: the path %s does not begin with /", short(f[1]))
	}
	return nil
}

// pseudo reads the pseudo-headers of HTTP/2 (RFC 9113 section 8.3.1), which stand first.
func (r *raw) pseudo(line string) error {
	for {
		name, value, ok := strings.Cut(line[1:], ":")
		if !ok {
			return fmt.Errorf("line %d has no colon behind the name: %s", r.line, short(line))
		}
		switch value = strings.TrimSpace(value); name {
		case "method":
			r.c.Method = value
		case "path":
			r.c.Target = value
		case "scheme":
			r.c.Scheme = value
		case "authority":
			r.c.Authority = value
		}
		if len(r.rest) == 0 || r.rest[0] != ':' {
			if r.c.Target != "" && !strings.HasPrefix(r.c.Target, "/") || r.c.Method != "" && !isToken(r.c.Method) {
				return fmt.Errorf("the pseudo-headers give %s %s, which is no request", short(r.c.Method), short(r.c.Target))
			}
			return nil
		}
		line, _ = r.next()
	}
}

// field reads a header field, or the continuation of one (RFC 9112 section 5.2).
func (r *raw) field(line string) error {
	if n := len(r.c.Header); (line[0] == ' ' || line[0] == '\t') && n > 0 {
		r.c.Header[n-1].Value += " " + strings.Trim(line, " \t")
		r.remark("line %d continues the header %s; it was joined with a blank", r.line, r.c.Header[n-1].Name)
		return nil
	}
	name, value, ok := strings.Cut(line, ":")
	if !ok || !isToken(name) {
		return fmt.Errorf("line %d is no header field; it must read like Name: value, or be empty in front of the body", r.line)
	}
	if len(r.c.Header) == maxHeaders {
		return fmt.Errorf("there are more than %d header fields", maxHeaders)
	}
	r.c.Header = append(r.c.Header, sign.Pair{Name: name, Value: strings.Trim(value, " \t")})
	return nil
}

// body takes what is left.
func (r *raw) body() {
	b := r.rest
	if !r.ended || len(b) == 0 {
		return
	}
	r.c.HasBody = true
	if coding, ok := r.c.Get("Transfer-Encoding"); ok && strings.EqualFold(strings.TrimSpace(coding), "chunked") {
		if out, ok := dechunk(b); ok {
			r.c.Body = out
			return
		}
		r.remark("the header says chunked, but the body has no chunks; it was taken as it is")
	}
	length, ok := r.c.Get("Content-Length")
	n, err := strconv.Atoi(strings.TrimSpace(length))
	if !ok || err != nil || n < 0 {
		r.c.Body = r.withoutLineEnd(b)
		r.c.HasBody = len(r.c.Body) > 0
		return
	}
	r.c.Body = r.fit(b, n)
	r.c.HasBody = len(r.c.Body) > 0 || n > 0
}

// withoutLineEnd drops one line end, which an editor or a here-document added.
func (r *raw) withoutLineEnd(b []byte) []byte {
	cut := bytes.TrimSuffix(bytes.TrimSuffix(b, []byte("\n")), []byte("\r"))
	if len(cut) < len(b) && bytes.HasSuffix(b, []byte("\n")) {
		r.remark("there is no Content-Length; the line end behind the body was taken for the editor's and dropped")
		return cut
	}
	return b
}

// fit makes the body as long as Content-Length says, if only line ends are in the way.
func (r *raw) fit(b []byte, n int) []byte {
	if len(b) == n {
		return b
	}
	if len(b) > n && len(bytes.Trim(b[n:], "\r\n")) == 0 {
		return b[:n]
	}
	crlf := bytes.ReplaceAll(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
	for _, c := range [][]byte{crlf, bytes.TrimSuffix(crlf, []byte("\r\n"))} {
		if len(c) == n {
			r.remark("the line ends of the body were read as CRLF: so it has the %d bytes that Content-Length says", n)
			return c
		}
	}
	lf := bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
	for _, c := range [][]byte{lf, bytes.TrimSuffix(lf, []byte("\n"))} {
		if len(c) == n {
			r.remark("the line ends of the body were read as LF: so it has the %d bytes that Content-Length says", n)
			return c
		}
	}
	b = bytes.TrimSuffix(bytes.TrimSuffix(b, []byte("\n")), []byte("\r"))
	r.remark("Content-Length says %d bytes, the body has %d: the text was changed on its way here, or the client sent a wrong length", n, len(b))
	return b
}

// dechunk decodes a chunked body (RFC 9112 section 7.1); false when it is none.
func dechunk(b []byte) ([]byte, bool) {
	out := []byte{}
	for {
		line, rest, ok := bytes.Cut(b, []byte("\n"))
		size, _, _ := strings.Cut(string(bytes.TrimSpace(line)), ";")
		n, err := strconv.ParseUint(strings.TrimSpace(size), 16, 31)
		if !ok && n != 0 || err != nil || uint64(len(rest)) < n {
			return nil, false
		}
		if n == 0 {
			return out, true
		}
		out, b = append(out, rest[:n]...), rest[n:]
		b = bytes.TrimPrefix(bytes.TrimPrefix(b, []byte("\r")), []byte("\n"))
	}
}

// isToken reports whether s can be a method or a field name (RFC 9110 section 5.6.2).
func isToken(s string) bool {
	for _, c := range []byte(s) {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0) {
			return false
		}
	}
	return s != ""
}
