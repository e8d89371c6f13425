// Command countersign is a terminal workbench for partner-API authentication.
package main

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/charmbracelet/x/term"

	"countersign/flows"
	"countersign/flows/sandbox"
	"countersign/sign"
	"countersign/sign/untrusted"
	"countersign/ui"
	"countersign/ui/cli"
)

func main() {
	signal.Ignore(syscall.SIGPIPE) // a reader that goes away is an error of the write, and files are still removed
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	code := cli.Main(ctx, cli.Env{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Getenv: os.LookupEnv, Now: time.Now, Rand: rand.Reader,
		Terminal:     func() bool { return term.IsTerminal(os.Stdin.Fd()) && term.IsTerminal(os.Stdout.Fd()) },
		ReadSecret:   readSecret,
		StartSandbox: startSandbox,
		RunWorkbench: runWorkbench,
	})
	os.Exit(code)
}

func readSecret() (string, error) {
	line, err := term.ReadPassword(os.Stdin.Fd())
	return string(line), err
}

func runWorkbench(ctx context.Context, w cli.Workbench) error {
	home, _ := os.UserHomeDir()
	return ui.Run(ctx, ui.Deps{
		Providers: flows.All(), Runner: w.Runner, History: w.History, Home: home, Embedded: w.Embedded, Inbound: w.Inbound, Trouble: w.Trouble, NoColor: ui.NoColor(os.Getenv),
	}, os.Stdin, os.Stdout)
}

// sandboxLife is how long the sandbox's certificates are good: people leave it running, and keep what it gave them loaded.
const sandboxLife = 365 * 24 * time.Hour

// startSandbox starts the embedded sandbox. This is the only place that knows it: everything else sees functions.
func startSandbox(o cli.SandboxOptions) (flows.Embedding, error) {
	options := sandbox.Options{Listen: o.Listen, Dir: o.Dir, Life: sandboxLife}
	if o.Observe != nil {
		options.Observe = func(e sandbox.Event) { o.Observe(inbound(e)) }
	}
	s, err := sandbox.Start(options)
	if err != nil {
		return flows.Embedding{}, err
	}
	return flows.Embedding{
		Given: func(id string) flows.Given {
			return flows.Given{BaseURL: s.BaseURL(id), Values: s.Credentials(id), PEM: s.PEM(id), CA: s.CAPEM()}
		},
		CAFile: s.CAFile(),
		Files:  s.Files,
		Switches: func(id string) []flows.Switch {
			var list []flows.Switch
			for _, w := range s.Switches(id) {
				list = append(list, flows.Switch(w))
			}
			return list
		},
		Set:   s.Set,
		Close: s.Close,
	}, nil
}

// inbound is a request that reached the sandbox, in the terms of package flows.
func inbound(e sandbox.Event) flows.Inbound {
	in := flows.Inbound{
		Sequence: e.Sequence, At: e.At, Provider: e.Provider, Remote: e.Remote,
		Request: sign.Captured{Method: e.Method, Scheme: "https", Target: e.Target, Body: e.Body, HasBody: len(e.Body) > 0},
		Raw:     sign.NewSecret(string(e.Raw)),
		Status:  e.Status, Body: untrusted.From(e.ResponseBody),
		Expected: slices.Clone(e.Expected), Claims: untrusted.From(e.TokenClaims), Note: e.Note,
	}
	for _, h := range e.Header {
		in.Request.Header = append(in.Request.Header, sign.Pair(h))
		if strings.EqualFold(h.Name, "Host") {
			in.Request.Authority = h.Value
		}
	}
	for _, h := range e.ResponseHeader {
		in.Header = append(in.Header, flows.ResponseHeader{Name: untrusted.From(h.Name), Value: untrusted.From(h.Value)})
	}
	for _, c := range e.Checks {
		in.Checks = append(in.Checks, flows.Check(c))
	}
	if leaf, err := x509.ParseCertificate(e.ClientCertificate); err == nil {
		in.Certificate = sign.Certificate{X509: leaf, Chain: []*x509.Certificate{leaf}}
	}
	return in
}
