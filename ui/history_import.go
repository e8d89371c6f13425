package ui

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	tea "charm.land/bubbletea/v2"

	"countersign/flows"
	"countersign/history"
)

// caseList is a case file on the screen: its entries are read-only.
type caseList struct {
	name    string
	entries []history.Entry
	list    entryList // of the history, for the way back
	entry   entryDetail
}

// anyPartner leaves it to the request to say whose it is.
const anyPartner = "told by the host or the path"

// load asks for a file, or for a request that is pasted.
func (v *historyView) load() tea.Cmd {
	partner := &field{name: "partner", label: "Partner", help: "whose request it is, where neither host nor path tell it", choice: []string{anyPartner}}
	for _, p := range v.m.deps.Providers {
		partner.choice = append(partner.choice, p.Name)
	}
	text := textField("text", "or paste it", "", "a curl command, raw HTTP or HAR; it becomes a draft that is signed afresh")
	text.text.lines, text.height = true, 8
	f := &form{m: v.m, name: "Open a file", fields: []*field{
		textField("path", "File", "", "a case file, or a curl command, raw HTTP or HAR"), text, partner,
	}}
	f.submit = func(f *form) (string, string, bool, tea.Cmd) { return v.submitImport(f, partner.chosen) }
	return v.m.open(f)
}

func (v *historyView) submitImport(f *form, partner int) (string, string, bool, tea.Cmd) {
	path, text := strings.TrimSpace(f.value("path")), f.value("text")
	switch {
	case path == "" && strings.TrimSpace(text) == "":
		return "neither a file nor a text is given", "", false, nil
	case path != "" && strings.TrimSpace(text) != "":
		return "both a file and a text are given", "take one of them away", false, nil
	}
	o := history.ImportOptions{Providers: v.m.deps.Providers, Now: v.m.now(), Name: "what was pasted"}
	if partner > 0 {
		o.Provider = v.m.deps.Providers[partner-1].ID
	}
	home := homeDir(v.m.deps.Home)
	_, ticket := v.begin("reading the file")
	return "", "", false, v.m.command(0, func() message {
		data, err := []byte(text), error(nil)
		if path != "" {
			o.Name = filepath.Base(path)
			o.ReadFile = readBounded
			data, err = readBounded(home.open(path))
		}
		msg := imported{ticket: ticket, form: f, name: o.Name, err: err}
		if err == nil {
			msg.list, msg.err = history.Import(data, o)
		}
		return msg
	})
}

// maxImport bounds a file that is read; a case file is far smaller.
const maxImport = 64 << 20

// readBounded reads a file that a person named.
func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, &flows.Error{Kind: flows.KindUsage, Message: fmt.Sprintf("%q cannot be read", path), Hint: "check the name and whether you may read it", Err: err}
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxImport+1))
	switch {
	case err != nil:
		return nil, &flows.Error{Kind: flows.KindLocal, Message: fmt.Sprintf("%q cannot be read", path), Err: err}
	case len(data) > maxImport:
		return nil, &flows.Error{Kind: flows.KindUsage, Message: fmt.Sprintf("%q is larger than %d MB", path, maxImport>>20)}
	}
	return data, nil
}

func (msg imported) apply(v *historyView) tea.Cmd {
	v.finish()
	if msg.err != nil {
		v.refuse(msg.form, msg.err, false)
		return nil
	}
	v.shut(msg.form)
	if msg.list[0].Entry != nil {
		return v.openFile(msg.name, msg.list)
	}
	one := msg.list[0]
	v.m.draft(one.Draft)
	note, t := "a draft of what was read; nothing is sent: r signs it afresh and sends it", good
	for _, r := range one.Remarks {
		if t != warn || r.Blocks {
			note, t = r.Text, warn
		}
	}
	if len(one.Remarks) > 1 {
		return v.m.open(newRemarks(v.m, one.Remarks))
	}
	v.m.say(t, "%s", note)
	return nil
}

// newRemarks lists what a person should know about a draft that was read.
func newRemarks(m *Model, remarks []history.Remark) *chooser {
	var list []choice
	for _, r := range remarks {
		lead := say(quiet, "· ")
		if r.Blocks {
			lead = strong(warn, "! ")
		}
		about := ""
		if width(r.Text) > formWidth {
			about = r.Text // the row is cut
		}
		list = append(list, choice{row: append(row{lead}, typed(r.Text, ink{})...), about: about, do: func() tea.Cmd { return nil }})
	}
	return newChooser(m, "It is a draft now; nothing is sent. What to know about it", list)
}

// openFile shows the entries of a case file in place of the history.
func (v *historyView) openFile(name string, list []history.Imported) tea.Cmd {
	v.reading.end()
	v.listing.end()
	file := &caseList{name: name, list: v.list, entry: v.detail}
	page := entryPage{}
	for _, one := range list {
		file.entries = append(file.entries, *one.Entry)
		page.rows = append(page.rows, summaryOf(*one.Entry))
	}
	page.n = len(page.rows)
	v.file, v.list, v.detail = file, entryList{whole: true}, entryDetail{v: v}
	v.list.put(0, []entryPage{page})
	v.inDetail = false
	return v.read()
}

// closeFile goes back to the history.
func (v *historyView) closeFile() tea.Cmd {
	v.list, v.detail, v.file = v.file.list, v.file.entry, nil
	return v.reload()
}

// summaryOf is what the list shows of an entry that is at hand.
func summaryOf(e history.Entry) history.Summary {
	x := e.Exchange
	s := history.Summary{
		ID: e.ID, State: e.State, Started: x.Started, Total: x.Timing.Total, Purpose: x.Purpose, Provider: x.Provider,
		Environment: x.Environment, Profile: x.Profile, Sample: x.Sample, Method: x.Signed.Request.Method, Path: x.Signed.Request.Path + x.Signed.Request.Query,
		Outcome: x.Outcome, IdempotencyKey: x.IdempotencyKey, ReplayOf: x.ReplayOf, Writes: x.Writes, MovesMoney: x.MovesMoney,
		Production: x.Production, NoStore: x.NoStore, Tags: e.Tags, Note: e.Note, Verdict: e.Verdict,
	}
	if r := x.Response; r != nil {
		s.Status = r.Status
		if r.Error != nil {
			s.Code = r.Error.Code
		}
	}
	return s
}
