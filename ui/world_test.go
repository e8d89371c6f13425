package ui_test

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	_ "embed"
	"encoding/pem"
	"fmt"
	"io/fs"
	"net"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"countersign/flows"
	"countersign/flows/credentials"
	"countersign/flows/embedded"
	"countersign/flows/sandbox"
	"countersign/history"
	"countersign/ui"
)

// start is the moment at which every script begins.
var start = time.Date(2026, 3, 2, 2, 0, 0, 500e6, time.UTC)

//go:embed testdata/rsa-test-key.pem
var rsaPEM []byte

var rsaKey = sync.OnceValue(func() *rsa.PrivateKey {
	block, _ := pem.Decode(rsaPEM)
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		panic(err)
	}
	return key
})

// clock stands still until a script moves it. The runner sees it go on a little with every look,
// so that an exchange takes a time that is the same in every run.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	looks int
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

// look is the clock of the runner.
func (c *clock) look() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.looks++
	return c.now.Add(time.Duration(c.looks*c.looks)*70*time.Microsecond - 200*time.Millisecond)
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now, c.looks = c.now.Add(d), 0
}

func (c *clock) settle() { c.mu.Lock(); defer c.mu.Unlock(); c.looks = 0 }

// counter is a fixed source of randomness that never repeats itself.
type counter struct {
	mu sync.Mutex
	n  byte
}

func (c *counter) Read(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range b {
		c.n = c.n*37 + 11
		b[i] = c.n
	}
	c.n += 5
	return len(b), nil
}

// advertised gives a listener an address that is the same in every run.
type advertised struct {
	net.Listener
	address net.Addr
}

func (l advertised) Addr() net.Addr { return l.address }

// world is the sandbox and the runner of one script: everything that could differ between two runs is fixed.
type world struct {
	clock  *clock
	server *sandbox.Server
	deps   ui.Deps
	timers []timer
	env    map[string]string
	vault  *vault            // see profiles_test.go
	real   map[string]string // where the addresses that are the same in every run really are
	seen   arrivals
	wrote  bool // the sandbox says that it wrote files
	kept   history.Retention
}

// outside puts the sandbox's credentials of a partner into the environment variables that it documents.
func (w *world) outside(id string) {
	w.env = map[string]string{}
	p, _ := flows.Find(flows.All(), id)
	for _, f := range p.Fields {
		if f.Env != "" {
			w.env[f.Env] = w.server.Credentials(id)[f.Name]
		}
	}
}

type timer struct {
	due time.Time
	fn  func(time.Time) tea.Msg
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{clock: &clock{now: start}}
	w.real = map[string]string{}
	port := 40000
	var err error
	w.server, err = sandbox.Start(sandbox.Options{
		Now: w.clock.Now, Rand: &counter{}, RSAKey: rsaKey(), Observe: w.seen.add,
		Listener: func(network, address string) (net.Listener, error) {
			l, err := net.Listen(network, address)
			if err != nil {
				return nil, err
			}
			port++
			fixed := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port}
			w.real[fixed.String()] = l.Addr().String()
			return advertised{l, fixed}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.server.Close() })
	r := flows.NewRunner(&credentials.Store{Getenv: func(name string) (string, bool) { v, ok := w.env[name]; return v, ok }})
	r.ReadFile = func(name string) ([]byte, error) {
		if name != "ca.pem" {
			return nil, fs.ErrNotExist
		}
		return w.server.CAPEM(), nil
	}
	r.Now, r.Rand, r.SignRand = w.clock.look, &counter{}, nil
	r.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		to, ok := w.real[address]
		if !ok {
			return nil, &net.DNSError{Err: "no such host", Name: address, IsNotFound: true}
		}
		c, err := (&net.Dialer{}).DialContext(ctx, network, to)
		if err != nil {
			return nil, err
		}
		return named{c, address}, nil
	}
	r.Given = func(_ context.Context, id string) (flows.Given, error) { return embedded.Of(w.server).Given(id), nil }
	w.deps = ui.Deps{
		Providers: flows.All(), Runner: r, Now: w.clock.Now, Every: w.every, Strict: true,
		Embedded: func(context.Context) (flows.Embedding, error) { return w.embedding(), nil },
		Inbound:  noInbound, // a script hands over what arrived between two commands
	}
	return w
}

// named is a connection with a remote address that is the same in every run.
type named struct {
	net.Conn
	address string
}

func (c named) RemoteAddr() net.Addr { return address(c.address) }

type address string

func (a address) Network() string { return "tcp" }
func (a address) String() string  { return string(a) }

func (w *world) embedding() flows.Embedding {
	e := embedded.Of(w.server)
	e.CAFile, e.Files = "", nil
	if w.wrote {
		e.CAFile, e.Files = "/run/user/1000/countersign/ca.pem", w.files
	}
	return e
}

// every puts a timer down that a script sets off by moving the clock.
func (w *world) every(d time.Duration, fn func(time.Time) tea.Msg) tea.Cmd {
	return func() tea.Msg {
		w.timers = append(w.timers, timer{w.clock.Now().Add(d), fn})
		return nil
	}
}

// driver runs a model and its commands, one after the other, in the goroutine of the test.
type driver struct {
	*world
	model tea.Model
	queue []tea.Cmd
	quit  bool
	clip  string
}

func newDriver(w *world) *driver {
	d := &driver{world: w, model: ui.New(w.deps)}
	d.enqueue(d.model.Init())
	return d
}

func (d *driver) enqueue(c tea.Cmd) {
	if c != nil {
		d.queue = append(d.queue, c)
	}
}

// send gives the model a message.
func (d *driver) send(msg tea.Msg) {
	switch msg := msg.(type) {
	case nil:
		return
	case tea.BatchMsg:
		for _, c := range msg {
			d.enqueue(c)
		}
		return
	case tea.QuitMsg:
		d.quit = true
		return
	}
	if fmt.Sprintf("%T", msg) == "tea.setClipboardMsg" {
		d.clip = fmt.Sprint(msg)
		return
	}
	var cmd tea.Cmd
	d.model, cmd = d.model.Update(msg)
	d.enqueue(cmd)
}

// idle runs commands until none is left.
func (d *driver) idle() {
	for len(d.queue) > 0 {
		c := d.queue[0]
		d.queue = d.queue[1:]
		d.send(c())
		d.deliver()
		d.clock.settle()
	}
}

// advance moves the clock and sets off the timers that are due, in their order.
func (d *driver) advance(by time.Duration) {
	end := d.clock.Now().Add(by)
	for {
		d.idle()
		next := -1
		for i, t := range d.timers {
			if !t.due.After(end) && (next < 0 || t.due.Before(d.timers[next].due)) {
				next = i
			}
		}
		if next < 0 {
			break
		}
		t := d.timers[next]
		d.timers = append(d.timers[:next], d.timers[next+1:]...)
		d.clock.move(t.due.Sub(d.clock.Now()))
		d.send(t.fn(t.due))
	}
	d.clock.move(end.Sub(d.clock.Now()))
	d.idle()
}
