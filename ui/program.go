package ui

import (
	"context"
	"errors"
	"io"
	"os/signal"
	"syscall"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

// Run shows the workbench on a terminal until the person quits or ctx ends. A terminal that goes away (SIGHUP)
// ends it as well, in order.
func Run(ctx context.Context, deps Deps, in io.Reader, out io.Writer) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGHUP)
	defer stop()
	options := []tea.ProgramOption{
		tea.WithContext(ctx), tea.WithInput(in), tea.WithOutput(out),
		tea.WithoutSignalHandler(), // ctx ends it; a second handler of the same signal may wait for a loop that is gone
		tea.WithFPS(120),           // the first frame and every key wait for half a tick on average
	}
	if deps.NoColor {
		options = append(options, tea.WithColorProfile(colorprofile.Ascii))
	}
	_, err := tea.NewProgram(New(deps), options...).Run()
	if errors.Is(err, tea.ErrProgramKilled) && ctx.Err() != nil {
		return nil
	}
	return err
}

// NoColor reports whether the environment asks for no colour: NO_COLOR with any value but the empty one
// (no-color.org).
func NoColor(getenv func(string) string) bool { return getenv("NO_COLOR") != "" }
