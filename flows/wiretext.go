package flows

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"countersign/sign"
	"countersign/sign/untrusted"
)

// difference says how the bytes on the wire differ from the request that was signed: request line, header
// fields, body. Fields that the transport adds (Host, Content-Length, Connection) are no difference.
func difference(sent []byte, r sign.Request) string {
	head, body, ok := bytes.Cut(sent, []byte("\r\n\r\n"))
	lines := strings.Split(string(head), "\r\n")
	if want := r.Method + " " + r.Target() + " HTTP/1.1"; lines[0] != want {
		return fmt.Sprintf("the request line on the wire is %q, signed was %q", lines[0], want)
	}
	lines = lines[1:]
	for _, h := range r.Header {
		i := slices.Index(lines, h.Name+": "+string(h.Value.Wire()))
		if i < 0 {
			return fmt.Sprintf("header %s did not go out as it was prepared", h.Name)
		}
		lines = slices.Delete(lines, i, i+1)
	}
	for _, line := range lines {
		name, _, _ := strings.Cut(line, ":")
		if line != "Host: "+r.Authority && name != "Content-Length" && name != "Connection" {
			return fmt.Sprintf("header %q went out and was not prepared", name)
		}
	}
	if want := r.Body.Wire(); !ok || !bytes.Equal(body, want) {
		return fmt.Sprintf("the body on the wire has %d bytes, signed were %d", len(body), len(want))
	}
	return ""
}

// sendable refuses what net/http would send in another form than it was signed in.
func sendable(r sign.Request) *Error {
	agents := 0
	for _, h := range r.Header {
		if h.Name == "User-Agent" {
			agents++
		}
		if h.Name == "User-Agent" && (agents > 1 || h.Value.Len() == 0) {
			return usage(StepCanonical, h.Name, "write user-agent in lower case to send it all the same", "header User-Agent can go out once, and not empty")
		}
	}
	switch {
	case r.Method == http.MethodConnect:
		return usage(StepCanonical, "method", "", "method CONNECT asks for a tunnel; no partner takes it")
	case wireURL(r).RequestURI() != r.Target():
		return usage(StepCanonical, "path", "percent-encode it, or begin it with one slash", "path %q cannot be sent as it stands", r.Path)
	}
	return nil
}

// headers are the fields of the answer in the order and case in which they arrived, or sorted as net/http read them
// where our reading of the bytes differs from its own: folded lines, bare line feeds, a head that is too long.
func (w *wire) headers(parsed http.Header) []ResponseHeader {
	w.mu.Lock()
	head := string(w.head)
	w.mu.Unlock()
	var list []ResponseHeader
	for _, line := range strings.Split(finalHead(head), "\r\n")[1:] {
		if name, value, ok := strings.Cut(line, ":"); ok {
			list = append(list, ResponseHeader{untrusted.From(name), untrusted.From(strings.Trim(value, " \t"))})
		}
	}
	if agrees(list, parsed) {
		return list
	}
	list = list[:0]
	for name, values := range parsed {
		for _, v := range values {
			list = append(list, ResponseHeader{untrusted.From(name), untrusted.From(v)})
		}
	}
	slices.SortStableFunc(list, func(a, b ResponseHeader) int { return strings.Compare(a.Name.Raw(), b.Name.Raw()) })
	return list
}

// finalHead is the head of the last answer, behind interim ones (1xx but for 101, RFC 9110 section 15.2); it may be empty.
func finalHead(received string) string {
	for {
		head, rest, complete := strings.Cut(received, "\r\n\r\n")
		if !complete {
			return ""
		}
		if len(head) < 12 || head[8:10] != " 1" || head[9:12] == "101" {
			return head
		}
		received = rest
	}
}

// agrees reports whether fields read from the bytes are those that net/http read, which takes some away and may add one.
func agrees(list []ResponseHeader, parsed http.Header) bool {
	read := http.Header{}
	for _, f := range list {
		read.Add(f.Name.Raw(), f.Value.Raw())
	}
	for name, values := range parsed {
		if name != "Content-Length" && name != "Cache-Control" && !slices.Equal(values, read[name]) {
			return false
		}
	}
	for name := range read {
		_, known := parsed[name]
		if !known && !slices.Contains([]string{"Connection", "Content-Length", "Trailer", "Transfer-Encoding"}, name) {
			return false
		}
	}
	return true
}

// wireURL makes net/http write path and query exactly as they were signed.
func wireURL(r sign.Request) *url.URL {
	u := &url.URL{Scheme: r.Scheme, Host: r.Authority, Opaque: r.Path, RawQuery: strings.TrimPrefix(r.Query, "?"), ForceQuery: r.Query == "?"}
	if strings.HasPrefix(r.Path, "//") { // net/http would take an opaque // for the absolute form
		u.Opaque, u.Path, u.RawPath = "", r.Path, r.Path
		if p, err := url.PathUnescape(r.Path); err == nil {
			u.Path = p
		}
	}
	return u
}
