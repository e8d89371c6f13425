package ui

import (
	"context"
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"countersign/flows"
	"countersign/flows/credentials"
)

// surveyed is what was found of all credentials of a partner.
type surveyed struct {
	number  int                    // of the listing
	lists   [][]credentials.Record // by column
	keyring error                  // why it did not answer
}

// altered is what became of a change of what is kept. It is never late: where a secret went must be told.
type altered struct {
	alteration alteration
	outcome    outcome
}

func (surveyed) ours() {}
func (altered) ours()  {}

// profiles shows all credentials of the partner at hand, each environment and profile in a column of its own: during a
// rotation the old and the new secret, key and certificate stand side by side. It says of each whether it is set, from
// where, and by which fingerprint it is known; it has no value to show.
//
// Whatever asks the keyring or writes a file runs in a command. Its result comes back as surveyed or as changed.
type profiles struct {
	m        *Model
	provider *flows.Provider
	stamp    int // of the run that the columns were made for
	columns  []profileColumn
	answers  map[string]credentials.Stored // by keyring item: what became of a value that was stored in this session

	survey  int   // number of the listing that is waited for; an older one is late
	asking  bool  // it is under way
	keyring error // why the keyring did not answer, when it was asked last
	asked   bool
	storing int // changes that are under way
	stop    context.CancelFunc

	x, y   int // selected column and line
	left   int // first column seen
	window window
}

// column is a profile in an environment.
type profileColumn struct {
	environment flows.Environment
	profile     string
	kept        bool // the configuration has it
	baseURL     string
	caFile      string
	query       credentials.Query
	records     []credentials.Record // in the order of the fields; nil: not known yet
}

// name is what a person calls the column.
func (c profileColumn) name() string { return c.environment.Name + " · " + c.profile }

// openProfiles shows the view.
func (m *Model) openProfiles() tea.Cmd {
	if m.profiles == nil {
		m.profiles = &profiles{m: m, answers: map[string]credentials.Stored{}}
	}
	m.screen = m.profiles
	return m.profiles.look(true)
}

func (p *profiles) title() string { return "all credentials" }

func (p *profiles) close() tea.Cmd {
	p.m.screen = nil
	p.halt()
	return nil
}

// halt gives up what is still asked of the keyring.
func (p *profiles) halt() {
	if p.stop != nil {
		p.stop()
	}
	p.asking = false
	p.survey++
}

// refresh asks again when the run changed behind the view: another partner, another profile, a value that was typed.
func (p *profiles) refresh() tea.Cmd {
	if p.m.screen != screen(p) || p.stamp == p.m.stamp {
		return nil
	}
	return p.look(p.provider != p.m.run.Draft.Provider)
}

// look lists the columns and asks for what is in them. With begin it selects the profile that the workbench uses.
func (p *profiles) look(begin bool) tea.Cmd {
	p.halt()
	if p.provider != p.m.run.Draft.Provider {
		p.columns, p.y, p.left = nil, 0, 0
	}
	p.provider, p.stamp = p.m.run.Draft.Provider, p.m.stamp
	before := p.columns
	p.columns = p.list()
	if len(p.columns) == 0 {
		p.m.say(warn, "%s", unkept(p.m))
		return p.close()
	}
	for i, c := range p.columns { // what is known stays on the screen until it is known better
		if j := slices.IndexFunc(before, func(b profileColumn) bool { return b.name() == c.name() }); j >= 0 {
			p.columns[i].records = before[j].records
		}
		if begin && p.used(c) {
			p.x = i
		}
	}
	p.hold()
	return p.ask()
}

// list is the columns as the configuration has them, the default profile of each environment always among them.
func (p *profiles) list() []profileColumn {
	d, store := p.m.run.Draft, p.m.deps.Runner.Credentials
	var out []profileColumn
	for _, e := range d.Provider.Environments {
		if e.Name == flows.Embedded {
			continue
		}
		names := []string{credentials.DefaultProfile}
		kept := store.Config.Profiles(d.Provider.ID, e.Name)
		for _, k := range kept {
			names = append(names, k.Name)
		}
		if e.Name == d.Environment.Name {
			names = append(names, d.Profile)
		}
		for i, name := range names {
			if slices.Contains(names[:i], name) {
				continue
			}
			c := profileColumn{environment: e, profile: name, query: credentials.Query{Provider: d.Provider.ID, Environment: e.Name, Profile: name, Fields: d.Provider.Fields}}
			if j := slices.IndexFunc(kept, func(k credentials.Profile) bool { return k.Name == name }); j >= 0 {
				c.kept, c.baseURL, c.caFile = true, kept[j].BaseURL, kept[j].CAFile
			}
			if p.used(c) {
				c.query.Typed, c.query.Options = p.m.run.Typed, p.m.run.Set
			}
			out = append(out, c)
		}
	}
	return out
}

// ask looks the values up, beside the screen.
func (p *profiles) ask() tea.Cmd {
	ctx, cancel := context.WithCancel(context.Background())
	p.stop = cancel
	p.asking = true
	number, store := p.survey, p.m.deps.Runner.Credentials
	queries := make([]credentials.Query, len(p.columns))
	for i, c := range p.columns {
		queries[i] = c.query
	}
	return p.m.command(0, func() message {
		lists, err := store.Survey(ctx, queries)
		return surveyed{number, lists, err}
	})
}

// learn takes what was found.
func (p *profiles) learn(msg surveyed) {
	p.asking, p.asked, p.keyring = false, true, msg.keyring
	for i := range p.columns {
		p.columns[i].records = msg.lists[i]
	}
}

// used reports whether the workbench uses the column.
func (p *profiles) used(c profileColumn) bool {
	d := p.m.run.Draft
	return d.Environment.Name == c.environment.Name && d.Profile == c.profile
}

// current is the selected column. There is always one: the view closes for a partner that has no environment but the
// embedded one.
func (p *profiles) current() profileColumn { return p.columns[p.x] }

// field is the selected field; nil when the line is one of the settings of the profile.
func (p *profiles) field() *credentials.Field {
	if p.y < len(p.provider.Fields) {
		return &p.provider.Fields[p.y]
	}
	return nil
}

// record is what is known of the selected value.
func (p *profiles) record() (credentials.Record, bool) {
	c := p.current()
	if p.y < len(c.records) && p.field() != nil {
		return c.records[p.y], true
	}
	return credentials.Record{}, false
}

// lines is the number of lines: the fields, base URL and CA file.
func (p *profiles) lines() int { return len(p.provider.Fields) + 2 }

func (p *profiles) hold() {
	p.x = max(0, min(p.x, len(p.columns)-1))
	p.y = max(0, min(p.y, p.lines()-1))
}

func (p *profiles) update(msg tea.Msg) (tea.Cmd, bool) {
	k, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil, false
	}
	for _, b := range p.bindings() {
		if key.Matches(k, b.key) {
			return p.m.act(b), true
		}
	}
	if to, ok := p.m.motion(k); ok {
		p.move(to)
		return nil, true
	}
	return nil, false
}

func (p *profiles) move(to motion) {
	switch to {
	case up:
		p.y--
	case down:
		p.y++
	case toLeft:
		p.x--
	case toRight:
		p.x++
	case pageUp, first:
		p.y = 0
	case pageDown, last:
		p.y = p.lines() - 1
	}
	p.hold()
}

// motion is the motion that a key means, by the table.
func (m *Model) motion(k tea.KeyPressMsg) (motion, bool) {
	names := map[string]motion{"up": up, "down": down, "left": toLeft, "right": toRight, "page up": pageUp, "page down": pageDown, "first": first, "last": last}
	for _, b := range m.bindings {
		if b.group == moving && key.Matches(k, b.key) {
			to, ok := names[b.key.Help().Desc]
			return to, ok
		}
	}
	return 0, false
}
