package ui

import (
	"strings"

	"countersign/flows/credentials"
)

// detailAt is where the text behind the labels of the detail begins.
const detailAt = 16

// detail tells all that is known of the selected line, never its value.
func (p *profiles) detail(w int) []row {
	c := p.current()
	name := "CA file"
	if f := p.field(); f != nil {
		name = f.Label
	} else if p.y == len(p.provider.Fields) {
		name = "Base URL"
	}
	title := append(row{strong(plain, name), say(quiet, "  ")}, typed(c.name(), ink{fg: quiet})...)
	if !c.kept {
		title = append(title, say(quiet, "  (not in the configuration yet)"))
	}
	rows := []row{title.fit(w, ink{})}
	if f := p.field(); f != nil {
		rows = append(rows, p.fieldDetail(f, c, w)...)
	} else {
		rows = append(rows, p.settingDetail(c, w)...)
	}
	return rows
}

// legend is what is good to know of the whole view, the most important part first.
func (p *profiles) legend(w int) [][]row {
	var parts [][]row
	if p.keyring != nil {
		parts = append(parts, append(paragraph(strong(warn, "! "), p.keyring.Error(), ink{}, w), nil))
	}
	config := p.m.deps.Runner.Credentials.Config
	if config == nil {
		parts = append(parts, paragraph(strong(warn, "! "), "no configuration file is in use; what is set is kept in keyring or memory", ink{}, w))
	} else {
		for _, n := range config.Notes() {
			parts = append(parts, paragraph(strong(warn, "! "), p.brief(n), ink{}, w))
		}
	}
	if p.embedded() {
		parts = append(parts, paragraph(bit{}, "The workbench is on the embedded sandbox, which makes its own; u takes a profile instead.", ink{fg: quiet}, w))
	}
	parts = append(parts, paragraph(bit{}, "The first that has a value counts: typed here › --set › environment › profile › keyring › memory › default.", ink{fg: quiet}, w))
	if config != nil {
		where := append(row{say(quiet, "Profiles: ")}, append(typed(p.short(config.Path()), ink{}), say(quiet, ", which holds references, never a secret."))...)
		parts = append(parts, where.wrapped(w))
	}
	return parts
}

func (p *profiles) settingDetail(c profileColumn, w int) []row {
	if p.y > len(p.provider.Fields) {
		return append(entry("file", detailAt, typedOr(c.caFile, "none: the certificates of the system are trusted"), w),
			paragraph(bit{}, "a PEM file of certificates to trust with this profile", ink{fg: quiet}, w)...)
	}
	rows := entry("of the profile", detailAt, typedOr(c.baseURL, "none: the documented one counts"), w)
	rows = append(rows, entry("documented", detailAt, typedOr(c.environment.BaseURL, "not published"), w)...)
	return append(rows, entry("source", detailAt, row{say(quiet, c.environment.Source)}, w)...)
}

// typedOr draws a text, or what its absence means.
func typedOr(s, otherwise string) row {
	if s == "" {
		return row{say(quiet, otherwise)}
	}
	return typed(s, ink{})
}

func (p *profiles) fieldDetail(f *credentials.Field, c profileColumn, w int) []row {
	r, known := p.record()
	if !known {
		return []row{{say(quiet, "not looked up yet")}}
	}
	var rows []row
	if r.Source.Kind != credentials.Missing {
		rows = entry("from", detailAt, typed(p.place(r.Source), ink{}), w)
	}
	rows = append(rows, p.storedDetail(c, f, w)...)
	rows = append(rows, p.contentsDetail(r, w)...)
	if r.Contents == nil && r.Fingerprint != "" {
		rows = append(rows, entry("fingerprint", detailAt, append(row{say(plain, "#"+r.Fingerprint)}, p.elsewhere(c, r)...), w)...)
	} else if r.Contents == nil && r.Set && r.Secret {
		rows = append(rows, entry("fingerprint", detailAt, row{say(quiet, "none: a value this short could be guessed from it")}, w)...)
	}
	for _, x := range p.problems(r) {
		lead, k := strong(bad, "✗ "), ink{fg: bad}
		if x.Warning {
			lead, k = strong(warn, "! "), ink{}
		}
		rows = append(rows, paragraph(lead, p.brief(x.Message), k, w)...)
		if x.Hint != "" {
			rows = append(rows, paragraph(say(warn, "→ "), x.Hint, ink{}, w)...)
		}
	}
	if f.Env != "" && r.Source.Kind != credentials.FromEnvironment && faultOf(r) == nil {
		rows = append(rows, entry("variable", detailAt, row{say(plain, f.Env), say(quiet, " in the environment counts before the profile")}, w)...)
	}
	if f.Help != "" {
		rows = append(rows, paragraph(bit{}, f.Help, ink{fg: quiet}, w)...)
	}
	return rows
}

// problems are what there is to tell of a value. For one that is missing the keys of the view are the way out.
func (p *profiles) problems(r credentials.Record) []credentials.Problem {
	if r.Source.Kind != credentials.Missing || len(r.Problems) == 0 {
		return r.Problems
	}
	x := credentials.Problem{Message: "not set", Hint: "enter sets it, r notes where it is"}
	if p.keyring != nil && r.Secret && !r.File {
		x.Message = "not set, as far as can be told: the keyring was not asked"
	}
	if r.Secret && r.File {
		x.Hint = "g generates it, enter gives the path of the file"
	}
	x.Warning = p.current().blank()
	return []credentials.Problem{x}
}

// place names a source, paths in it short.
func (p *profiles) place(s credentials.Source) string {
	if strings.HasPrefix(s.Name, "file:") { // it says the path
		s.Detail, s.Name = s.Name, ""
	}
	if s.Name != "" {
		s.Detail = p.short(s.Detail)
	}
	return s.String()
}

// storedDetail says where a value went that was stored in this session. That it is only in memory is always told.
func (p *profiles) storedDetail(c profileColumn, f *credentials.Field, w int) []row {
	s, ok := p.answers[credentials.Item(c.query.Provider, c.environment.Name, c.profile, f.Name)]
	if !ok {
		return nil
	}
	what := row{strong(good, "✓ "), say(plain, string(s.Where))}
	switch s.Where {
	case credentials.InKeyring:
		what = append(row{strong(good, "✓ "), say(plain, "keyring, item ")}, typed(s.Detail, ink{})...)
	case credentials.InConfig:
		what = append(row{strong(good, "✓ "), say(plain, "profile, in ")}, typed(p.short(p.m.deps.Runner.Credentials.Config.Path()), ink{})...)
	case credentials.InMemory:
		what = append(row{strong(warn, "! memory only"), say(plain, ", until the program ends: ")}, typed(s.Why, ink{})...)
	}
	rows := entry("stored in", detailAt, what, w)
	if s.Where != credentials.InMemory && s.Why != "" {
		rows = append(rows, paragraph(strong(warn, "! "), s.Why, ink{}, w)...)
	}
	return rows
}

// contentsDetail says what a file holds.
func (p *profiles) contentsDetail(r credentials.Record, w int) []row {
	c := r.Contents
	if c == nil {
		return nil
	}
	rows := entry("holds", detailAt, row{say(plain, string(c.Kind)+", EC P-256")}, w)
	if c.NotAfter != nil {
		rows = entry("holds", detailAt, append(row{say(plain, "certificate of ")}, append(typed(c.Subject, ink{}), append(row{say(quiet, ", issued by ")}, typed(c.Issuer, ink{fg: quiet})...)...)...), w)
		e := p.expiry(r)
		left := row{{e.sign() + e.text(), ink{fg: e.tone, attr: bold}}}
		switch {
		case p.m.now().Before(*c.NotBefore):
			left = row{strong(bad, "✗ not valid yet, in "+e.text())}
		case e.left > 0:
			left = append(left, say(plain, " left"))
		}
		rows = append(rows, entry("valid", detailAt, append(left, say(quiet, "  "+dayOf(c.NotBefore)+" to "+dayOf(c.NotAfter))), w)...)
		rows = append(rows, entry("x5t#S256", detailAt, row{say(plain, c.Thumbprint)}, w)...)
	}
	rows = append(rows, entry("key", detailAt, append(row{say(plain, "#"+c.Fingerprint)}, p.elsewhere(p.current(), r)...), w)...)
	return append(rows, pairDetail(p.current(), r, w)...)
}

// knownBy is what a value is known by.
func knownBy(r credentials.Record) string {
	if r.Contents != nil {
		return r.Contents.Fingerprint
	}
	return r.Fingerprint
}

// elsewhere names the other profiles that hold the same: what a rotation must end, and what should not be shared
// between environments.
func (p *profiles) elsewhere(here profileColumn, r credentials.Record) row {
	var names []string
	for _, c := range p.columns {
		for _, o := range c.records {
			switch {
			case knownBy(o) != knownBy(r):
			case c.name() == here.name() && o.Field != r.Field && !pair(o, r):
				names = append(names, lowered(o.Label)+" of this profile")
			case c.name() != here.name() && o.Field == r.Field:
				names = append(names, c.name())
			}
		}
	}
	if len(names) == 0 {
		return nil
	}
	return append(row{say(warn, "  = ")}, append(row{say(quiet, "the same as in ")}, typed(strings.Join(names, ", "), ink{})...)...)
}

// pairDetail says whether certificate and key of the profile belong together.
func pairDetail(c profileColumn, r credentials.Record, w int) []row {
	o, ok := c.partner(r)
	if !ok {
		return nil
	}
	if o.Contents.Fingerprint == r.Contents.Fingerprint {
		return entry("", detailAt, row{strong(good, "✓ "), say(plain, "belongs to the "+lowered(o.Label)+" of this profile")}, w)
	}
	return entry("", detailAt, row{strong(bad, "✗ "), say(bad, "does not belong to the "+lowered(o.Label)+" of this profile"), say(quiet, ", #"+o.Contents.Fingerprint[:12])}, w)
}

// partner is the key of a certificate, or the certificate of a key, in the same profile.
func (c profileColumn) partner(r credentials.Record) (credentials.Record, bool) {
	for _, o := range c.records {
		if o.Field != r.Field && pair(o, r) {
			return o, true
		}
	}
	return credentials.Record{}, false
}

// pair reports whether one is a certificate and the other the field of its key.
func pair(a, b credentials.Record) bool {
	if a.Contents == nil || b.Contents == nil {
		return false
	}
	one := func(a, b credentials.Record) bool {
		return a.Contents.Kind == credentials.ACertificate && b.Field == certifiedKey
	}
	return one(a, b) || one(b, a)
}

// stranger reports whether a key is another certificate's.
func (c profileColumn) stranger(r credentials.Record) bool {
	o, ok := c.partner(r)
	return ok && r.Field == certifiedKey && o.Contents.Fingerprint != r.Contents.Fingerprint
}
