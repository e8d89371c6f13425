package history_test

import (
	"bufio"
	"context"
	"database/sql"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"countersign/flows"
	"countersign/history"
)

// childMode makes this test binary a program that works on a history until it is killed.
const childMode = "COUNTERSIGN_HISTORY_CHILD"

func TestMain(m *testing.M) {
	if mode := os.Getenv(childMode); mode != "" {
		child(mode, os.Getenv("COUNTERSIGN_HISTORY_DIR"))
		return
	}
	flag.Parse()
	if f := flag.Lookup("rapid.checks"); f != nil && f.Value.String() == f.DefValue {
		f.Value.Set("20") // each step waits for the disk
	}
	os.Exit(m.Run())
}

// child writes, exports or upgrades, and says on its output what was acknowledged.
func child(mode, dir string) {
	ctx := context.Background()
	if at, ok := strings.CutPrefix(mode, "upgrade "); ok {
		upgradingChild(ctx, dir, at)
		return
	}
	l, err := history.Open(ctx, history.Options{Dir: dir})
	for i := 0; err == nil; i++ {
		x := made(func(x *flows.Exchange) { x.IdempotencyKey = fmt.Sprintf("%d-%d", os.Getpid(), i) })
		var id string
		if id, err = l.Intend(ctx, x); err != nil {
			break
		}
		fmt.Println("intended", id)
		if mode == "hang" {
			select {}
		}
		if err = l.Complete(ctx, answered(x, id, 200, strings.Repeat("x", rand.IntN(20_000)))); err != nil {
			break
		}
		fmt.Println("completed", id)
		if mode == "count" && i == 49 {
			l.Close()
			return
		}
		if mode == "export" {
			e, _ := l.Get(ctx, id)
			var f history.Export
			if f, err = l.Export(ctx, []history.Entry{e}, history.CaseFile, history.ExportOptions{}); err == nil {
				err = history.WriteFile(filepath.Join(dir, "case.txt"), f.Text, true)
			}
		}
	}
	fmt.Println("error", err)
	os.Exit(1)
}

// start runs a child and returns its output, line by line.
func start(t testing.TB, mode, dir string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), childMode+"="+mode, "COUNTERSIGN_HISTORY_DIR="+dir)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill(); c.Wait() })
	return c, bufio.NewScanner(out)
}

// Killed again and again at a random point, in a write or an export, it loses no row that was acknowledged.
func TestKilledItLosesNothing(t *testing.T) {
	dir := t.TempDir()
	want := map[string]string{}
	for round := range 12 {
		c, lines := start(t, []string{"write", "export"}[round%2], dir)
		until := 1 + rand.IntN(60)
		for n := 0; lines.Scan(); n++ { // what is in the pipe was acknowledged, also when it is read after the kill
			what, id, _ := strings.Cut(lines.Text(), " ")
			if what == "error" {
				t.Fatal(lines.Text())
			}
			want[id] = what
			if n == until {
				c.Process.Kill()
			}
		}
		c.Wait()
	}
	checkIntegrity(t, dir)
	l := open(t, dir)
	for id, what := range want {
		e, err := l.Get(t.Context(), id)
		if err != nil {
			t.Fatalf("entry %s, %s: %v", id, what, err)
		}
		if what == "completed" && (e.State != history.Finished || e.Exchange.Response == nil) || what == "intended" && e.State == history.Sending {
			t.Errorf("entry %s was %s and reads %s", id, what, e.State)
		}
	}
	if b, err := os.ReadFile(filepath.Join(dir, "case.txt")); err == nil {
		if _, err := history.ReadCase("case.txt", b); err != nil {
			t.Errorf("half an export: %v", err)
		}
	}
	if len(want) < 20 {
		t.Fatalf("only %d rows were acknowledged", len(want))
	}
}

func checkIntegrity(t testing.TB, dir string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "history.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var ok string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&ok); err != nil || ok != "ok" {
		t.Fatalf("integrity: %s %v", ok, err)
	}
	if _, err := db.Exec("INSERT INTO words (words) VALUES ('integrity-check')"); err != nil {
		t.Fatalf("integrity of the words: %v", err)
	}
}

// What a window that was killed left under way reads as unknown, with three ways on; a window that lives holds it.
func TestOutcomeUnknownAfterACrash(t *testing.T) {
	dir := t.TempDir()
	c, lines := start(t, "hang", dir)
	if !lines.Scan() {
		t.Fatal("the child says nothing")
	}
	_, id, _ := strings.Cut(lines.Text(), " ")
	l := open(t, dir)
	if e, err := l.Get(t.Context(), id); err != nil || e.State != history.Sending || len(e.Ways()) != 0 {
		t.Fatalf("under way it reads %s, %v", e.State, err)
	}
	c.Process.Kill()
	c.Wait()
	e, err := l.Get(t.Context(), id)
	if err != nil || e.State != history.Unknown || e.Exchange.Outcome != flows.OutcomeUnknown {
		t.Fatalf("after the crash it reads %s, %v", e.State, err)
	}
	if ways := e.Ways(); len(ways) != 3 {
		t.Errorf("ways on: %v", ways)
	}
	if list := find(t, l, "state:unknown outcome:unknown"); len(list) != 1 || list[0].ID != id {
		t.Errorf("found %v", list)
	}
	if err := l.MarkResolved(t.Context(), id, "the partner confirms that it was paid"); err != nil {
		t.Fatal(err)
	}
	if e, _ = l.Get(t.Context(), id); e.State != history.Resolved || e.Resolution.Raw() == "" {
		t.Errorf("resolved it reads %s %q", e.State, e.Resolution)
	}
	if err := l.MarkResolved(t.Context(), id, " "); err == nil {
		t.Error("it was resolved without a word")
	}
}

// Two programs write at once, and nothing of either is missing.
func TestTwoProgramsAtOnce(t *testing.T) {
	dir := t.TempDir()
	c1, l1 := start(t, "count", dir)
	c2, l2 := start(t, "count", dir)
	for _, lines := range []*bufio.Scanner{l1, l2} {
		for lines.Scan() {
			if strings.HasPrefix(lines.Text(), "error") {
				t.Error(lines.Text())
			}
		}
	}
	if err1, err2 := c1.Wait(), c2.Wait(); err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	l := open(t, dir)
	q, _ := history.ParseQuery("status:200", time.Now())
	q.Limit = 1000
	if page, err := l.Find(t.Context(), q); err != nil || len(page.Entries) != 100 {
		t.Fatalf("%d entries, %v", len(page.Entries), err)
	}
	checkIntegrity(t, dir)
}
