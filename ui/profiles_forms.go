package ui

import (
	"context"
	"slices"

	tea "charm.land/bubbletea/v2"

	"countersign/flows"
	"countersign/flows/credentials"
)

// endpointForm asks for base URL and CA file of a profile.
func (p *profiles) endpointForm(c profileColumn) *form {
	documented := c.environment.BaseURL
	if documented == "" {
		documented = "none is published"
	}
	fields := []*field{
		textField("base_url", "Base URL", c.baseURL, "https only; a path in it is kept byte for byte and signed. Empty: the documented one ("+documented+")"),
		textField("ca_file", "CA file", c.caFile, "a PEM file of certificates to trust with this profile; empty: those of the system"),
	}
	fm := &form{m: p.m, name: "Where requests go · " + c.name(), fields: fields, about: p.waiting}
	if p.y > len(p.provider.Fields) {
		fm.at = 1
	}
	fm.submit = func(fm *form) (string, string, bool, tea.Cmd) {
		url, ca, config := fm.value("base_url"), fm.value("ca_file"), p.m.deps.Runner.Credentials.Config
		if why := unwritable(p.m); why != "" {
			return why, "u in the workbench sets both for this session", false, nil
		}
		if problem := checkBase(url); problem != "" {
			return problem, "write it as https://api.example.com", false, nil
		}
		return "", "", false, p.start(alteration{form: fm, at: c, do: func(context.Context) outcome {
			for _, kv := range [][2]string{{"base_url", url}, {"ca_file", ca}} {
				if err := noteKey(config, c, kv[0], kv[1]); err != nil {
					return outcome{refused: err}
				}
			}
			return outcome{tone: good, text: "where requests go is stored in the profile, in config.toml", touchesProfile: true}
		}})
	}
	return fm
}

// noteKey writes a key of a profile, or takes it away when there is nothing to write.
func noteKey(config *credentials.Config, c profileColumn, key, value string) error {
	if value == "" {
		return config.Drop(c.query.Provider, c.environment.Name, c.profile, key)
	}
	return config.Put(c.query.Provider, c.environment.Name, c.profile, key, value)
}

// begin asks for a new profile.
func (p *profiles) begin() tea.Cmd {
	c, store := p.current(), p.m.deps.Runner.Credentials
	names := []string{}
	for _, e := range p.provider.Environments {
		if e.Name != flows.Embedded {
			names = append(names, e.Name)
		}
	}
	const empty = "nothing"
	from := []string{"base URL, CA file and what is no secret, from " + c.profile, empty}
	fm := &form{m: p.m, name: "New profile of " + p.provider.Name, about: p.waiting, fields: []*field{
		textField("name", "Name", "", "letters, digits and . _ -, such as 2026-autumn; the profiles stay usable side by side"),
		{name: "environment", label: "Environment", choice: names, chosen: max(slices.Index(names, c.environment.Name), 0), help: "← → choose"},
		{name: "from", label: "Begins with", choice: from, help: "← → choose; secrets, keys and certificates are never taken over"},
	}}
	fm.submit = func(fm *form) (string, string, bool, tea.Cmd) {
		name, environment := fm.value("name"), fm.value("environment")
		if name == "" {
			return "nothing is typed", "esc closes", false, nil
		}
		before, _ := store.Config.Profile(p.provider.ID, c.environment.Name, c.profile)
		if fm.value("from") == empty {
			before = credentials.Profile{}
		}
		e, _ := p.provider.Environment(environment)
		made := profileColumn{environment: e, profile: name, query: credentials.Query{Provider: p.provider.ID, Environment: environment, Profile: name, Fields: p.provider.Fields}}
		return "", "", false, p.start(alteration{form: fm, at: made, do: func(context.Context) outcome {
			if err := store.Config.Begin(p.provider.ID, environment, name); err != nil {
				return outcome{refused: err}
			}
			if err := inherit(store.Config, made, before, p.provider.Fields); err != nil {
				return outcome{tone: warn, text: "the profile is there, but not all was taken over: " + err.Error()}
			}
			return outcome{tone: good, text: "new profile " + made.name() + "; enter sets a value, g makes a key", show: made.name()}
		}})
	}
	return p.m.open(fm)
}

// inherit copies what is no secret into a new profile.
func inherit(config *credentials.Config, to profileColumn, from credentials.Profile, fields []credentials.Field) error {
	values := [][2]string{{"base_url", from.BaseURL}, {"ca_file", from.CAFile}}
	for _, f := range fields {
		if !f.Secret && !f.File {
			values = append(values, [2]string{f.Name, from.Values[f.Name]})
		}
	}
	for _, kv := range values {
		if kv[1] == "" {
			continue
		}
		if err := noteKey(config, to, kv[0], kv[1]); err != nil {
			return err
		}
	}
	return nil
}

// end asks for the name of the profile, then takes it away.
func (p *profiles) end() tea.Cmd {
	c, store := p.current(), p.m.deps.Runner.Credentials
	return p.m.open(&confirm{m: p.m, name: "Remove the profile " + c.name() + "?", word: c.profile, verb: "remove it", typed: newEdit("", false), tone: bad,
		lines: []row{
			{say(plain, "Its secrets leave the keyring, its table leaves config.toml.")},
			{say(quiet, "Files of keys and certificates stay where they are.")},
		},
		yes: func() tea.Cmd {
			return p.start(alteration{at: c, do: func(ctx context.Context) outcome {
				if err := store.RemoveProfile(ctx, c.query); err != nil {
					return outcome{refused: err}
				}
				return outcome{tone: good, text: "the profile " + c.name() + " is removed", touchesProfile: true, gone: true}
			}})
		}})
}

// copy puts what is told of the selected line on the clipboard.
func (p *profiles) copy() tea.Cmd {
	var text string
	for _, r := range p.detail(100) {
		text += trimmed(r.text()) + "\n"
	}
	p.m.say(good, "copied %s: what is told of this line, without a value", plural(len(text), "byte"))
	return tea.SetClipboard(text)
}
