package ui

import (
	"time"

	"countersign/flows"
	"countersign/history"

	tea "charm.land/bubbletea/v2"
)

// past is a message for the history's screen. Each says to which errand it belongs; late ones are dropped.
type past interface {
	message
	late(*historyView) bool
	apply(*historyView) tea.Cmd
}

// listed is a part of the list.
type listed struct {
	ticket int
	at     int         // index of the first page
	pages  []entryPage // read
	whole  bool        // there is nothing behind them
	anew   bool        // the list begins anew with them
	end    bool        // a person asked for the end
	status history.Status
	err    error
}

// paused says that nothing was typed for a moment; rested, that the selection stayed.
type (
	paused struct{ ticket int }
	rested struct{ ticket int }
)

// opened is an entry as a whole.
type opened struct {
	ticket int
	entry  history.Entry
	chain  []history.Entry // what it repeats, the nearest first
	body   *document
	err    error
}

// related are the entries that repeat one. They are looked for behind it: it must not wait for them.
type related struct {
	ticket  int
	repeats []history.Summary
}

// offered are the ways to replay an entry.
type offered struct {
	ticket int
	list   []offer
}

// stood is a run for the workbench that took a look at the credentials: for a verbatim replay.
type stood struct {
	ticket  int
	run     flows.Run
	earlier *flows.Exchange
}

// drilled is what came of a drill.
type drilled struct {
	ticket int
	steps  []history.DrillStep
	err    error
}

// fetched is the entry that a key asked for, for what has to be done with it.
type fetched struct {
	ticket int
	entry  history.Entry
	err    error
	then   func(history.Entry) tea.Cmd
}

// exported is a file that was made and not written yet.
type exported struct {
	ticket  int
	file    history.Export
	err     error
	unasked error // why not all secrets could be looked for in it
}

// imported is what a file holds.
type imported struct {
	ticket int
	form   *form
	name   string
	list   []history.Imported
	err    error
}

// changed says that something was written: a file, a tag, a note.
type changed struct {
	ticket int
	form   *form // what was typed; it stays open when err is not nil
	insist bool  // saving once more overrides the error
	said   string
	err    error
	gone   string        // ID of the entry that was deleted
	entry  history.Entry // as it is now, when it was changed

	unasked error // why not all secrets could be looked for in what was typed
}

func (listed) ours()   {}
func (paused) ours()   {}
func (rested) ours()   {}
func (opened) ours()   {}
func (related) ours()  {}
func (offered) ours()  {}
func (stood) ours()    {}
func (drilled) ours()  {}
func (fetched) ours()  {}
func (exported) ours() {}
func (imported) ours() {}
func (changed) ours()  {}

func (msg listed) late(v *historyView) bool   { return msg.ticket != v.listing.ticket }
func (msg paused) late(v *historyView) bool   { return msg.ticket != v.search.pauses }
func (msg rested) late(v *historyView) bool   { return msg.ticket != v.detail.rests }
func (msg opened) late(v *historyView) bool   { return msg.ticket != v.reading.ticket }
func (msg related) late(v *historyView) bool  { return msg.ticket != v.reading.ticket }
func (msg offered) late(v *historyView) bool  { return msg.ticket != v.acting.ticket }
func (msg stood) late(v *historyView) bool    { return msg.ticket != v.acting.ticket }
func (msg drilled) late(v *historyView) bool  { return msg.ticket != v.acting.ticket }
func (msg fetched) late(v *historyView) bool  { return msg.ticket != v.acting.ticket }
func (msg exported) late(v *historyView) bool { return msg.ticket != v.acting.ticket }
func (msg imported) late(v *historyView) bool { return msg.ticket != v.acting.ticket }
func (msg changed) late(v *historyView) bool  { return msg.ticket != v.acting.ticket }

// Pauses before something is read: behind the last letter typed, and behind the last move.
const (
	typingPause = 120 * time.Millisecond
	movingPause = 60 * time.Millisecond
)
