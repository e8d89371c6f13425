package history_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/flows"
	"countersign/history"

	"modernc.org/sqlite"
)

// older makes a history of n entries of the first schema and returns its directory.
func older(t testing.TB, n int) string {
	t.Helper()
	dir := t.TempDir()
	l, err := history.Open(t.Context(), history.Options{Dir: dir}.OfSchema(1))
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Fill(t.Context(), n, typical); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// copies are the copies that upgrades made, and those that were only begun.
func copies(t testing.TB, dir string) (whole, begun []string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "history.db.version-*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.Contains(name, ".partial") {
			begun = append(begun, name)
		} else {
			whole = append(whole, name)
		}
	}
	return whole, begun
}

// checkUpgraded opens a history that was of the first schema, and wants all of its n entries, and no more than they.
func checkUpgraded(t *testing.T, dir string, n int) {
	t.Helper()
	l := open(t, dir)
	s, err := l.Status(t.Context())
	if err != nil || s.Schema < 2 || s.ReadOnly != "" {
		t.Fatalf("status %+v, %v", s, err)
	}
	for id := 1; id <= n; id++ {
		if e, err := l.Get(t.Context(), strconv.Itoa(id)); err != nil || e.State != history.Finished || e.Exchange.Response == nil {
			t.Fatalf("entry %d: %s, %v", id, e.State, err)
		}
	}
	if _, err := l.Get(t.Context(), strconv.Itoa(n+1)); !errors.Is(err, history.ErrNoEntry) {
		t.Errorf("there is one too many: %v", err)
	}
	intend(t, l, made(func(x *flows.Exchange) { x.IdempotencyKey = "after the upgrade" }))
	l.Close()
	checkIntegrity(t, dir)
	var indexes int
	if raw(t, dir).QueryRow("SELECT count(*) FROM sqlite_schema WHERE name IN ('entry_replay_of', 'entry_provider_status', 'entry_started')").Scan(&indexes); indexes != 3 {
		t.Errorf("%d of 3 new indexes are there", indexes)
	}
}

// An older file is upgraded once; the old one is kept, whole, and for its owner only.
func TestUpgrade(t *testing.T) {
	dir := older(t, 30)
	l := open(t, dir)
	s, err := l.Status(t.Context())
	if err != nil || len(s.Notices) != 1 || !strings.Contains(s.Notices[0], "upgraded from schema 1 to ") {
		t.Fatalf("told as %q, %v", s.Notices, err)
	}
	l.Close()
	checkUpgraded(t, dir, 30)
	whole, begun := copies(t, dir)
	if len(whole) != 1 || len(begun) != 0 || !strings.Contains(s.Notices[0], strconv.Quote(whole[0])) {
		t.Fatalf("copies %q and %q, told as %q", whole, begun, s.Notices)
	}
	if info, err := os.Stat(whole[0]); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("the copy has mode %v, %v", info.Mode(), err)
	}
	old := t.TempDir()
	if err := os.Rename(whole[0], filepath.Join(old, "history.db")); err != nil {
		t.Fatal(err)
	}
	back, err := history.Open(t.Context(), history.Options{Dir: old}.OfSchema(1))
	if err != nil {
		t.Fatal(err)
	}
	if page, err := back.Find(t.Context(), history.Query{}); err != nil || len(page.Entries) != 30 {
		t.Errorf("the older program finds %d entries in the copy, %v", len(page.Entries), err)
	}
	back.Close()
	checkIntegrity(t, old)
}

// While a window of an older program waits for an answer, the upgrade waits for it: the answer is written down.
func TestUpgradeWaitsForOlderWindow(t *testing.T) {
	dir := older(t, 3)
	before, err := history.Open(t.Context(), history.Options{Dir: dir}.OfSchema(1))
	if err != nil {
		t.Fatal(err)
	}
	x := made(nil)
	id := intend(t, before, x)
	after, err := history.Open(t.Context(), history.Options{Dir: dir, Busy: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer after.Close()
	_, err = after.Intend(t.Context(), made(func(x *flows.Exchange) { x.IdempotencyKey = "new" }))
	var told *flows.Error
	if !errors.As(err, &told) || told.Kind != flows.KindLocal || !strings.Contains(told.Message, "another window has it open") || !strings.Contains(told.Hint, "older version") {
		t.Fatalf("told as %v", err)
	}
	if err := before.Complete(t.Context(), answered(x, id, 200, "{}")); err != nil {
		t.Fatalf("the older window lost its answer: %v", err)
	}
	before.Close()
	if e, err := after.Get(t.Context(), id); err != nil || e.State != history.Finished {
		t.Errorf("the answer reads %s, %v", e.State, err)
	}
}

// A screen asks a history for things of the moment, and closes it, while it waits for another window.
func TestOpeningHoldsNobodyUp(t *testing.T) {
	dir := older(t, 3)
	before, err := history.Open(t.Context(), history.Options{Dir: dir}.OfSchema(1))
	if err != nil {
		t.Fatal(err)
	}
	defer before.Close()
	intend(t, before, made(nil))
	l, err := history.Open(t.Context(), history.Options{Dir: dir, Busy: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	waits := make(chan error)
	go func() {
		_, err := l.Status(t.Context())
		waits <- err
	}()
	for !l.Opening() {
	}
	l.Know(nil)
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := <-waits; err == nil {
		t.Error("it was opened beside an older window")
	}
}

// Left while it is upgraded, it stays as it was, and without a copy: the next start makes another.
func TestLeftWhileUpgrading(t *testing.T) {
	dir := older(t, 3)
	busy, err := raw(t, dir).Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	if _, err := busy.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	l, err := history.Open(t.Context(), history.Options{Dir: dir, Busy: 500 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	upgraded := make(chan error)
	go func() {
		_, err := l.Status(t.Context())
		upgraded <- err
	}()
	for whole := []string(nil); len(whole) == 0; whole, _ = copies(t, dir) {
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := <-upgraded; err == nil {
		t.Error("it was opened after it was closed")
	}
	if whole, begun := copies(t, dir); len(whole)+len(begun) > 0 {
		t.Errorf("copies %q and %q are left", whole, begun)
	}
}

// Windows that start at the same time upgrade once.
func TestUpgradeOfManyWindows(t *testing.T) {
	dir := older(t, 200)
	var all sync.WaitGroup
	for range 4 {
		l := open(t, dir)
		all.Go(func() {
			if page, err := l.Find(t.Context(), history.Query{Limit: 1000}); err != nil || len(page.Entries) != 200 {
				t.Errorf("found %d entries, %v", len(page.Entries), err)
			}
		})
	}
	all.Wait()
	if whole, begun := copies(t, dir); len(whole) != 1 || len(begun) != 0 {
		t.Errorf("copies %q and %q", whole, begun)
	}
}

// upgradingChild upgrades until it is killed. When at is a number, the upgrade stops for good behind that statement.
func upgradingChild(ctx context.Context, dir, at string) {
	o := history.Options{Dir: dir}
	if n, err := strconv.Atoi(at); err == nil {
		sqlite.MustRegisterScalarFunction("pause", 0, func(*sqlite.FunctionContext, []driver.Value) (driver.Value, error) {
			fmt.Println("paused")
			select {}
		})
		o = o.Pausing(n)
	}
	l, err := history.Open(ctx, o)
	if err == nil {
		_, err = l.Status(ctx)
	}
	fmt.Println("ended", err)
}

// Killed in the middle of an upgrade, behind each of its statements or while the copy is made, it loses nothing: the next
// start upgrades, and keeps no half copy.
func TestKilledWhileUpgrading(t *testing.T) {
	const entries = 500
	from := older(t, entries)
	kill := func(t *testing.T, at string, until func(dir string) bool) string {
		dir := t.TempDir()
		if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
		c, lines := start(t, "upgrade "+at, dir)
		if until == nil {
			if !lines.Scan() || lines.Text() != "paused" {
				t.Fatalf("the child says %q", lines.Text())
			}
		} else {
			for !until(dir) {
			}
		}
		c.Process.Kill()
		c.Wait()
		return dir
	}
	for n := range history.Statements() + 1 {
		t.Run(fmt.Sprintf("behind statement %d", n), func(t *testing.T) {
			dir := kill(t, strconv.Itoa(n), nil)
			var version int
			if err := raw(t, dir).QueryRow("PRAGMA user_version").Scan(&version); err != nil || version != 1 {
				t.Fatalf("half an upgrade reads as version %d, %v", version, err)
			}
			if whole, begun := copies(t, dir); len(whole) != 1 || len(begun) != 0 {
				t.Errorf("before it the copy was not complete: %q and %q", whole, begun)
			}
			checkUpgraded(t, dir, entries)
		})
	}
	t.Run("while the copy is made", func(t *testing.T) {
		caught := 0
		for range 5 {
			dir := kill(t, "once", func(dir string) bool {
				whole, begun := copies(t, dir)
				return len(whole)+len(begun) > 0
			})
			_, begun := copies(t, dir)
			caught += len(begun)
			checkUpgraded(t, dir, entries)
			if _, begun := copies(t, dir); len(begun) != 0 {
				t.Errorf("half a copy is kept: %q", begun)
			}
		}
		if caught == 0 {
			t.Error("no kill hit the copy")
		}
	})
}

// A disk with no room for the copy, or with room for the copy and none for the upgrade, is told; the history stays as it
// was, is shown, and no copy is left.
func TestUpgradeOnFullDisk(t *testing.T) {
	from := older(t, 400)
	info, err := os.Stat(filepath.Join(from, "history.db"))
	if err != nil {
		t.Fatal(err)
	}
	for room := info.Size() - 64<<10; room < info.Size()+512<<10; room += 16 << 10 {
		dir := tmpfs(t, "16m")
		if err := os.CopyFS(dir, os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
		leave(t, dir, room)
		l := open(t, dir)
		s, err := l.Status(t.Context())
		if err == nil && s.Schema > 1 {
			if room < info.Size() {
				t.Errorf("%d bytes are enough to upgrade", room)
			}
			return
		}
		if err != nil || !strings.Contains(s.ReadOnly, "the disk is full") {
			t.Errorf("room of %d bytes: told as %q, %v", room, s.ReadOnly, err)
		}
		if e, err := l.Get(t.Context(), "1"); err != nil || e.Exchange.Response == nil {
			t.Errorf("room of %d bytes: it is not shown: %v", room, err)
		}
		if whole, begun := copies(t, dir); len(whole)+len(begun) > 0 {
			t.Errorf("room of %d bytes: left: %q and %q", room, whole, begun)
		}
		var version int
		if err := raw(t, dir).QueryRow("PRAGMA user_version").Scan(&version); err != nil || version != 1 {
			t.Errorf("room of %d bytes: it reads as version %d, %v", room, version, err)
		}
		l.Close()
	}
	t.Error("no room was enough")
}

// leave fills a small disk up to a number of bytes.
func leave(t *testing.T, dir string, room int64) {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "room"))
	if err == nil {
		_, err = f.Write(make([]byte, room))
	}
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	os.WriteFile(filepath.Join(dir, "rest"), make([]byte, 64<<20), 0o600) // as much as there is
	if err := os.Remove(f.Name()); err != nil {
		t.Fatal(err)
	}
}

// Who waited for another window in vain does not wait for it again, until the history could be opened.
func TestOpeningWaitsOnce(t *testing.T) {
	dir := older(t, 3)
	before, err := history.Open(t.Context(), history.Options{Dir: dir}.OfSchema(1))
	if err != nil {
		t.Fatal(err)
	}
	intend(t, before, made(nil))
	const busy = time.Millisecond
	l, err := history.Open(t.Context(), history.Options{Dir: dir, Busy: busy})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := l.Status(t.Context()); err == nil || l.Patience() != 0 {
		t.Errorf("it would wait %v again, %v", l.Patience(), err)
	}
	before.Close()
	if _, err := l.Status(t.Context()); err != nil || l.Patience() != busy {
		t.Errorf("it waits %v, %v", l.Patience(), err)
	}
}
