package sandbox

import (
	"bufio"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// moment is the fixed clock of most tests; tests move it with clock.add.
var moment = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

func (c *clock) add(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.now = c.now.Add(d) }

// zeros is a fixed source of randomness.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// testRSAKey signs KUNA's tokens in all tests: making one takes longer than the rest of a test.
var testRSAKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// bench is a running sandbox with a client written for the tests alone.
type bench struct {
	*Server
	t     *testing.T
	clock *clock
	mu    sync.Mutex
	seen  []Event
	// arrived gets a token after each event, unless one is waiting there.
	arrived chan struct{}
	// client is the clock by which the client judges the server's certificate. Some tests move the sandbox's clock past
	// the day that certificates live; the client's stays at the beginning, unless the certificates are what is tested.
	client func() time.Time
}

func start(t *testing.T) *bench {
	t.Helper()
	return startFor(t, 0)
}

// startFor starts a sandbox whose certificates live this long.
func startFor(t *testing.T, life time.Duration) *bench {
	t.Helper()
	b := &bench{t: t, clock: &clock{now: moment}, arrived: make(chan struct{}, 1), client: func() time.Time { return moment }}
	server, err := Start(Options{Now: b.clock.Now, Life: life, Rand: zeros{}, RSAKey: testRSAKey(), Observe: func(e Event) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.seen = append(b.seen, e)
		select {
		case b.arrived <- struct{}{}:
		default:
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	b.Server = server
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return b
}

func (b *bench) events() []Event { b.mu.Lock(); defer b.mu.Unlock(); return slices.Clone(b.seen) }

// last is the most recent event; Observe returned before the client had its answer.
func (b *bench) last() Event {
	b.t.Helper()
	events := b.events()
	if len(events) == 0 {
		b.t.Fatal("no event")
	}
	return events[len(events)-1]
}

func (b *bench) set(id, name, value string) {
	b.t.Helper()
	if err := b.Set(id, name, value); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) tls(certificates ...tls.Certificate) *tls.Config {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(b.CAPEM())
	return &tls.Config{RootCAs: roots, Time: b.client, Certificates: certificates}
}

// reply is an answer with its body.
type reply struct {
	*http.Response
	text string
}

// field is a member of a JSON body, by path.
func (r reply) field(path ...string) any {
	var value any
	if json.Unmarshal([]byte(r.text), &value) != nil {
		return nil
	}
	for _, name := range path {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	return value
}

// request is one request in plain words; the request line and the header lines go out exactly as they are here.
type request struct {
	provider, line string
	header         []string
	body           string
	certificates   []tls.Certificate
	host           string // instead of the address
}

// wire builds the bytes by concatenation, so that no library can normalise what is tested.
func (r request) wire(address string) string {
	host := address
	if r.host != "" {
		host = r.host
	}
	head := r.line + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n"
	for _, line := range r.header {
		head += line + "\r\n"
	}
	if r.body != "" {
		head += fmt.Sprintf("Content-Length: %d\r\n", len(r.body))
	} else if !strings.HasPrefix(r.line, "GET") {
		head += "Content-Length: 0\r\n"
	}
	return head + "\r\n" + r.body
}

func (b *bench) address(id string) string {
	address := strings.TrimPrefix(b.BaseURL(id), "https://")
	address, _, _ = strings.Cut(address, "/")
	return address
}

// send writes a request and reads the answer; err is what a client would see.
func (b *bench) send(r request) (reply, error) {
	b.t.Helper()
	connection, err := tls.Dial("tcp", b.address(r.provider), b.tls(r.certificates...))
	if err != nil {
		return reply{}, err
	}
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(connection, r.wire(b.address(r.provider))); err != nil {
		return reply{}, err
	}
	method, _, _ := strings.Cut(r.line, " ")
	response, err := http.ReadResponse(bufio.NewReader(connection), &http.Request{Method: method})
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return reply{response, string(body)}, err
}

// must is send for requests that get an answer of this status.
func (b *bench) must(status int, r request) reply {
	b.t.Helper()
	answer, err := b.send(r)
	if err != nil {
		b.t.Fatalf("%s: %v", r.line, err)
	}
	if answer.StatusCode != status {
		b.t.Fatalf("%s: status %d, want %d\n%s\nSandbox-Check: %s\nSandbox-Detail: %s", r.line, answer.StatusCode, status, answer.text,
			answer.Header.Get("Sandbox-Check"), answer.Header.Get("Sandbox-Detail"))
	}
	return answer
}

// refusedBy checks the side channel.
func (b *bench) refusedBy(r reply, check string) {
	b.t.Helper()
	if got := r.Header.Get("Sandbox-Check"); got != check {
		b.t.Errorf("refused by %q (%s), want %q", got, r.Header.Get("Sandbox-Detail"), check)
	}
	if strings.Contains(r.text, "Sandbox") {
		b.t.Errorf("the side channel shows in the body: %s", r.text)
	}
}
