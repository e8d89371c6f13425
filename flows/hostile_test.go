package flows_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"countersign/flows"
	"countersign/sign"
)

// What is claimed of an exchange is never more than is known.
func TestOutcomeIsWhatIsKnown(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	io.WriteString(z, `{"success":true}`)
	z.Close()
	tests := []struct{ name, answer, want string }{
		{"complete", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", ""},
		{"no body", "HTTP/1.1 204 No Content\r\nContent-Encoding: gzip\r\n\r\n", ""},
		{"interim answers", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", ""},
		{"compressed", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + packed.String(), ""},
		{"body cut off", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", "1 of 99 bytes arrived"},
		{"compressed and cut off", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + packed.String()[:15], "the compressed answer is damaged"},
		{"not compressed", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", "says gzip but is not"},
		{"compressed otherwise", "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\n{}", `encoded as "br"`},
		{"protocols switched", "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", "switched protocols"},
		{"head cut off", "HTTP/1.1 200 OK\r\nA: b\r\n", "without a complete answer"},
		{"two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}", "Content-Length"},
		{"another protocol", "SSH-2.0-OpenSSH_9.9\r\n", "not HTTP/1.1"},
		{"nothing", "", "without a complete answer"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			x := startPartner(t, nil, answering(tt.answer)).send(t, t.Context(), "sale")
			if tt.want == "" && (x.Err != nil || x.Outcome != flows.OutcomeAnswered) {
				t.Errorf("outcome %q, %v", x.Outcome, x.Err)
			}
			if tt.want != "" && (x.Outcome != flows.OutcomeUnknown || x.Err == nil || !strings.Contains(x.Err.Message, tt.want)) {
				t.Errorf("outcome %q, error %v, want one with %q", x.Outcome, x.Err, tt.want)
			}
		})
	}
}

// A person can end an exchange in every phase. What was not sent is told apart from what may have arrived, and nothing
// is left behind: net/http itself goes on dialling and shaking hands with a server that is silent.
func TestCancelInEveryPhase(t *testing.T) {
	tests := []struct {
		name    string
		outcome flows.Outcome
		raw     func(c net.Conn, reached func())
		secure  func(c *tls.Conn, reached func())
	}{
		{"in the handshake", flows.OutcomeNotSent, func(c net.Conn, reached func()) { reached(); io.Copy(io.Discard, c) }, nil},
		{"behind the request", flows.OutcomeUnknown, nil, func(c *tls.Conn, reached func()) {
			http.ReadRequest(bufio.NewReader(c))
			reached()
			io.Copy(io.Discard, c)
		}},
		{"in the body", flows.OutcomeUnknown, nil, func(c *tls.Conn, reached func()) {
			http.ReadRequest(bufio.NewReader(c))
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")
			reached()
			io.Copy(io.Discard, c)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			reached := func() { cancel(errors.New("the person pressed a key")) }
			p := startPartner(t, nil, func(c *tls.Conn) { tt.secure(c, reached) })
			if tt.raw != nil {
				p.address = listen(t, func(c net.Conn) { tt.raw(c, reached) })
			}
			x := p.send(t, ctx, "sale")
			if x.Err == nil || x.Err.Message != "cancelled" && !strings.Contains(x.Err.Message, "(cancelled)") || x.Outcome != tt.outcome {
				t.Errorf("outcome %q, want %q; %v", x.Outcome, tt.outcome, x.Err)
			}
		})
	}
	t.Run("in the lookup", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		r, run := startPartner(t, nil, nil).run(t, "sale")
		r.Dial = func(ctx context.Context, _, _ string) (net.Conn, error) {
			cancel()
			<-ctx.Done()
			return nil, ctx.Err()
		}
		x := r.Through(ctx, run, flows.StepResponse).Exchange
		if x.Outcome != flows.OutcomeNotSent || x.Err == nil || x.Err.Message != "cancelled" {
			t.Errorf("outcome %q, %v", x.Outcome, x.Err)
		}
	})
}

// A server that takes the connection over with 101 and is silent cannot hold the program: such a body is not read.
func TestSwitchedProtocolsAreNotRead(t *testing.T) {
	p := startPartner(t, nil, func(c *tls.Conn) {
		http.ReadRequest(bufio.NewReader(c))
		io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n")
		io.Copy(io.Discard, c)
	})
	if x := p.send(t, t.Context(), "sale"); x.Err == nil || x.Response.Status != 101 {
		t.Errorf("%v", x.Err)
	}
}

// A server that stops in the middle of its answer is given up after a while.
func TestStall(t *testing.T) {
	p := startPartner(t, nil, func(c *tls.Conn) {
		http.ReadRequest(bufio.NewReader(c))
		io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")
		io.Copy(io.Discard, c)
	})
	r, run := p.run(t, "sale")
	r.Limits = flows.Limits{Stall: 50 * time.Millisecond}
	x := r.Through(t.Context(), run, flows.StepResponse).Exchange
	if x.Outcome != flows.OutcomeUnknown || x.Err == nil || !strings.Contains(x.Err.Message, "stopped sending") {
		t.Errorf("outcome %q, %v", x.Outcome, x.Err)
	}
}

// With TLS 1.3 a server refuses the client's certificate behind the first bytes of the request, and has not looked at
// them. With TLS 1.2 the handshake is over by then, so that an alert may follow on the request.
func TestRefusedClientCertificate(t *testing.T) {
	tests := []struct {
		name    string
		change  func(*tls.Config)
		want    string
		outcome flows.Outcome
	}{
		{"TLS 1.3", func(c *tls.Config) { c.ClientAuth = tls.RequireAnyClientCert }, "requires a client certificate", flows.OutcomeNotSent},
		{"TLS 1.2", func(c *tls.Config) { c.ClientAuth, c.MaxVersion = tls.RequireAnyClientCert, tls.VersionTLS12 }, "client certificate", flows.OutcomeNotSent},
		{"too old", func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }, "", flows.OutcomeNotSent},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			x := startPartner(t, tt.change, nil).send(t, t.Context(), "sale")
			if x.Err == nil || !strings.Contains(x.Err.Message, tt.want) || x.Outcome != tt.outcome {
				t.Errorf("outcome %q, want %q; error %v, want %q", x.Outcome, tt.outcome, x.Err, tt.want)
			}
		})
	}
}

// The fields of an answer are those that were read, in their order and case; a body is never taken for fields.
func TestFieldsOfAnAnswer(t *testing.T) {
	tests := []struct{ name, answer, want string }{
		{"order and case", "HTTP/1.1 200 OK\r\nx-Z: 1\r\nA: 2\r\nX-Z: 3\r\nConnection: close\r\n\r\n", "x-Z=1 A=2 X-Z=3 Connection=close"},
		{"behind interim answers", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nz: 1\r\nA: 2\r\n\r\n", "z=1 A=2"},
		{"chunked", "HTTP/1.1 200 OK\r\nz: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "z=1 Transfer-Encoding=chunked"},
		{"bare line feeds", "HTTP/1.1 200 OK\nz: 1\nA: 2\n\nbody\r\nEvil: 1\r\n\r\n", "A=2 Z=1"},
		{"folded", "HTTP/1.1 200 OK\r\nz: 1,\r\n  2\r\nA: 2\r\n\r\n", "A=2 Z=1, 2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			x := startPartner(t, nil, answering(tt.answer)).send(t, t.Context(), "status")
			if x.Response == nil {
				t.Fatal(x.Err)
			}
			var got []string
			for _, h := range x.Response.Header {
				got = append(got, h.Name.Raw()+"="+h.Value.Raw())
			}
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("fields %q, want %q", s, tt.want)
			}
		})
	}
}

// What net/http would send in another form is refused before a byte leaves; a header in lower case brings no second one.
func TestNothingElseGoesOut(t *testing.T) {
	header := func(list ...sign.Pair) func(*flows.Draft) {
		return func(d *flows.Draft) { d.Header = append(d.Header, list...) }
	}
	tests := []struct {
		name, want string
		change     func(*flows.Draft)
	}{
		{"a tunnel", "asks for a tunnel", func(d *flows.Draft) { d.Method = "CONNECT" }},
		{"two slashes and a broken escape", "cannot be sent as it stands", func(d *flows.Draft) { d.Path = "//%" }},
		{"User-Agent twice", "can go out once", header(sign.Pair{Name: "User-Agent", Value: "a"}, sign.Pair{Name: "User-Agent", Value: "b"})},
		{"User-Agent empty", "not empty", header(sign.Pair{Name: "User-Agent"})},
		{"user-agent in lower case", "", header(sign.Pair{Name: "user-agent", Value: "mine"})},
		{"twice, odd case, empty", "", header(sign.Pair{Name: "x-A", Value: "1"}, sign.Pair{Name: "X-a", Value: "1"}, sign.Pair{Name: "X-a", Value: "1"}, sign.Pair{Name: "x-empty"})},
		{"a broken escape", "", func(d *flows.Draft) { d.Path = "/%" }},
		{"one star", "", func(d *flows.Draft) { d.Method, d.Path = "OPTIONS", "/*" }},
		{"DELETE with an empty body", "", func(d *flows.Draft) { d.Method = "DELETE" }},
		{"POST without a body", "", func(d *flows.Draft) { d.Method, d.Body = "POST", nil }},
		{"HEAD", "", func(d *flows.Draft) { d.Method, d.Body = "HEAD", nil }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := startPartner(t, nil, answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
			r, run := p.run(t, "status")
			run = r.Through(t.Context(), run.Edit(tt.change), flows.StepResponse)
			if tt.want != "" {
				if run.Err == nil || !strings.Contains(run.Err.Message, tt.want) || run.Exchange != nil {
					t.Errorf("error %v, want %q", run.Err, tt.want)
				}
				return
			}
			if run.Err != nil || run.Exchange.Sent.Difference != "" {
				t.Fatalf("%v; %+v", run.Err, run.Exchange.Sent.Difference)
			}
			if raw := run.Exchange.Sent.Raw.Reveal(); strings.Contains(raw, "Go-http-client") {
				t.Errorf("a header nobody prepared went out: %q", raw)
			}
		})
	}
}
