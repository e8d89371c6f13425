package history

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

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
	c := conditions(q)
	if q.Before != "" {
		id, err := strconv.ParseInt(q.Before, 10, 64)
		if err != nil {
			return Page{}, fmt.Errorf("%q is no entry", q.Before)
		}
		c.add(c.id+" < ?", id)
	}
	statement := "SELECT " + summaryColumns + " FROM " + c.from + c.where() + " ORDER BY " + c.id + " DESC LIMIT " + strconv.Itoa(limit+1)
	if q.State != "" || q.Outcome != "" {
		l.sweepDead(ctx) // what cannot be written now is judged row by row below
	}
	var page Page
	err := l.read(ctx, func(b *base) error {
		page = Page{}
		rows, err := b.read.QueryContext(ctx, statement, c.args...)
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

// clause collects the conditions of a query.
type clause struct {
	from, id string
	list     []string
	args     []any
}

func (c *clause) add(condition string, args ...any) {
	c.list = append(c.list, condition)
	c.args = append(c.args, args...)
}

// equal adds a condition on a column where a value is asked for.
func (c *clause) equal(column, value string) {
	if value != "" {
		c.add(column+" = ?", value)
	}
}

// anyOf adds a condition with alternatives.
func (c *clause) anyOf(n int, one func(i int) (string, []any)) {
	if n == 0 {
		return
	}
	parts := make([]string, n)
	for i := range n {
		var args []any
		parts[i], args = one(i)
		c.args = append(c.args, args...)
	}
	c.list = append(c.list, "("+strings.Join(parts, " OR ")+")")
}

func (c *clause) where() string {
	if len(c.list) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(c.list, " AND ")
}

// conditions translates a query. With words, the full-text index leads and gives its rows newest first by itself.
func conditions(q Query) *clause {
	c := &clause{from: "entry AS e", id: "e.id"}
	match, without := match(q)
	for _, w := range without {
		c.add("e.id NOT IN (SELECT rowid FROM words WHERE words MATCH ?)", w)
	}
	if match != "" {
		c.from, c.id = "words CROSS JOIN entry AS e ON e.id = words.rowid", "words.rowid"
		c.add("words MATCH ?", match)
	}
	if q.Path != "" {
		c.add("instr(e.path, ?) > 0", q.Path)
	}
	c.anyOf(len(q.Partner), func(i int) (string, []any) { return "e.provider = ?", []any{q.Partner[i]} })
	c.equal("e.environment", q.Environment)
	c.equal("e.profile", q.Profile)
	c.equal("e.sample", q.Request)
	c.equal("e.purpose", string(q.Purpose))
	c.equal("e.method", q.Method)
	c.equal("e.host", q.Host)
	c.anyOf(len(q.Status), func(i int) (string, []any) {
		if s := q.Status[i]; s.From == s.To {
			return "e.status = ?", []any{s.From}
		}
		return "e.status BETWEEN ? AND ?", []any{q.Status[i].From, q.Status[i].To}
	})
	c.equal("e.code <> '' AND e.code", q.Code) // an index of a part of the rows is used only where the query says so too
	c.equal("e.idempotency_key <> '' AND e.idempotency_key", q.Key)
	c.equal("e.state", string(q.State))
	if q.Outcome != flows.OutcomeAnswered {
		c.equal("e.outcome <> 'answered' AND e.outcome", string(q.Outcome))
	} else {
		c.equal("e.outcome", string(q.Outcome))
	}
	c.equal("e.replay_of <> '' AND e.replay_of", q.ReplayOf)
	for _, t := range q.Tags {
		c.add("e.id IN (SELECT id FROM tag WHERE tag = ?)", t)
	}
	if !q.Since.IsZero() {
		c.add("e.started >= ?", micros(q.Since))
	}
	if !q.Until.IsZero() {
		c.add("e.started < ?", micros(q.Until))
	}
	return c
}

// match writes words in the language of FTS5. Each is a phrase whose last word may go on; quotes keep what is typed
// from being read as an operator. FTS5 has no NOT by itself: without words to find, those to leave out are returned apart.
func match(q Query) (find string, without []string) {
	var parts []string
	if p, ok := phrase(q.Path); ok {
		parts = append(parts, "path : "+p)
	}
	for _, w := range q.Words {
		if p, ok := phrase(w); ok {
			parts = append(parts, p)
		}
	}
	find = strings.Join(parts, " AND ")
	for _, w := range q.Not {
		p, ok := phrase(w)
		switch {
		case !ok:
		case find == "":
			without = append(without, p)
		default:
			find = "(" + find + ") NOT " + p
		}
	}
	return find, without
}

// phrase quotes text for FTS5; false when there is no letter or digit in it that could be found.
func phrase(s string) (string, bool) {
	ok := strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
	return `"` + strings.NewReplacer(`"`, `""`, "\x00", " ").Replace(s) + `"*`, ok
}
