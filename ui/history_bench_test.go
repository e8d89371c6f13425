package ui_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// hundredThousand is the view of a history of about a hundred thousand entries: one that was written, doubled in the file.
func hundredThousand(b *testing.B) *driver {
	b.Helper()
	const written, doublings = 200, 9
	d, dir := long(b, written)
	if err := d.deps.History.Close(); err != nil {
		b.Fatal(err)
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, "history.db"))
	if err != nil {
		b.Fatal(err)
	}
	c, err := db.Conn(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	do := func(statement string, args ...any) {
		if _, err := c.ExecContext(context.Background(), statement, args...); err != nil {
			b.Fatal(statement, err)
		}
	}
	do("BEGIN")
	for n := range doublings {
		for _, table := range []string{"entry", "record"} {
			do("CREATE TEMP TABLE more AS SELECT * FROM main." + table)
			do("UPDATE more SET id = id + ?", written<<n)
			do("INSERT INTO main." + table + " SELECT * FROM more")
			do("DROP TABLE more")
		}
	}
	do("COMMIT")
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	d.withHistory(b, dir)
	fresh := newDriver(d.world)
	fresh.send(tea.WindowSizeMsg{Width: 120, Height: 40})
	return fresh
}

// A key in the view, and the frame that it gives: what was found is not walked through.
func BenchmarkHistoryKey(b *testing.B) {
	d := hundredThousand(b)
	d.pressed("H")
	keys := []tea.KeyPressMsg{keyPress("down"), keyPress("pgdown"), keyPress("up"), keyPress("home")}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		d.model.Update(keys[i%len(keys)])
		d.model.View()
		i++
	}
}

// Opening the view: the key, the first page, the first entry, the frame.
func BenchmarkHistoryOpen(b *testing.B) {
	d := hundredThousand(b)
	d.pressed("H esc")
	for b.Loop() {
		d.pressed("H")
		d.model.View()
		d.pressed("esc")
	}
}

// A page further down, read from the file.
func BenchmarkHistoryPage(b *testing.B) {
	d := hundredThousand(b)
	d.pressed("H")
	for b.Loop() {
		d.pressed("pgdown")
		d.model.View()
	}
}

// From the newest entry to the oldest.
func BenchmarkHistoryEnd(b *testing.B) {
	d := hundredThousand(b)
	for b.Loop() {
		d.pressed("H R end")
		d.pressed("esc")
	}
}
