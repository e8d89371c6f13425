package ui

import (
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"countersign/flows"
	"countersign/flows/credentials"
	"countersign/sign"
)

// credentialsPane shows each value with where it came from, and the settings of the request.
type credentialsPane struct {
	m      *Model
	at     int // selected item
	window window
}

// item is one line of the pane: a credential field or a setting.
type item struct {
	name   string
	label  string
	value  row
	source row
	about  []row // shown for the selected item
	edit   func() tea.Cmd
	field  *credentials.Field // nil: a setting
}

func (p *credentialsPane) title() (string, row) {
	if pos := p.window.position(); pos != nil {
		return "Credentials", pos
	}
	if len(p.m.run.Credentials) == 0 {
		return "Credentials", row{say(quiet, "not looked up yet")}
	}
	if kind, ok := p.common(); ok {
		return "Credentials", row{say(quiet, "all from: "), say(plain, string(kind))}
	}
	return "Credentials", nil
}

// common is the kind of place that all values came from, if it is one.
func (p *credentialsPane) common() (kind credentials.SourceKind, ok bool) {
	for _, v := range p.m.run.Credentials {
		switch {
		case v.Secret.Empty() && v.Err == nil:
		case kind == "":
			kind = v.Source.Kind
		case kind != v.Source.Kind:
			return "", false
		}
	}
	return kind, kind != ""
}

func (p *credentialsPane) draw(w, h int, focused bool) []row {
	items := p.items(w)
	p.at = max(0, min(p.at, len(items)-1))
	var head []row
	if e := p.m.failure(atCredentials); e != nil && (!focused || items[p.at].name != e.Field) {
		head = trouble(e.Message, e.Hint, w)
		head = append(head[:min(len(head), max(h-4, 1))], nil)
	}
	head = append(p.unconfigured(w), head...)
	var foot []row
	if focused {
		foot = items[p.at].about
		foot = append([]row{{say(faint, repeat("┄", w))}}, foot[:min(len(foot), max(h-len(head)-len(items)-1, 3))]...)
	}
	room := max(h-len(head)-len(foot), 1)
	p.window.set(len(items), room)
	p.window.show(p.at)
	rows := head
	for i := p.window.top; i < min(p.window.top+room, len(items)); i++ {
		rows = append(rows, items[i].row(w, focused && i == p.at))
	}
	for len(rows)+len(foot) < h {
		rows = append(rows, nil)
	}
	return fill(append(rows, foot...), w, h)
}

// unconfigured says why values that the configuration refers to are not found. The embedded sandbox has no use for it.
func (p *credentialsPane) unconfigured(w int) []row {
	if p.m.deps.Trouble == "" || p.m.run.Draft.Environment.Name == flows.Embedded {
		return nil
	}
	return append(paragraph(strong(warn, "! "), p.m.deps.Trouble, ink{fg: warn}, w), nil)
}

// row is the item on one line: label, value, source.
func (i item) row(w int, chosenOne bool) row {
	at := min(max(w*45/100, 12), 28)
	left := append(row{label(i.label, at-1), {" ", ink{}}}, i.value...)
	r := spread(left, i.source, w, ink{})
	if chosenOne {
		return r.on(chosen)
	}
	return r
}

func (p *credentialsPane) move(to motion) tea.Cmd {
	n := len(p.items(80))
	p.m.shown = time.Time{} // it was another value that a person asked to see
	switch to {
	case up:
		p.at--
	case down:
		p.at++
	case pageUp, first:
		p.at = 0
	case pageDown, last:
		p.at = n - 1
	}
	p.at = max(0, min(p.at, n-1))
	return nil
}

// items are the fields, then the settings.
func (p *credentialsPane) items(w int) []item {
	m := p.m
	d := m.run.Draft
	var out []item
	for i := range d.Provider.Fields {
		out = append(out, p.fieldItem(&d.Provider.Fields[i], w))
	}
	out = append(out, p.environmentItem(w), p.baseItem(w))
	if d.CAFile != "" {
		out = append(out, item{name: "ca_file", label: "CA file", value: typed(d.CAFile, ink{}), edit: func() tea.Cmd { return m.open(newEndpointForm(m)) },
			about: []row{{say(quiet, "certificates trusted for this environment")}}})
	}
	out = append(out, item{name: "profile", label: "Profile", value: typed(d.Profile, ink{}), edit: func() tea.Cmd { return m.open(newProfiles(m)) },
		about: append(p.problems("", w), paragraph(bit{}, "a set of credentials of its own; there may be several, the old and the new during a rotation", ink{fg: quiet}, w)...)})
	for _, o := range d.Provider.Options {
		out = append(out, p.optionItem(o, w))
	}
	return p.blamed(out, w)
}

// blamed tells about the error of the run at the item that is to blame, unless a problem tells it already.
func (p *credentialsPane) blamed(items []item, w int) []item {
	e := p.m.failure(atCredentials)
	if e == nil {
		return items
	}
	for i := range items {
		told := slices.ContainsFunc(p.m.run.Problems, func(problem credentials.Problem) bool {
			return problem.Field == items[i].name && problem.Message == e.Message
		})
		if items[i].name == e.Field && !told {
			told := append(trouble(e.Message, e.Hint, w), row{strong(accent, "e"), say(quiet, " edits it here")})
			items[i].about = append(told, items[i].about...)
		}
	}
	return items
}

// follow selects the item that is to blame.
func (p *credentialsPane) follow() {
	e := p.m.failure(atCredentials)
	if e == nil {
		return
	}
	for i, it := range p.items(80) {
		if it.name == e.Field {
			p.at = i
		}
	}
}

func (p *credentialsPane) environmentItem(w int) item {
	m := p.m
	e := m.run.Draft.Environment
	value := row{say(plain, e.Name)}
	if e.Production {
		value = row{strong(bad, "PRODUCTION"), say(quiet, " real money")}
	}
	return item{name: "environment", label: "Environment", value: value, edit: func() tea.Cmd { return m.open(newEnvironments(m)) },
		about: paragraph(bit{}, "where requests go; "+e.Source, ink{fg: quiet}, w)}
}

func (p *credentialsPane) baseItem(w int) item {
	m := p.m
	e := m.run.Draft.Environment
	value := typed(e.BaseURL, ink{})
	switch {
	case m.run.Reached != "":
		value = typed(m.run.Base.Origin()+m.run.Base.Path, ink{})
	case e.BaseURL == "" && e.Name == flows.Embedded:
		value = row{say(quiet, "known when the sandbox is up")}
	case e.BaseURL == "":
		value = row{say(warn, "! not published: type it")}
	}
	return item{name: "base_url", label: "Base URL", value: value, edit: func() tea.Cmd { return m.open(newEndpointForm(m)) },
		about: paragraph(bit{}, "credentials go to this scheme, host and port only; a path is kept byte for byte and signed", ink{fg: quiet}, w)}
}

func (p *credentialsPane) optionItem(o flows.Option, w int) item {
	m := p.m
	value := row{}
	for _, v := range o.Values {
		if v.Name == m.run.Draft.Options[o.Name] {
			value = row{say(plain, v.Label)}
		}
	}
	return item{name: o.Name, label: o.Label, value: value, edit: func() tea.Cmd { return m.open(newOption(m, o)) },
		about: paragraph(bit{}, o.Help, ink{fg: quiet}, w)}
}

func (p *credentialsPane) fieldItem(f *credentials.Field, w int) item {
	m := p.m
	v, found := m.run.Credentials[f.Name]
	it := item{name: f.Name, label: f.Label, field: f, edit: func() tea.Cmd { return m.open(newFieldForm(m, f)) }}
	_, isTyped := m.run.Typed[f.Name]
	switch {
	case !found && isTyped:
		it.value, it.source = row{say(plain, "typed")}, nil
	case !found:
		it.value = row{say(faint, "·")}
	case v.Err != nil:
		it.value, it.source = row{say(bad, "✗ unusable")}, row{say(quiet, string(v.Source.Kind))}
	case v.Secret.Empty() && f.Optional && !strings.Contains(m.run.Draft.Environment.BaseURL, "{"+f.Name+"}"):
		it.value = row{say(quiet, "not set, not needed")}
	case v.Secret.Empty():
		it.value = row{say(bad, "✗ missing")}
	default:
		it.value, it.source = p.fieldValue(f, v), row{say(quiet, string(v.Source.Kind))}
	}
	if _, same := p.common(); same {
		it.source = nil
	}
	if slices.ContainsFunc(m.run.Problems, func(x credentials.Problem) bool { return x.Field == f.Name && x.Warning }) {
		it.value = append(row{strong(warn, "! ")}, it.value...)
	}
	it.about = p.about(f, v, found, w)
	return it
}

// fieldValue is the value as it may be shown: a secret by its length and fingerprint, a file by what it holds.
func (p *credentialsPane) fieldValue(f *credentials.Field, v credentials.Value) row {
	l := p.m.run.Loaded
	switch {
	case f.File && f.Name == "client_certificate" && l.Certificate.Present():
		return append(row{say(quiet, "CN ")}, typed(l.Certificate.X509.Subject.CommonName, ink{})...)
	case f.File && f.Name == "client_key" && l.ClientKey.Present():
		return row{say(plain, "EC P-256 "), say(quiet, l.ClientKey.Fingerprint()[:12])}
	case f.File && f.Name == "signing_key" && l.SigningKey.Present():
		return row{say(plain, "EC P-256 "), say(quiet, l.SigningKey.Fingerprint()[:12])}
	case f.Secret && !f.File && p.m.revealing(atCredentials) && p.selected(f):
		return typed(revealSecret(v.Secret), ink{fg: originOf(sign.Key)})
	case f.Secret || f.File:
		return row{say(plain, "•••••• "), say(quiet, plural(v.Secret.Len(), "byte"))}
	}
	return typed(public(v), ink{})
}

// about is what there is to say of the selected field: problems first.
func (p *credentialsPane) about(f *credentials.Field, v credentials.Value, found bool, w int) []row {
	rows := p.problems(f.Name, w)
	if f.Help != "" {
		rows = append(rows, paragraph(bit{}, f.Help, ink{fg: quiet}, w)...)
	}
	if found && v.Source.Kind != credentials.Missing {
		rows = append(rows, append(row{say(quiet, "from: ")}, typed(v.Source.String(), ink{})...).wrapped(w)...)
	}
	if fp := v.Secret.Fingerprint(); found && f.Secret && fp != "" {
		rows = append(rows, row{say(quiet, "fingerprint: "), say(plain, "#"+fp)})
	}
	sealed := p.m.run.Draft.Environment.Name == flows.Embedded
	if env := f.Env; env != "" && sealed {
		rows = append(rows, row{say(quiet, "environment variable: "), say(plain, env), say(quiet, ", not asked here")})
	} else if env != "" {
		rows = append(rows, row{say(quiet, "environment variable: "), say(plain, env)})
	} else if !sealed {
		rows = append(rows, row{say(quiet, "no environment variable is documented; e types it, or --set "+f.Name+"=")})
	}
	return rows
}

// problems are what there is to say of a field, or of none in particular.
func (p *credentialsPane) problems(field string, w int) []row {
	var rows []row
	for _, problem := range p.m.run.Problems {
		if problem.Field != field {
			continue
		}
		lead := strong(bad, "✗ ")
		if problem.Warning {
			lead = strong(warn, "! ")
		}
		rows = append(rows, paragraph(lead, problem.Message, ink{}, w)...)
		if problem.Hint != "" {
			rows = append(rows, paragraph(say(warn, "→ "), problem.Hint, ink{}, w)...)
		}
		if field != "" && !problem.Warning {
			rows = append(rows, row{say(warn, "→ "), say(plain, "or e gives it here, for this session")}.wrapped(w)...)
		}
	}
	return rows
}

func (p *credentialsPane) current() item {
	items := p.items(80)
	return items[max(0, min(p.at, len(items)-1))]
}

func (p *credentialsPane) selected(f *credentials.Field) bool {
	fields := p.m.run.Draft.Provider.Fields
	return p.at < len(fields) && fields[p.at].Name == f.Name
}

// edit opens what changes the selected item.
func (p *credentialsPane) edit() tea.Cmd { return p.current().edit() }

// clear takes back what was typed.
func (p *credentialsPane) clear() tea.Cmd {
	it := p.current()
	p.m.set(p.m.run.Type(it.name, sign.Secret{}))
	p.m.say(good, "%s: what was typed is taken back", it.label)
	return nil
}

func (p *credentialsPane) notTyped() string {
	_, ok := p.m.run.Typed[p.current().name]
	return when(!ok, "this value was not typed here")
}

func (p *credentialsPane) revealable() bool {
	it := p.current()
	return it.field != nil && it.field.Secret && !it.field.File && !p.m.run.Credentials[it.name].Secret.Empty()
}

func (p *credentialsPane) copyable() (text, what string) {
	it := p.current()
	if it.field != nil && (it.field.Secret || it.field.File) {
		return "", ""
	}
	if it.field != nil {
		v, ok := p.m.run.Credentials[it.name]
		if !ok || v.Secret.Empty() {
			return "", ""
		}
		return public(v), it.label
	}
	if slices.Contains([]string{"base_url", "environment", "profile"}, it.name) {
		return it.value.text(), it.label
	}
	return "", ""
}

func (p *credentialsPane) uncopyable() string {
	switch it := p.current(); {
	case it.field != nil && it.field.File:
		return "what a file holds is never copied"
	case it.field != nil && it.field.Secret:
		return "a secret is never copied; ! shows it for ten seconds"
	case it.field != nil:
		return "this value is not known yet; space looks it up"
	}
	return "a setting like this one is not copied"
}
