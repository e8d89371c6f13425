package main

import (
	"database/sql"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
	_ "modernc.org/sqlite"
)

// aged makes entries of a history older, as if days had gone by: aged DATABASE DAYS ID ...
func aged(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: aged DATABASE DAYS ID ...")
	}
	days, err := strconv.Atoi(args[1])
	ts.Check(err)
	db, err := sql.Open("sqlite", "file:"+ts.MkAbs(args[0]))
	ts.Check(err)
	defer db.Close()
	for _, id := range args[2:] {
		result, err := db.Exec("UPDATE entry SET started = started - ? WHERE id = ?", int64(days)*86_400_000_000, id)
		ts.Check(err)
		if n, _ := result.RowsAffected(); n != 1 {
			ts.Fatalf("there is no entry %s", id)
		}
	}
}
