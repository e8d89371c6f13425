package sandbox

import (
	"bufio"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// talk writes bytes over one connection and reads everything that comes back.
func (b *bench) talk(id, text string) string {
	b.t.Helper()
	connection, err := tls.Dial("tcp", b.address(id), b.tls())
	if err != nil {
		b.t.Fatal(err)
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(connection, text); err != nil {
		b.t.Fatal(err)
	}
	answer, _ := io.ReadAll(connection)
	return string(answer)
}

// Requests are kept as they came: order, case, repeated names, pipelined neighbours and transfer codings.
func TestRecordIsByteForByte(t *testing.T) {
	b := start(t)
	host := b.address("jupico")
	login := `{"app_key":"k"}`
	requests := []struct{ raw, body, method, target string }{
		{"GET /status?a=%2F&b=+ HTTP/1.1\r\nhOsT: " + host + "\r\nX-b: 1\r\nx-A:  2 \r\nX-B: 3\r\n\r\n", "", "GET", "/status?a=%2F&b=+"},
		{"POST /x HTTP/1.1\r\nHost: " + host + "\r\nContent-Length: 15\r\n\r\n" + login, login, "POST", "/x"},
		{"POST /y HTTP/1.1\r\nHost: " + host + "\r\nTransfer-Encoding: chunked\r\n\r\n5;ext=1\r\n{\"app\r\na\r\n_key\":\"k\"}\r\n0\r\n\r\n", login, "POST", "/y"},
		{"POST /z HTTP/1.1\r\nHost: " + host + "\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n1\r\na\r\n0\r\nX-T: v\r\n\r\n", "a", "POST", "/z"},
		{"GET https://" + host + "/w HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n", "", "GET", "https://" + host + "/w"},
	}
	var all string
	for _, r := range requests {
		all += r.raw
	}
	b.talk("jupico", all)
	events := b.events()
	if len(events) != len(requests) {
		t.Fatalf("%d events, want %d", len(events), len(requests))
	}
	for i, r := range requests {
		e := events[i]
		if string(e.Raw) != r.raw || string(e.Body) != r.body || e.Method != r.method || e.Target != r.target || e.Sequence != i+1 || e.Provider != "jupico" {
			t.Errorf("event %d: %s %s, body %q, raw\n%q, want\n%q", i, e.Method, e.Target, e.Body, e.Raw, r.raw)
		}
	}
	want := []HeaderField{{"hOsT", host}, {"X-b", "1"}, {"x-A", "2"}, {"X-B", "3"}}
	if !slices.Equal(events[0].Header, want) {
		t.Errorf("header %v, want %v", events[0].Header, want)
	}
}

func TestBrokenConnectionsAreReported(t *testing.T) {
	b := start(t)
	dial := func() net.Conn {
		connection, err := net.Dial("tcp", b.address("jiko"))
		if err != nil {
			t.Fatal(err)
		}
		return connection
	}
	t.Run("plain HTTP", func(t *testing.T) {
		connection := dial()
		defer connection.Close()
		io.WriteString(connection, "GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
		response, err := http.ReadResponse(bufio.NewReader(connection), nil)
		if err != nil || response.StatusCode != 400 {
			t.Errorf("%v, %v", response, err)
		}
		b.wait(func(e Event) bool { return strings.Contains(e.Checks[0].Detail, "plain HTTP") && e.Method == "" })
	})
	t.Run("client without the CA", func(t *testing.T) {
		if _, err := tls.Dial("tcp", b.address("jiko"), &tls.Config{}); err == nil {
			t.Error("trusted")
		}
		b.wait(func(e Event) bool { return strings.Contains(e.Note, "trust this sandbox's CA") })
	})
	t.Run("no common protocol", func(t *testing.T) {
		config := b.tls()
		config.NextProtos = []string{"h2"}
		if _, err := tls.Dial("tcp", b.address("jiko"), config); err == nil {
			t.Error("spoke HTTP/2")
		}
		b.wait(func(e Event) bool { return strings.Contains(e.Checks[0].Detail, "unsupported application protocols") })
	})
	t.Run("malformed HTTP", func(t *testing.T) {
		if got := b.talk("jiko", "GET /health HTTP/1.1\r\nHost: a\r\nBad Name: x\r\n\r\n"); !strings.HasPrefix(got, "HTTP/1.1 400") {
			t.Error(got)
		}
		b.wait(func(e Event) bool { return e.Status == 400 && e.Target == "/health" && !e.Checks[0].OK })
	})
	t.Run("body cut off", func(t *testing.T) {
		connection, err := tls.Dial("tcp", b.address("jiko"), b.tls())
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(connection, "POST /api/v1/login/ HTTP/1.1\r\nHost: "+b.address("jiko")+"\r\nContent-Length: 10\r\n\r\n{}")
		connection.Close()
		b.wait(func(e Event) bool { return e.BodyTruncated && string(e.Body) == "{}" })
	})
}

// wait blocks until an event that fits was observed; these happen without an answer that could be waited for.
func (b *bench) wait(fits func(Event) bool) {
	b.t.Helper()
	deadline := time.After(10 * time.Second)
	for {
		if slices.ContainsFunc(b.events(), fits) {
			return
		}
		select {
		case <-b.arrived:
		case <-deadline:
			b.t.Fatalf("no such event among %d", len(b.events()))
		}
	}
}

func TestLargeBody(t *testing.T) {
	b := start(t)
	exact := b.must(422, request{provider: "jiko", line: "POST /api/v1/login/", body: strings.Repeat("x", maxBody)})
	b.refusedBy(exact, "body")
	b.talk("jiko", "POST /api/v1/login/ HTTP/1.1\r\nHost: "+b.address("jiko")+"\r\nContent-Length: 1048577\r\n\r\n"+strings.Repeat("x", maxBody+1))
	e := b.last()
	if !e.BodyTruncated || len(e.Body) != maxBody || len(e.Raw) > maxRecord || e.Status != 413 {
		t.Errorf("status %d, body of %d, raw of %d, truncated %t", e.Status, len(e.Body), len(e.Raw), e.BodyTruncated)
	}
	if len(b.events()) != 2 {
		t.Errorf("%d events, want 2", len(b.events()))
	}
}

// A canonical string that holds a large body is not squeezed into a header.
func TestSideChannelIsBounded(t *testing.T) {
	b := start(t)
	answer := b.must(403, request{provider: "jiko", line: "POST /api/v1/transfers/on-us/", body: strings.Repeat("x", 100_000),
		header: []string{"Authorization: Bearer " + b.jikoLogin(), "x-jiko-idempotency: " + testUUID, "x-jiko-signature: " + jikoSign("x", testUUID, "/", "")}})
	if answer.Header.Get("Sandbox-Expected") != "" || len(b.last().Expected) < 100_000 {
		t.Errorf("Sandbox-Expected has %d bytes, the event %d", len(answer.Header.Get("Sandbox-Expected")), len(b.last().Expected))
	}
}

func TestEventIsTheReceivers(t *testing.T) {
	s := startSabika(t)
	const order, body = "POST /v1/orders", `{"quote_id":"q_demo_1"}`
	first := s.must(201, s.signed(order, body, "key", nil))
	clear(s.last().ResponseBody)
	if again := s.must(200, s.signed(order, body, "key", nil)); again.text != first.text {
		t.Error("an observer changed a stored answer")
	}
}

func FuzzRawRequest(f *testing.F) {
	f.Add([]byte("GET / HTTP/1.1\r\nA: b\r\n\r\n"))
	f.Add([]byte("POST / HTTP/1.1\n\n5\r\nabcde\r\n0\r\n\r\n"))
	f.Add([]byte("7fffffff\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		requestLine(raw)
		headerFields(raw)
		if n := headLength(raw); n > len(raw) {
			t.Errorf("head of %d in %d bytes", n, len(raw))
		}
		if n := chunkedLength(raw); n < 0 || n > len(raw) {
			t.Errorf("body of %d in %d bytes", n, len(raw))
		}
	})
}
