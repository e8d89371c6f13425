package ui

import (
	"context"
	"slices"

	tea "charm.land/bubbletea/v2"

	"countersign/flows"
	"countersign/flows/credentials"
)

// newEnvironments offers the partner's environments.
func newEnvironments(m *Model) *chooser {
	d := m.run.Draft
	var list []choice
	for _, e := range d.Provider.Environments {
		r := row{say(plain, e.Name)}
		if e.Production {
			r = row{strong(bad, "▲ PRODUCTION")}
		}
		address := e.BaseURL
		switch {
		case e.Name == flows.Embedded:
			address = "on this machine"
		case address == "":
			address = "you give the address"
		}
		r = append(r.fit(14, ink{}), typed(address, ink{fg: quiet})...)
		list = append(list, choice{row: r, about: e.Source, here: e.Name == d.Environment.Name, do: func() tea.Cmd { return m.move(e) }})
	}
	return newChooser(m, "Environment", list)
}

// move goes to another environment of the same partner.
func (m *Model) move(e flows.Environment) tea.Cmd {
	m.edit(func(d *flows.Draft) { d.Environment, d.CAFile = e, "" })
	m.endpoint()
	m.focus = atCredentials
	if e.Production {
		m.say(warn, "this is PRODUCTION: requests act on real accounts and real money")
	}
	return nil
}

// endpoint takes base URL and CA file from the profile, where it has any.
func (m *Model) endpoint() {
	store := m.deps.Runner.Credentials
	d := m.run.Draft
	if store == nil || store.Config == nil || d.Environment.Name == flows.Embedded {
		return
	}
	url, ca := store.Endpoint(credentials.Query{Provider: d.Provider.ID, Environment: d.Environment.Name, Profile: d.Profile, Fields: d.Provider.Fields})
	if url == "" && ca == "" {
		return
	}
	m.edit(func(d *flows.Draft) {
		if url != "" {
			d.Environment.BaseURL = url
		}
		d.CAFile = ca
	})
}

// newProfiles offers the profiles that are kept for this partner and environment, and another by its name.
func newProfiles(m *Model) overlay {
	d := m.run.Draft
	names := []string{credentials.DefaultProfile}
	if store := m.deps.Runner.Credentials; store != nil {
		for _, p := range store.Config.Profiles(d.Provider.ID, d.Environment.Name) {
			if !slices.Contains(names, p.Name) {
				names = append(names, p.Name)
			}
		}
	}
	if !slices.Contains(names, d.Profile) {
		names = append(names, d.Profile)
	}
	var list []choice
	for _, name := range names {
		list = append(list, choice{row: typed(name, ink{}), here: name == d.Profile, do: func() tea.Cmd { return m.profile(name) }})
	}
	list = append(list, choice{row: row{say(quiet, "another…")}, about: "values are looked for under this name in the configuration, the keyring and the environment",
		do: func() tea.Cmd { return m.open(newProfileForm(m)) }})
	return newChooser(m, "Profile", list)
}

func (m *Model) profile(name string) tea.Cmd {
	m.edit(func(d *flows.Draft) { d.Profile = name })
	m.endpoint()
	return nil
}

func newProfileForm(m *Model) *form {
	return &form{m: m, name: "Profile", fields: []*field{textField("name", "Name", "", "letters, digits and . _ -")},
		submit: func(f *form) (string, string, bool, tea.Cmd) {
			if f.value("name") == "" {
				return "nothing is typed", "esc closes", false, nil
			}
			m.close()
			return "", "", false, m.profile(f.value("name"))
		}}
}

// newOptions offers the options of the partner; with a single one its values at once.
func newOptions(m *Model) overlay {
	options := m.run.Draft.Provider.Options
	if len(options) == 1 {
		return newOption(m, options[0])
	}
	var list []choice
	for _, o := range options {
		list = append(list, choice{row: row{say(plain, o.Label)}, about: o.Help, do: func() tea.Cmd { return m.open(newOption(m, o)) }})
	}
	return newChooser(m, "Options", list)
}

func newOption(m *Model, o flows.Option) *chooser {
	var list []choice
	for _, v := range o.Values {
		list = append(list, choice{row: row{say(plain, v.Label)}, about: o.Help, here: m.run.Draft.Options[o.Name] == v.Name, do: func() tea.Cmd {
			m.edit(func(d *flows.Draft) { d.Options[o.Name] = v.Name })
			m.say(good, "%s: %s", o.Label, v.Label)
			return nil
		}})
	}
	return newChooser(m, o.Label, list)
}

// newSwitches offers the faults and disagreements of the embedded sandbox.
func newSwitches(m *Model) *chooser {
	id := m.run.Draft.Provider.ID
	var list []choice
	for _, s := range m.embedding.Switches(id) {
		r := append(typed(s.Title, ink{}).fit(30, ink{}), say(quiet, " "), bit{s.Value, ink{fg: accent, attr: bold}})
		list = append(list, choice{row: r, about: s.Doc, do: func() tea.Cmd { return m.open(newSwitch(m, id, s)) }})
	}
	return newChooser(m, "Switches of the embedded sandbox", list)
}

func newSwitch(m *Model, id string, s flows.Switch) *chooser {
	var list []choice
	for _, v := range s.Values {
		list = append(list, choice{row: typed(v, ink{}), about: s.Doc, here: v == s.Value, do: func() tea.Cmd {
			if err := m.embedding.Set(id, s.Name, v); err != nil {
				m.say(bad, "%s", err)
				return nil
			}
			m.say(good, "%s: %s", s.Title, v)
			return nil
		}})
	}
	return newChooser(m, s.Title, list)
}

// meetEmbedding waits for the embedded sandbox beside the workbench.
func (m *Model) meetEmbedding() tea.Cmd {
	if m.deps.Embedded == nil {
		return nil
	}
	wait := m.deps.Embedded
	return m.command(0, func() message {
		e, err := wait(context.Background())
		if err != nil {
			return nil // the step that needs it tells about it
		}
		return met{e}
	})
}
