package sandbox

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
)

// maxRecord bounds what is kept of one request: a body of the largest size, its head, and its transfer coding.
const maxRecord = maxBody + 128<<10

// maxConnections bounds the connections of one partner; more wait in the kernel's queue.
const maxConnections = 128

// recordingListener speaks TLS and keeps what arrives. TLS is done here and not by http.Server, because only under the
// HTTP parser can the order, the case and the very bytes of a request be seen. HTTP/1.1 is the only protocol offered.
type recordingListener struct {
	net.Listener
	config *tls.Config
	broken func(*recorder, error) // a connection that failed before or without a request
	slots  chan struct{}
}

func (l *recordingListener) Accept() (net.Conn, error) {
	l.slots <- struct{}{}
	raw, err := l.Listener.Accept()
	if err != nil {
		<-l.slots
		return nil, err
	}
	return &recorder{Conn: tls.Server(raw, l.config), raw: raw, listener: l}, nil
}

// recorder is a TLS connection that remembers the bytes of the request that is being read.
type recorder struct {
	*tls.Conn
	raw      net.Conn
	listener *recordingListener
	close    sync.Once

	mu        sync.Mutex // net/http reads ahead in a goroutine of its own
	shaken    bool
	pending   []byte
	overflow  bool
	answering bool
	over      bool   // no further request is expected, whatever still arrives
	refusal   []byte // the start of what net/http itself wrote, without a handler
}

// Read does the handshake first, so that its failure can be reported. net/http has set the deadline.
func (r *recorder) Read(b []byte) (int, error) {
	if err := r.shake(); err != nil {
		return 0, err
	}
	n, err := r.Conn.Read(b)
	r.mu.Lock()
	defer r.mu.Unlock()
	room := maxRecord - len(r.pending)
	if n > room {
		r.overflow = true
	}
	r.pending = append(r.pending, b[:min(n, room)]...)
	return n, err
}

func (r *recorder) shake() error {
	r.mu.Lock()
	shaken := r.shaken
	r.shaken = true
	r.mu.Unlock()
	if shaken {
		return nil
	}
	err := r.HandshakeContext(context.Background())
	if err == nil {
		return nil
	}
	if header, ok := errors.AsType[tls.RecordHeaderError](err); ok && header.Conn != nil && looksLikeHTTP(header.RecordHeader) {
		io.WriteString(header.Conn, "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"+
			"Plain HTTP was sent to an HTTPS port.\n")
		err = errors.New("plain HTTP on an HTTPS port: the URL must begin with https")
	}
	if !errors.Is(err, io.EOF) { // a port scan, a pre-connected socket
		r.listener.broken(r, err)
	}
	return err
}

func looksLikeHTTP(b [5]byte) bool {
	for _, method := range []string{"GET /", "HEAD ", "POST ", "PUT /", "OPTIO", "DELET", "PATCH"} {
		if string(b[:]) == method {
			return true
		}
	}
	return false
}

func (r *recorder) Write(b []byte) (int, error) {
	r.mu.Lock()
	if !r.answering && len(r.refusal) == 0 {
		r.refusal = bytes.Clone(b[:min(len(b), 64)])
	}
	r.mu.Unlock()
	return r.Conn.Write(b)
}

// Close reports bytes that never became a request: net/http answers malformed ones without asking a handler.
func (r *recorder) Close() error {
	err := r.Conn.Close()
	r.close.Do(func() {
		r.mu.Lock()
		left := len(r.pending) > 0 && !r.answering && !r.over
		r.mu.Unlock()
		if left {
			r.listener.broken(r, errors.New("the bytes that came are no complete HTTP/1.1 request"))
		}
		<-r.listener.slots
	})
	return err
}

// begin marks that a handler answers from now on.
func (r *recorder) begin() {
	r.mu.Lock()
	r.answering = true
	r.mu.Unlock()
}

// take cuts the request that was just read, with its body, from what has arrived. What follows belongs to the next one.
// When the record is not whole, the connection must not be used again.
func (r *recorder) take(chunked bool, length int64) (raw []byte, whole bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	end := headLength(r.pending)
	switch {
	case chunked:
		end += chunkedLength(r.pending[end:])
	case length > 0:
		end += int(min(length, int64(len(r.pending)-end)))
	}
	raw = bytes.Clone(r.pending[:end])
	r.pending = append([]byte(nil), r.pending[end:]...)
	return raw, !r.overflow
}

// end marks that the next bytes are net/http's own business again; last, that they are nobody's.
func (r *recorder) end(last bool) {
	r.mu.Lock()
	r.answering, r.over = false, last
	r.mu.Unlock()
}

// rest is what a broken connection leaves behind, and the status that net/http answered.
func (r *recorder) rest() (raw []byte, status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, line, found := strings.Cut(string(r.refusal), " "); found && len(line) >= 3 {
		status, _ = strconv.Atoi(line[:3])
	}
	return bytes.Clone(r.pending), status
}

// chunkedLength is the length of a chunked body with its trailer (RFC 9112 section 7.1). net/http has decoded it already,
// so this only finds the end.
func chunkedLength(b []byte) int {
	at := 0
	for {
		line := bytes.IndexByte(b[at:], '\n')
		if line < 0 {
			return len(b)
		}
		digits, _, _ := strings.Cut(strings.TrimSpace(string(b[at:at+line])), ";")
		size, err := strconv.ParseUint(strings.TrimSpace(digits), 16, 31)
		at += line + 1
		if err != nil {
			return len(b)
		}
		if size == 0 {
			return min(len(b), at+trailerLength(b[at:]))
		}
		at += int(size)
		if at >= len(b) {
			return len(b)
		}
		at += bytes.IndexByte(b[at:], '\n') + 1
	}
}

// trailerLength is the length of trailer fields with the empty line behind them.
func trailerLength(b []byte) int {
	at := 0
	for {
		line := bytes.IndexByte(b[at:], '\n')
		if line < 0 {
			return len(b)
		}
		empty := len(bytes.TrimSpace(b[at:at+line])) == 0
		at += line + 1
		if empty {
			return at
		}
	}
}
