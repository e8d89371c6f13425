package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"countersign/flows/credentials"
	"countersign/sign"
)

// This file holds every place at which the screen opens a secret.

// revealTime is how long a secret stays on the screen.
const revealTime = 10 * time.Second

// revealer is a pane that holds a secret which a person may ask to see.
type revealer interface{ revealable() bool }

// reveal shows the secret of the focused pane for a moment; a second time it hides it again.
func (m *Model) reveal() tea.Cmd {
	if m.now().Before(m.shown) {
		m.shown = time.Time{}
		return nil
	}
	m.shown = m.now().Add(revealTime)
	m.say(warn, "shown for %d seconds; ! hides it again", int(revealTime.Seconds()))
	return nil
}

// revealText is a text with its secrets: a person asked to see it.
func revealText(t sign.Text) []byte { return t.Wire() }

// revealSecret is a secret that a person asked to see.
func revealSecret(s sign.Secret) string { return s.Reveal() }

// public is the value of a field that is no secret: the field says so.
func public(v credentials.Value) string { return v.Secret.Reveal() }

// joined puts the keys together that were pressed for a secret.
func joined(keys []sign.Secret) sign.Secret {
	var s string
	for _, k := range keys {
		s += k.Reveal()
	}
	return sign.NewSecret(s)
}

// secretParts are the parts of a text that are secrets, for masking them elsewhere. One that is too short to be
// searched for takes the whole text with it.
func secretParts(t sign.Text) []sign.Secret {
	var out []sign.Secret
	b := t.Wire()
	for _, s := range t.Spans() {
		switch {
		case !s.Secret:
		case s.Len() < minSearched:
			return []sign.Secret{sign.NewSecret(string(b))}
		default:
			out = append(out, sign.NewSecret(string(b[s.Start:s.End])))
		}
	}
	return out
}

// minSearched is the least length that [sign.NewRedactor] searches for.
const minSearched = 8

// sentMasked is the request as it went out, each secret in it masked.
func sentMasked(raw sign.Secret, secrets ...sign.Secret) []byte {
	b, _ := sign.NewRedactor(secrets...).Redact([]byte(raw.Reveal()))
	return b
}
