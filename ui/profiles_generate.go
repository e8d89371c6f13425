package ui

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"countersign/flows/credentials"
)

// certifiedKey is the field whose key is made together with a certificate signing request. Any other key signs requests.
const certifiedKey = "client_key"

// generate asks for what is needed to make the key of the selected line.
func (p *profiles) generate() tea.Cmd {
	f, c := p.field(), p.current()
	name := "~/" + p.provider.ID + "-" + c.environment.Name + "-" + c.profile
	if config := p.m.deps.Runner.Credentials.Config; config != nil {
		name = path.Join(path.Dir(p.short(config.Path())), path.Base(name))
	}
	g := generator{p: p, field: f, at: c}
	fm := &form{m: p.m, name: "Generate: " + lowered(f.Label) + " · " + c.name(), about: g.about}
	if f.Name == certifiedKey {
		fm.fields = []*field{
			textField("organisation", "Organisation", "", "the name of your company, O= of the subject"),
			textField("client_id", "Client ID", p.clientID(c), "CN= of the subject, as the partner gave it to you"),
		}
		fm.fields = append(fm.fields, pathFields(name+"-client.key", name+"-client.csr", "Request file")...)
	} else {
		fm.fields = pathFields(name+"-signing.key", name+"-signing.pub", "Public file")
	}
	fm.submit = g.submit
	return p.m.open(fm)
}

func pathFields(key, public, label string) []*field {
	return []*field{
		textField("key_file", "Key file", key, "the private key, PEM, mode 0600; a file that is there is not overwritten"),
		textField("public_file", label, public, "what goes to the partner, PEM, mode 0644"),
	}
}

// clientID is the client id of the column, where the run of the workbench has it: it is no secret.
func (p *profiles) clientID(c profileColumn) string {
	if v, ok := p.m.run.Credentials["client_id"]; ok && p.used(c) {
		return public(v)
	}
	return ""
}

// generator makes a key for a field of a profile.
type generator struct {
	p     *profiles
	field *credentials.Field
	at    profileColumn
}

// about says what follows, and what does not.
func (g generator) about(w int) []row {
	if g.p.storing > 0 {
		return []row{nil, {strong(accent, "… "), say(plain, "making the key")}}
	}
	if r, known := g.p.record(); known && r.Set {
		return append([]row{nil}, paragraph(strong(warn, "! "), "this profile has one already. It stays in use until you refer to the new one; for an overlap make a new profile (n) and the key there.", ink{}, w)...)
	}
	return nil
}

func (g generator) submit(fm *form) (problem, remedy string, insist bool, cmd tea.Cmd) {
	if g.p.storing > 0 {
		return "the change before is still under way", "it ends within seconds", false, nil
	}
	for _, name := range []string{"key_file", "public_file"} {
		if fm.value(name) == "" {
			return "a file has no name", "type one, such as ~/keys/client.key", false, nil
		}
	}
	return "", "", false, g.start(fm, false)
}

// start makes the key. Files that are there are replaced only when overwrite says so.
func (g generator) start(fm *form, overwrite bool) tea.Cmd {
	p, store, random := g.p, g.p.m.deps.Runner.Credentials, g.p.m.deps.Runner.Rand
	values := map[string]string{}
	for _, x := range fm.fields {
		values[x.name] = fm.value(x.name)
	}
	return p.start(alteration{form: fm, at: g.at, do: func(context.Context) outcome {
		made, err := makeKey(store, values, g.field.Name == certifiedKey, overwrite, random)
		if errors.Is(err, fs.ErrExist) {
			return outcome{ask: g.overwrite(fm, values)}
		}
		if err != nil {
			return outcome{refused: err}
		}
		return outcome{tone: good, text: g.field.Label + ": made, mode 0600; it is not in the profile yet", then: &generatedBox{generator: g, made: made}}
	}})
}

// makeKey makes the key in its files, off the screen.
func makeKey(store *credentials.Store, values map[string]string, certified, overwrite bool, random io.Reader) (credentials.Generated, error) {
	key, err := store.Expand(values["key_file"])
	if err != nil {
		return credentials.Generated{}, err
	}
	public, err := store.Expand(values["public_file"])
	if err != nil {
		return credentials.Generated{}, err
	}
	if config := store.Config; config != nil { // the directory that is proposed may not be there yet
		if err := config.MakeDir(); err != nil {
			return credentials.Generated{}, err
		}
	}
	if certified {
		return credentials.GenerateClientKey(random, credentials.ClientKeyRequest{Organisation: values["organisation"], ClientID: values["client_id"],
			KeyFile: key, RequestFile: public, Overwrite: overwrite})
	}
	return credentials.GenerateSigningKey(random, credentials.SigningKeyRequest{KeyFile: key, PublicFile: public, Overwrite: overwrite})
}

// overwrite asks before a file is replaced: with its key everything is lost that was registered under it.
func (g generator) overwrite(fm *form, values map[string]string) overlay {
	lines := []row{{say(plain, "One of these files is there already:")}}
	for _, name := range []string{"key_file", "public_file"} {
		lines = append(lines, insetWrapped(typed(values[name], ink{}), confirmWidth)...)
	}
	lines = append(lines, paragraph(bit{}, "What the partner registered for the old key is lost with it.", ink{fg: quiet}, confirmWidth)...)
	return &confirm{m: g.p.m, name: "Overwrite?", word: "overwrite", verb: "replace it", typed: newEdit("", false), tone: bad, lines: lines,
		yes: func() tea.Cmd { return g.start(fm, true) }}
}

// generatedBox shows what was made, what does the same without this program, and what the partner needs.
type generatedBox struct {
	generator
	made   credentials.Generated
	window window
}

// Keys of the box.
var (
	copyPublic   = on("copy", "y", "y")
	copyCommands = on("copy the commands", "o", "o")
)

func (b *generatedBox) update(msg tea.Msg) tea.Cmd {
	k, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return nil
	}
	m := b.p.m
	switch {
	case key.Matches(k, dismiss):
		m.close()
	case key.Matches(k, copyPublic):
		m.say(good, "copied %s: %s", plural(len(b.made.PublicPEM), "byte"), b.what())
		return tea.SetClipboard(b.made.PublicPEM)
	case key.Matches(k, copyCommands):
		m.say(good, "copied: the openssl commands")
		return tea.SetClipboard(strings.Join(b.commands(), "\n"))
	case key.Matches(k, accept):
		m.close()
		if why := unwritable(m); why != "" {
			m.say(warn, "refer: %s", why)
			return nil
		}
		return b.refer()
	default:
		if to, ok := m.motion(k); ok {
			b.window.move(to)
		}
	}
	return nil
}

// refer notes the new key in the profile.
func (b *generatedBox) refer() tea.Cmd {
	c, f, store, file := b.at, b.field, b.p.m.deps.Runner.Credentials, b.p.short(b.made.KeyFile)
	return b.p.start(alteration{field: f.Name, at: c, do: func(ctx context.Context) outcome {
		return stow(f.Label, store.Config, func() (credentials.Stored, error) { return store.PutReference(ctx, c.query, f.Name, "file:"+file) })
	}})
}

// commands are what does the same, with ~ for the home directory.
func (b *generatedBox) commands() []string {
	short := b.made
	short.KeyFile, short.PublicFile = b.p.short(short.KeyFile), b.p.short(short.PublicFile)
	return short.OpenSSL()
}

// what is the public part, for people.
func (b *generatedBox) what() string {
	if b.made.Subject != "" {
		return "the certificate signing request"
	}
	return "the public key"
}

func (b *generatedBox) draw(w, h int) []row {
	inner := innerWidth(100, w)
	rows := b.rows(inner)
	room := min(max(h-2, 1), len(rows))
	hints := hint("enter", "refer to it in the profile", "y", "copy "+b.what(), "o", "copy the commands", "esc", "close")
	if hints.cells()+6 > inner {
		hints = hint("enter", "refer to it", "y", "copy", "o", "copy commands", "esc", "close")
	}
	return box(b.field.Label+" · "+b.at.name(), b.window.of(rows, inner, room), hints, inner)
}

func (b *generatedBox) rows(w int) []row {
	const at = 14
	file := func(name, mode string) row {
		return append(typed(b.p.short(name), ink{}), say(quiet, "  mode "+mode))
	}
	rows := entry("private key", at, file(b.made.KeyFile, "0600"), w)
	rows = append(rows, entry("for partner", at, file(b.made.PublicFile, "0644"), w)...)
	if b.made.Subject != "" {
		rows = append(rows, entry("subject", at, typed(b.made.Subject, ink{}), w)...)
	}
	rows = append(rows, entry("fingerprint", at, row{say(plain, "#"+b.made.Fingerprint)}, w)...)
	rows = append(rows, nil, row{say(quiet, "The private key never leaves this machine. The same, made with openssl:")})
	for _, c := range b.commands() {
		rows = append(rows, insetWrapped(typed(c, ink{fg: text}), w)...)
	}
	rows = append(rows, nil, row{say(quiet, "To be sent to the partner, "+b.what()+":")})
	for _, line := range linesOf(b.made.PublicPEM) {
		rows = append(rows, row{{line, ink{}}}.fit(w, ink{}))
	}
	return rows
}
