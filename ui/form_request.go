package ui

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"countersign/flows"
	"countersign/sign"
)

// placeholders lets a URL with {name} be checked.
var placeholders = strings.NewReplacer("{", "", "}", "")

// newRequestForm asks for everything of the request that a person may change.
func newRequestForm(m *Model) *form {
	d := m.run.Draft
	body := &field{name: "body", label: "Body", help: "sent and signed byte for byte; ctrl+t types a tab. The choice above says whether there is a body at all",
		pasted: "a paste comes without its terminal escape sequences, if it had any; countersign run --body @FILE keeps every byte",
		text:   newEdit("", true), height: 12}
	has := &field{name: "has_body", label: "Body is", choice: []string{"sent", "absent"}, help: "an absent body is not an empty one: no Content-Length, nothing signed for it"}
	if d.Body != nil {
		body.text = newEdit(*d.Body, true)
		body.text.at = 0
	} else {
		has.chosen = 1
	}
	headers := &field{name: "headers", label: "Headers", help: "one a line, Name: value; those of the scheme and the transport are added later",
		text: newEdit(headerText(d.Header), true), height: 4}
	headers.text.at = 0
	fields := []*field{
		textField("method", "Method", d.Method, ""),
		textField("path", "Path", d.Path, "behind the base URL, percent-encoding kept as typed; {name} is replaced"),
		textField("query", "Query", d.Query, "with or without its ?; not every scheme signs it"),
	}
	for _, v := range used(d) {
		fields = append(fields, textField("{"+v.Name+"}", v.Label, d.Variables[v.Name], "replaces {"+v.Name+"} in path, query and body"))
	}
	fields = append(fields, headers, has, body)
	if d.Sample.Idempotency {
		fields = append(fields, textField("idempotency_key", "Idempotency key", d.IdempotencyKey, "empty: a fresh one for each signature; kept: the same operation once more"))
	}
	if d.Provider.Nonce != nil {
		fields = append(fields, textField("nonce", "Nonce", d.Nonce, "empty: a fresh one for each signature"))
	}
	fields = append(fields, textField("at", "Time", timeText(d.At), "the clock of the signature, as 2006-01-02T15:04:05Z; empty: now"))
	f := &form{m: m, name: "Request " + d.Sample.Name, fields: fields, submit: func(f *form) (string, string, bool, tea.Cmd) { return submitRequest(m, f) }}
	return f
}

// used are the variables that something of the draft is made from; a body that is taken literally has none.
func used(d flows.Draft) []flows.Variable {
	if !d.Literal {
		return d.Sample.Variables
	}
	return slices.DeleteFunc(slices.Clone(d.Sample.Variables), func(v flows.Variable) bool {
		return !strings.Contains(d.Path+d.Query, "{"+v.Name+"}")
	})
}

func headerText(list []sign.Pair) string {
	var b strings.Builder
	for i, h := range list {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(h.Name + ": " + h.Value)
	}
	return b.String()
}

func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// submitRequest reads the form. What looks wrong but can be sent is told once and sent when it is saved again.
func submitRequest(m *Model, f *form) (string, string, bool, tea.Cmd) {
	header, err := readHeaders(f.value("headers"))
	if err != nil {
		return err.Error(), "write each header as Name: value", false, nil
	}
	var at time.Time
	if s := strings.TrimSpace(f.value("at")); s != "" {
		if at, err = time.Parse(time.RFC3339, s); err != nil {
			return "the time " + quote(s) + " is not in the form 2006-01-02T15:04:05Z", "leave it empty for now", false, nil
		}
	}
	body := f.value("body")
	if !f.insist && f.value("has_body") == "sent" {
		if problem := checkJSON(header, body); problem != "" {
			return problem, "mend it, or save all the same: it is sent as it is", true, nil
		}
	}
	m.close()
	said := "the request is changed"
	if _, lacks := m.run.Lacks(flows.StepSignature); !lacks && reached(m.run, flows.StepSignature) {
		said += "; what was signed before is undone"
	}
	m.edit(func(d *flows.Draft) {
		asked := used(*d) // the path that was there when the form was made
		retarget(d, f.value("method"), f.value("path"))
		d.Method, d.Path, d.Query, d.Header, d.At = f.value("method"), f.value("path"), f.value("query"), header, at
		d.Body = nil
		if f.value("has_body") == "sent" {
			d.Body = &body
		}
		for _, v := range asked {
			d.Variables[v.Name] = f.value("{" + v.Name + "}")
		}
		d.IdempotencyKey, d.Nonce = f.value("idempotency_key"), f.value("nonce")
	})
	m.focus = atCanonical // it shows what the request is now
	m.say(good, "%s", said)
	return "", "", false, nil
}

// retarget judges a method and a path that were typed. What another target does is not known: anything but a read
// counts as moving money, until the documented target is put back.
func retarget(d *flows.Draft, method, path string) {
	own, known := d.Provider.Sample(d.Sample.Name)
	switch {
	case method == d.Method && path == d.Path:
	case known && d.Sample.Name != "" && method == own.Method && path == own.Path:
		d.Sample = own
	case method == "GET", method == "HEAD", method == "OPTIONS":
	default:
		d.Sample.Writes, d.Sample.MovesMoney = true, true
		d.Sample.Summary = "changed by hand; an unknown write counts as moving money"
	}
}

// readHeaders reads one header a line; blank lines are left out.
func readHeaders(s string) ([]sign.Pair, error) {
	var list []sign.Pair
	for line := range strings.Lines(s) {
		line = strings.TrimSuffix(line, "\n")
		if strings.TrimSpace(line) == "" {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return nil, errors.New("the header line " + quote(line) + " has no colon")
		}
		value = strings.TrimPrefix(value, " ")
		if err := sign.CheckHeader(name, sign.Plain(sign.Origin{Kind: sign.HeaderValue}, []byte(value))); err != nil {
			return nil, err
		}
		list = append(list, sign.Pair{Name: name, Value: value})
	}
	return list, nil
}

// checkJSON says what is wrong with a body that is announced as JSON.
func checkJSON(header []sign.Pair, body string) string {
	announced := false
	for _, h := range header {
		announced = announced || strings.EqualFold(h.Name, "Content-Type") && strings.Contains(h.Value, "json")
	}
	if !announced || body == "" {
		return ""
	}
	var v json.RawMessage
	err := json.Unmarshal([]byte(body), &v)
	var syntax *json.SyntaxError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &syntax):
		return "the body is not valid JSON at byte " + itoa(int(syntax.Offset)) + ": " + syntax.Error()
	}
	return "the body is not valid JSON"
}
