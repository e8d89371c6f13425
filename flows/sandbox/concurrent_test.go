package sandbox

import (
	"crypto/tls"
	"strings"
	"sync"
	"testing"
)

// together sends requests at the same time and counts the answers by status and by code.
func (b *bench) together(requests []request) map[string]int {
	var (
		wait  sync.WaitGroup
		mu    sync.Mutex
		count = make(map[string]int)
	)
	for _, r := range requests {
		wait.Go(func() {
			answer, err := b.send(r)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				count[err.Error()]++
				return
			}
			code, _ := answer.field("error").(string)
			count[strings.TrimSpace(answer.Status[:3]+" "+code)]++
		})
	}
	wait.Wait()
	return count
}

// However many copies of a request arrive at once, its nonce works for one of them; and however many retries, each signed
// afresh, an order is executed once.
func TestAtTheSameTime(t *testing.T) {
	const n = 24
	s := startSabika(t)
	probe := s.signed("POST /v1/signed-probe", "", "", nil)
	var copies, retries []request
	for range n {
		copies = append(copies, probe)
		retries = append(retries, s.signed("POST /v1/orders", `{"quote_id":"q_demo_1"}`, "key", nil))
	}
	if got := s.together(copies); got["200"] != 1 || got["401 replayed_nonce"] != n-1 {
		t.Errorf("copies: %v", got)
	}
	if got := s.together(retries); got["201"] != 1 || got["200"] != n-1 {
		t.Errorf("retries: %v", got)
	}
	seen := make(map[int]bool)
	for i, e := range s.events() {
		if e.Sequence != i+1 || seen[e.Sequence] {
			t.Errorf("event %d has sequence %d", i, e.Sequence)
		}
		seen[e.Sequence] = true
	}
}

// A partner takes more clients than it has slots, one after the other.
func TestConnectionsAreBounded(t *testing.T) {
	b := start(t)
	idle := make([]*tls.Conn, maxConnections)
	for i := range idle {
		connection, err := tls.Dial("tcp", b.address("jiko"), b.tls())
		if err != nil {
			t.Fatal(err)
		}
		defer connection.Close()
		idle[i] = connection
	}
	answered := make(chan int)
	go func() {
		answer, err := b.send(request{provider: "jiko", line: "GET /health"})
		if err != nil {
			answered <- 0
			return
		}
		answered <- answer.StatusCode
	}()
	idle[0].Close() // the waiting client gets this slot
	if status := <-answered; status != 200 {
		t.Errorf("status %d", status)
	}
}

// Without a key of the caller's, KUNA's tokens are signed with one that is made at the first login.
func TestKunaMakesItsOwnKey(t *testing.T) {
	c := &clock{now: moment}
	server, err := Start(Options{Now: c.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	b := &bench{t: t, Server: server, clock: c, client: c.Now}
	access, _ := b.kunaLogin()
	b.kunaRates(200, "Authorization: Bearer "+access)
}
