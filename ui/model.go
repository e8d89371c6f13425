// Package ui is the workbench: a Bubble Tea program that walks a person through a partner's authentication,
// one visible step at a time.
//
// It draws and asks; it decides nothing. Everything on the screen is read off a [flows.Run], and every key
// either changes what is looked at or asks the [flows.Runner] for another run. Nothing here blocks: whatever
// touches the network, a file or a keyring runs in a command and comes back as a message (messages.go) that
// carries the number of its job; late ones are dropped in one place (update.go).
//
// Reading order: model.go, update.go, keys.go (every key, in one table), run.go (how steps are done),
// frame.go (where things are), then one file for each pane. The history is a screen of its own: history_view.go.
//
// Not a goal: knowing partners. No file here names one; fields, steps, options and errors are data.
package ui

import (
	"context"
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"countersign/flows"
	"countersign/history"
	"countersign/sign"
)

// Deps is what the workbench works with. Providers and Runner are required.
type Deps struct {
	Providers []*flows.Provider
	Runner    *flows.Runner

	// Now is the clock of countdowns; time.Now by default.
	Now func() time.Time
	// Every makes the command that calls fn once after d; tea.Tick by default. Tests drive it with a clock of their own.
	Every func(d time.Duration, fn func(time.Time) tea.Msg) tea.Cmd
	// Embedded waits until the embedded sandbox is up and gives its switches; nil when there is none.
	Embedded func(context.Context) (flows.Embedding, error)
	// Inbound delivers what reached the embedded sandbox, from anybody's code; nil when nobody listens.
	Inbound <-chan flows.Inbound

	// History is what was sent before; nil when none is kept. It is read behind the first frame, never before.
	History *history.Log
	// Secrets finds all secrets of this machine's user, of every partner and profile, and may ask the keyring: none of them
	// may be in a file that leaves or in a note. Nil: only those are known that were loaded.
	Secrets func(context.Context) (map[string]sign.Secret, error)
	// Trouble is why the configuration is not used; empty when it is.
	Trouble string
	// Home is shown and read as ~ in the names of files; empty: it is not.
	Home string

	// Provider, Request and Environment say where to begin; empty means the first.
	Provider, Request, Environment string

	NoColor       bool // bold, underlined and reverse only
	ReducedMotion bool // nothing moves but the seconds
	Strict        bool // a panic is not caught; for tests
}

// Model is the whole program. It is a [tea.Model] by pointer and is used by one goroutine.
type Model struct {
	deps     Deps
	theme    *theme
	dark     bool // the ground of the terminal
	few      bool // it has sixteen colours at most
	bindings []binding
	scopes   [places][]binding // the same, by focused pane

	width, height int
	focus         place
	zoom          bool
	panes         [places]pane
	drawn         [places]drawnPane
	overlays      []overlay // the last one has the keys
	screen        screen    // nil: the workbench
	history       *historyView
	profiles      *profiles // nil: not opened yet

	run    flows.Run
	stamp  int                  // counts the changes of run; drawn panes are kept until it changes
	kept   map[string]flows.Run // other requests as they were left, by provider and request
	recent []recent
	job    *job // what is under way; nil: nothing
	jobs   int

	notice    notice
	pending   []notice // each is told when the one before it is taken away
	upkeep    upkeep
	shown     time.Time // until when the secret of the focused pane is shown
	ticks     int       // generation of the tick chain
	pace      time.Duration
	embedding *flows.Embedding
	inbound   *inboundScreen
	quitting  bool
	verbatim  *verbatim // an earlier exchange that stands to be sent byte for byte; nil: none
	insisted  bool      // the next send is not held against the history
}

// notice is one line at the bottom that the next key takes away.
type notice struct {
	tone tone
	text string
}

// New makes the workbench. It does nothing slow: no file, no network, no keyring.
func New(deps Deps) *Model {
	if deps.Now == nil {
		deps.Now = time.Now
	}
	if deps.Every == nil {
		deps.Every = tea.Tick
	}
	m := &Model{deps: deps, dark: true, few: deps.NoColor, focus: atCredentials, kept: map[string]flows.Run{}}
	m.theme = newTheme(m.dark, m.few)
	m.bindings = table()
	m.scopes = scoped(m.bindings)
	m.panes = [places]pane{
		atPartners:    &partnersPane{m: m},
		atCredentials: &credentialsPane{m: m},
		atToken:       &tokenPane{m: m},
		atCanonical:   &canonicalPane{m: m},
		atSignature:   &signaturePane{m: m},
		atResponse:    &responsePane{m: m},
	}
	m.history = newHistoryView(m)
	m.inbound = newInboundScreen(m)
	m.upkeep.due = true
	m.begin()
	if deps.Trouble != "" {
		m.say(warn, "%s", deps.Trouble)
	}
	return m
}

// begin chooses the first request.
func (m *Model) begin() {
	p, ok := flows.Find(m.deps.Providers, m.deps.Provider)
	if !ok {
		p = m.deps.Providers[0]
	}
	s, ok := p.Sample(m.deps.Request)
	if !ok {
		s, _ = p.Sample("")
	}
	env, ok := p.Environment(m.deps.Environment)
	if !ok {
		env = p.Environments[0]
	}
	m.set(flows.NewRun(flows.NewDraft(p, env, s)))
	m.panes[atPartners].(*partnersPane).follow()
}

// Init asks the terminal for its ground and starts to listen.
func (m *Model) Init() tea.Cmd {
	return tea.Batch(tea.RequestBackgroundColor, m.listen(), m.meetEmbedding())
}

// set puts another run on the screen.
func (m *Model) set(run flows.Run) {
	m.run = run
	m.stamp++
	m.shown = time.Time{}
}

// say puts a line at the bottom.
func (m *Model) say(t tone, format string, args ...any) {
	m.notice = notice{t, fmt.Sprintf(format, args...)}
}

// tell puts a line at the bottom as soon as no other stands there: news that nobody asked for waits for what somebody
// reads.
func (m *Model) tell(t tone, format string, args ...any) {
	m.pending = append(m.pending, notice{t, fmt.Sprintf(format, args...)})
}

// turn shows the next line that waits.
func (m *Model) turn() {
	if m.notice.text == "" && m.job == nil && len(m.pending) > 0 {
		m.notice, m.pending = m.pending[0], m.pending[1:]
	}
}

// now is the moment that countdowns are judged by.
func (m *Model) now() time.Time { return m.deps.Now() }

// revealing reports whether the secret of the pane with the focus is shown for the moment.
func (m *Model) revealing(at place) bool { return at == m.focus && m.now().Before(m.shown) }
