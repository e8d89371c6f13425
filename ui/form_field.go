package ui

import (
	tea "charm.land/bubbletea/v2"

	"countersign/flows"
	"countersign/flows/credentials"
	"countersign/sign"
)

// newFieldForm asks for one credential. A file is named by its path; a secret is hidden while it is typed.
func newFieldForm(m *Model, f *credentials.Field) *form {
	x := textField(f.Name, f.Label, "", f.Help)
	if f.File {
		x.label, x.help = f.Label+" (path)", f.Help+"; the path of a file"
	}
	switch v, known := m.run.Credentials[f.Name]; {
	case f.Secret && !f.File:
		x.text, x.secret = nil, &secretEdit{}
	case f.File && v.Source.Kind == credentials.FromForm:
		x.text = newEdit(v.Source.Detail, false)
	case known && !f.File && v.Err == nil:
		x.text = newEdit(public(v), false)
	}
	if f.Env != "" && m.run.Draft.Environment.Name != flows.Embedded {
		x.help += "; " + f.Env + " in the environment sets it as well"
	}
	return &form{m: m, name: f.Label, fields: []*field{x}, submit: func(fm *form) (string, string, bool, tea.Cmd) {
		value := fm.secretValue(f.Name)
		if x.text != nil {
			value = sign.NewSecret(fm.value(f.Name))
		}
		if value.Empty() {
			return "nothing is typed", "esc closes; delete takes back what was typed before", false, nil
		}
		m.close()
		m.set(m.run.Type(f.Name, value))
		m.say(good, "%s is set for this session; space looks the credentials up again", f.Label)
		return "", "", false, nil
	}}
}

// newEndpointForm asks where requests go: base URL and the certificates that are trusted.
func newEndpointForm(m *Model) *form {
	d := m.run.Draft
	fields := []*field{
		textField("base_url", "Base URL", d.Environment.BaseURL, "https only; a path in it is kept byte for byte and signed. Empty: the documented one"),
		textField("ca_file", "CA file", d.CAFile, "a PEM file of certificates to trust in this environment; empty: those of the system"),
	}
	return &form{m: m, name: "Where requests of " + d.Provider.Name + " go, " + d.Environment.Name, fields: fields,
		submit: func(f *form) (string, string, bool, tea.Cmd) {
			url := f.value("base_url")
			if documented, ok := d.Provider.Environment(d.Environment.Name); ok && url == "" {
				url = documented.BaseURL
			}
			if problem := checkBase(url); problem != "" {
				return problem, "write it as https://api.example.com", false, nil
			}
			m.close()
			m.edit(func(d *flows.Draft) { d.Environment.BaseURL, d.CAFile = url, f.value("ca_file") })
			return "", "", false, nil
		}}
}

// checkBase says what is wrong with a base URL; placeholders such as {prefix} stand for a label of the host.
func checkBase(url string) string {
	if url == "" {
		return ""
	}
	base, err := sign.ParseURL(placeholders.Replace(url))
	switch {
	case err != nil:
		return err.Error()
	case base.Query != "":
		return "the base url has a query; put the query into the request"
	}
	return ""
}
