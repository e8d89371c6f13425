package ui

import (
	"context"
	"slices"

	tea "charm.land/bubbletea/v2"

	"countersign/history"
)

// entryList is what a search found, newest first, page by page. Each page is asked for when its rows are about to be
// seen; those far from the selection are let go of and keep only the key that reads them again.
type entryList struct {
	pages   []entryPage
	at      int // selected row
	window  window
	whole   bool // the last page is known
	loading bool
	seeking bool // the end is being looked for
}

// entryPage is a page of the list.
type entryPage struct {
	before string // the key that reads it: the ID of the entry above; empty for the first
	next   string // the key of the page below; empty: it is the last
	start  int    // row of its first entry
	n      int
	rows   []history.Summary // nil: let go of
}

const (
	pageSize  = 100
	seekSize  = 1000 // of a page on the way to the end
	pagesKept = 12   // around the selection
)

// size is the number of rows that are known.
func (l *entryList) size() int {
	if len(l.pages) == 0 {
		return 0
	}
	end := l.pages[len(l.pages)-1]
	return end.start + end.n
}

// page is the index of the page with a row.
func (l *entryList) page(i int) int {
	at, found := slices.BinarySearchFunc(l.pages, i, func(p entryPage, i int) int { return p.start - i })
	if !found {
		at--
	}
	return at
}

// row is an entry of the list; nil: it is not at hand.
func (l *entryList) row(i int) *history.Summary {
	if i < 0 || i >= l.size() {
		return nil
	}
	p := &l.pages[l.page(i)]
	if i-p.start >= len(p.rows) {
		return nil
	}
	return &p.rows[i-p.start]
}

// selected is the entry under the cursor; nil: there is none, or it is being read.
func (l *entryList) selected() *history.Summary { return l.row(l.at) }

// put takes pages from index at on, and counts the rows behind them anew.
func (l *entryList) put(at int, pages []entryPage) {
	l.pages = append(l.pages[:min(at, len(l.pages)):min(at, len(l.pages))], append(slices.Clone(pages), l.pages[min(at+len(pages), len(l.pages)):]...)...)
	start := 0
	for i := range l.pages {
		l.pages[i].start = start
		start += l.pages[i].n
	}
	l.at = max(0, min(l.at, start-1))
}

// shed lets go of what is far from the selection.
func (l *entryList) shed() {
	here := l.page(l.at)
	for i := range l.pages {
		if i < here-pagesKept/2 || i > here+pagesKept/2 {
			l.pages[i].rows = nil
		}
	}
}

// drop takes an entry out.
func (l *entryList) drop(id string) {
	for i := range l.pages {
		p := &l.pages[i]
		if at := slices.IndexFunc(p.rows, func(s history.Summary) bool { return s.ID == id }); at >= 0 {
			p.rows = slices.Delete(slices.Clone(p.rows), at, at+1)
			p.n = len(p.rows)
			l.put(0, slices.Clone(l.pages))
			return
		}
	}
}

// replace puts an entry as it is now in the place of what the list shows.
func (l *entryList) replace(e history.Entry) {
	for i := range l.pages {
		for j := range l.pages[i].rows {
			if s := &l.pages[i].rows[j]; s.ID == e.ID {
				s.Tags, s.Note, s.Verdict, s.State = e.Tags, e.Note, e.Verdict, e.State
			}
		}
	}
}

// reload reads the first page anew.
func (v *historyView) reload() tea.Cmd {
	if v.file != nil {
		return nil
	}
	v.list.loading = true
	return v.list.fetch(v, fetch{anew: true})
}

// fetch says which part of the list is wanted.
type fetch struct {
	at     int // index of the page
	before string
	limit  int
	anew   bool
	end    bool
}

// fetch reads pages in a command.
func (l *entryList) fetch(v *historyView, f fetch) tea.Cmd {
	ctx, ticket := v.listing.begin()
	l.loading = true
	log, q := v.m.deps.History, v.search.query
	return v.m.command(0, func() message {
		msg := listed{ticket: ticket, at: f.at, anew: f.anew, end: f.end}
		msg.pages, msg.whole, msg.err = pagesOf(ctx, log, q, f)
		if f.anew && msg.err == nil {
			msg.status, _ = log.Status(ctx)
		}
		return msg
	})
}

// pagesOf reads one page, or all that are left. Of those on the way to the end only the keys are kept.
func pagesOf(ctx context.Context, log *history.Log, q history.Query, f fetch) (pages []entryPage, whole bool, err error) {
	q.Before, q.Limit = f.before, pageSize
	if f.limit > 0 {
		q.Limit = f.limit
	}
	for {
		p, err := log.Find(ctx, q)
		if err != nil {
			return nil, false, err
		}
		if n := len(pages); n > 0 {
			pages[n-1].rows = nil
		}
		pages = append(pages, entryPage{before: q.Before, next: p.Next, n: len(p.Entries), rows: p.Entries})
		if q.Before = p.Next; !f.end || p.Next == "" {
			return pages, p.Next == "", nil
		}
	}
}

func (msg listed) apply(v *historyView) tea.Cmd {
	l := &v.list
	v.listing.end()
	l.loading, l.seeking = false, false
	v.trouble = msg.err
	if msg.err != nil {
		return nil
	}
	before := l.row(0)
	switch {
	case msg.anew && before != nil && msg.pages[0].n > 0 && before.ID == msg.pages[0].rows[0].ID && v.search.shows == v.search.asked:
		l.put(0, msg.pages) // nothing new: the selection stays
	case msg.anew:
		*l = entryList{window: window{h: l.window.h}}
		l.put(0, msg.pages)
	default:
		l.put(msg.at, msg.pages)
	}
	if msg.anew {
		v.status = msg.status
	}
	v.search.shows = v.search.asked
	l.whole = l.whole || msg.whole
	if len(l.pages) == len(msg.pages) {
		l.whole = msg.whole
	}
	if msg.end {
		l.at = max(l.size()-1, 0)
	}
	l.shed()
	return tea.Batch(v.want(), v.look())
}

// want asks for the page that is seen next and is not at hand.
func (v *historyView) want() tea.Cmd {
	l := &v.list
	if l.loading || v.file != nil || len(l.pages) == 0 {
		return nil
	}
	h := max(l.window.h, 20)
	for _, i := range []int{l.at, min(l.at+h, l.size()-1), max(l.at-h, 0)} {
		if p := l.page(max(i, 0)); l.pages[p].rows == nil && l.pages[p].n > 0 {
			return l.fetch(v, fetch{at: p, before: l.pages[p].before, limit: l.pages[p].n})
		}
	}
	if end := l.pages[len(l.pages)-1]; !l.whole && l.at+2*h >= l.size() && end.next != "" {
		return l.fetch(v, fetch{at: len(l.pages), before: end.next})
	}
	return nil
}

// choose moves the selection.
func (v *historyView) choose(to motion) tea.Cmd {
	l := &v.list
	page := max(l.window.h-1, 1)
	if to == last && !l.whole && !l.seeking && len(l.pages) > 0 {
		l.seeking = true
		end := l.pages[len(l.pages)-1]
		return l.fetch(v, fetch{at: len(l.pages), before: end.next, limit: seekSize, end: true})
	}
	step := map[motion]int{up: -1, down: 1, pageUp: -page, pageDown: page, first: -l.size(), last: l.size()}[to]
	if step == 0 {
		return nil
	}
	l.at = max(0, min(l.at+step, l.size()-1))
	l.shed()
	return tea.Batch(v.want(), v.rest())
}
