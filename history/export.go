package history

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"strings"

	"countersign/flows"
	"countersign/sign"
)

// Format is a form in which entries leave history.
type Format string

// The formats.
const (
	CaseFile Format = "case" // all the evidence in one txtar file; opens read-only elsewhere
	Markdown Format = "markdown"
	Curl     Format = "curl"
	HAR      Format = "har" // HTTP Archive 1.2
	RawHTTP  Format = "raw"
)

// Formats lists the formats.
func Formats() []Format { return []Format{CaseFile, Markdown, Curl, HAR, RawHTTP} }

// ExportOptions say what may be shown beyond the closed lists.
type ExportOptions struct {
	Show    []string               // names of headers and members whose values are shown; "body" shows a body that is plain text
	Secrets map[string]sign.Secret // live secrets by name, beside those that this process has seen
}

// Export is a file that was made and looked through, and not written yet: show Removed to the person first.
type Export struct {
	Format  Format
	Name    string // a file name to begin with
	Text    []byte
	Removed []Masked
}

// Export makes a file of entries. It fails rather than write a secret: what it made is searched for every known secret in
// every form in which secrets travel, and for what looks like one.
func (l *Log) Export(ctx context.Context, entries []Entry, f Format, o ExportOptions) (Export, error) {
	if len(entries) == 0 {
		return Export{}, &flows.Error{Kind: flows.KindUsage, Message: "there is no entry to export"}
	}
	known := l.knownSecrets()
	for name, s := range o.Secrets {
		known[name] = s
	}
	files, removed, err := l.redacted(ctx, entries, known, o.Show)
	if err != nil {
		return Export{}, err
	}
	text, name, err := render(f, files, removed, l.o.Now())
	if err != nil {
		return Export{}, err
	}
	if err := finalScan(text, files, known); err != nil {
		return Export{}, err
	}
	return Export{Format: f, Name: name, Text: text, Removed: removed}, nil
}

// caseEntry is an entry as it leaves: redacted.
type caseEntry struct {
	ID         string   `json:"id"`
	State      string   `json:"state"`
	Tags       []string `json:"tags,omitempty"`
	Note       string   `json:"note,omitempty"`
	Verdict    string   `json:"verdict,omitempty"`
	Resolution string   `json:"resolution,omitempty"`
	BodyCut    int      `json:"body_cut,omitempty"`
	Record     record   `json:"record"`
}

func (l *Log) redacted(ctx context.Context, entries []Entry, known map[string]sign.Secret, show []string) ([]caseEntry, []Masked, error) {
	key := make([]byte, 32)
	if _, err := io.ReadFull(l.o.Rand, key); err != nil {
		return nil, nil, err
	}
	maskKey := key
	if b, err := l.open(ctx); err == nil { // a case file can be exported again without a history
		maskKey = b.maskKey
	}
	m := newMasker(maskKey, known)
	r := &redactor{m: m, key: key, show: map[string]bool{}}
	for _, s := range show {
		r.show[memberKey(s)] = true
	}
	var files []caseEntry
	for _, e := range entries {
		rec := m.take(e.Exchange)
		rec.Keys, rec.Masked = maps.Clone(e.Keys), nil
		if e.Withheld != "" {
			rec.Withheld = e.Withheld
		}
		if rec.Response != nil {
			rec.Response.Kept = e.Exchange.Response.Size - e.BodyCut
		}
		r.record(&rec)
		for _, x := range e.Masked {
			m.note(x.Where, x.Name, x.Layer, x.Count)
		}
		note := func(s string) string { return string(r.text("note", []byte(s))) }
		files = append(files, caseEntry{e.ID, string(e.State), e.Tags, note(e.Note.Raw()), note(e.Verdict.Raw()), note(e.Resolution.Raw()), e.BodyCut, rec})
	}
	return files, m.masked(), nil
}

// finalScan looks through what is about to be written. A signature for this machine may stay.
func finalScan(text []byte, files []caseEntry, known map[string]sign.Secret) error {
	for name, s := range known {
		if sign.NewRedactor(s).Finds(text) {
			field, _, _ := strings.Cut(name, " ")
			return &flows.Error{Kind: flows.KindLocal, Message: fmt.Sprintf("the file was not written: the value of %q is in it", field),
				Hint: "look for it in a place that is not masked, such as the name of a tag or of a header; this is a fault worth reporting"}
		}
	}
	for _, f := range files {
		if isLoopback(f.Record.Request.Authority) {
			for _, h := range f.Record.Request.Header {
				if strings.EqualFold(h.Name, f.Record.Carrier) && h.Value != nil {
					text = bytes.ReplaceAll(text, []byte(h.Value.Text.Raw()), nil)
				}
			}
		}
	}
	for _, s := range secretShapes {
		found := ""
		s.replace(text, func(b []byte) []byte {
			if !bytes.HasPrefix(b, []byte("<redacted")) {
				found = s.name
			}
			return nil
		})
		if found != "" {
			return &flows.Error{Kind: flows.KindLocal, Message: fmt.Sprintf("the file was not written: something in it looks like a secret (%s)", found),
				Hint: "look for it in a place that is not masked; this is a fault worth reporting"}
		}
	}
	return nil
}
