package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/itchyny/gojq"
	"github.com/rogpeppe/go-internal/testscript"
)

// TestScripts runs the program as a person does: testdata/script holds what is typed and what must be seen.
// Besides the commands of package testscript there are these, pem in script_pem_test.go, servers in script_server_test.go:
//
//	exits CODE countersign ...     runs it and compares the exit code
//	jq FILE EXPRESSION             the expression must be true of the JSON in the file, stdout or stderr; ! jq: must not
//	lines FILE NUMBER              the file has this many lines
//	pem KIND FILE...               makes a key or certificate that is right or wrong in one way
//	server NAME FILE|-reset|-stall a TLS server; it answers everything with the file, or not at all. Sets NAME_url and NAME_ca
//	arrived NAME                   waits until a request reached that server
//	hmac VARIABLE SECRET TEXT      base64 of HMAC-SHA256
//	raw FILE                       writes the request of the object on standard output as raw HTTP
//	partners NAME=VALUE...         starts the sandbox with switches. Sets ca and, for each partner, ID_url and ID_FIELD
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", filepath.Join(e.WorkDir, "home"))
			e.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(e.WorkDir, "no-bus")) // no keyring but that of a script
			e.Setenv("esc", "\x1b")
			e.Setenv("LF", "\n")
			e.Values[reached{}] = map[string]chan struct{}{}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "jq": jq, "lines": lines, "pem": makePEM, "server": server, "arrived": arrived, "partners": partners,
			"hmac": signHMAC, "raw": raw, "aged": aged,
		},
		RequireUniqueNames: true,
	})
}

// exits runs a command and compares its exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE command ...")
	}
	code := 0
	var failed *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &failed) {
		code = failed.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}

// jq judges the first JSON value of a file.
func jq(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: jq FILE EXPRESSION")
	}
	query, err := gojq.Parse(args[1])
	ts.Check(err)
	var value any
	ts.Check(json.NewDecoder(strings.NewReader(ts.ReadFile(args[0]))).Decode(&value))
	results := query.Run(value)
	for n := 0; ; n++ {
		result, more := results.Next()
		if !more {
			if n == 0 {
				ts.Fatalf("%s gives nothing", args[1])
			}
			return
		}
		if err, failed := result.(error); failed {
			ts.Fatalf("%s: %v", args[1], err)
		}
		if holds, is := result.(bool); !is || holds == neg {
			ts.Fatalf("%s is %v", args[1], result)
		}
	}
}

func lines(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: lines FILE NUMBER")
	}
	if n := strings.Count(ts.ReadFile(args[0]), "\n"); strconv.Itoa(n) != args[1] {
		ts.Fatalf("%d lines, want %s", n, args[1])
	}
}

// signHMAC signs with the standard library.
func signHMAC(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: hmac VARIABLE SECRET TEXT")
	}
	mac := hmac.New(sha256.New, []byte(args[1]))
	mac.Write([]byte(args[2]))
	ts.Setenv(args[0], base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

func raw(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: raw FILE")
	}
	var object struct {
		Request struct {
			Method, URL, Body string
			Headers           map[string]string
		}
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &object))
	r := object.Request
	u, err := url.Parse(r.URL)
	ts.Check(err)
	text := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: %s\r\n", r.Method, u.RequestURI(), u.Host)
	for name, value := range r.Headers {
		text += name + ": " + value + "\r\n"
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text+"\r\n"+r.Body), 0o600))
}
