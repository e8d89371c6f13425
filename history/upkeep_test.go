package history_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"countersign/flows"
	"countersign/history"
)

// A start learns what is unknown, also of a window that was killed, and makes no history where there is none.
func TestUpkeep(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "history")
	if up, err := open(t, dir).Upkeep(t.Context()); err != nil || up.Unknown != 0 || up.Removed != 0 || len(up.Notices) != 0 {
		t.Fatalf("of nothing: %+v, %v", up, err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Fatal("it made a history")
	}
	c, lines := start(t, "hang", dir)
	if !lines.Scan() {
		t.Fatal("the child says nothing")
	}
	l := open(t, dir)
	if up, err := l.Upkeep(t.Context()); err != nil || up.Unknown != 0 {
		t.Errorf("under way in another window: %+v, %v", up, err)
	}
	c.Process.Kill()
	c.Wait()
	if up, err := l.Upkeep(t.Context()); err != nil || up.Unknown != 1 {
		t.Errorf("after the kill: %+v, %v", up, err)
	}
	lost := made(func(x *flows.Exchange) { x.IdempotencyKey = "lost" })
	lost.ID = intend(t, l, lost)
	lost.Outcome = flows.OutcomeUnknown
	if err := l.Complete(t.Context(), lost); err != nil {
		t.Fatal(err)
	}
	intend(t, l, made(func(x *flows.Exchange) { x.IdempotencyKey = "mine" })) // under way here: not unknown
	read := made(func(x *flows.Exchange) { x.IdempotencyKey, x.Writes, x.MovesMoney = "", false, false })
	read.ID, read.Outcome = intend(t, l, read), flows.OutcomeUnknown // changes nothing, whatever became of it
	if err := l.Complete(t.Context(), read); err != nil {
		t.Fatal(err)
	}
	if list := find(t, l, "state:unknown writes:yes"); len(list) != 2 {
		t.Errorf("%d changes are unknown, want 2", len(list))
	}
	if list := find(t, l, "state:unknown writes:no"); len(list) != 1 || list[0].ID != read.ID {
		t.Errorf("what only read and is unknown: %v", list)
	}
	if up, err := l.Upkeep(t.Context()); err != nil || up.Unknown != 2 {
		t.Errorf("with one that lost its connection: %+v, %v", up, err)
	}
	if err := l.MarkResolved(t.Context(), lost.ID, "the partner never saw it"); err != nil {
		t.Fatal(err)
	}
	if up, err := l.Upkeep(t.Context()); err != nil || up.Unknown != 1 {
		t.Errorf("with one resolved: %+v, %v", up, err)
	}
}

// Where nothing can be written, what a killed window left reads, counts and is found as unknown.
func TestUnknownWhereNothingIsWritten(t *testing.T) {
	for name, shut := range map[string]func(t *testing.T, dir string) error{
		"a newer schema": func(t *testing.T, dir string) error {
			_, err := raw(t, dir).Exec("PRAGMA user_version = 7")
			return err
		},
		"a disk that is read-only": func(_ *testing.T, dir string) error { return exec.Command("mount", "-o", "remount,ro", dir).Run() },
	} {
		t.Run(name, func(t *testing.T) {
			dir := tmpfs(t, "8m")
			c, lines := start(t, "hang", dir)
			if !lines.Scan() {
				t.Fatal("the child says nothing")
			}
			c.Process.Kill()
			c.Wait()
			if err := shut(t, dir); err != nil {
				t.Fatal(err)
			}
			l := open(t, dir)
			if up, err := l.Upkeep(t.Context()); err != nil || up.ReadOnly == "" || up.Unknown != 1 {
				t.Errorf("%+v, %v", up, err)
			}
			for query, want := range map[string]int{
				"": 1, "state:unknown writes:yes": 1, "outcome:unknown": 1, "state:sending": 0, "outcome:prepared": 0, "-state:unknown": 0, "-state:sending": 1,
			} {
				if list := find(t, l, query); len(list) != want || want == 1 && list[0].State != history.Unknown {
					t.Errorf("%q finds %+v, want %d", query, list, want)
				}
			}
		})
	}
}

// It applies the retention that is asked for, and only that.
func TestUpkeepPurges(t *testing.T) {
	dir := filled(t, 5)
	later := func() time.Time { return made(nil).Started.Add(48 * time.Hour) }
	for _, c := range []struct {
		keep history.Retention
		want int
	}{{history.Retention{}, 0}, {history.Retention{Age: 72 * time.Hour}, 0}, {history.Retention{Age: 24 * time.Hour}, 5}} {
		l, err := history.Open(t.Context(), history.Options{Dir: dir, Now: later, Keep: c.keep})
		if err != nil {
			t.Fatal(err)
		}
		if up, err := l.Upkeep(t.Context()); err != nil || up.Removed != c.want {
			t.Errorf("%v: %+v, %v", c.keep, up, err)
		}
		l.Close()
	}
}

// Windows that purge at the same time keep together what one of them alone would keep.
func TestPurgeOfManyWindows(t *testing.T) {
	const entries = 400
	left := func(dir string) (n int) {
		if err := raw(t, dir).QueryRow("SELECT count(*) FROM entry").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	purge := func(dir string, keep int64) {
		l, err := history.Open(t.Context(), history.Options{Dir: dir, Keep: history.Retention{Size: keep}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		if _, err := l.Purge(t.Context()); err != nil {
			t.Error(err)
		}
	}
	alone, together := filled(t, entries), filled(t, entries)
	var bytes int64
	if err := raw(t, alone).QueryRow("SELECT sum(size) FROM entry").Scan(&bytes); err != nil {
		t.Fatal(err)
	}
	purge(alone, bytes*6/10)
	want := left(alone)
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() { purge(together, bytes*6/10) })
	}
	all.Wait()
	if got := left(together); got != want || want < entries/2 || want == entries {
		t.Errorf("%d entries are left of %d, with one window %d", got, entries, want)
	}
}

// A history of a newer program is looked at and told, and retention leaves it alone.
func TestUpkeepOfANewerSchema(t *testing.T) {
	dir := filled(t, 3)
	if _, err := raw(t, dir).Exec("PRAGMA user_version = 7"); err != nil {
		t.Fatal(err)
	}
	l, err := history.Open(t.Context(), history.Options{Dir: dir, Keep: history.Retention{Age: time.Nanosecond}})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	up, err := l.Upkeep(t.Context())
	if err != nil || up.Removed != 0 || up.ReadOnly == "" {
		t.Errorf("%+v, %v", up, err)
	}
}
