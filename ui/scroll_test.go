package ui

import (
	"testing"

	tea "charm.land/bubbletea/v2"

	"countersign/flows"
	"countersign/sign/untrusted"
)

// answered is a program with an answer on the screen.
func answered(body untrusted.Text) *Model {
	m := New(Deps{Providers: flows.All(), Runner: &flows.Runner{}, Strict: true})
	m.Update(tea.WindowSizeMsg{Width: 120, Height: 40})
	run := m.run
	run.Exchange = &flows.Exchange{Response: &flows.Response{Status: 200, Body: body}, Outcome: flows.OutcomeAnswered}
	m.set(run)
	m.focus = atResponse
	return m
}

// The end of ten megabytes is reached with one key, and the last line is the last line.
func TestScrollTenMegabytes(t *testing.T) {
	m := answered(bigBody(10))
	m.View()
	m.Update(tea.KeyPressMsg{Code: tea.KeyEnd})
	m.View()
	p := m.panes[atResponse].(*responsePane)
	if got := p.body.row(len(p.body.lines)-1, 0, 10).text(); got != "}" || p.window.top+p.window.h != p.window.n {
		t.Errorf("last line %q, window %+v", got, p.window)
	}
}

func BenchmarkScrollTenMegabytes(b *testing.B) {
	m := answered(bigBody(10))
	m.View()
	keys := []tea.KeyPressMsg{{Code: tea.KeyPgDown}, {Code: tea.KeyPgDown}, {Code: tea.KeyPgUp}}
	i := 0
	for b.Loop() {
		m.Update(keys[i%len(keys)])
		m.View()
		i++
	}
}
