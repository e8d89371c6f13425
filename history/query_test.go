package history_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/flows"
	"countersign/history"
)

var queryNow = time.Date(2026, 11, 22, 15, 0, 0, 0, time.UTC)

func TestParseQuery(t *testing.T) {
	tests := []struct {
		in   string
		want history.Query
	}{
		{"", history.Query{}},
		{"  refused  order ", history.Query{Words: []string{"refused", "order"}}},
		{"partner:sabika status:401 code:invalid_signature", history.Query{Partner: []string{"sabika"}, Status: []history.StatusRange{{401, 401}}, Code: "invalid_signature"}},
		{"p:jiko", history.Query{}}, // partner, profile, purpose, path: which?
		{"part:jiko,kuna", history.Query{Partner: []string{"jiko", "kuna"}}},
		{"status:4xx,500-599,none", history.Query{Status: []history.StatusRange{{400, 499}, {500, 599}, {0, 0}}}},
		{"path:/v1/orders tag:x tag:y", history.Query{Path: "/v1/orders", Tags: []string{"x", "y"}}},
		{`"status:401" "two words" -not`, history.Query{Words: []string{"status:401", "two words"}, Not: []string{"not"}}},
		{"-status:401 -tag:x partner:jiko", history.Query{Partner: []string{"jiko"},
			Except: []history.Query{{Status: []history.StatusRange{{401, 401}}}, {Tags: []string{"x"}}}}},
		{"PARTNER:Jiko -Status:401 Error:x", history.Query{Partner: []string{"jiko"}, Words: []string{"Error:x"},
			Except: []history.Query{{Status: []history.StatusRange{{401, 401}}}}}},
		{`-"status:401" -"error: bad" "-x" -"-x" -"`, history.Query{Not: []string{"status:401", "error: bad", "-x"}, Words: []string{"-x"}}},
		{`code:"two words"`, history.Query{Code: "two words"}},
		{"https://api.example.com/v1", history.Query{Words: []string{"https://api.example.com/v1"}}},
		{"since:2026-11-01 until:today", history.Query{Since: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), Until: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)}},
		{"since:90m", history.Query{Since: queryNow.Add(-90 * time.Minute)}},
		{"state:unknown outcome:not-sent", history.Query{State: history.Unknown, Outcome: flows.OutcomeNotSent}},
	}
	for _, tt := range tests {
		got, err := history.ParseQuery(tt.in, queryNow)
		if tt.in == "p:jiko" {
			if err == nil {
				t.Errorf("%q is not ambiguous", tt.in)
			}
			continue
		}
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%q: %+v, %v", tt.in, got, err)
		}
	}
}

func TestParseQueryNamesWhatIsWrong(t *testing.T) {
	for in, want := range map[string]string{
		"colour:red":    `no field "colour"; the fields are partner`,
		"status:abc":    `"abc" is no status`,
		"since:someday": `"someday" is no time`,
		"partner:":      "no value behind the colon",
		"state:dead":    "the states are",
		"outcome:maybe": "the outcomes are",
		"-status:abc":   `"abc" is no status`,
		"-colour:red":   `no field "colour"`,
		"writes:maybe":  "it is yes or no",
		"meth:GET":      "method stands there twice",
	} {
		_, err := history.ParseQuery("status:401 method:POST status:5xx -method:PUT -method:GET "+in, queryNow)
		var q *history.QueryError
		if !errors.As(err, &q) || q.Word != in || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", in, err)
		}
	}
}

// Whatever is typed, it is parsed or refused, and what is parsed can be searched for.
func FuzzQuery(f *testing.F) {
	for _, s := range []string{`partner:sabika status:4xx "a b" -c`, `"`, `words:" OR NEAR(`, "path:/%27)--", "- -- :", "é* ^x {a b}: + AND NOT"} {
		f.Add(s)
	}
	l := open(f, f.TempDir())
	intend(f, l, made(nil))
	f.Fuzz(func(t *testing.T, s string) {
		q, err := history.ParseQuery(s, queryNow)
		if err != nil {
			return
		}
		if _, err := l.Find(t.Context(), q); err != nil {
			t.Errorf("%q: %v", s, err)
		}
	})
}

// Each field finds what it names and nothing else.
func TestFind(t *testing.T) {
	l := open(t, t.TempDir())
	if err := l.Fill(t.Context(), 200, typical); err != nil {
		t.Fatal(err)
	}
	l.Tag(t.Context(), "12", []string{"ticket-4711"}, nil)
	l.SetNote(t.Context(), "13", "the customer called about it")
	for query, want := range map[string]int{
		"":                        200,
		"partner:sabika":          40,
		"partner:sabika,jiko":     80,
		"status:401":              20,
		"status:4xx":              21,
		"code:quote_expired":      1,
		"partner:jpay status:409": 1,
		"key:0b51a1f4-0007-4c1e-9c8d-000000000007":  1,
		"tag:ticket-4711":                           1,
		"customer called":                           1,
		"called -about":                             0,
		"-status:401":                               180,
		"-status:4xx -partner:sabika,jiko":          99,
		"status:4xx -code:invalid_signature":        1,
		"-key:0b51a1f4-0007-4c1e-9c8d-000000000007": 199,
		"-tag:ticket-4711":                          199,
		"-path:/v1/orders/ord_00000000":             199,
		"-state:finished":                           0,
		"-since:2020-01-01":                         0,
		"tag:Ticket-4711":                           1,
		"writes:yes":                                200,
		"-writes:yes":                               0,
		"message -status:401":                       1,
		"-settled status:200":                       0,
		"invalid_signature":                         20,
		"\"signature does not verify\"":             20,
		"settl \"invoice 77\"":                      1,
		"path:/v1/orders":                           200,
		"path:/v1/orders/ord_00000000":              1,
		"path:rders":                                0,
		"since:2026-11-22T14:02:21Z":                190,
		"until:2026-11-22T14:02:21Z":                10,
		"method:GET":                                0,
		"host:api.example.com method:POST":          200,
		"state:finished outcome:answered":           200,
		"state:unknown":                             0,
		"request:order environment:sandbox profile:default purpose:request": 200,
	} {
		q, err := history.ParseQuery(query, queryNow)
		if err != nil {
			t.Fatal(err)
		}
		q.Limit = 1000
		page, err := l.Find(t.Context(), q)
		if err != nil || len(page.Entries) != want {
			t.Errorf("%q: %d entries, want %d, %v", query, len(page.Entries), want, err)
		}
	}
}

// Pages follow each other without a gap or a repetition, newest first, while new entries come in.
func TestPages(t *testing.T) {
	l := open(t, t.TempDir())
	if err := l.Fill(t.Context(), 95, typical); err != nil {
		t.Fatal(err)
	}
	for _, words := range [][]string{nil, {"v1"}} {
		var got []string
		q := history.Query{Limit: 10, Words: words}
		for {
			page, err := l.Find(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range page.Entries {
				got = append(got, e.ID)
			}
			if q.Before = page.Next; q.Before == "" {
				break
			}
			intend(t, l, made(func(x *flows.Exchange) { x.IdempotencyKey = q.Before + strings.Join(words, "") }))
		}
		if len(got) < 95 || len(slices.Compact(slices.Clone(got))) != len(got) || got[len(got)-1] != "1" {
			t.Errorf("%v: %d entries, %v", words, len(got), got)
		}
	}
}
