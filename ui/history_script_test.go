package ui_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"countersign/history"
)

// withHistory gives a world a real history in a directory, on its clock.
func (w *world) withHistory(t testing.TB, dir string) *history.Log {
	t.Helper()
	log, err := history.Open(context.Background(), history.Options{Dir: dir, Now: w.clock.Now, Rand: &counter{}, Keep: w.kept})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	w.deps.History, w.deps.Runner.Ledger = log, log
	return log
}

// history does the commands of a script about the history:
//
//	history             keep one, from here on (before anything else)
//	restart             end the program and begin it anew, on the same history
//	file NAME "TEXT"    a file of the working directory that was written and holds the text
//	put NAME "TEXT"     a file in the working directory
//	garble              overwrite the database with something else
//	newer               what a newer version of the program left behind
//	retain AGE          keep no longer than that, from the next restart on
func (s *script) history(name, rest string) bool {
	switch name {
	case "history":
		s.world.deps.Home = s.t.TempDir()
		s.t.Chdir(s.world.deps.Home)
		s.world.withHistory(s.t, "history")
	case "restart":
		s.driver().idle()
		if err := s.world.deps.History.Close(); err != nil {
			s.t.Fatalf("%s: %v", s.where, err)
		}
		s.world.withHistory(s.t, "history")
		s.d = nil
	case "file":
		file, want, _ := strings.Cut(rest, " ")
		text, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(text), s.unquote(want)) {
			s.t.Errorf("%s: %v in %s", s.where, err, text)
		}
	case "put":
		file, text, _ := strings.Cut(rest, " ")
		if err := os.WriteFile(file, []byte(s.unquote(text)), 0o600); err != nil {
			s.t.Fatalf("%s: %v", s.where, err)
		}
	case "garble":
		if err := os.MkdirAll("history", 0o700); err != nil {
			s.t.Fatalf("%s: %v", s.where, err)
		}
		if err := os.WriteFile("history/history.db", []byte(strings.Repeat("this is no database ", 400)), 0o600); err != nil {
			s.t.Fatalf("%s: %v", s.where, err)
		}
	case "retain":
		age, err := time.ParseDuration(rest)
		if err != nil {
			s.t.Fatalf("%s: %v", s.where, err)
		}
		s.world.kept.Age = age
	case "newer":
		if err := s.newer(); err != nil {
			s.t.Fatalf("%s: %v", s.where, err)
		}
	default:
		return false
	}
	return true
}

// newer gives the database a version that this program does not know.
func (s *script) newer() error {
	if err := s.world.deps.History.Close(); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", "history/history.db")
	if err != nil {
		return err
	}
	_, err = db.Exec("PRAGMA user_version = 99")
	return errors.Join(err, db.Close())
}
