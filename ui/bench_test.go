package ui_test

import (
	"testing"

	tea "charm.land/bubbletea/v2"
)

// walked is a program behind a whole walk.
func walked(b *testing.B) *driver {
	w := newWorld(b)
	w.deps.Provider = "sabika"
	d := newDriver(w)
	d.send(tea.WindowSizeMsg{Width: 120, Height: 40})
	d.send(keyPress("r"))
	d.idle()
	return d
}

func BenchmarkViewIdle(b *testing.B) {
	d := walked(b)
	b.ReportAllocs()
	for b.Loop() {
		d.model.View()
	}
}

func BenchmarkKeyToView(b *testing.B) {
	d := walked(b)
	d.send(keyPress("3"))
	keys := []tea.KeyPressMsg{keyPress("right"), keyPress("."), keyPress("tab"), keyPress("down")}
	i := 0
	for b.Loop() {
		d.model.Update(keys[i%len(keys)])
		d.model.View()
		i++
	}
}
