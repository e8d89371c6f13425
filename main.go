// Command countersign is a terminal workbench for partner-API authentication.
package main

import (
	"context"
	"crypto/rand"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/charmbracelet/x/term"

	"countersign/flows"
	"countersign/flows/embedded"
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
		Providers: flows.All(), Runner: w.Runner, History: w.History, Home: home, Embedded: w.Embedded, Inbound: w.Inbound, Secrets: w.Secrets, Trouble: w.Trouble, NoColor: ui.NoColor(os.Getenv),
	}, os.Stdin, os.Stdout)
}

// startSandbox starts the embedded sandbox. This is the only place that knows it: everything else sees functions.
func startSandbox(o cli.SandboxOptions) (flows.Embedding, error) {
	return embedded.Start(embedded.Options(o))
}
