package ui

import (
	"maps"
	"slices"
	"strings"

	"countersign/flows"
	"countersign/sign"
	"countersign/ui/cli/snippet"
)

// pasteItem is one thing to put into one's own code. The selected one can be copied.
type pasteItem struct {
	label  string
	value  row
	what   string // for the notice
	secret bool
	text   func() string // what is copied, secrets included: they are worth nothing elsewhere
	lines  bool          // the lines of a language, drawn below
}

func languages() []string { return snippet.Languages() }

// place is the partner whose address, lines and switches are shown.
func (s *inboundScreen) place() *flows.Provider { return s.m.deps.Providers[s.partner] }

// given is what the sandbox made for a partner; ok is false before it is up.
func (s *inboundScreen) given(id string) (flows.Given, bool) {
	if s.m.embedding == nil || s.m.embedding.Given == nil {
		return flows.Given{}, false
	}
	return s.m.embedding.Given(id), true
}

// files are the files that the sandbox wrote for a partner, by field.
func (s *inboundScreen) files(id string) map[string]string {
	if s.m.embedding == nil || s.m.embedding.Files == nil {
		return nil
	}
	return s.m.embedding.Files(id)
}

// secretValues are the secrets that the sandbox made for a partner.
func (s *inboundScreen) secretValues(id string) []string {
	p, ok := flows.Find(s.m.deps.Providers, id)
	given, up := s.given(id)
	if !ok || !up {
		return nil
	}
	var out []string
	for _, f := range p.Fields {
		if v := given.Values[f.Name]; f.Secret && v != "" {
			out = append(out, v)
		}
	}
	return out
}

// pasteItems lists what one's own code needs.
func (s *inboundScreen) pasteItems() []pasteItem {
	p := s.place()
	given, up := s.given(p.ID)
	if !up {
		return nil
	}
	items := []pasteItem{plainItem("Base URL", given.BaseURL, "the base URL")}
	if file := s.m.embedding.CAFile; file != "" {
		items = append(items, plainItem("CA file", file, "the path of the CA file"))
	} else {
		items = append(items, pemItem("CA", given.CA, false))
	}
	for _, f := range p.Fields {
		if v, ok := given.Values[f.Name]; ok && !f.File {
			items = append(items, s.valueItem(f.Name, v, f.Secret))
		}
	}
	files := s.files(p.ID)
	for _, name := range slices.Sorted(maps.Keys(given.PEM)) {
		if file := files[name]; file != "" {
			items = append(items, plainItem(name, file, "the path of "+name))
		} else {
			items = append(items, pemItem(name, given.PEM[name], strings.HasSuffix(name, "key")))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if _, known := given.PEM[name]; !known {
			items = append(items, plainItem(name, files[name], "the path of "+name))
		}
	}
	exports := s.exports(p, given)
	items = append(items, pasteItem{label: "all of it", what: "the address and the credentials, as variables of a shell", secret: true,
		value: row{say(plain, plural(strings.Count(exports, "\n"), "line")+" of export for a shell")}, text: func() string { return exports }})
	return append(items, pasteItem{label: "Lines", lines: true, what: "the lines for " + languages()[s.language], text: func() string { return s.lines() }})
}

func plainItem(label, value, what string) pasteItem {
	return pasteItem{label: label, value: typed(value, ink{}), what: what, text: func() string { return value }}
}

// valueItem is a credential; a secret is masked until a person asks to see it.
func (s *inboundScreen) valueItem(name, value string, secret bool) pasteItem {
	x := plainItem(name, value, name)
	if !secret {
		return x
	}
	x.secret = true
	if !s.m.now().Before(s.m.shown) {
		x.value = row{say(plain, maskText), say(quiet, " "+plural(len(value), "byte"))}
	}
	return x
}

// pemItem is a file that was not written: its text can be copied all the same.
func pemItem(name string, text []byte, secret bool) pasteItem {
	return pasteItem{label: name, what: name + " as PEM", secret: secret, text: func() string { return string(text) },
		value: row{say(quiet, "no file was written; "), strong(accent, "y"), say(quiet, " copies the PEM")}}
}

// exports are the address and the credentials as lines for a shell, under the names that the command line reads too.
func (s *inboundScreen) exports(p *flows.Provider, given flows.Given) string {
	var b strings.Builder
	add := func(name, value string) {
		b.WriteString("export " + name + "='" + strings.ReplaceAll(value, "'", `'\''`) + "'\n")
	}
	prefix := strings.ToUpper(p.ID)
	add(prefix+"_BASE_URL", given.BaseURL)
	if file := s.m.embedding.CAFile; file != "" {
		add(prefix+"_CA_FILE", file)
	}
	files := s.files(p.ID)
	for _, f := range p.Fields {
		name := f.Env
		if name == "" {
			name = prefix + "_" + strings.ToUpper(f.Name)
		}
		if v, ok := given.Values[f.Name]; ok && !f.File {
			add(name, v)
		} else if v, ok := files[f.Name]; ok {
			add(name, v)
		}
	}
	return b.String()
}

// lines are the lines of the chosen language.
func (s *inboundScreen) lines() string {
	p := s.place()
	given, _ := s.given(p.ID)
	sample := p.Requests[0]
	path := sample.Path
	for _, v := range sample.Variables {
		path = strings.ReplaceAll(path, "{"+v.Name+"}", v.Default)
	}
	at := snippet.Place{BaseURL: given.BaseURL, CAFile: s.m.embedding.CAFile, Method: sample.Method, Path: path}
	if p.MutualTLS {
		files := s.files(p.ID)
		at.Certificate, at.Key = files["client_certificate"], files["client_key"]
	}
	return snippet.For(languages()[s.language], at)
}

// drawPaste draws what one's own code needs: the values, then the lines of a language.
func (s *inboundScreen) drawPaste(w, h int, focused bool) []row {
	if s.m.embedding == nil {
		return fill([]row{{say(quiet, "the embedded sandbox is starting")}}, w, h)
	}
	items := s.pasteItems()
	s.line = max(0, min(s.line, len(items)-1))
	rows := []row{s.partnerRow(w)}
	at := 0
	for i, x := range items {
		if x.lines {
			rows = append(rows, nil)
		}
		if i == s.line {
			at = len(rows)
		}
		lead := bit{"  ", ink{}}
		if i == s.line && focused {
			lead = strong(accent, "▸ ")
		}
		r := append(row{lead, label(x.label, 20)}, x.value...)
		if x.lines {
			r = append(row{lead}, s.languageRow(w-2)...)
		}
		r = r.fit(w, ink{})
		if i == s.line && focused {
			r = r.on(chosen)
		}
		rows = append(rows, r)
	}
	rows = append(rows, s.lineRows(w)...)
	v := &s.views[inboundPaste]
	v.set(len(rows), h)
	if items[s.line].lines {
		v.show(len(rows) - 1)
	}
	v.show(at)
	return v.of(rows, w, h)
}

// partnerRow says whose lines or switches these are, and how to go on to another partner.
func (s *inboundScreen) partnerRow(w int) row {
	return spread(row{strong(accent, "‹ "), strong(plain, s.place().Name), strong(accent, " ›")},
		row{strong(accent, "[ ]"), say(quiet, " another partner")}, w, ink{})
}

// languageRow names the languages; the chosen one stands out.
func (s *inboundScreen) languageRow(w int) row {
	out := row{}
	for i, name := range languages() {
		if i == s.language {
			out = append(out, bit{"[" + name + "]", ink{fg: accent, attr: bold}})
		} else {
			out = append(out, bit{" " + name + " ", ink{fg: quiet}})
		}
	}
	return spread(out, row{strong(accent, "← →"), say(quiet, " language")}, w, ink{})
}

// lineRows draw the lines of the chosen language. A line that is too long goes on in the next row; what is copied has
// the line ends of the language only.
func (s *inboundScreen) lineRows(w int) []row {
	if s.m.embedding.CAFile == "" {
		rows := paragraph(strong(warn, "! "), "The lines name files, and this sandbox wrote none. countersign sandbox writes them: it serves the same partners, prints the same lines with their paths, and reports each request as it arrives.", ink{}, w)
		return append(rows, paragraph(bit{"  ", ink{}}, "Above, y copies the PEM of each file, to be saved by hand.", ink{fg: quiet}, w)...)
	}
	var rows []row
	for line := range strings.Lines(s.lines()) {
		r := typed(strings.TrimSuffix(line, "\n"), ink{fg: originOf(sign.HeaderValue)})
		lead := say(faint, "│ ")
		for _, l := range r.wrapped(max(w-2, 8)) {
			rows = append(rows, append(row{lead}, l...))
			lead = say(faint, "┆ ")
		}
	}
	rows = append(rows, nil, row{say(quiet, "Made for this run, worth nothing elsewhere.")})
	return append(rows, hint("↑ ↓", "choose", "y", "copy the line chosen, secrets too", "!", "show the secrets"))
}
