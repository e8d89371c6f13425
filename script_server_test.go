package main

import (
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	"countersign/flows/sandbox"
)

// reached is the key of a map from a server's name to a channel that is closed with its first request.
type reached struct{}

// server answers every request with the bytes of a file, lines ended with CRLF.
func server(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: server NAME FILE|-reset|-stall")
	}
	name, what := args[0], args[1]
	answer := ""
	if !strings.HasPrefix(what, "-") {
		answer = strings.ReplaceAll(ts.ReadFile(what), "\n", "\r\n")
	}
	came := make(chan struct{})
	first := sync.OnceFunc(func() { close(came) })
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		first()
		if what == "-stall" {
			<-r.Context().Done()
			return
		}
		conn, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		fmt.Fprint(buffered, answer)
		buffered.Flush()
		conn.Close()
	}))
	ts.Defer(s.Close)
	ca := ts.MkAbs(name + "-ca.pem")
	ts.Check(os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600))
	ts.Setenv(name+"_url", s.URL)
	ts.Setenv(name+"_ca", ca)
	servers := ts.Value(reached{}).(map[string]chan struct{})
	servers[name] = came
}

func arrived(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: arrived NAME")
	}
	<-ts.Value(reached{}).(map[string]chan struct{})[args[0]] // the test's own deadline ends it
}

// partners starts the sandbox in this process.
func partners(ts *testscript.TestScript, neg bool, args []string) {
	s, err := sandbox.Start(sandbox.Options{Dir: ts.MkAbs("partners")})
	ts.Check(err)
	ts.Defer(func() { s.Close() })
	for _, arg := range args {
		name, value, _ := strings.Cut(arg, "=")
		id, name, _ := strings.Cut(name, ".")
		ts.Check(s.Set(id, name, value))
	}
	ts.Setenv("ca", s.CAFile())
	for _, id := range sandbox.IDs() {
		ts.Setenv(id+"_url", s.BaseURL(id))
		ts.Setenv(id+"_address", strings.TrimPrefix(s.BaseURL(id), "https://")) // with JPay's path behind it
		for field, value := range s.Credentials(id) {
			ts.Setenv(id+"_"+field, value)
		}
		for field, path := range s.Files(id) {
			ts.Setenv(id+"_"+field, path)
		}
	}
}
