package ui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"countersign/flows"
	"countersign/flows/credentials"
	"countersign/sign"
)

// alteration is something that is kept or taken away, outside of the loop. Its outcome is told in the footer, or in the form
// that asked for it when it was refused: what was typed stays there.
type alteration struct {
	view  *profiles
	form  *form // closed by success; may be nil
	field string
	do    func(context.Context) outcome
	at    profileColumn
}

// outcome is what became of a change.
type outcome struct {
	tone           tone
	text           string
	refused        error // nothing was changed
	remedy         string
	stored         *credentials.Stored
	then           overlay // opened behind it
	ask            overlay // opened in place of a refusal
	touchesProfile bool    // the base URL or CA file of the profile changed
	gone           bool    // the profile is no more
	show           string  // the column to select, by its name
}

// start runs a change. The keyring has its time limit; the view stays usable meanwhile.
func (p *profiles) start(c alteration) tea.Cmd {
	c.view = p
	p.storing++
	if c.form != nil {
		c.form.problem, c.form.remedy, c.form.changed = "", "", true
	}
	return p.m.command(0, func() message { return altered{c, c.do(context.Background())} })
}

// take takes the outcome of a change, also when the view was left meanwhile.
func (p *profiles) take(c alteration, o outcome) tea.Cmd {
	m := p.m
	p.storing--
	top := func() bool { return len(m.overlays) > 0 && m.overlays[len(m.overlays)-1] == overlay(c.form) }
	if o.ask != nil {
		return m.open(o.ask)
	}
	if o.refused != nil {
		problem, remedy := inWords(o.refused)
		if o.remedy != "" {
			remedy = o.remedy
		}
		if c.form != nil && top() {
			c.form.problem, c.form.remedy = problem, remedy
		} else {
			m.say(bad, "%s", problem)
		}
		return p.look(false)
	}
	if c.form != nil && top() {
		m.close()
	}
	if o.stored != nil {
		p.answers[c.item(c.field)] = *o.stored
	} else if c.field != "" {
		delete(p.answers, c.item(c.field))
	}
	m.say(o.tone, "%s", o.text)
	if o.then != nil {
		m.open(o.then)
	}
	if p.used(c.at) && m.job == nil { // what was looked up for the run is not what counts now
		m.set(m.run.Reset())
		if o.gone {
			m.edit(func(d *flows.Draft) { d.Profile = credentials.DefaultProfile })
		}
		if o.touchesProfile {
			m.endpoint()
		}
	}
	cmd := p.look(false)
	if i := slices.IndexFunc(p.columns, func(c profileColumn) bool { return c.name() == o.show }); i >= 0 {
		p.x = i
	}
	return cmd
}

func (c alteration) item(field string) string {
	return credentials.Item(c.at.query.Provider, c.at.environment.Name, c.at.profile, field)
}

// told is an error as problem and remedy.
func inWords(err error) (problem, remedy string) {
	var fault *credentials.ConfigError
	if errors.As(err, &fault) {
		return fault.Error(), fault.Hint
	}
	return err.Error(), ""
}

// set asks for the value of the selected line.
func (p *profiles) set() tea.Cmd {
	f, c := p.field(), p.current()
	if f == nil {
		return p.m.open(p.endpointForm(c))
	}
	return p.m.open(p.valueForm(c, f))
}

// valueForm asks for a value to keep.
func (p *profiles) valueForm(c profileColumn, f *credentials.Field) *form {
	x := textField(f.Name, f.Label, "", "")
	switch {
	case f.File:
		x.label = f.Label + " (path)"
		x.help = "the file stays where it is; config.toml gets the reference file:PATH"
	case f.Secret:
		x.text, x.secret = nil, &secretEdit{}
		x.help = "it goes to the OS keyring and nowhere else; when that is not possible it stays in memory until the program ends, and the line says so"
	default:
		x.help = "it is no secret: it is written into config.toml as it is"
	}
	fm := &form{m: p.m, name: f.Label + " · " + c.name(), fields: []*field{x}, about: p.waiting}
	fm.submit = func(fm *form) (string, string, bool, tea.Cmd) {
		value := fm.secretValue(f.Name)
		if x.text != nil {
			value = sign.NewSecret(fm.value(f.Name))
		}
		switch {
		case p.storing > 0:
			return "the change before is still under way", "it ends within seconds", false, nil
		case value.Empty():
			return "nothing is typed", "esc closes; x in the list takes a value away", false, nil
		}
		store := p.m.deps.Runner.Credentials
		return "", "", false, p.start(alteration{form: fm, field: f.Name, at: c, do: func(ctx context.Context) outcome {
			return stow(f.Label, store.Config, func() (credentials.Stored, error) { return store.Put(ctx, c.query, f.Name, value) })
		}})
	}
	return fm
}

// refer asks for a reference.
func (p *profiles) refer() tea.Cmd {
	f, c := p.field(), p.current()
	x := textField("reference", "Reference", "", "env:NAME, an environment variable; keyring:ITEM, an item of the OS keyring; file:PATH, the content of a file. It need not exist yet")
	x.text.veil = notReferring
	fm := &form{m: p.m, name: "Where " + f.Label + " is · " + c.name(), fields: []*field{x}, about: p.waiting}
	fm.submit = func(fm *form) (string, string, bool, tea.Cmd) {
		text := fm.value("reference")
		switch {
		case p.storing > 0:
			return "the change before is still under way", "it ends within seconds", false, nil
		case text == "":
			return "nothing is typed", "esc closes", false, nil
		case notReferring(text):
			x.text = newEdit("", false) // it may be the secret itself
			x.text.veil = notReferring
			return "that is no reference, and config.toml holds references only; it was thrown away", literalRemedy(f), false, nil
		}
		store := p.m.deps.Runner.Credentials
		return "", "", false, p.start(alteration{form: fm, field: f.Name, at: c, do: func(ctx context.Context) outcome {
			return stow(f.Label, store.Config, func() (credentials.Stored, error) { return store.PutReference(ctx, c.query, f.Name, text) })
		}})
	}
	return p.m.open(fm)
}

// notReferring reports whether a text is not on its way to be a reference. Such text is hidden as it is typed.
func notReferring(text string) bool {
	for _, scheme := range []string{"env:", "keyring:", "file:"} {
		if strings.HasPrefix(text, scheme) || strings.HasPrefix(scheme, text) {
			return false
		}
	}
	return true
}

// literalRemedy is the right way to give what was typed where a reference belongs.
func literalRemedy(f *credentials.Field) string {
	switch {
	case f.File:
		return "esc, then enter: give the path of the file"
	case f.Secret:
		return "esc, then enter: type the secret there; it is hidden and goes to the keyring"
	}
	return "esc, then enter: type the value there; it is no secret"
}

// stow puts a value somewhere and says where. Memory is never used silently.
func stow(label string, config *credentials.Config, put func() (credentials.Stored, error)) outcome {
	s, err := put()
	if err != nil {
		return outcome{refused: err}
	}
	o := outcome{tone: good, stored: &s}
	switch s.Where {
	case credentials.InKeyring:
		o.text = fmt.Sprintf("%s: stored in keyring, item %s", label, s.Detail)
	case credentials.InMemory:
		o.tone, o.text = warn, fmt.Sprintf("%s: memory only, until the program ends: %s", label, s.Why)
	default:
		o.text = fmt.Sprintf("%s: stored in the profile, in config.toml", label)
	}
	if s.Where != credentials.InMemory && (s.Why != "" || len(s.Problems) > 0) {
		o.tone = warn
	}
	return o
}

// waiting is the line of a form while its change is under way.
func (p *profiles) waiting(int) []row {
	if p.storing == 0 {
		return nil
	}
	return []row{nil, {strong(accent, "… "), say(plain, "storing"), say(quiet, "; a keyring that does not answer is given up after 3 seconds")}}
}

// remove asks, then takes the selected value away.
func (p *profiles) remove() tea.Cmd {
	f, c, store := p.field(), p.current(), p.m.deps.Runner.Credentials
	if f == nil {
		name, key := "Base URL", "base_url"
		if p.y > len(p.provider.Fields) {
			name, key = "CA file", "ca_file"
		}
		return p.confirm("Remove "+name+"?", c, alteration{at: c, do: func(context.Context) outcome {
			err := store.Config.Drop(p.provider.ID, c.environment.Name, c.profile, key)
			return outcome{tone: good, text: name + ": removed from the profile", refused: err, touchesProfile: true}
		}}, row{say(plain, "It is taken out of the profile in config.toml.")})
	}
	what := "It is taken out of the keyring, of the profile in config.toml, and of memory."
	if f.File {
		what = "Its reference is taken out of the profile in config.toml. The file stays."
	} else if !f.Secret {
		what = "It is taken out of the profile in config.toml."
	}
	return p.confirm("Remove "+f.Label+"?", c, alteration{field: f.Name, at: c, do: func(ctx context.Context) outcome {
		removed, err := store.Remove(ctx, c.query, f.Name)
		return withdrawn(f.Label, removed, err)
	}}, row{say(plain, what)})
}

// withdrawn says what became of a value that was to be removed.
func withdrawn(label string, r credentials.Removed, err error) outcome {
	var places []string
	for _, w := range r.From {
		places = append(places, string(w))
	}
	from := strings.Join(places, ", ")
	switch {
	case err != nil && from != "":
		return outcome{tone: bad, text: fmt.Sprintf("%s: removed from %s, but %s", label, from, err)}
	case err != nil:
		return outcome{refused: fmt.Errorf("%s: %w", label, err)}
	case from == "":
		return outcome{tone: warn, text: label + ": it was kept nowhere"}
	case r.Still != nil:
		return outcome{tone: warn, text: fmt.Sprintf("%s: removed from %s; it still has a value, from: %s", label, from, r.Still)}
	}
	return outcome{tone: good, text: fmt.Sprintf("%s: removed from %s", label, from)}
}

// confirm asks before a change.
func (p *profiles) confirm(name string, c profileColumn, do alteration, lines ...row) tea.Cmd {
	where := append(row{say(quiet, "in ")}, typed(p.provider.Name+" · "+c.name(), ink{attr: bold})...)
	t := warn
	if c.environment.Production {
		t = bad
	}
	shown := []row{where}
	for _, l := range lines {
		shown = append(shown, l.wrapped(confirmWidth)...)
	}
	return p.m.open(&confirm{m: p.m, name: name, tone: t, lines: shown, yes: func() tea.Cmd { return p.start(do) }})
}

// confirmWidth is how wide the lines of a question are on every screen.
const confirmWidth = 50

// use lets the workbench go on with the selected profile.
func (p *profiles) use() tea.Cmd {
	m, c := p.m, p.current()
	e, _ := p.provider.Environment(c.environment.Name)
	m.edit(func(d *flows.Draft) { d.Environment, d.CAFile, d.Profile = e, "", c.profile })
	m.endpoint()
	m.focus = atCredentials
	if e.Production {
		m.say(warn, "the workbench uses %s: this is PRODUCTION, requests act on real accounts and real money", c.name())
	} else {
		m.say(good, "the workbench uses %s; esc goes back to it", c.name())
	}
	return nil
}
