package history

import (
	"context"
	"strconv"
	"strings"
	"time"
	"unicode"

	"countersign/flows"
)

// clause collects the conditions of a query.
type clause struct {
	from, id string
	list     []condition
}

// condition is one of them, as SQL. A range names its column: there an index helps when it holds a few entries, and costs
// when it holds many, because all of them are sorted before the first is seen.
type condition struct {
	sql    string
	args   []any
	column string
}

func (c *clause) add(sql string, args ...any) {
	c.list = append(c.list, condition{sql: sql, args: args})
}

// inRange adds a condition on a range of an indexed column.
func (c *clause) inRange(column, sql string, args ...any) {
	c.list = append(c.list, condition{sql, args, column})
}

// equal adds a condition on a column where a value is asked for.
func (c *clause) equal(column, value string) {
	if value != "" {
		c.add(column+" = ?", value)
	}
}

// few is how many entries of a range are looked up and sorted rather than met one by one, the newest first.
const few = 2000

// where writes the conditions. SQLite cannot know how many entries a range holds, so they are counted, up to few.
func (c *clause) where(ctx context.Context, q querier) (string, []any, error) {
	var parts []string
	var args []any
	for _, one := range c.list {
		if one.column != "" {
			var n int
			if err := q.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT 1 FROM entry AS e WHERE "+one.sql+" LIMIT "+strconv.Itoa(few)+")", one.args...).Scan(&n); err != nil {
				return "", nil, err
			}
			if n == few {
				one.sql = strings.ReplaceAll(one.sql, one.column, "+"+one.column) // a plus keeps it from its index
			}
		}
		parts, args = append(parts, one.sql), append(args, one.args...)
	}
	if len(parts) == 0 {
		return "", nil, nil
	}
	return " WHERE " + strings.Join(parts, " AND "), args, nil
}

// conditions translates a query. With words, the full-text index leads and gives its rows newest first by itself. What the
// windows that are gone left under way is met as unknown.
func conditions(q Query, gone []string) *clause {
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
	if len(q.Partner) > 0 {
		c.add("e.provider IN "+marks(len(q.Partner)), anys(q.Partner)...)
	}
	c.equal("e.environment", q.Environment)
	c.equal("e.profile", q.Profile)
	c.equal("e.sample", q.Request)
	c.equal("e.purpose", string(q.Purpose))
	c.equal("e.method", q.Method)
	c.equal("e.host", q.Host)
	c.statuses(q.Status)
	c.equal("e.code <> '' AND e.code", q.Code) // an index of a part of the rows is used only where the query says so too
	c.equal("e.idempotency_key <> '' AND e.idempotency_key", q.Key)
	if len(gone) > 0 {
		c.judged("e.state", string(q.State), gone)
	} else {
		c.equal("e.state", string(q.State))
	}
	if q.Writes != nil {
		c.add("e.flags & ? = ?", flagWrites, map[bool]int{true: flagWrites}[*q.Writes])
	}
	switch {
	case len(gone) > 0:
		c.judged("e.outcome", string(q.Outcome), gone)
	case q.Outcome == flows.OutcomeAnswered:
		c.equal("e.outcome", string(q.Outcome))
	default:
		c.equal("e.outcome <> 'answered' AND e.outcome", string(q.Outcome))
	}
	c.equal("e.replay_of <> '' AND e.replay_of", q.ReplayOf)
	for _, t := range q.Tags {
		c.add("e.id IN (SELECT id FROM tag WHERE tag = ? COLLATE NOCASE)", t)
	}
	c.times(q.Since, q.Until)
	for _, e := range q.Except {
		c.except(e, gone)
	}
	return c
}

// judged is equal for state and outcome, as [Log.summary] reads them.
func (c *clause) judged(column, value string, gone []string) {
	if value != "" {
		c.add("CASE WHEN e.state = 'sending' AND e.owner IN "+marks(len(gone))+" THEN '"+string(Unknown)+"' ELSE "+column+" END = ?", append(anys(gone), value)...)
	}
}

// except adds what an entry must not be. A path is looked for in the entry alone: FTS5 cannot find what lacks words.
func (c *clause) except(q Query, gone []string) {
	if q.Path != "" {
		c.add("instr(e.path, ?) = 0", q.Path)
		q.Path = ""
	}
	var parts []string
	var args []any
	for _, one := range conditions(q, gone).list {
		parts, args = append(parts, one.sql), append(args, one.args...)
	}
	if len(parts) > 0 {
		c.add("NOT ("+strings.Join(parts, " AND ")+")", args...)
	}
}

// statuses adds the alternatives for the status.
func (c *clause) statuses(list []StatusRange) {
	var parts []string
	var args []any
	for _, s := range list {
		parts, args = append(parts, "e.status BETWEEN ? AND ?"), append(args, s.From, s.To)
	}
	switch {
	case len(list) == 0:
	case len(list) == 1 && list[0].From == list[0].To:
		c.add("e.status = ?", list[0].From)
	default:
		c.inRange("e.status", "("+strings.Join(parts, " OR ")+")", args...)
	}
}

// times adds the bounds of when it began.
func (c *clause) times(since, until time.Time) {
	switch {
	case !since.IsZero() && !until.IsZero():
		c.inRange("e.started", "e.started >= ? AND e.started < ?", micros(since), micros(until))
	case !since.IsZero():
		c.inRange("e.started", "e.started >= ?", micros(since))
	case !until.IsZero():
		c.inRange("e.started", "e.started < ?", micros(until))
	}
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

// marks is a list of n places for values, at least one.
func marks(n int) string { return "(?" + strings.Repeat(", ?", n-1) + ")" }

func anys(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}
