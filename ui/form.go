package ui

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"countersign/sign"
)

// form is a list of fields to fill in. What was typed survives every resize and every refusal: only save and
// a confirmed close take it away.
type form struct {
	m       *Model
	name    string
	fields  []*field
	at      int // focused field; len(fields) is the button
	problem string
	remedy  string
	insist  bool // saving again overrides the problem
	leaving bool // close was asked for once although something was typed
	changed bool
	about   func(w int) []row // drawn below the fields; may be nil
	submit  func(f *form) (problem, remedy string, insist bool, cmd tea.Cmd)
}

// field is one field of a form: a text, a secret or a choice.
type field struct {
	name   string
	label  string
	help   string
	pasted string // takes the place of help once something was pasted; may be empty
	text   *edit
	secret *secretEdit
	choice []string
	chosen int
	height int // rows of a text of several lines
}

func textField(name, label, value, help string) *field {
	return &field{name: name, label: label, help: help, text: newEdit(value, false), height: 1}
}

func (f *form) update(msg tea.Msg) tea.Cmd {
	if k, ok := msg.(tea.KeyPressMsg); ok {
		if cmd, taken := f.command(k); taken {
			return cmd
		}
	}
	if f.at < len(f.fields) && f.fields[f.at].update(msg) {
		f.changed, f.insist, f.leaving = true, false, false
		if x, ok := msg.(tea.PasteMsg); ok && x.Content != "" && f.fields[f.at].pasted != "" {
			f.fields[f.at].help = f.fields[f.at].pasted
		}
	}
	return nil
}

// command takes the keys that are about the form and not about the field.
func (f *form) command(k tea.KeyPressMsg) (tea.Cmd, bool) {
	multiline := f.at < len(f.fields) && f.fields[f.at].text != nil && f.fields[f.at].text.lines
	choice := f.at < len(f.fields) && f.fields[f.at].choice != nil
	switch {
	case key.Matches(k, save), key.Matches(k, accept) && !multiline:
		return f.save(), true
	case key.Matches(k, dismiss):
		f.dismiss()
	case key.Matches(k, goNext), key.Matches(k, goDown) && !multiline:
		f.at = (f.at + 1) % (len(f.fields) + 1)
	case key.Matches(k, goBack), key.Matches(k, goUp) && !multiline:
		f.at = (f.at + len(f.fields)) % (len(f.fields) + 1)
	case key.Matches(k, goDown) && !f.fields[f.at].text.vertical(1):
		f.at++
	case key.Matches(k, goUp) && !f.fields[f.at].text.vertical(-1):
		f.at = (f.at + len(f.fields)) % (len(f.fields) + 1)
	case key.Matches(k, goUp, goDown): // moved within the text
	case choice && key.Matches(k, goLeft, goRight):
		return nil, false
	default:
		return nil, false
	}
	return nil, true
}

func (f *form) save() tea.Cmd {
	problem, remedy, insist, cmd := f.submit(f)
	if problem != "" {
		f.problem, f.remedy, f.insist = problem, remedy, insist
		return nil
	}
	return cmd
}

// dismiss closes the form; when something was typed it has to be asked for twice.
func (f *form) dismiss() {
	if f.changed && !f.leaving {
		f.leaving = true
		f.problem, f.remedy = "what was typed is not saved", "esc again throws it away, ctrl+s saves it"
		return
	}
	f.m.close()
}

// value is the text of a field.
func (f *form) value(name string) string {
	for _, x := range f.fields {
		if x.name == name {
			switch {
			case x.text != nil:
				return x.text.value()
			case x.choice != nil:
				return x.choice[x.chosen]
			}
		}
	}
	return ""
}

// secretValue is the secret of a field.
func (f *form) secretValue(name string) sign.Secret {
	for _, x := range f.fields {
		if x.name == name && x.secret != nil {
			return joined(x.secret.keys)
		}
	}
	return sign.Secret{}
}

func (x *field) update(msg tea.Msg) bool {
	switch {
	case x.text != nil:
		return x.text.update(msg)
	case x.secret != nil:
		return x.secret.update(msg)
	}
	k, ok := msg.(tea.KeyPressMsg)
	switch {
	case ok && key.Matches(k, goLeft):
		x.chosen = (x.chosen + len(x.choice) - 1) % len(x.choice)
	case ok && key.Matches(k, goRight), ok && k.Text == " ":
		x.chosen = (x.chosen + 1) % len(x.choice)
	default:
		return false
	}
	return true
}

// formWidth is how wide a form would like to be.
const formWidth = 92

func (f *form) draw(w, h int) []row {
	inner := innerWidth(formWidth, w)
	labels := 0
	for _, x := range f.fields {
		labels = max(labels, width(x.label)+2)
	}
	labels = min(labels, inner/3)
	var foot []row
	if f.problem != "" {
		foot = append(foot, nil)
		foot = append(foot, trouble(f.problem, f.remedy, inner)...)
	}
	if f.about != nil {
		foot = append(foot, f.about(inner)...)
	}
	if f.at < len(f.fields) && f.fields[f.at].help != "" && f.problem == "" {
		foot = append(foot, nil)
		foot = append(foot, paragraph(bit{}, f.fields[f.at].help, ink{fg: quiet}, inner)...)
	}
	var rows []row
	focus := 0
	spare := f.spare(h - 4 - len(foot))
	for i, x := range f.fields {
		if i == f.at {
			focus = len(rows)
		}
		rows = append(rows, x.rows(labels, inner, spare, i == f.at)...)
	}
	if f.at == len(f.fields) {
		focus = len(rows)
	}
	rows = append(rows, f.button())
	room := max(h-2-len(foot), 1)
	if len(rows) > room { // keep the focused field in sight
		top := max(min(focus-1, len(rows)-room), 0)
		rows = rows[top : top+room]
	}
	return box(f.name, append(rows, foot...), hint("ctrl+s", "save", "tab", "next", "esc", "close"), inner)
}

// spare is how many rows each text of several lines may have.
func (f *form) spare(h int) int {
	tall, used := 0, 1
	for _, x := range f.fields {
		if x.text != nil && x.text.lines {
			tall++
		} else {
			used++
		}
	}
	if tall == 0 {
		return 1
	}
	return max((h-used)/tall, 2)
}

func (f *form) button() row {
	name := " Save "
	if f.insist {
		name = " Save all the same "
	}
	if f.at == len(f.fields) {
		return row{{name, ink{fg: badged, bg: badge, attr: bold}}, say(quiet, " enter")}
	}
	return row{{name, ink{bg: chosen}}}
}

// rows draws a field: its label, then what is in it.
func (x *field) rows(labels, inner, spare int, focused bool) []row {
	name := label(x.label, labels)
	if focused {
		name.ink = ink{fg: accent, attr: bold}
	}
	w := inner - labels
	var value []row
	switch {
	case x.secret != nil:
		value = []row{x.secret.draw(w, focused)}
	case x.choice != nil:
		value = []row{x.choices(w, focused)}
	case x.text.lines:
		value = x.text.draw(w, min(spare, max(x.height, 2)), focused)
	default:
		value = x.text.draw(w, 1, focused)
	}
	var out []row
	for i, v := range value {
		lead := name
		if i > 0 {
			lead = bit{spaces(labels), ink{}}
		}
		if focused || x.choice == nil {
			v = v.on(chip)
		}
		out = append(out, append(row{lead}, v...))
	}
	return out
}

func (x *field) choices(w int, focused bool) row {
	text := x.choice[x.chosen]
	out := append(row{say(accent, "‹ ")}, typed(text, ink{attr: bold})...)
	out = append(out, say(accent, " ›"), say(quiet, "  "+itoa(x.chosen+1)+" of "+itoa(len(x.choice))))
	if !focused {
		out = typed(text, ink{})
	}
	return out.fit(w, ink{})
}
