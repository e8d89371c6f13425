package history

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"countersign/flows"
	"countersign/sign/untrusted"
)

// Page is one page of what was found, newest first.
type Page struct {
	Entries []Summary
	Next    string // for Query.Before, to get the next page; empty: this is the last
}

// defaultLimit is the size of a page when none is asked for; maxLimit bounds it.
const (
	defaultLimit = 50
	maxLimit     = 1000
)

// Find returns the newest entries that a query matches. A page is found by the number of the last entry of the one
// before, so the thousandth page costs as much as the first, and entries that come in meanwhile shift nothing.
// What a window that is gone left under way reads as OUTCOME UNKNOWN.
func (l *Log) Find(ctx context.Context, q Query) (Page, error) {
	limit := q.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	limit = min(limit, maxLimit)
	var before int64
	if q.Before != "" {
		var err error
		if before, err = strconv.ParseInt(q.Before, 10, 64); err != nil {
			return Page{}, fmt.Errorf("%q is no entry", q.Before)
		}
	}
	asked := asksForState(q)
	if asked {
		l.sweepDead(ctx) // where that cannot be written, the query says whose entries are judged by now
	}
	var page Page
	err := l.read(ctx, func(b *base) error {
		page = Page{}
		var left map[string]int
		var err error
		if asked {
			if left, err = l.left(ctx, b.read); err != nil {
				return err
			}
		}
		c := conditions(q, slices.Collect(maps.Keys(left)))
		if q.Before != "" {
			c.add(c.id+" < ?", before)
		}
		where, args, err := c.where(ctx, b.read)
		if err != nil {
			return err
		}
		rows, err := b.read.QueryContext(ctx, "SELECT "+summaryColumns+" FROM "+c.from+where+" ORDER BY "+c.id+" DESC LIMIT "+strconv.Itoa(limit+1), args...)
		if err != nil {
			return err
		}
		page.Entries, err = l.summaries(rows)
		return err
	})
	if len(page.Entries) > limit {
		page.Entries = page.Entries[:limit]
		page.Next = page.Entries[limit-1].ID
	}
	return page, err
}

func asksForState(q Query) bool {
	return q.State != "" || q.Outcome != "" || slices.ContainsFunc(q.Except, asksForState)
}

// summaryColumns are what [Log.summary] reads, in this order.
const summaryColumns = `e.id, e.started, e.state, e.owner, e.purpose, e.provider, e.environment, e.profile, e.sample, e.method, e.host, e.path,
	e.status, e.code, e.outcome, e.idempotency_key, e.replay_of, e.flags, e.total, e.note, e.verdict,
	coalesce((SELECT group_concat(tag, ' ') FROM (SELECT tag FROM tag WHERE tag.id = e.id ORDER BY tag)), '')`

func (l *Log) summaries(rows *sql.Rows) ([]Summary, error) {
	defer rows.Close()
	lives := map[string]bool{}
	var list []Summary
	for rows.Next() {
		s, err := l.summary(rows, lives)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, rows.Err()
}

// summary reads one row. lives remembers which windows are alive.
func (l *Log) summary(row interface{ Scan(...any) error }, lives map[string]bool) (Summary, error) {
	var s Summary
	var id, started, total int64
	var flags int
	var owner, tags, code, note, verdict string
	err := row.Scan(&id, &started, &s.State, &owner, &s.Purpose, &s.Provider, &s.Environment, &s.Profile, &s.Sample, &s.Method, &s.Host, &s.Path,
		&s.Status, &code, &s.Outcome, &s.IdempotencyKey, &s.ReplayOf, &flags, &total, &note, &verdict, &tags)
	if err != nil {
		return s, err
	}
	s.ID, s.Started, s.Total = strconv.FormatInt(id, 10), time.UnixMicro(started).UTC(), time.Duration(total)*time.Microsecond
	s.Code, s.Note, s.Verdict, s.Tags = untrusted.From(code), untrusted.From(note), untrusted.From(verdict), strings.Fields(tags)
	s.Writes, s.MovesMoney, s.Production, s.NoStore = flags&flagWrites != 0, flags&flagMovesMoney != 0, flags&flagProduction != 0, flags&flagNoStore != 0
	eachString(&s, func(v string) string { return untrusted.From(v).String() }, nil)
	if s.State == Sending && !l.lives(owner, lives) {
		s.State, s.Outcome = Unknown, flows.OutcomeUnknown
	}
	return s, nil
}

// lives reports whether the window that owns an entry still runs.
func (l *Log) lives(owner string, known map[string]bool) bool {
	l.mu.Lock()
	mine := l.instance != nil && l.instance.id == owner
	l.mu.Unlock()
	if mine {
		return true
	}
	lives, seen := known[owner]
	if !seen {
		lives = alive(l.o.Dir, owner)
		known[owner] = lives
	}
	return lives
}
