package ui

import (
	"testing"

	tea "charm.land/bubbletea/v2"
	"pgregory.net/rapid"
)

func keys(e interface{ update(tea.Msg) bool }, list ...tea.KeyPressMsg) {
	for _, k := range list {
		e.update(k)
	}
}

func char(c rune) tea.KeyPressMsg { return tea.KeyPressMsg{Code: c, Text: string(c)} }

func TestEditKeepsBytes(t *testing.T) {
	e := newEdit("a\tb\r\n\xe9", true)
	if e.value() != "a\tb\r\n\xe9" {
		t.Errorf("%q", e.value())
	}
	keys(e, tea.KeyPressMsg{Code: tea.KeyBackspace}, tea.KeyPressMsg{Code: tea.KeyEnter}, char('x'), tea.KeyPressMsg{Code: 't', Mod: tea.ModCtrl})
	e.update(tea.PasteMsg{Content: "p\r\nq\t"})
	if e.value() != "a\tb\r\n\nx\tp\r\nq\t" {
		t.Errorf("%q", e.value())
	}
}

func TestEditMoves(t *testing.T) {
	e := newEdit("one two\n決済 x\nlast", true)
	for _, c := range []struct {
		key  tea.KeyPressMsg
		want int
	}{
		{tea.KeyPressMsg{Code: tea.KeyHome}, len("one two\n決済 x\n")},
		{tea.KeyPressMsg{Code: tea.KeyLeft}, len("one two\n決済 x")},
		{tea.KeyPressMsg{Code: tea.KeyLeft, Mod: tea.ModCtrl}, len("one two\n決済 ")},
		{tea.KeyPressMsg{Code: tea.KeyLeft}, len("one two\n決済")},
		{tea.KeyPressMsg{Code: tea.KeyLeft}, len("one two\n決")},
		{tea.KeyPressMsg{Code: 'k', Mod: tea.ModCtrl}, len("one two\n決")},
		{tea.KeyPressMsg{Code: 'u', Mod: tea.ModCtrl}, len("one two\n")},
		{tea.KeyPressMsg{Code: tea.KeyEnd}, len("one two\n")},
		{tea.KeyPressMsg{Code: tea.KeyRight, Mod: tea.ModCtrl}, len("one two\n\nlast")},
	} {
		e.update(c.key)
		if e.at != c.want {
			t.Fatalf("%s: at %d of %q, want %d", c.key, e.at, e.value(), c.want)
		}
	}
}

// Whatever is typed, the cursor stays between characters and the text is drawn at its width.
func TestEditNeverBreaks(t *testing.T) {
	codes := []tea.KeyPressMsg{
		{Code: tea.KeyLeft}, {Code: tea.KeyRight}, {Code: tea.KeyHome}, {Code: tea.KeyEnd}, {Code: tea.KeyBackspace}, {Code: tea.KeyDelete},
		{Code: tea.KeyEnter}, {Code: 'k', Mod: tea.ModCtrl}, {Code: 'u', Mod: tea.ModCtrl}, {Code: tea.KeyLeft, Mod: tea.ModCtrl}, {Code: tea.KeyRight, Mod: tea.ModCtrl},
		char('a'), char('決'), char('\u0301'), char('"'),
	}
	rapid.Check(t, func(t *rapid.T) {
		e := newEdit(rapid.String().Draw(t, "text"), rapid.Bool().Draw(t, "lines"))
		for _, i := range rapid.SliceOfN(rapid.IntRange(0, len(codes)+1), 0, 40).Draw(t, "keys") {
			switch {
			case i < len(codes):
				e.update(codes[i])
			case i == len(codes):
				e.vertical(1)
			default:
				e.vertical(-1)
			}
			if e.at < 0 || e.at > len(e.text) {
				t.Fatalf("at %d of %d", e.at, len(e.text))
			}
			for _, r := range e.draw(12, 3, true) {
				if r.cells() != 12 {
					t.Fatalf("%q has %d cells", r.text(), r.cells())
				}
			}
		}
	})
}

func TestSecretEdit(t *testing.T) {
	e := &secretEdit{}
	keys(e, char('a'), char('b'), tea.KeyPressMsg{Code: tea.KeyBackspace}, char('ü'))
	e.update(tea.PasteMsg{Content: "pasted\n"})
	if got := joined(e.keys); got.Reveal() != "aüpasted\n" || e.size() != 10 {
		t.Errorf("%d bytes", e.size())
	}
	e.update(tea.KeyPressMsg{Code: tea.KeyBackspace})
	if got := joined(e.keys); got.Reveal() != "aü" {
		t.Error("a paste is not taken back as a whole")
	}
}
