package history_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"countersign/flows"
	"countersign/history"
)

// filled makes a history of n entries and returns its directory.
func filled(t testing.TB, n int) string {
	t.Helper()
	dir := t.TempDir()
	l := open(t, dir)
	for i := range n {
		x := made(func(x *flows.Exchange) { x.IdempotencyKey = strconv.Itoa(i) })
		id := intend(t, l, x)
		if err := l.Complete(t.Context(), answered(x, id, 200, `{"n":`+strconv.Itoa(i)+`,"fill":"`+strings.Repeat("abcdefg ", 60)+`"}`)); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// asides are the files that were put aside.
func asides(t testing.TB, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "history.db.damaged-*"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// A damaged file is put aside and kept as it was; what can be read of it is in the new one, and a sentence says how much.
func TestDamageIsSalvaged(t *testing.T) {
	tests := []struct {
		name   string
		damage func([]byte) []byte
		least  int // entries that must be there again
	}{
		{"a page in the middle", func(b []byte) []byte {
			at := bytes.Index(b, []byte(`"idempotency_key":"60"`)) &^ 4095
			copy(b[at:], bytes.Repeat([]byte{0xaa}, 4096))
			return b
		}, 100},
		{"the second half of the header", func(b []byte) []byte { copy(b[100:], make([]byte, 300)); return b }, 0},
		{"the first bytes", func(b []byte) []byte { copy(b, make([]byte, 16)); return b }, 120},
		{"no database at all", func([]byte) []byte { return bytes.Repeat([]byte("garbage "), 4096) }, 0},
		{"cut in two", func(b []byte) []byte { return b[:len(b)/2&^4095] }, 20},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := filled(t, 120)
			path := filepath.Join(dir, "history.db")
			b, _ := os.ReadFile(path)
			broken := tt.damage(b)
			os.WriteFile(path, broken, 0o600)
			l := open(t, dir)
			got := 0
			for i := 1; i <= 120; i++ {
				if e, err := l.Get(t.Context(), strconv.Itoa(i)); err == nil && e.Exchange.IdempotencyKey == strconv.Itoa(i-1) {
					got++
				}
			}
			id := intend(t, l, made(nil)) // goes on, whatever was lost
			if _, err := l.Get(t.Context(), id); err != nil {
				t.Error(err)
			}
			kept := asides(t, dir)
			s, err := l.Status(t.Context())
			if err != nil || len(kept) == 0 || len(s.Notices) == 0 || !strings.Contains(strings.Join(s.Notices, " "), kept[0]) {
				t.Fatalf("kept %q, said %q, %v", kept, s.Notices, err)
			}
			if after, _ := os.ReadFile(kept[0]); !bytes.Equal(after, broken) {
				t.Error("what was put aside is not what was there")
			}
			if got < tt.least {
				t.Errorf("%d of 120 entries were recovered, want %d at least: %q", got, tt.least, s.Notices)
			}
			t.Logf("%d of 120: %q", got, s.Notices)
		})
	}
}

// While another window has the file open it is not moved away under it.
func TestDamageIsLeftWhileAnotherWindowUsesIt(t *testing.T) {
	dir := filled(t, 3)
	other := open(t, dir)
	if _, err := other.Get(t.Context(), "1"); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "history.db")
	os.WriteFile(path, bytes.Repeat([]byte("garbage "), 4096), 0o600)
	l := open(t, dir)
	_, err := l.Intend(t.Context(), made(nil))
	if err == nil || !strings.Contains(err.Error(), "damaged") || len(asides(t, dir)) != 0 {
		t.Errorf("got %v, %q", err, asides(t, dir))
	}
}

// Whatever bytes are changed, nothing panics, nothing is deleted, and history can be written again.
func FuzzDamage(f *testing.F) {
	dir := filled(f, 20)
	golden, err := os.ReadFile(filepath.Join(dir, "history.db"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(uint32(16), byte(0xff), uint16(1))
	f.Add(uint32(4096+100), byte(0x80), uint16(2000))
	f.Add(uint32(3*4096), byte(0x01), uint16(4096))
	f.Fuzz(func(t *testing.T, at uint32, flip byte, n uint16) {
		b := bytes.Clone(golden)
		for i := range int(n) {
			b[(int(at)+i)%len(b)] ^= flip
		}
		dir := t.TempDir()
		path := filepath.Join(dir, "history.db")
		os.WriteFile(path, b, 0o600)
		l := open(t, dir)
		q := history.Query{Words: []string{"fill"}}
		l.Find(t.Context(), q)
		l.Get(t.Context(), "7")
		_, err := l.Intend(t.Context(), made(nil))
		l.Close()
		if kept := asides(t, dir); len(kept) > 0 {
			if after, _ := os.ReadFile(kept[0]); !bytes.Equal(after, b) {
				t.Error("what was put aside was changed")
			}
		} else if _, err := os.Stat(path); err != nil {
			t.Errorf("the file is gone: %v", err)
		}
		_ = err // it may be refused; it must be told and survived
	})
}

// While one who reads meets the damage, others go on reading: they wait for the repair, and see what was saved.
func TestManyReadersMeetDamage(t *testing.T) {
	dir := filled(t, 120)
	path := filepath.Join(dir, "history.db")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(b, []byte(`"idempotency_key":"60"`)) &^ 4095
	copy(b[at:], bytes.Repeat([]byte{0xaa}, 4096))
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	l := open(t, dir)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for id := 1; id <= 120; id++ {
				if _, err := l.Get(t.Context(), strconv.Itoa(id)); err != nil && !errors.Is(err, history.ErrNoEntry) {
					t.Errorf("entry %d: %v", id, err)
				}
			}
		})
	}
	all.Wait()
	if len(asides(t, dir)) != 1 {
		t.Errorf("it was put aside %d times", len(asides(t, dir)))
	}
}
