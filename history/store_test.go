package history_test

import (
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/flows"
	"countersign/history"
)

var update = flag.Bool("update", false, "write the golden database of the newest schema anew")

func raw(t testing.TB, dir string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "history.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// Up to SQLite 3.51.2 two connections that write and checkpoint at once can lose rows that were committed.
func TestSQLiteIsNewEnough(t *testing.T) {
	dir := t.TempDir()
	var v string
	if err := raw(t, dir).QueryRow("SELECT sqlite_version()").Scan(&v); err != nil {
		t.Fatal(err)
	}
	var major, minor, patch int
	if n, err := fmt.Sscanf(v, "%d.%d.%d", &major, &minor, &patch); n != 3 || slices.Compare([]int{major, minor, patch}, []int{3, 51, 3}) < 0 {
		t.Errorf("SQLite %s, want 3.51.3 at least (%v)", v, err)
	}
}

// What is acknowledged is on the disk, what is deleted is overwritten, and nothing of a query lands in a file beside.
func TestSettings(t *testing.T) {
	l := open(t, t.TempDir())
	for name, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "secure_delete": "1", "foreign_keys": "1", "temp_store": "2", "trusted_schema": "0"} {
		if got, err := l.Pragma(t.Context(), name); err != nil || got != want {
			t.Errorf("%s is %s, want %s, %v", name, got, want, err)
		}
	}
}

// Opening touches nothing; the first use makes a place that keeps others out.
func TestPlace(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "history")
	l := open(t, dir)
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Fatal("opening made the directory")
	}
	intend(t, l, made(nil))
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no modes")
	}
	filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		info, _ := d.Info()
		if want := map[bool]os.FileMode{true: 0o700, false: 0o600}[d.IsDir()]; info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, want %v", path, info.Mode().Perm(), want)
		}
		return nil
	})
	l.Close()
	os.Chmod(filepath.Join(dir, "history.db"), 0o644)
	again := open(t, dir)
	s, err := again.Status(t.Context())
	if err != nil || len(s.Notices) != 1 || !strings.Contains(s.Notices[0], "0644") {
		t.Errorf("an open mode is not told: %q %v", s.Notices, err)
	}
	if info, _ := os.Stat(filepath.Join(dir, "history.db")); info.Mode().Perm() != 0o600 {
		t.Error("an open mode is not mended")
	}
}

func TestLinksAreRefused(t *testing.T) {
	real := filled(t, 1)
	dir := t.TempDir()
	if err := os.Symlink(filepath.Join(real, "history.db"), filepath.Join(dir, "history.db")); err != nil {
		t.Skip(err)
	}
	var told *flows.Error
	if _, err := open(t, dir).Get(t.Context(), "1"); !errors.As(err, &told) || !strings.Contains(told.Message, "symbolic link") || !strings.Contains(told.Hint, "XDG_STATE_HOME") {
		t.Errorf("got %+v", told)
	}
}

// A file of a newer program is shown, and nothing of it is changed.
func TestNewerSchemaIsReadOnly(t *testing.T) {
	dir := filled(t, 2)
	db := raw(t, dir)
	if _, err := db.Exec("PRAGMA user_version = 7; ALTER TABLE entry ADD COLUMN mood TEXT"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	l := open(t, dir)
	if e, err := l.Get(t.Context(), "1"); err != nil || e.Exchange.Response.Status != 200 {
		t.Fatalf("it is not shown: %v", err)
	}
	_, err := l.Intend(t.Context(), made(nil))
	var told *flows.Error
	if !errors.As(err, &told) || told.Kind != flows.KindLocal || !strings.Contains(told.Message, "schema 7, this one knows 2") {
		t.Errorf("got %v", err)
	}
	if s, _ := l.Status(t.Context()); s.ReadOnly == "" || s.Schema != 7 {
		t.Errorf("status %+v", s)
	}
}

// A newer program that upgrades the file while this one runs is noticed at the next write.
func TestUpgradeWhileOpenIsNoticed(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	intend(t, l, made(nil))
	raw(t, dir).Exec("PRAGMA user_version = 7")
	var all sync.WaitGroup
	for i := range 8 { // the second to notice must not write, either
		all.Go(func() {
			other := made(func(x *flows.Exchange) { x.IdempotencyKey = fmt.Sprint("other ", i) })
			if _, err := l.Intend(t.Context(), other); err == nil || !strings.Contains(err.Error(), "newer version") {
				t.Errorf("got %v", err)
			}
		})
	}
	all.Wait()
}

// Closed while a write notices a newer schema, it reads nothing that is being changed: the race detector looks.
func TestCloseBesideNotice(t *testing.T) {
	for range 5 {
		dir := t.TempDir()
		l := open(t, dir)
		intend(t, l, made(nil))
		raw(t, dir).Exec("PRAGMA user_version = 7")
		var all sync.WaitGroup
		for i := range 4 {
			all.Go(func() {
				if _, err := l.Intend(t.Context(), made(func(x *flows.Exchange) { x.IdempotencyKey = fmt.Sprint("other ", i) })); err == nil {
					t.Error("it was written to a newer schema")
				}
			})
		}
		all.Go(func() { l.Close() })
		all.Wait()
	}
}

// The database of another program is left alone.
func TestForeignDatabaseIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	db := raw(t, dir)
	db.Exec("CREATE TABLE cookies (id); PRAGMA user_version = 3")
	db.Close()
	before, _ := os.ReadFile(filepath.Join(dir, "history.db"))
	_, err := open(t, dir).Intend(t.Context(), made(nil))
	after, _ := os.ReadFile(filepath.Join(dir, "history.db"))
	if err == nil || !strings.Contains(err.Error(), "another program") || len(asides(t, dir)) > 0 || len(after) != len(before) {
		t.Errorf("got %v", err)
	}
}

// The golden database of each schema stays readable. Made with -update, once per schema, and never again.
func TestGoldenDatabases(t *testing.T) {
	if *update {
		dir := t.TempDir()
		l := open(t, dir)
		r := startSandbox(t, l)
		for _, p := range flows.All() {
			send(t, r, newRun(t, p.ID, ""))
		}
		l.SetNote(t.Context(), "1", "a note")
		l.Tag(t.Context(), "1", []string{"golden"}, nil)
		s, _ := l.Status(t.Context())
		l.Close()
		b, _ := os.ReadFile(filepath.Join(dir, "history.db"))
		f, err := os.OpenFile(fmt.Sprintf("testdata/schema%d.db", s.Schema), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		f.Write(b)
		f.Close()
	}
	names, _ := filepath.Glob("testdata/schema*.db")
	if len(names) == 0 {
		t.Fatal("there is no golden database")
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		os.WriteFile(filepath.Join(dir, "history.db"), b, 0o600)
		l := open(t, dir)
		for _, s := range find(t, l, "") {
			e, err := l.Get(t.Context(), s.ID)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			x := e.Exchange
			if x.Response == nil || x.Response.Status != 200 || x.Timing.Total <= 0 || x.TLS == nil || x.TLS.Version == "" || x.TLS.Server[0].Subject.Empty() ||
				x.Skew == nil || x.Skew.Date.IsZero() || x.Purpose == flows.PurposeLogin && (x.Token == nil || x.Token.Expires.IsZero() || x.Token.Fingerprint == "") {
				t.Errorf("%s: entry %s lost something: %+v", name, s.ID, x)
			}
		}
		if list := find(t, l, "tag:golden note"); len(list) != 1 || list[0].Note.Raw() != "a note" {
			t.Errorf("%s: found %v", name, list)
		}
	}
}

// tmpfs mounts a small file system of its own, or skips loudly.
func tmpfs(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+size, "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("SKIPPED, NOT TESTED: a file system cannot be mounted here (needs root): %v %s", err, out)
	}
	t.Cleanup(func() { exec.Command("umount", "-l", dir).Run() })
	return dir
}

// A full disk is told in one sentence, refuses the next write before it is sent, and loses nothing that was acknowledged.
func TestFullDisk(t *testing.T) {
	dir := tmpfs(t, "1m")
	l := open(t, dir)
	var ids []string
	var err error
	for i := range 2000 {
		x := made(func(x *flows.Exchange) { x.IdempotencyKey = fmt.Sprint(i) })
		var id string
		if id, err = l.Intend(t.Context(), x); err != nil {
			break
		}
		if err = l.Complete(t.Context(), answered(x, id, 200, strings.Repeat("x", 5000))); err != nil {
			break
		}
		ids = append(ids, id)
	}
	var told *flows.Error
	if !errors.As(err, &told) || told.Kind != flows.KindLocal || !strings.Contains(told.Message, "the disk is full") || told.Hint == "" {
		t.Fatalf("a full disk is told as %v", err)
	}
	for _, id := range ids {
		if e, err := l.Get(t.Context(), id); err != nil || e.State != history.Finished {
			t.Fatalf("entry %s: %v", id, err)
		}
	}
	os.WriteFile(filepath.Join(dir, "case.txt"), []byte("old"), 0o600)
	if err := history.WriteFile(filepath.Join(dir, "case.txt"), make([]byte, 2<<20), true); err == nil || !strings.Contains(err.Error(), "full") {
		t.Errorf("an export onto a full disk: %v", err)
	}
	if b, _ := os.ReadFile(filepath.Join(dir, "case.txt")); len(b) > 3 {
		t.Errorf("it left %d bytes in the place of the old file", len(b))
	}
	l.Close()
	checkIntegrity(t, dir)
}

// On a disk without room for a single page a history is shown all the same; nothing is sent without a record.
func TestOpenOnFullDisk(t *testing.T) {
	dir := tmpfs(t, "8m")
	l := open(t, dir)
	id := intend(t, l, made(nil))
	l.Complete(t.Context(), answered(made(nil), id, 200, "{}"))
	l.Close()
	leave(t, dir, 0)
	l = open(t, dir)
	if e, err := l.Get(t.Context(), id); err != nil || e.Exchange.Response.Status != 200 {
		t.Errorf("it is not shown: %v", err)
	}
	_, err := l.Intend(t.Context(), made(nil))
	var told *flows.Error
	if !errors.As(err, &told) || told.Kind != flows.KindLocal || !strings.Contains(told.Message, "the disk is full") || !strings.Contains(told.Message, dir) {
		t.Errorf("told as %v", err)
	}
}

// A read-only directory is shown and told; nothing is sent without a record.
func TestReadOnlyDisk(t *testing.T) {
	dir := tmpfs(t, "8m")
	l := open(t, dir)
	id := intend(t, l, made(nil))
	l.Complete(t.Context(), answered(made(nil), id, 200, "{}"))
	l.Close()
	if err := exec.Command("mount", "-o", "remount,ro", dir).Run(); err != nil {
		t.Skipf("SKIPPED, NOT TESTED: cannot remount: %v", err)
	}
	l = open(t, dir)
	if e, err := l.Get(t.Context(), id); err != nil || e.Exchange.Response.Status != 200 {
		t.Errorf("it is not shown: %v", err)
	}
	_, err := l.Intend(t.Context(), made(nil))
	var told *flows.Error
	if !errors.As(err, &told) || told.Kind != flows.KindLocal || !strings.Contains(told.Message, "cannot be written") {
		t.Errorf("got %v", err)
	}
	if s, err := l.Status(t.Context()); err != nil || s.ReadOnly == "" {
		t.Errorf("status %+v %v", s, err)
	}
	if err := exec.Command("mount", "-o", "remount,rw", dir).Run(); err != nil {
		t.Fatal(err)
	}
	intend(t, l, made(nil)) // once it can be written it is, without a new start
	if s, err := l.Status(t.Context()); err != nil || s.ReadOnly != "" {
		t.Errorf("status %+v %v", s, err)
	}
}

// An answer that could not be written waits in memory and is written with the next chance.
func TestAnswerWaitsForTheDisk(t *testing.T) {
	dir := t.TempDir()
	l, err := history.Open(t.Context(), history.Options{Dir: dir, Busy: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	id := intend(t, l, made(nil))
	db := raw(t, dir)
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	err = l.Complete(t.Context(), answered(made(nil), id, 200, "{}"))
	if err == nil || !strings.Contains(err.Error(), "another window") {
		t.Fatalf("a lock is told as %v", err)
	}
	db.Exec("ROLLBACK")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if e, err := open(t, dir).Get(t.Context(), id); err != nil || e.State != history.Finished {
		t.Errorf("the answer is lost: %s %v", e.State, err)
	}
}

// After one wait for another window in vain the next write does not wait as long; one that gets through ends that.
func TestWritesWaitOnce(t *testing.T) {
	dir := filled(t, 1)
	l, err := history.Open(t.Context(), history.Options{Dir: dir, Busy: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	waits := func() string {
		ms, err := l.Pragma(t.Context(), "busy_timeout")
		if err != nil {
			t.Fatal(err)
		}
		return ms
	}
	db := raw(t, dir)
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := l.Intend(t.Context(), made(nil)); err == nil || !strings.Contains(err.Error(), "another window") {
			t.Fatalf("a lock is told as %v", err)
		}
		if got := waits(); got != "100" {
			t.Errorf("the next write waits %s ms", got)
		}
	}
	db.Exec("ROLLBACK")
	id := intend(t, l, made(nil))
	if got := waits(); got != "200" {
		t.Errorf("after a write the next one waits %s ms", got)
	}
	db.Exec("BEGIN IMMEDIATE")
	if err := l.Complete(t.Context(), answered(made(nil), id, 200, "{}")); err == nil {
		t.Fatal("it was written")
	}
	db.Exec("ROLLBACK")
	intend(t, l, made(func(x *flows.Exchange) { x.IdempotencyKey = "next" }))
	if e, err := l.Get(t.Context(), id); err != nil || e.State != history.Finished || waits() != "200" {
		t.Errorf("the answer reads %s, %v", e.State, err)
	}
}

// What is deleted is gone from the file and from its journal.
func TestDeletedIsGone(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	id := intend(t, l, made(nil))
	l.Complete(t.Context(), answered(made(nil), id, 200, `{"value":"CNRY-deleted-0123456789"}`))
	l.SetNote(t.Context(), id, "CNRY-noted-0123456789")
	canaries := map[string]string{"body": "CNRY-deleted-0123456789", "note": "CNRY-noted-0123456789"}
	if len(scan(t, dir, canaries)) == 0 {
		t.Fatal("the control fails: nothing is there to be deleted")
	}
	if n, err := l.Delete(t.Context(), id); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	if found := scan(t, dir, map[string]string{"body": "CNRY-deleted-0123456789", "word": "deleted", "note": "CNRY-noted-0123456789"}); len(found) > 0 {
		t.Errorf("found %q", found)
	}
	if _, err := l.Delete(t.Context(), id); !errors.Is(err, history.ErrNoEntry) {
		t.Errorf("deleting it again: %v", err)
	}
	sending := intend(t, l, made(nil))
	if _, err := l.Delete(t.Context(), sending); err == nil {
		t.Error("what is being sent was deleted")
	}
}

// Retention takes the oldest first, by age and by size, and never what is under way or unknown.
func TestPurge(t *testing.T) {
	dir := filled(t, 30)
	now := made(nil).Started
	l, err := history.Open(t.Context(), history.Options{Dir: dir, Now: func() time.Time { return now.Add(48 * time.Hour) }, Keep: history.Retention{Size: 20_000}})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	under := intend(t, l, made(func(x *flows.Exchange) { x.IdempotencyKey = "under way" }))
	n, err := l.Purge(t.Context())
	if err != nil || n == 0 || n >= 30 {
		t.Fatalf("%d went, %v", n, err)
	}
	if _, err := l.Get(t.Context(), "1"); !errors.Is(err, history.ErrNoEntry) {
		t.Error("the oldest is still there")
	}
	if _, err := l.Get(t.Context(), "30"); err != nil {
		t.Error("the newest went")
	}
	l.Close()
	l, _ = history.Open(t.Context(), history.Options{Dir: dir, Now: func() time.Time { return now.Add(48 * time.Hour) }, Keep: history.Retention{Age: 24 * time.Hour}})
	defer l.Close()
	if m, err := l.Purge(t.Context()); err != nil || m != 30-n {
		t.Errorf("%d went by age, want %d, %v", m, 30-n, err)
	}
	if _, err := l.Get(t.Context(), under); err != nil {
		t.Errorf("what was under way went: %v", err)
	}
}
