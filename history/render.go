package history

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"countersign/flows"

	"mvdan.cc/sh/v3/syntax"
)

// render writes redacted entries in a format and suggests a file name.
func render(f Format, files []caseEntry, removed []Masked, now time.Time) ([]byte, string, error) {
	first := files[0].Record
	name := fmt.Sprintf("%s-%s-%s", first.Provider, first.Sample, first.Started.UTC().Format("20060102T150405"))
	name = strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' {
			return c
		}
		return '-'
	}, name)
	switch f {
	case CaseFile:
		text, err := writeCase(files, removed, now)
		return text, name + ".case.txt", err
	case Markdown:
		return writeMarkdown(files, removed), name + ".md", nil
	case Curl:
		text, err := each(files, "\n", curlOf)
		return text, name + ".sh", err
	case HAR:
		text, err := writeHAR(files)
		return text, name + ".har", err
	case RawHTTP:
		if len(files) > 1 {
			return nil, "", &flows.Error{Kind: flows.KindUsage, Message: "raw HTTP holds one request", Hint: "export one entry, or choose case or har"}
		}
		return rawOf(files[0].Record), name + ".http", nil
	}
	var names []string
	for _, known := range Formats() {
		names = append(names, string(known))
	}
	return nil, "", &flows.Error{Kind: flows.KindUsage, Message: fmt.Sprintf("there is no format %q", string(f)), Hint: "choose one of " + strings.Join(names, ", ")}
}

func each(files []caseEntry, between string, one func(record) ([]byte, error)) ([]byte, error) {
	var out bytes.Buffer
	for i, f := range files {
		if i > 0 {
			out.WriteString(between)
		}
		b, err := one(f.Record)
		if err != nil {
			return nil, err
		}
		out.Write(b)
	}
	return out.Bytes(), nil
}

func (t *recText) raw() string {
	if t == nil {
		return ""
	}
	return t.Text.Raw()
}

func urlOf(q recRequest) string { return q.Scheme + "://" + q.Authority + q.Path.Raw() + q.Query.Raw() }

// rawOf is the request as HTTP/1.1 writes it. Host and Content-Length are added, as they were on the wire.
func rawOf(r record) []byte {
	q := r.Request
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s %s%s HTTP/1.1\r\nHost: %s\r\n", q.Method, q.Path.Raw(), q.Query.Raw(), q.Authority)
	for _, h := range q.Header {
		fmt.Fprintf(&out, "%s: %s\r\n", h.Name, h.Value.raw())
	}
	if q.Body != nil {
		fmt.Fprintf(&out, "Content-Length: %d\r\n", len(q.Body.raw()))
	}
	out.WriteString("\r\n" + q.Body.raw())
	return out.Bytes()
}

// curlOf is the request as a curl command for a shell. --path-as-is and -g keep curl from changing the URL, which is signed.
func curlOf(r record) ([]byte, error) {
	q := r.Request
	var out bytes.Buffer
	fmt.Fprintf(&out, "curl --path-as-is -g -X %s", q.Method)
	arg := func(flag, s string) error {
		quoted, err := syntax.Quote(s, syntax.LangBash)
		if err != nil {
			return &flows.Error{Kind: flows.KindUsage, Message: "the request holds a byte that no shell can pass on: " + err.Error(), Hint: "export it as raw or har"}
		}
		fmt.Fprintf(&out, " \\\n  %s%s", flag, quoted)
		return nil
	}
	err := arg("", urlOf(q))
	for _, h := range q.Header {
		if err == nil && h.Value.raw() == "" {
			err = arg("-H ", h.Name+";") // curl's way to send a header without a value
		} else if err == nil {
			err = arg("-H ", h.Name+": "+h.Value.raw())
		}
	}
	if q.Body != nil && err == nil {
		err = arg("--data-binary ", q.Body.raw())
	}
	out.WriteByte('\n')
	return out.Bytes(), err
}
