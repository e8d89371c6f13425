package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"countersign/flows"
)

// message is one of ours. Most are in this file; those of a view stand with it. All that can come late say to what they belong.
type message interface{ ours() }

// stepped is the result of one step of a job.
type stepped struct {
	job  int
	run  flows.Run
	body *document // of the answer, indexed; nil: there is none
}

// ticked says that time went by.
type ticked struct {
	chain int
	at    time.Time
}

// arrived are requests that reached the embedded sandbox.
type arrived struct{ inbound []flows.Inbound }

// met is the embedded sandbox, up.
type met struct{ embedding flows.Embedding }

// panicked is a command that went wrong in a way that nobody foresaw.
type panicked struct {
	job   int
	cause any
}

func (stepped) ours()  {}
func (ticked) ours()   {}
func (arrived) ours()  {}
func (met) ours()      {}
func (panicked) ours() {}

// command runs f outside of the loop. A panic in it ends the job and not the program.
func (m *Model) command(job int, f func() message) tea.Cmd {
	strict := m.deps.Strict
	return func() (msg tea.Msg) {
		defer func() {
			if strict {
				return
			}
			if cause := recover(); cause != nil {
				msg = panicked{job, cause}
			}
		}()
		if msg := f(); msg != nil {
			return msg
		}
		return nil
	}
}

// listen waits for the next request that reaches the embedded sandbox, and takes those that wait behind it as well: a
// flood must not draw the screen for each of them.
func (m *Model) listen() tea.Cmd {
	if m.deps.Inbound == nil {
		return nil
	}
	return m.command(0, func() message {
		in, ok := <-m.deps.Inbound
		if !ok {
			return nil
		}
		list := []flows.Inbound{in}
		for len(list) < maxInbound {
			select {
			case in, ok := <-m.deps.Inbound:
				if ok {
					list = append(list, in)
					continue
				}
			default:
			}
			break
		}
		return arrived{list}
	})
}
