package history

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"countersign/flows"
)

// Query says which entries are wanted. Empty fields match all.
type Query struct {
	Partner     []string // one of these
	Environment string
	Profile     string
	Request     string // name of the sample
	Purpose     flows.Purpose
	Method      string
	Host        string
	Status      []StatusRange // one of these
	Code        string        // error code of the partner, or network, local, usage, token
	Path        string        // a part of path and query that begins at a word
	Key         string        // idempotency key
	Tags        []string      // all of these
	State       State
	Writes      *bool // whether it changes something at the partner; nil: both
	Outcome     flows.Outcome
	ReplayOf    string
	Since       time.Time // begun then or later
	Until       time.Time // begun before
	Words       []string  // all of these; the beginning of a word is enough
	Not         []string  // none of these
	Except      []Query   // none of these; each with one field

	Limit  int    // entries per page; 0 means 50
	Before string // ID: only entries older than this one; see Page.Next
}

// StatusRange is a range of HTTP status codes, both ends included. 0 is "no answer".
type StatusRange struct{ From, To int }

// QueryError says what is wrong with a query as it was typed.
type QueryError struct {
	Word    string // as typed
	Message string
}

// Error names the word and what is wrong with it.
func (e *QueryError) Error() string { return fmt.Sprintf("%q: %s", e.Word, e.Message) }

// field is one name of the query language.
type field struct {
	name, help string
	set        func(q *Query, value string, now time.Time) error
}

// fields is the query language. Completion, help and errors derive from it.
var fields = []field{
	{"partner", "partner:sabika, partner:jiko,kuna", func(q *Query, v string, _ time.Time) error {
		q.Partner = append(q.Partner, strings.Split(strings.ToLower(v), ",")...)
		return nil
	}},
	{"environment", "environment:production", text(func(q *Query) *string { return &q.Environment })},
	{"profile", "profile:default", text(func(q *Query) *string { return &q.Profile })},
	{"request", "request:order", text(func(q *Query) *string { return &q.Request })},
	{"purpose", "purpose:login", func(q *Query, v string, _ time.Time) error { q.Purpose = flows.Purpose(v); return nil }},
	{"method", "method:POST", func(q *Query, v string, _ time.Time) error { q.Method = strings.ToUpper(v); return nil }},
	{"host", "host:api.example.com", text(func(q *Query) *string { return &q.Host })},
	{"status", "status:401, status:4xx, status:400-499, status:none", setStatus},
	{"code", "code:invalid_signature, code:network", text(func(q *Query) *string { return &q.Code })},
	{"path", "path:/v1/orders", text(func(q *Query) *string { return &q.Path })},
	{"key", "key:9f8c... (idempotency key)", text(func(q *Query) *string { return &q.Key })},
	{"tag", "tag:ticket-4711", func(q *Query, v string, _ time.Time) error { q.Tags = append(q.Tags, v); return nil }},
	{"state", "state:sending, state:unknown, state:finished, state:resolved", setState},
	{"writes", "writes:yes, writes:no (whether it changes something at the partner)", setWrites},
	{"outcome", `outcome:answered, outcome:unknown, outcome:"not sent"`, setOutcome},
	{"replay", "replay:1042 (replays of entry 1042)", text(func(q *Query) *string { return &q.ReplayOf })},
	{"since", "since:2026-11-01, since:7d, since:2026-11-01T14:00:00Z", func(q *Query, v string, now time.Time) (err error) {
		q.Since, err = moment(v, now)
		return err
	}},
	{"until", "until:2026-11-08 (that day not included)", func(q *Query, v string, now time.Time) (err error) {
		q.Until, err = moment(v, now)
		return err
	}},
}

// QueryFields lists the names of the query language with an example each.
func QueryFields() [][2]string {
	list := make([][2]string, len(fields))
	for i, f := range fields {
		list[i] = [2]string{f.name, f.help}
	}
	return list
}

func text(at func(*Query) *string) func(*Query, string, time.Time) error {
	return func(q *Query, v string, _ time.Time) error { *at(q) = v; return nil }
}

// ParseQuery reads a query as people type it: words, and fields as name:value. Quotes hold what belongs together; a
// minus before a word or a field excludes it. A name may be cut as long as only one begins like that. now is what 7d counts from.
func ParseQuery(s string, now time.Time) (Query, error) {
	var q Query
	given := map[string]bool{}
	for _, w := range splitQuery(s) {
		text, minus := w.text, w.minus
		if rest, cut := strings.CutPrefix(text, "-"); cut && !w.quoted && rest != "" {
			text, minus = rest, true
		}
		name, value, ok := strings.Cut(text, ":")
		if lower := strings.ToLower(name); slices.ContainsFunc(fields, func(f field) bool { return f.name == lower }) {
			name = lower // typed with the shift key held
		}
		isField := ok && !w.quoted && name != "" && !strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsLower(r) }) && !strings.HasPrefix(value, "//")
		switch {
		case !isField && minus:
			q.Not = append(q.Not, text)
		case !isField:
			q.Words = append(q.Words, text)
		case minus:
			var except Query
			if _, err := except.set(name, value, now); err != nil {
				return q, &QueryError{w.text, err.Error()}
			}
			q.Except = append(q.Except, except)
		default:
			f, err := q.set(name, value, now)
			if err == nil && given[f.name] && !slices.Contains(lists, f.name) {
				err = fmt.Errorf("%s stands there twice, and the second would take the place of the first; write it once", f.name)
			}
			if err != nil {
				return q, &QueryError{w.text, err.Error()}
			}
			given[f.name] = true
		}
	}
	return q, nil
}

// lists are the fields that may be given several times.
var lists = []string{"partner", "status", "tag"}

// set gives a field its value, as both were typed, and says which field it is.
func (q *Query) set(name, value string, now time.Time) (field, error) {
	f, err := fieldNamed(name)
	if err != nil {
		return f, err
	}
	if value == "" {
		return f, errors.New("there is no value behind the colon; write " + f.help)
	}
	return f, f.set(q, value, now)
}

func fieldNamed(name string) (field, error) {
	var found []field
	var names []string
	for _, f := range fields {
		if f.name == name {
			return f, nil
		}
		if strings.HasPrefix(f.name, name) {
			found = append(found, f)
		}
		names = append(names, f.name)
	}
	if len(found) == 1 {
		return found[0], nil
	}
	if len(found) > 1 {
		return field{}, fmt.Errorf("%q may be %s or %s; write more of it", name, found[0].name, found[1].name)
	}
	return field{}, fmt.Errorf("there is no field %q; the fields are %s; put quotes around text with a colon", name, strings.Join(names, ", "))
}

type queryWord struct {
	text   string
	quoted bool // began with a quote
	minus  bool // a minus stood before the quote
}

// splitQuery cuts at blanks outside of double quotes. A quote that is not closed holds up to the end.
func splitQuery(s string) []queryWord {
	var list []queryWord
	var w queryWord
	open, inside := false, false
	for _, r := range s {
		switch {
		case r == '"' && w.text == "-" && !w.quoted:
			w, open = queryWord{quoted: true, minus: true}, true
		case r == '"':
			w.quoted = w.quoted || !inside && !open
			open, inside = !open, true
		case unicode.IsSpace(r) && !open:
			if inside && w.text != "" {
				list = append(list, w)
			}
			w, inside = queryWord{}, false
		default:
			w.text += string(r)
			inside = true
		}
	}
	if w.text != "" {
		list = append(list, w)
	}
	return list
}

func setStatus(q *Query, v string, _ time.Time) error {
	for _, s := range strings.Split(strings.ToLower(v), ",") {
		from, to, ranged := strings.Cut(s, "-")
		switch {
		case s == "none":
			from, to = "0", "0"
		case len(s) == 3 && strings.HasSuffix(s, "xx"):
			from, to = s[:1]+"00", s[:1]+"99"
		case !ranged:
			to = from
		}
		a, err := strconv.Atoi(from)
		b, err2 := strconv.Atoi(to)
		if err != nil || err2 != nil || a < 0 || b > 999 || a > b {
			return fmt.Errorf("%q is no status; write 401, 4xx, 400-499 or none", s)
		}
		q.Status = append(q.Status, StatusRange{a, b})
	}
	return nil
}

func setState(q *Query, v string, _ time.Time) error {
	if v == "unknown" {
		v = string(Unknown)
	}
	if q.State = State(v); !slices.Contains([]State{Sending, Finished, Unknown, Resolved}, q.State) {
		return fmt.Errorf("the states are sending, finished, unknown and resolved")
	}
	return nil
}

func setWrites(q *Query, v string, _ time.Time) error {
	if v != "yes" && v != "no" {
		return errors.New("it is yes or no")
	}
	yes := v == "yes"
	q.Writes = &yes
	return nil
}

func setOutcome(q *Query, v string, _ time.Time) error {
	switch v {
	case "unknown":
		v = string(flows.OutcomeUnknown)
	case "not-sent":
		v = string(flows.OutcomeNotSent)
	}
	q.Outcome = flows.Outcome(v)
	if !slices.Contains([]flows.Outcome{flows.OutcomePrepared, flows.OutcomeNotSent, flows.OutcomeAnswered, flows.OutcomeUnknown}, q.Outcome) {
		return fmt.Errorf("the outcomes are answered, not-sent, unknown and prepared")
	}
	return nil
}

// moment reads a day, a time, or how long ago: 90m, 36h, 7d, 2w. A day begins at midnight where now is.
func moment(v string, now time.Time) (time.Time, error) {
	if len(v) > 1 {
		if n, err := strconv.Atoi(v[:len(v)-1]); err == nil && n >= 0 && n < 100000 {
			switch v[len(v)-1] {
			case 'm':
				return now.Add(-time.Duration(n) * time.Minute), nil
			case 'h':
				return now.Add(-time.Duration(n) * time.Hour), nil
			case 'd':
				return now.AddDate(0, 0, -n), nil
			case 'w':
				return now.AddDate(0, 0, -7*n), nil
			}
		}
	}
	switch v {
	case "today":
		v = now.Format(time.DateOnly)
	case "yesterday":
		v = now.AddDate(0, 0, -1).Format(time.DateOnly)
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, v, now.Location()); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time; write 2026-11-01, 2026-11-01T14:00:00Z, today, or 7d for seven days ago", v)
}
