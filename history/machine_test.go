package history_test

import (
	"errors"
	"fmt"
	"testing"

	"countersign/flows"
	"countersign/history"

	"pgregory.net/rapid"
)

// Any order of intents, answers, lost answers, closed and reopened windows keeps these: an operation is under way at most once,
// an answer that was acknowledged stays, what a window left behind reads unknown and holds nothing up.
func TestLedgerMachine(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		windows := [2]*history.Log{open(t, dir), open(t, dir)}
		type sent struct {
			key    string
			window int
			x      flows.Exchange
		}
		under := map[string]sent{}             // by id
		want := map[string]history.State{}     // by id
		busy := func(key string) (id string) { // the entry that holds an operation
			for id, s := range under {
				if s.key == key {
					return id
				}
			}
			return ""
		}
		anySent := func(rt *rapid.T) string {
			ids := []string{}
			for i := 1; i <= len(want); i++ {
				if _, ok := under[fmt.Sprint(i)]; ok {
					ids = append(ids, fmt.Sprint(i))
				}
			}
			if len(ids) == 0 {
				rt.Skip("nothing is under way")
			}
			return rapid.SampledFrom(ids).Draw(rt, "id")
		}
		rt.Repeat(map[string]func(*rapid.T){
			"intend": func(rt *rapid.T) {
				w, key := rapid.IntRange(0, 1).Draw(rt, "window"), rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "key")
				x := made(func(x *flows.Exchange) { x.IdempotencyKey = key })
				id, err := windows[w].Intend(rt.Context(), x)
				var told *flows.Error
				if holder := busy(key); holder != "" {
					if !errors.As(err, &told) || told.Kind != flows.KindUsage {
						rt.Fatalf("%s is under way as %s, and was intended again: %v", key, holder, err)
					}
					return
				}
				if err != nil {
					rt.Fatal(err)
				}
				x.ID = id
				under[id], want[id] = sent{key, w, x}, history.Sending
			},
			"complete": func(rt *rapid.T) {
				id := anySent(rt)
				s := under[id]
				if err := windows[s.window].Complete(rt.Context(), answered(s.x, id, 200, `{"ok":true}`)); err != nil {
					rt.Fatal(err)
				}
				delete(under, id)
				want[id] = history.Finished
			},
			"no answer": func(rt *rapid.T) {
				id := anySent(rt)
				s := under[id]
				s.x.Outcome = flows.OutcomeUnknown
				if err := windows[s.window].Complete(rt.Context(), s.x); err != nil {
					rt.Fatal(err)
				}
				delete(under, id)
				want[id] = history.Unknown
			},
			"reopen": func(rt *rapid.T) {
				w := rapid.IntRange(0, 1).Draw(rt, "window")
				windows[w].Close()
				windows[w] = open(t, dir)
				for id, s := range under {
					if s.window == w {
						delete(under, id)
						want[id] = history.Unknown
					}
				}
			},
			"": func(rt *rapid.T) {
				for id, state := range want {
					for _, l := range windows {
						if e, err := l.Get(rt.Context(), id); err != nil || e.State != state {
							rt.Fatalf("entry %s reads %s, want %s, %v", id, e.State, state, err)
						}
					}
				}
			},
		})
	})
}
