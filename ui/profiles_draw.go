package ui

import (
	"errors"
	"slices"
	"strings"
	"time"

	"countersign/flows"
	"countersign/flows/credentials"
)

// The widths of the grid.
const (
	profileLabels = 24 // of the column with the names of the fields, at most
	leastColumn   = 24
	mostColumn    = 38
)

func (p *profiles) draw(w, h int) []row {
	if len(p.columns) == 0 {
		return fill(nil, w, h)
	}
	inner := w - 2
	rows := []row{p.rule(w)}
	if trouble := p.m.deps.Trouble; trouble != "" {
		rows = append(rows, inset(append(row{strong(warn, "! ")}, typed(trouble, ink{fg: warn})...).fit(inner, ink{})))
	}
	if p.keyring != nil {
		rows = append(rows, inset(row{strong(warn, "! "), say(plain, keyringLine(p.keyring)), say(quiet, "; a asks again")}.fit(inner, ink{})))
	}
	if h >= 30 {
		rows = append(rows, nil)
	}
	for _, r := range p.header(inner) {
		rows = append(rows, inset(r))
	}
	detail := p.detail(inner)
	room := max(min(p.lines(), h-len(rows)-5), 2)
	p.window.set(p.lines(), room)
	p.window.show(p.y)
	for y := p.window.top; y < min(p.window.top+room, p.lines()); y++ {
		rows = append(rows, inset(p.line(y, inner)))
	}
	rows = append(rows, inset(row{say(faint, repeat("┄", inner))}))
	for _, r := range detail {
		rows = append(rows, inset(r))
	}
	var legend []row // as much of it as there is room for
	for _, part := range p.legend(inner) {
		if len(rows)+len(legend)+len(part) < h {
			legend = append(legend, part...)
		}
	}
	rows = fill(rows, w, h-len(legend))
	for _, r := range legend {
		rows = append(rows, inset(r))
	}
	return fill(rows, w, h)
}

// inset sets a row in by one cell.
func inset(r row) row { return append(row{{" ", ink{}}}, r...) }

// insetWrapped wraps a row, every line of it set in by two cells.
func insetWrapped(r row, w int) []row {
	var out []row
	for _, line := range r.wrapped(max(w-2, 1)) {
		out = append(out, append(row{{"  ", ink{}}}, line...))
	}
	return out
}

// linesOf are the lines of a text of our own.
func linesOf(s string) []string { return strings.Split(strings.TrimSuffix(s, "\n"), "\n") }

func trimmed(s string) string { return strings.TrimRight(s, " ") }

// lowered begins a label with a small letter, for the middle of a sentence.
func lowered(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// short writes a path with ~ for the home directory.
func (p *profiles) short(path string) string {
	store := p.m.deps.Runner.Credentials
	if store.Getenv == nil {
		return path
	}
	if home, _ := store.Getenv("HOME"); home != "" && strings.HasPrefix(path, home+"/") {
		return "~" + path[len(home):]
	}
	return path
}

// brief writes a sentence with ~ for the home directory in it.
func (p *profiles) brief(text string) string {
	store := p.m.deps.Runner.Credentials
	if store.Getenv == nil {
		return text
	}
	if home, _ := store.Getenv("HOME"); home != "" {
		return strings.ReplaceAll(text, home+"/", "~/")
	}
	return text
}

// rule is the line above the grid: whose credentials these are, and how the keyring fares.
func (p *profiles) rule(w int) row {
	line := ink{fg: accent}
	left := row{{"━ ", line}, strong(accent, "Credentials of "+p.provider.Name), {" ", line}}
	var state row
	switch {
	case p.storing > 0:
		state = row{strong(accent, "… "), say(plain, "storing")}
	case p.asking:
		state = row{strong(accent, "… "), say(plain, "asking the keyring")}
	case p.keyring != nil:
		state = row{strong(warn, "! "), say(warn, "memory only")}
	case p.asked:
		state = row{strong(good, "✓ "), say(quiet, "the keyring answers")}
	}
	if n := p.seen(w - 2); n < len(p.columns) {
		state = append(row{say(quiet, itoa(p.left+1)+"–"+itoa(p.left+n)+" of "+itoa(len(p.columns))+" profiles  ")}, state...)
	}
	right := append(append(row{{" ", line}}, state...), bit{" ━", line})
	return append(append(left, bit{repeat("━", w-left.cells()-right.cells()), line}), right...)
}

// measure divides the width: the labels, and each column that is seen.
func (p *profiles) measure(w int) (labels, column, seen int) {
	for _, f := range p.provider.Fields {
		labels = max(labels, width(f.Label)+2)
	}
	labels = min(max(labels, width("Base URL")+2), profileLabels)
	seen = max(min((w-labels)/leastColumn, len(p.columns)), 1)
	return labels, min((w-labels)/seen, mostColumn), seen
}

// seen is how many columns there is room for; the selected one is among them.
func (p *profiles) seen(w int) int {
	_, _, n := p.measure(w)
	p.left = max(min(p.left, p.x), p.x-n+1, 0)
	p.left = min(p.left, len(p.columns)-n)
	return n
}

// header names the columns: the environment above, the profile below.
func (p *profiles) header(w int) []row {
	labels, cw, n := p.measure(w)
	p.seen(w)
	above, below := row{{spaces(labels), ink{}}}, row{{spaces(labels), ink{}}}
	for x := p.left; x < p.left+n; x++ {
		c := p.columns[x]
		name := row{}
		if x == p.left || p.columns[x-1].environment.Name != c.environment.Name {
			name = row{say(quiet, c.environment.Name)}
			if c.environment.Production {
				name = row{strong(bad, "▲ PRODUCTION ▲")}
			}
		}
		k := ink{attr: bold}
		if x == p.x {
			k.fg = accent
		}
		profile := append(row{{"  ", ink{}}}, typed(c.profile, k)...)
		if p.used(c) {
			profile = append(row{strong(accent, "● ")}, typed(c.profile, k)...)
			if note := "  in the workbench"; profile.cells()+len(note)+3 < cw {
				profile = append(profile, say(quiet, note))
			}
		}
		above = append(above, append(row{p.edge(x), {"  ", ink{}}}, name...).fit(cw, ink{})...)
		below = append(below, append(row{p.edge(x)}, profile...).fit(cw, ink{})...)
	}
	return []row{above, below, p.underline(labels, cw, n, w)}
}

// underline is the line below the names, with a crossing where another environment begins.
func (p *profiles) underline(labels, cw, n, w int) row {
	line := []rune(repeat("─", w))
	for x := p.left; x < p.left+n; x++ {
		if p.turns(x) {
			line[labels+(x-p.left)*cw] = '┼'
		}
	}
	return row{say(faint, string(line))}
}

// turns reports whether another environment begins with a column.
func (p *profiles) turns(x int) bool {
	return x > p.left && p.columns[x-1].environment.Name != p.columns[x].environment.Name
}

// edge stands before a column: a line where another environment begins.
func (p *profiles) edge(x int) bit {
	if p.turns(x) {
		return say(faint, "│ ")
	}
	return bit{"  ", ink{}}
}

// line is a line of the grid.
func (p *profiles) line(y, w int) row {
	labels, cw, n := p.measure(w)
	name := "CA file"
	switch {
	case y < len(p.provider.Fields):
		name = p.provider.Fields[y].Label
	case y == len(p.provider.Fields):
		name = "Base URL"
	}
	head := label(name, labels)
	if y == p.y {
		head.ink = ink{fg: accent, attr: bold}
	}
	out := row{head}
	for x := p.left; x < p.left+n; x++ {
		cell := p.cell(p.columns[x], y, cw-3).fit(cw-3, ink{})
		ground := ink{}
		if x == p.x && y == p.y {
			cell, ground = cell.on(chosen), ink{bg: chosen}
		}
		out = append(out, p.edge(x))
		out = append(append(out, cell...), bit{" ", ground})
	}
	return out
}

// cell is one value: how it is, from where, and at the right by what it is known.
func (p *profiles) cell(c profileColumn, y, w int) row {
	switch y - len(p.provider.Fields) {
	case 0:
		return p.address(c)
	case 1:
		if c.caFile == "" {
			return row{say(faint, "  of the system")}
		}
		return append(row{say(good, "✓ ")}, typed(c.caFile, ink{})...)
	}
	if y >= len(c.records) {
		return row{say(faint, "…")}
	}
	r := c.records[y]
	if r.Source.Kind == credentials.Missing && c.blank() {
		return row{say(faint, "· "), say(quiet, "not set")}
	}
	return spread(append(p.sign(c, r), say(plain, sourceWord(r))), p.tag(r), w, ink{})
}

func (p *profiles) address(c profileColumn) row {
	switch {
	case c.baseURL != "":
		return append(row{say(good, "✓ ")}, typed(strings.TrimPrefix(c.baseURL, "https://"), ink{})...)
	case c.environment.BaseURL != "":
		return append(row{{"  ", ink{}}}, typed(strings.TrimPrefix(c.environment.BaseURL, "https://"), ink{fg: quiet})...)
	}
	return row{say(warn, "! "), say(plain, "not published")}
}

// blank reports whether nothing at all is set in a column: then nobody means to use it, and nothing is amiss.
func (c profileColumn) blank() bool {
	return !c.kept && !slices.ContainsFunc(c.records, func(r credentials.Record) bool { return r.Set })
}

// keyringLine says in one line why the keyring did not answer; the whole sentence is in the legend.
func keyringLine(err error) string {
	switch {
	case errors.Is(err, credentials.ErrHanging):
		return "keyring locked or not answering: secrets stay in memory"
	case errors.Is(err, credentials.ErrLocked):
		return "keyring locked: secrets stay in memory"
	}
	return "no keyring here: secrets stay in memory"
}

// sign says how a value is, in a character and a colour.
func (p *profiles) sign(c profileColumn, r credentials.Record) row {
	switch {
	case r.Source.Kind == credentials.Missing && r.Optional:
		return row{say(faint, "· ")}
	case !r.Set, faultOf(r) != nil, c.stranger(r):
		return row{strong(bad, "✗ ")}
	case r.Source.Kind == credentials.FromMemory, len(r.Problems) > 0, p.expiry(r).tone == warn:
		return row{strong(warn, "! ")}
	case p.expiry(r).tone == bad:
		return row{strong(bad, "✗ ")}
	}
	return row{say(good, "✓ ")}
}

// faultOf is what keeps a value from being used.
func faultOf(r credentials.Record) *credentials.Problem {
	for i := range r.Problems {
		if !r.Problems[i].Warning {
			return &r.Problems[i]
		}
	}
	return nil
}

// sourceWord says in a word where a value comes from.
func sourceWord(r credentials.Record) string {
	s := r.Source
	scheme, _, ref := strings.Cut(s.Detail, ":")
	if s.Name != "" { // a file that was read: what named it
		scheme, _, ref = strings.Cut(s.Name, ":")
	}
	switch {
	case s.Kind == credentials.Missing && r.Optional:
		return "not set"
	case s.Kind == credentials.Missing:
		return "missing"
	case s.Kind == credentials.FromReference && !r.Set:
		return scheme + ": nothing there"
	case s.Kind == credentials.FromReference && ref && scheme == "env":
		return "profile, env"
	case s.Kind == credentials.FromReference && ref:
		return scheme
	case s.Kind == credentials.FromReference:
		return "profile"
	case s.Kind == credentials.FromMemory:
		return "memory only"
	case s.Kind == credentials.FromForm:
		return "typed, this session"
	case s.Kind == credentials.FromOption:
		return "--set"
	}
	return string(s.Kind)
}

// tag is what tells one value from another: what is left of a certificate, the fingerprint of anything else.
func (p *profiles) tag(r credentials.Record) row {
	switch c := r.Contents; {
	case c != nil && c.NotAfter != nil:
		e := p.expiry(r)
		return row{{e.text(), ink{fg: e.tone}}}
	case c != nil:
		return row{say(quiet, "#"+c.Fingerprint[:12])}
	case r.Fingerprint != "":
		return row{say(quiet, "#"+r.Fingerprint)}
	}
	return nil
}

// expiry is what is left of a certificate.
func (p *profiles) expiry(r credentials.Record) countdown {
	if r.Contents == nil || r.Contents.NotAfter == nil {
		return countdown{}
	}
	now := p.m.now()
	if now.Before(*r.Contents.NotBefore) {
		return countdown{"certificate", r.Contents.NotBefore.Sub(now), bad}
	}
	return certificateCountdown(*r.Contents.NotBefore, *r.Contents.NotAfter, now)
}

// dayOf is a day as it stands in a certificate.
func dayOf(t *time.Time) string { return t.UTC().Format("2006-01-02 15:04") + " UTC" }

// embedded says why the workbench's own values are not in the grid.
func (p *profiles) embedded() bool { return p.m.run.Draft.Environment.Name == flows.Embedded }
