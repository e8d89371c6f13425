package ui

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	tea "charm.land/bubbletea/v2"

	"countersign/history"
	"countersign/sign"
	"countersign/sign/untrusted"
)

// formats say what each form of export is for.
var formats = map[history.Format][2]string{
	history.CaseFile: {"case file", "all the evidence in one text file; opens read-only in a colleague's workbench"},
	history.Markdown: {"Markdown", "the same evidence, for a ticket"},
	history.Curl:     {"curl", "a command; what is secret in it stands as a variable to be set"},
	history.HAR:      {"HAR 1.2", "for tools that read HTTP archives"},
	history.RawHTTP:  {"raw HTTP", "request and answer as they went over the wire"},
}

// export asks for the form. With a marked entry a case file can hold both.
func (v *historyView) export() tea.Cmd {
	return v.get("reading the entry", func(e history.Entry) tea.Cmd {
		var list []choice
		for _, f := range history.Formats() {
			list = append(list, v.format(f, "", e))
			if x := v.marked; f == history.CaseFile && x != nil && (x.ID != e.ID || x.Source != e.Source) {
				list = append(list, v.format(f, " of this entry and the marked one", e, *x))
			}
		}
		return v.m.open(newChooser(v.m, "Export entry "+e.ID+" as", list))
	})
}

func (v *historyView) format(f history.Format, more string, entries ...history.Entry) choice {
	name, known := formats[f]
	if !known {
		name[0] = string(f)
	}
	return choice{row: row{strong(plain, name[0]), say(quiet, more)}, about: name[1], do: func() tea.Cmd {
		ctx, ticket := v.begin("making the file")
		log := v.log()
		return v.m.command(0, func() message {
			unasked := v.m.inform(ctx, log)
			file, err := log.Export(ctx, entries, f, history.ExportOptions{})
			return exported{ticket, file, err, unasked}
		})
	}}
}

func (msg exported) apply(v *historyView) tea.Cmd {
	v.finish()
	v.warn(msg.unasked)
	if msg.err != nil {
		v.fail(msg.err)
		return nil
	}
	return v.m.open(newExportForm(v, msg.file))
}

// newExportForm asks where the file goes, and shows before it is written what was taken out of it.
func newExportForm(v *historyView, x history.Export) *form {
	f := &form{m: v.m, name: "Write " + formats[x.Format][0], fields: []*field{
		textField("path", "File", x.Name, ""),
	}}
	asked := "" // the path at which a file was found
	f.about = func(w int) []row { return removedRows(x, w) }
	f.submit = func(f *form) (string, string, bool, tea.Cmd) {
		path := strings.TrimSpace(f.value("path"))
		if path == "" {
			return "a name is needed", "", false, nil
		}
		over := f.insist && path == asked
		asked = path
		ctx, ticket := v.begin("writing the file")
		home := homeDir(v.m.deps.Home)
		return "", "", false, v.m.command(0, func() message { return writeExport(ctx, ticket, f, x, path, over, home) })
	}
	return f
}

func writeExport(_ context.Context, ticket int, f *form, x history.Export, path string, over bool, home homeDir) message {
	msg := changed{ticket: ticket, form: f}
	if msg.err = history.WriteFile(home.open(path), x.Text, over); msg.err != nil {
		msg.insist = !over && errors.Is(msg.err, fs.ErrExist)
		return msg
	}
	msg.said = "written, for your eyes only (0600): " + path
	return msg
}

// homeDir is a person's directory, ~ in the names of files.
type homeDir string

// open is a name that a person typed, as the system wants it.
func (d homeDir) open(path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok && d != "" {
		return filepath.Join(string(d), rest)
	}
	return path
}

// shorten puts ~ into a text that names files.
func (d homeDir) shorten(text string) string {
	if d == "" || d == "/" {
		return text
	}
	return strings.ReplaceAll(text, string(d)+string(filepath.Separator), "~"+string(filepath.Separator))
}

// maxRemoved bounds the lines about what was masked; the file itself lists all of it.
const maxRemoved = 10

// removedRows list what was masked.
func removedRows(x history.Export, w int) []row {
	rows := []row{nil, {strong(quiet, "Masked in the file"), say(quiet, "  "+plural(len(x.Text), "byte")+" in all, searched once more for every secret at hand")}}
	if len(x.Removed) == 0 {
		return append(rows, row{say(quiet, "nothing: no secret was found in it")})
	}
	for i, m := range x.Removed {
		if i == maxRemoved {
			return append(rows, row{say(quiet, "… and "+itoa(len(x.Removed)-i)+" more; a case file lists them all")})
		}
		line := append(row{say(quiet, "· ")}, typed(m.Name, ink{fg: originOf(sign.Key)})...)
		line = append(append(line, say(quiet, " in ")), typed(m.Where, ink{})...)
		if m.Count > 1 {
			line = append(line, say(quiet, ", "+itoa(m.Count)+" times"))
		}
		rows = append(rows, spread(line, row{say(quiet, "by "+untrusted.From(m.Layer).String())}, w, ink{}))
	}
	return rows
}
