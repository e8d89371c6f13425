// Package cli is the command line: what the workbench does, as plain lines and as JSON, without a screen.
//
// Goals: every word, flag, JSON name and exit code is a contract that scripts rely on; nothing is coloured, so that
// nothing is said by colour alone and a screen reader misses nothing; building the commands touches no file, no keyring
// and no network, so that help and mistakes cost nothing.
//
// Non-goals: knowing a partner, which is data of package flows, and knowing the sandbox, which the program's entry
// hands in as functions.
package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"syscall"
	"time"

	"countersign/flows"
	"countersign/history"
	"countersign/sign/untrusted"
)

// The exit codes.
const (
	exitDone    = 0
	exitRefused = 1 // the partner refused, or a signature is explained or unexplained
	exitUsage   = 2
	exitNetwork = 3
	exitLocal   = 4 // keyring, history, file
)

// Env is everything that the command line takes from outside. Functions that may be nil say so.
type Env struct {
	Args           []string // without the name of the program
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) (string, bool)
	Now            func() time.Time
	Rand           io.Reader
	TempDir        string      // where the sandbox's files are put; "" for the system's own place
	Terminal       func() bool // whether standard input and standard output both are a terminal
	// ReadSecret reads a line from the terminal without showing it.
	ReadSecret func() (string, error)

	// StartSandbox starts the embedded sandbox; it is called at most once, and only when a command needs it.
	StartSandbox func(SandboxOptions) (flows.Embedding, error)
	// RunWorkbench runs the full-screen program until the person quits or ctx ends. Nil: there is none.
	RunWorkbench func(context.Context, Workbench) error
}

// SandboxOptions say how the embedded sandbox is started.
type SandboxOptions struct {
	Listen  string              // loopback host and port; "" for free ports on 127.0.0.1
	Dir     string              // where the CA and the key files are written; "" for nowhere
	Observe func(flows.Inbound) // called once for each request, one call at a time; may be nil
}

// Main runs one command and returns the exit code. It returns when ctx ends, with what was begun cleaned up.
func Main(ctx context.Context, env Env) int {
	a := &app{Env: env, json: wantsJSON(env.Args)}
	help := &page{w: env.Stdout}
	root := a.root(help)
	root.SetArgs(env.Args)
	root.SetIn(env.Stdin)
	root.SetErr(env.Stderr)
	err := root.ExecuteContext(ctx)
	return a.report(errors.Join(err, help.err, a.close()))
}

// app is one invocation.
type app struct {
	Env
	json    bool // --json stands among the arguments
	printed bool // the JSON object was printed, with the error in it

	code int // exit code of a command that ended well with bad news

	embedding embedding
	log       *history.Log      // nil: not in use
	keep      history.Retention // what stays of the history
	notes     []string          // what was found odd about the configuration

	homeless error // why there is no place for a configuration
}

// report tells an error on standard error, and with --json in an object as well, and chooses the exit code.
func (a *app) report(err error) int {
	if err == nil || errors.Is(err, syscall.EPIPE) { // whoever reads has read enough
		return a.code
	}
	e := told(err)
	if a.json && !a.printed {
		a.object(struct {
			Error *failure `json:"error"`
		}{failureOf(e)})
	}
	fmt.Fprintf(a.Stderr, "countersign: %s\n", untrusted.From(e.Message))
	if e.Hint != "" {
		fmt.Fprintf(a.Stderr, "hint: %s\n", untrusted.From(e.Hint))
	}
	return exitCode(e.Kind)
}

// exitCode is the exit code of a kind of error. An unusable answer to a token request counts as a refusal:
// something answered, and it was no yes.
func exitCode(k flows.ErrorKind) int {
	switch k {
	case flows.KindUsage:
		return exitUsage
	case flows.KindNetwork:
		return exitNetwork
	case flows.KindRefused, flows.KindToken:
		return exitRefused
	}
	return exitLocal
}

// told makes one typed error of any; what is not typed comes from this machine.
func told(err error) *flows.Error {
	var e *flows.Error
	if errors.As(err, &e) {
		return e
	}
	return local(err, "%s", err)
}

// wrong is a mistake in what was typed.
func wrong(hint, format string, args ...any) *flows.Error {
	return &flows.Error{Kind: flows.KindUsage, Message: fmt.Sprintf(format, args...), Hint: hint}
}

// failure is an error in the JSON contract.
type failure struct {
	Kind    string `json:"kind"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	Step    string `json:"step,omitempty"`
	Field   string `json:"field,omitempty"`
}

func failureOf(e *flows.Error) *failure {
	if e == nil {
		return nil
	}
	return &failure{string(e.Kind), e.Message, e.Hint, string(e.Step), e.Field}
}

// object prints one JSON value, safe to print: indented for a person, in one line for a program.
func (a *app) object(v any) error {
	a.printed = true
	return writeJSON(a.Stdout, v, a.Terminal())
}

// writeJSON writes v as one line of JSON, or indented, with everything escaped that a terminal would obey or hide.
func writeJSON(w io.Writer, v any, indented bool) error {
	var buffer untrustedBuffer
	e := json.NewEncoder(&buffer)
	e.SetEscapeHTML(false)
	if indented {
		e.SetIndent("", "  ")
	}
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(untrusted.Printable(buffer))
	return err
}

// untrustedBuffer collects bytes.
type untrustedBuffer []byte

func (b *untrustedBuffer) Write(p []byte) (int, error) {
	*b = append(*b, p...)
	return len(p), nil
}

// local is trouble on this machine.
func local(cause error, format string, args ...any) *flows.Error {
	return &flows.Error{Kind: flows.KindLocal, Message: fmt.Sprintf(format, args...), Err: cause}
}
