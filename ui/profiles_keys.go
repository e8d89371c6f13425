package ui

import (
	tea "charm.land/bubbletea/v2"

	"countersign/flows"
	"countersign/flows/credentials"
)

// atProfiles is where the keys of the view of all credentials work. It is no pane.
const atProfiles = places + 1

// keeping is the heading of these keys in the help.
const keeping = "All credentials"

// profileKeys are the key that opens the view and the keys that work in it.
func profileKeys() []binding {
	in := []place{atProfiles}
	do := func(f func(*profiles) tea.Cmd) func(*Model) tea.Cmd {
		return func(m *Model) tea.Cmd { return f(m.profiles) }
	}
	return []binding{
		{key: on("all credentials", "c", "c"), group: keeping, doc: "all environments and profiles side by side: set, refer, remove, generate", off: unkept, do: (*Model).openProfiles},
		{key: on("set", "enter", "enter", "e"), group: keeping, in: in, foot: 1, doc: "give the selected value; a secret is hidden as it is typed and goes to the keyring", off: busy,
			do: do((*profiles).set)},
		{key: on("refer", "r", "r"), group: keeping, in: in, foot: 2, doc: "note where the value is: env:NAME, keyring:ITEM or file:PATH", off: firstOf(busy, unwritable, notAField),
			do: do((*profiles).refer)},
		{key: on("remove", "x", "x", "delete", "backspace"), group: keeping, in: in, foot: 3, doc: "take the selected value out of keyring, configuration and memory; asks", off: firstOf(busy, notKept),
			do: do((*profiles).remove)},
		{key: on("generate", "g", "g"), group: keeping, in: in, foot: 4, doc: "make the private key of the selected line, and what the partner needs of it", off: firstOf(busy, notAKey),
			do: do((*profiles).generate)},
		{key: on("use", "u", "u"), group: keeping, in: in, foot: 5, doc: "let the workbench use this environment and profile", off: firstOf(busy, inUse),
			do: do((*profiles).use)},
		{key: on("new profile", "n", "n"), group: keeping, in: in, foot: 6, doc: "another set of credentials beside this one, for a rotation with overlap", off: firstOf(busy, unwritable),
			do: do((*profiles).begin)},
		{key: on("remove profile", "X", "X", "shift+x"), group: keeping, in: in, doc: "take the whole profile away; its name has to be typed", off: firstOf(busy, unwritable, notAProfile),
			do: do((*profiles).end)},
		{key: on("copy", "y", "y"), group: keeping, in: in, doc: "copy what is told of the selected line, for a ticket; there is no value in it",
			do: do((*profiles).copy)},
		{key: on("ask again", "a", "a"), group: keeping, in: in, doc: "look everything up afresh, once the keyring is unlocked", off: stillAsking,
			do: do(func(p *profiles) tea.Cmd { return p.look(false) })},
		{key: on("next partner", "]", "]"), group: keeping, in: in, doc: "the credentials of the next partner", off: busy, do: func(m *Model) tea.Cmd { return m.partner(1) }},
		{key: on("previous partner", "[", "["), group: keeping, in: in, doc: "the credentials of the partner before", off: busy, do: func(m *Model) tea.Cmd { return m.partner(-1) }},
		{key: on("back", "esc", "esc"), group: keeping, in: in, foot: fixedFoot, doc: "back to the workbench", do: do((*profiles).close)},
	}
}

// bindings are the keys of the view.
func (p *profiles) bindings() []binding { return p.m.keysOf(atProfiles) }

// keysOf are the bindings that work in one place only.
func (m *Model) keysOf(at place) []binding {
	var out []binding
	for _, b := range m.bindings {
		for _, in := range b.in {
			if in == at {
				out = append(out, b)
			}
		}
	}
	return out
}

// keys are those of the view, and the ones of the program.
func (p *profiles) keys() []binding {
	out := p.bindings()
	for _, b := range p.m.bindings {
		if b.group == program {
			out = append(out, b)
		}
	}
	return out
}

// The reasons why these keys can't be used now.

func unkept(m *Model) string {
	if m.deps.Runner.Credentials == nil {
		return "no credentials are kept here"
	}
	for _, e := range m.run.Draft.Provider.Environments {
		if e.Name != flows.Embedded {
			return ""
		}
	}
	return "this partner is here with the embedded sandbox only, which makes its own credentials"
}

func unwritable(m *Model) string {
	c := m.deps.Runner.Credentials.Config
	if c == nil {
		return "no configuration file is in use, so there is no place for it"
	}
	return c.ReadOnly()
}

func notAField(m *Model) string {
	return when(m.profiles.field() == nil, "references are for credentials; enter sets this one")
}

func notAKey(m *Model) string {
	f := m.profiles.field()
	return when(f == nil || !f.File || !f.Secret, "keys are made for the lines of private keys; select one")
}

func inUse(m *Model) string {
	return when(m.profiles.used(m.profiles.current()), "the workbench uses it already")
}

func notAProfile(m *Model) string {
	c := m.profiles.current()
	return when(!c.kept, "the configuration has no such profile")
}

func stillAsking(m *Model) string {
	return when(m.profiles.asking, "the answer is still waited for")
}

// notKept says why there is nothing to remove.
func notKept(m *Model) string {
	p := m.profiles
	c := p.current()
	switch p.y - len(p.provider.Fields) {
	case 0:
		return when(c.baseURL == "", "the profile has no base URL of its own")
	case 1:
		return when(c.caFile == "", "the profile has no CA file")
	}
	r, known := p.record()
	switch {
	case !known:
		return "it is not known yet whether there is anything"
	case p.named(c, r.Field), r.Source.Kind == credentials.FromKeyring, r.Source.Kind == credentials.FromMemory:
		return ""
	case r.Set && r.Secret && !r.File: // something in the keyring may stand behind it
		return ""
	case r.Set:
		return "nothing of it is kept here; it comes from: " + r.Source.String()
	}
	return "nothing of it is kept here"
}

// named reports whether the configuration says anything of a field.
func (p *profiles) named(c profileColumn, field string) bool {
	profile, _ := p.m.deps.Runner.Credentials.Config.Profile(p.provider.ID, c.environment.Name, c.profile)
	return profile.Values[field] != ""
}
