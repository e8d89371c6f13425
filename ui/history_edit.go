package ui

import (
	"context"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"countersign/history"
	"countersign/sign"
	"countersign/sign/untrusted"
)

// write changes an entry in a command. The form stays open until it is known to be written, so nothing typed is lost.
func (v *historyView) write(f *form, id, said string, do func(context.Context, *history.Log) error) tea.Cmd {
	ctx, ticket := v.begin("writing")
	log := v.log()
	return v.m.command(0, func() message {
		msg := changed{ticket: ticket, form: f, said: said, unasked: v.m.inform(ctx, log)}
		if msg.err = do(ctx, log); msg.err == nil && id != "" {
			msg.entry, msg.err = log.Get(ctx, id)
		}
		return msg
	})
}

// inform tells the history all secrets that can be found, and returns why some could not be looked for. It is called
// by commands.
func (m *Model) inform(ctx context.Context, log *history.Log) error {
	if m.deps.Secrets == nil {
		return nil
	}
	known, err := m.deps.Secrets(ctx)
	log.Know(known)
	return err
}

// warn says that a text was not searched for every secret.
func (v *historyView) warn(unasked error) {
	if unasked != nil {
		v.m.tell(warn, "%s", untrusted.From(unasked.Error()).String())
	}
}

func (msg changed) apply(v *historyView) tea.Cmd {
	v.finish()
	v.warn(msg.unasked)
	if msg.err != nil {
		v.refuse(msg.form, msg.err, msg.insist)
		return nil
	}
	if msg.form != nil {
		v.shut(msg.form)
	}
	v.m.say(good, "%s", msg.said)
	switch {
	case msg.gone != "":
		return v.forget(msg.gone)
	case msg.entry.ID != "":
		v.list.replace(msg.entry)
		return v.readID(msg.entry.ID)
	}
	return nil
}

// refuse says in the form what went wrong; without a form, at the bottom.
func (v *historyView) refuse(f *form, err error, insist bool) {
	if f == nil || !slices.Contains(v.m.overlays, overlay(f)) {
		v.fail(err)
		return
	}
	f.problem, f.remedy = v.told(err)
	f.insist = insist
}

// shut closes a form, wherever it is in the pile.
func (v *historyView) shut(f *form) {
	v.m.overlays = slices.DeleteFunc(v.m.overlays, func(o overlay) bool { return o == overlay(f) })
}

// tags asks for the tags of the entry.
func (v *historyView) tags() tea.Cmd {
	s := v.list.selected()
	id, before := s.ID, slices.Clone(s.Tags)
	f := &form{m: v.m, name: "Tags of entry " + id, fields: []*field{
		textField("tags", "Tags", strings.Join(before, " "), "with blanks between them; letters, digits and . _ / -. tag:NAME finds them again"),
	}}
	f.submit = func(f *form) (string, string, bool, tea.Cmd) {
		now := strings.Fields(strings.ReplaceAll(f.value("tags"), "#", " "))
		add := slices.DeleteFunc(slices.Clone(now), func(t string) bool { return slices.Contains(before, t) })
		remove := slices.DeleteFunc(slices.Clone(before), func(t string) bool { return slices.Contains(now, t) })
		if v.secret(strings.Join(add, " ")) {
			return "one of them is or holds a secret of this window", "a tag is written as it stands, so it must not hold one", false, nil
		}
		return "", "", false, v.write(f, id, "the tags of entry "+id+" are written", func(ctx context.Context, log *history.Log) error {
			return log.Tag(ctx, id, add, remove)
		})
	}
	return v.m.open(f)
}

// secret reports whether a secret at hand is in a text.
func (v *historyView) secret(text string) bool {
	for _, s := range v.m.atHand() {
		if sign.NewRedactor(s).Finds([]byte(text)) {
			return true
		}
	}
	return false
}

// note asks for the note of the entry.
func (v *historyView) note() tea.Cmd {
	s := v.list.selected()
	id := s.ID
	x := textField("note", "Note", s.Note.Raw(), "for whoever looks at it next; known secrets are masked. ctrl+s saves")
	x.text.lines, x.height = true, 6
	f := &form{m: v.m, name: "Note on entry " + id, fields: []*field{x}}
	f.submit = func(f *form) (string, string, bool, tea.Cmd) {
		text := f.value("note")
		return "", "", false, v.write(f, id, "the note on entry "+id+" is written", func(ctx context.Context, log *history.Log) error {
			return log.SetNote(ctx, id, text)
		})
	}
	return v.m.open(f)
}

// remove asks before an entry is deleted.
func (v *historyView) remove() tea.Cmd {
	s := *v.list.selected()
	lines := []row{
		append(append(row{strong(plain, "Entry "+s.ID+"  ")}, requestName(s)...), append(row{{"  ", ink{}}}, outcomeOf(s)...)...),
		{say(quiet, "It is overwritten in the file and cannot be brought back.")},
		{say(quiet, "Files that were exported stay.")},
	}
	if isUnknown(s) {
		lines = append(lines, nil, row{strong(warn, "! "), say(warn, "nobody knows yet whether the partner acted")})
	}
	return v.m.open(&confirm{m: v.m, name: "Delete this entry?", tone: bad, lines: lines, yes: func() tea.Cmd {
		ctx, ticket := v.begin("deleting")
		log := v.log()
		return v.m.command(0, func() message {
			_, err := log.Delete(ctx, s.ID)
			return changed{ticket: ticket, said: "entry " + s.ID + " is deleted", err: err, gone: s.ID}
		})
	}})
}

// forget takes a deleted entry off the screen.
func (v *historyView) forget(id string) tea.Cmd {
	v.list.drop(id)
	if v.marked != nil && v.marked.ID == id && v.marked.Source == "" {
		v.marked = nil
	}
	v.detail.entry = nil
	if v.list.size() == 0 {
		v.inDetail = false
	}
	return tea.Batch(v.want(), v.look())
}
