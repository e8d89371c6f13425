package ui

import (
	"context"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"countersign/history"
	"countersign/sign"
)

// tab is one way to look at an entry. The first five have the numbers of the workbench's panes.
type tab int

// The tabs.
const (
	onOverview tab = iota
	onToken
	onCanonical
	onSignature
	onResponse
	onSent
	onConnection
	tabs
)

var tabNames = [tabs]string{"overview", "token", "canonical", "signature", "response", "sent", "connection"}

var tabDocs = [tabs]string{
	"what became of it, where and when, keys, verdict, tags, note, replays",
	"what was known of the token, never the token",
	"the bytes that were signed, and where each came from",
	"the signature and the headers that carried it",
	"the answer as it came, known secrets masked",
	"the request as it was sent, known secrets masked",
	"times, TLS, the partner's clock",
}

// entryDetail is one entry, read as a whole.
type entryDetail struct {
	v       *historyView
	entry   *history.Entry
	chain   []history.Entry
	repeats []history.Summary
	body    *document // of the answer
	err     error
	rests   int

	tab    tab
	window window
	left   int // first column of a wide body
	walk   walk

	drawn tabKey // what rows were made for
	rows  []row
	stamp int
}

type tabKey struct {
	tab          tab
	width, stamp int
}

// rest reads the selected entry when the selection stays for a moment.
func (v *historyView) rest() tea.Cmd {
	if !v.wide() && !v.inDetail {
		return nil
	}
	d := &v.detail
	d.rests++
	ticket := d.rests
	return v.m.deps.Every(movingPause, func(time.Time) tea.Msg { return rested{ticket} })
}

func (msg rested) apply(v *historyView) tea.Cmd { return v.read() }

// look reads the selected entry at once, where it is on the screen.
func (v *historyView) look() tea.Cmd {
	if !v.wide() && !v.inDetail {
		return nil
	}
	return v.read()
}

// source is the name of the case file on the screen; empty: the history.
func (v *historyView) source() string {
	if v.file == nil {
		return ""
	}
	return v.file.name
}

// read reads the selected entry.
func (v *historyView) read() tea.Cmd {
	d := &v.detail
	s := v.list.selected()
	switch {
	case s == nil:
		d.entry, d.err = nil, nil
		return nil
	case v.file != nil:
		v.reading.end()
		d.take(v.file.entries[v.list.at], nil, nil)
		return nil
	case d.entry != nil && d.entry.ID == s.ID && d.entry.Source == "" && d.entry.State == s.State:
		return nil
	}
	return v.readID(s.ID)
}

// readID reads an entry with what it repeats.
func (v *historyView) readID(id string) tea.Cmd {
	ctx, ticket := v.reading.begin()
	log := v.m.deps.History
	return v.m.command(0, func() message {
		msg := opened{ticket: ticket}
		if msg.entry, msg.err = log.Get(ctx, id); msg.err != nil {
			return msg
		}
		if r := msg.entry.Exchange.Response; r != nil {
			msg.body = newDocument(r.Body)
		}
		msg.chain = chainOf(ctx, log, msg.entry)
		return msg
	})
}

// maxChain bounds the entries that are followed back and forth.
const maxChain = 8

// chainOf are the entries that an entry repeats, one behind the other, as far as they are still there.
func chainOf(ctx context.Context, log *history.Log, e history.Entry) (chain []history.Entry) {
	for range maxChain {
		if e.Exchange.ReplayOf == "" {
			break
		}
		before, err := log.Get(ctx, e.Exchange.ReplayOf)
		if err != nil {
			break
		}
		chain = append(chain, before)
		e = before
	}
	return chain
}

func (msg opened) apply(v *historyView) tea.Cmd {
	v.reading.end()
	d := &v.detail
	if d.err = msg.err; msg.err != nil {
		d.entry = nil
		d.stamp++
		return nil
	}
	d.take(msg.entry, msg.chain, msg.body)
	v.list.replace(msg.entry)
	ctx, ticket := v.reading.begin()
	log, id := v.m.deps.History, msg.entry.ID
	return v.m.command(0, func() message {
		p, _ := log.Find(ctx, history.Query{ReplayOf: id, Limit: maxChain})
		return related{ticket, p.Entries}
	})
}

func (msg related) apply(v *historyView) tea.Cmd {
	v.reading.end()
	if len(msg.repeats) > 0 {
		v.detail.repeats = msg.repeats
		v.detail.stamp++
	}
	return nil
}

// take puts an entry on the screen.
func (d *entryDetail) take(e history.Entry, chain []history.Entry, body *document) {
	same := d.entry != nil && d.entry.ID == e.ID && d.entry.Source == e.Source
	d.entry, d.chain, d.repeats, d.body, d.err = &e, chain, nil, body, nil
	if body == nil && e.Exchange.Response != nil {
		d.body = newDocument(e.Exchange.Response.Body)
	}
	d.stamp++
	if same {
		return
	}
	d.window.top, d.left = 0, 0
	d.walk = walk{}
	d.walk.begin(e.Exchange.Signed)
	d.walk.to(sign.StageCanonical)
}

// show goes to a tab.
func (d *entryDetail) show(t tab) tea.Cmd {
	d.tab, d.window.top, d.left = t, 0, 0
	return d.v.enter()
}

// turn goes to the tab before or behind.
func (d *entryDetail) turn(to motion) tea.Cmd {
	n := tab(1)
	if to == previousPart {
		n = tabs - 1
	}
	d.tab, d.window.top, d.left = (d.tab+n)%tabs, 0, 0
	return nil
}

func (d *entryDetail) move(to motion) tea.Cmd {
	if v := d.viewing(); v != nil {
		d.walk.move(to)
		return nil
	}
	switch to {
	case nextPart, previousPart:
		return d.turn(to)
	case toRight:
		d.left += 8
	case toLeft:
		d.left = max(d.left-8, 0)
	default:
		d.window.move(to)
	}
	return nil
}

// viewing is the viewer of the canonical string while that is on the screen.
func (d *entryDetail) viewing() *viewer {
	if _, _, ok := d.canonical(); !ok || d.tab != onCanonical {
		return nil
	}
	return &d.walk.viewer
}

// canonical is the text of the canonical tab.
func (d *entryDetail) canonical() (sign.Text, string, bool) {
	if d.entry == nil {
		return sign.Text{}, "", false
	}
	return d.walk.current()
}

// drawDetail draws the entry.
func (v *historyView) drawDetail(w, h int) []row {
	d := &v.detail
	inner := w - 2
	head, body := d.title(), []row(nil)
	switch {
	case d.err != nil:
		message, hint := v.told(d.err)
		body = fill(trouble(message, hint, inner), inner, h-1)
	case d.entry == nil:
		body = fill(nil, inner, h-1)
	default:
		body = append([]row{d.tabsRow(inner)}, d.draw(inner, h-2, v.inDetail)...)
	}
	return headed(head, d.window.position(), body, w, v.inDetail && !v.search.open)
}

func (d *entryDetail) title() string {
	if d.entry == nil {
		return "Entry"
	}
	return "Entry " + d.entry.ID
}

// tabsRow names the tabs; the one on the screen stands out.
func (d *entryDetail) tabsRow(w int) row {
	named := func(names [tabs]string) row {
		out := row{}
		for i, name := range names {
			x := bit{" " + itoa(i+1) + " " + name, ink{fg: quiet}}
			if tab(i) == d.tab {
				x = bit{"▸" + itoa(i+1) + " " + name, ink{fg: accent, bg: chosen, attr: bold}}
			}
			out = append(out, x)
		}
		return out
	}
	if full := named(tabNames); full.cells() <= w {
		return full.fit(w, ink{})
	}
	return named(shortNames).fit(w, ink{})
}

// shortNames are the tabs where there is little room.
var shortNames = [tabs]string{"all", "token", "canon", "sign", "answer", "sent", "TLS"}

func (d *entryDetail) draw(w, h int, focused bool) []row {
	if d.tab == onCanonical {
		if t, _, ok := d.canonical(); ok {
			d.window.set(0, h)
			d.walk.viewer.show(t, false)
			return viewed(&d.walk.viewer, d.trail(w), w, h, focused)
		}
	}
	if k := (tabKey{d.tab, w, d.stamp}); d.rows == nil || d.drawn != k {
		d.drawn, d.rows = k, d.make(w)
	}
	if d.tab != onResponse || d.body == nil {
		return d.window.of(d.rows, w, h)
	}
	n := len(d.rows) + len(d.body.lines)
	d.window.set(n, h)
	rows := make([]row, 0, h)
	for i := d.window.top; i < min(d.window.top+h, n); i++ {
		if i < len(d.rows) {
			rows = append(rows, d.rows[i])
		} else {
			rows = append(rows, d.body.row(i-len(d.rows), d.left, w))
		}
	}
	return fill(rows, w, h)
}

// trail says which text is on the screen when it is not the canonical string.
func (d *entryDetail) trail(w int) []row {
	names := d.walk.trail()
	if len(names) == 1 && names[0] == sign.StageCanonical {
		return []row{{say(quiet, plural(len(d.walk.viewer.bytes), "byte")+", "+plural(len(d.walk.viewer.spans), "part"))}}
	}
	return []row{{strong(accent, "in: "), say(plain, strings.Join(names, " → "))}}
}

// copyable is what the tab offers to be copied: secrets in it were masked when it was written.
func (d *entryDetail) copyable() (text, what string) {
	if d.entry == nil {
		return "", ""
	}
	x := d.entry.Exchange
	switch d.tab {
	case onCanonical:
		if t, name, ok := d.canonical(); ok {
			return t.String(), name
		}
	case onSignature:
		if t, ok := x.Signed.Request.Get(x.Signed.Carrier); ok {
			return t.String(), "header " + x.Signed.Carrier
		}
	case onToken:
		if x.Token != nil && !x.Token.Claims.Empty() {
			return x.Token.Claims.Raw(), "the claims of the token"
		}
	case onResponse:
		if x.Response != nil {
			return x.Response.Body.Raw(), "the body of the answer"
		}
	case onSent:
		if x.Signed.Request.Body.Present() {
			return x.Signed.Request.Body.String(), "the body that was sent"
		}
	default:
		if x.IdempotencyKey != "" {
			return x.IdempotencyKey, "the idempotency key"
		}
	}
	return "", ""
}
