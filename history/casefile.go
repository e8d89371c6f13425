package history

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"countersign/flows"
	"countersign/sign/untrusted"

	"golang.org/x/tools/txtar"
)

// A case file is one txtar archive. case.json holds everything and is what is read back; the other files are the same
// evidence for a person with a pager, drawn so that nothing in it can move a cursor, each line behind a gutter that
// cannot be taken for the head of a file.

// caseHead begins the comment of every case file; the number is the version of the format.
const caseHead = "Countersign case file 1\n"

// maxCase bounds a case file that is read.
const maxCase = 64 << 20

// caseJSON is the form of case.json.
type caseJSON struct {
	Version int         `json:"version"`
	Written time.Time   `json:"written"`
	Entries []caseEntry `json:"entries"`
	Removed []Masked    `json:"removed"`
}

func writeCase(files []caseEntry, removed []Masked, now time.Time) ([]byte, error) {
	var data bytes.Buffer
	enc := json.NewEncoder(&data)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(caseJSON{1, now.UTC().Round(0), files, removed}); err != nil {
		return nil, err
	}
	var head strings.Builder
	head.WriteString(caseHead + "Secrets are masked; equal masks with a # are equal secrets, in this file only.\n\n")
	archive := &txtar.Archive{}
	for i, f := range files {
		dir := ""
		if len(files) > 1 {
			dir = fmt.Sprintf("%d/", i+1)
		}
		fmt.Fprintf(&head, "%s%s\n", dir, drawn(title(f)))
		for _, s := range sections(f) {
			archive.Files = append(archive.Files, txtar.File{Name: dir + s.name, Data: []byte(gutter(s.text))})
		}
	}
	head.WriteByte('\n')
	archive.Comment = []byte(head.String())
	archive.Files = append(archive.Files,
		txtar.File{Name: "removed.txt", Data: []byte(gutter(removedText(removed)))},
		txtar.File{Name: "case.json", Data: untrusted.Printable(data.Bytes())})
	return txtar.Format(archive), nil
}

// drawn makes text safe for a terminal, in one line.
func drawn(s string) string { return untrusted.From(s).String() }

// gutter draws text in lines and puts a mark before each.
func gutter(s string) string {
	if s == "" {
		return ""
	}
	d := untrusted.From(strings.TrimSuffix(s, "\n")).Block()
	return "| " + strings.ReplaceAll(d.String(), "\n", "\n| ") + "\n"
}

// ReadCase reads a case file. Its entries are read-only, carry name as their source, and may hold anything: all text in them is
// from outside.
func ReadCase(name string, text []byte) ([]Entry, error) {
	fail := func(format string, args ...any) ([]Entry, error) {
		return nil, &flows.Error{Kind: flows.KindUsage, Message: fmt.Sprintf("%q ", name) + fmt.Sprintf(format, args...)}
	}
	if len(text) > maxCase {
		return fail("has %d bytes; a case file has %d at most", len(text), maxCase)
	}
	if !IsCase(text) {
		return fail("is no case file of this version")
	}
	for _, f := range txtar.Parse(text).Files {
		if f.Name != "case.json" {
			continue
		}
		var c caseJSON
		if err := json.Unmarshal(f.Data, &c); err != nil {
			return fail("is damaged: %s", untrusted.From(err.Error()))
		}
		var list []Entry
		for _, e := range c.Entries {
			entry, err := e.entry(name, c.Removed)
			if err != nil {
				return fail("is damaged: %s", untrusted.From(err.Error()))
			}
			list = append(list, entry)
		}
		if len(list) == 0 {
			return fail("holds no entry")
		}
		return list, nil
	}
	return fail("is damaged: it has no part case.json")
}

// IsCase reports whether a text begins like a case file.
func IsCase(text []byte) bool { return bytes.HasPrefix(text, []byte(caseHead)) }

// entry makes a read-only entry.
func (c caseEntry) entry(source string, removed []Masked) (Entry, error) {
	b, err := c.Record.encode()
	if err != nil {
		return Entry{}, err
	}
	r, err := decodeRecord(b) // checks the version and makes plain strings safe
	if err != nil {
		return Entry{}, err
	}
	e := r.entry()
	e.ID, e.State, e.Source, e.BodyCut = drawn(c.ID), State(drawn(c.State)), drawn(source), c.BodyCut
	e.Exchange.ID = e.ID
	e.Note, e.Verdict, e.Resolution = untrusted.From(c.Note), untrusted.From(c.Verdict), untrusted.From(c.Resolution)
	for _, t := range c.Tags {
		if tagForm.MatchString(t) {
			e.Tags = append(e.Tags, t)
		}
	}
	for _, m := range removed {
		e.Masked = append(e.Masked, Masked{drawn(m.Where), drawn(m.Name), drawn(m.Layer), m.Count})
	}
	return e, nil
}
