package capture

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"countersign/sign"
)

// harRequest is the request of an entry (HAR 1.2).
type harRequest struct {
	Method   string
	URL      string
	Headers  []struct{ Name, Value string }
	PostData *struct {
		Text     *string
		Encoding string // "base64"; no part of HAR 1.2, but written by proxies
		Params   []struct{ Name, Value string }
	}
}

// harEntry is an entry, or the request of one by itself.
type harEntry struct {
	Request *harRequest
	harRequest
}

// HAR reads an entry of a HAR file: a whole file, a list of entries, an entry, or its request.
func HAR(text []byte, opt Option) (sign.Captured, []Remark, error) {
	if len(text) > MaxText {
		return sign.Captured{}, nil, fmt.Errorf("the text has %d bytes; at most %d are read", len(text), MaxText)
	}
	entries, err := harEntries(bytes.TrimSpace(text))
	if err != nil {
		return sign.Captured{}, nil, err
	}
	if opt.Entry < 0 || opt.Entry >= len(entries) {
		return sign.Captured{}, nil, fmt.Errorf("there is no entry %d; the HAR file has %d, counted from 0", opt.Entry, len(entries))
	}
	e := entries[opt.Entry]
	r := e.Request
	if r == nil {
		r = &e.harRequest
	}
	var remarks []Remark
	if len(entries) > 1 {
		remarks = append(remarks, Remark(fmt.Sprintf("entry %d of %d was taken", opt.Entry, len(entries))))
	}
	c, more, err := r.captured()
	return c, append(remarks, more...), err
}

// harEntries finds the entries.
func harEntries(text []byte) ([]harEntry, error) {
	if len(text) > 0 && text[0] == '[' {
		var list []harEntry
		if err := json.Unmarshal(text, &list); err != nil {
			return nil, harError(err)
		}
		return list, nil
	}
	var file struct {
		Log     *struct{ Entries []harEntry }
		Entries []harEntry
		harEntry
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, harError(err)
	}
	switch {
	case file.Log != nil:
		return file.Log.Entries, nil
	case file.Entries != nil:
		return file.Entries, nil
	case file.Request != nil || file.URL != "":
		return []harEntry{file.harEntry}, nil
	}
	return nil, errors.New("the JSON text is no HAR file: it has neither log.entries nor request nor url")
}

func harError(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("the text begins like JSON but is damaged at byte %d", syntax.Offset)
	case errors.As(err, &kind):
		return fmt.Errorf("the JSON text is no HAR file: %s is a %s", kind.Field, kind.Value)
	}
	return errors.New("the text begins like JSON but cannot be read as a HAR file")
}

// captured turns a HAR request into what was sent.
func (r *harRequest) captured() (sign.Captured, []Remark, error) {
	if !isToken(r.Method) {
		return sign.Captured{}, nil, fmt.Errorf("the method of the HAR entry is %s", short(r.Method))
	}
	scheme, _, authority, target, err := splitURL(r.URL)
	if err != nil {
		return sign.Captured{}, nil, fmt.Errorf("the HAR entry: %w", err)
	}
	c := sign.Captured{Method: r.Method, Scheme: scheme, Authority: authority, Target: target}
	if len(r.Headers) > maxHeaders {
		return sign.Captured{}, nil, fmt.Errorf("there are more than %d header fields", maxHeaders)
	}
	for _, h := range r.Headers {
		if strings.HasPrefix(h.Name, ":") { // pseudo-headers of HTTP/2 repeat the request line
			continue
		}
		if !isToken(h.Name) {
			return sign.Captured{}, nil, fmt.Errorf("the HAR entry has a header with the name %s", short(h.Name))
		}
		c.Header = append(c.Header, sign.Pair{Name: h.Name, Value: h.Value})
	}
	remarks, err := r.body(&c)
	return c, remarks, err
}

// body takes postData: its text, decoded where it says so, or the parameters of a form.
func (r *harRequest) body(c *sign.Captured) ([]Remark, error) {
	p := r.PostData
	switch {
	case p == nil:
		return nil, nil
	case p.Text != nil && strings.EqualFold(p.Encoding, "base64"):
		b, err := base64.StdEncoding.DecodeString(*p.Text)
		if err != nil {
			return nil, errors.New("postData says base64, but its text cannot be decoded")
		}
		c.Body, c.HasBody = b, len(b) > 0
		return nil, nil
	case p.Text != nil && *p.Text != "":
		c.Body, c.HasBody = []byte(*p.Text), true
		if strings.ContainsRune(*p.Text, '\ufffd') {
			return []Remark{"the body holds U+FFFD: the program that wrote the HAR file may have lost bytes that are not UTF-8"}, nil
		}
		return nil, nil
	case len(p.Params) > 0:
		var pairs []string
		for _, q := range p.Params {
			pairs = append(pairs, url.QueryEscape(q.Name)+"="+url.QueryEscape(q.Value))
		}
		c.Body, c.HasBody = []byte(strings.Join(pairs, "&")), true
		return []Remark{"the HAR entry has no text of the body, only form parameters; they were encoded again and may differ from what was sent"}, nil
	}
	return nil, nil
}
