package ui

import (
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"countersign/flows"
	"countersign/sign"
	"countersign/sign/untrusted"
)

// newTamperForm asks which byte of the signed request is to be changed.
func newTamperForm(m *Model) *form {
	r := m.run.Prepared.Signed.Request
	where := &field{name: "where", label: "Where", help: "the change is made behind the signature, so the partner must notice it"}
	if r.Body.Len() > 0 {
		where.choice = append(where.choice, "body")
	}
	where.choice = append(where.choice, "path")
	if r.Query != "" {
		where.choice = append(where.choice, "query")
	}
	where.choice = append(where.choice, "method")
	if m.run.Prepared.Signed.Carrier != "" {
		where.choice = append(where.choice, "signature")
	}
	for _, h := range r.Header {
		where.choice = append(where.choice, "header "+h.Name)
	}
	f := &form{m: m, name: "Change one byte after signing", fields: []*field{
		where,
		textField("offset", "Offset", itoa(firstWord(tampered(m, where.choice[0]))), "counted from 0"),
		textField("to", "New byte", "", "a character, or 0x and two digits; empty: the next character"),
	}}
	f.about = func(w int) []row { return tamperPreview(m, f, w) }
	f.submit = func(f *form) (string, string, bool, tea.Cmd) {
		t, problem := readTamper(m, f)
		if problem != "" {
			return problem, "", false, nil
		}
		m.close()
		m.edit(func(d *flows.Draft) { d.Tamper = append(d.Tamper, t) })
		m.say(warn, "byte %d of the %s will be changed after signing; space sends it, T takes it back", t.Offset, t.Where)
		return "", "", false, m.start(flows.StepSignature)
	}
	return f
}

// firstWord is the offset of the first letter or digit: a change there is no syntax error.
func firstWord(b []byte) int {
	for i, c := range b {
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			return i
		}
	}
	return 0
}

// tampered is the part of the signed request that a form names, as it may be shown.
func tampered(m *Model, where string) []byte {
	s := m.run.Prepared.Signed
	name, isHeader := strings.CutPrefix(where, "header ")
	if where == "signature" {
		name, isHeader = s.Carrier, true
	}
	if isHeader {
		v, _ := s.Request.Get(name)
		return hiddenBytes(v)
	}
	switch where {
	case "path":
		return []byte(s.Request.Path)
	case "query":
		return []byte(s.Request.Query)
	case "method":
		return []byte(s.Request.Method)
	}
	return hiddenBytes(s.Request.Body)
}

// hiddenBytes are the bytes of a text at their own offsets, those of a secret replaced by a dot each.
func hiddenBytes(t sign.Text) []byte {
	b := revealText(t)
	for _, s := range t.Spans() {
		for i := s.Start; s.Secret && i < s.End; i++ {
			b[i] = '*'
		}
	}
	return b
}

// readTamper reads the form; the second result is what is wrong with it.
func readTamper(m *Model, f *form) (flows.Tamper, string) {
	where := f.value("where")
	b := tampered(m, where)
	offset, err := strconv.Atoi(strings.TrimSpace(f.value("offset")))
	if err != nil || offset < 0 || offset >= len(b) {
		return flows.Tamper{}, "the offset " + quote(f.value("offset")) + " is not from 0 to " + itoa(len(b)-1)
	}
	to, problem := readByte(f.value("to"), b[offset])
	return flows.Tamper{Where: where, Offset: offset, To: to}, problem
}

// readByte reads a character or 0x41; nothing means the character behind the one that is there.
func readByte(s string, now byte) (byte, string) {
	switch {
	case s == "":
		return neighbour(now), ""
	case len(s) == 1:
		return s[0], ""
	}
	if n, err := strconv.ParseUint(s, 0, 8); err == nil && strings.HasPrefix(s, "0x") {
		return byte(n), ""
	}
	return 0, quote(s) + " is not one byte; write a character, or 0x41"
}

// neighbour is a letter or digit that differs from c: the change can be seen and is not caught by a syntax check alone.
func neighbour(c byte) byte {
	switch {
	case c >= '0' && c < '9', c >= 'a' && c < 'z', c >= 'A' && c < 'Z':
		return c + 1
	case c == '9':
		return '0'
	case c == 'Z':
		return 'A'
	}
	return 'a'
}

// tamperPreview shows the change before it is made.
func tamperPreview(m *Model, f *form, w int) []row {
	b := tampered(m, f.value("where"))
	t, problem := readTamper(m, f)
	if problem != "" || len(b) == 0 {
		return nil
	}
	from := max(t.Offset-w/2, 0)
	show := func(name string, c byte) row {
		changed := append([]byte{}, b...)
		changed[t.Offset] = c
		r := append(row{label(name, 8)}, visibleLine(string(changed[from:min(len(changed), from+w)]), t.Offset-from)...)
		return r.fit(w, ink{})
	}
	return []row{nil, show("signed", b[t.Offset]), show("sent", t.To)}
}

// quote puts what a person typed in quotes, made visible.
func quote(s string) string { return strconv.Quote(untrusted.From(s).String()) }
