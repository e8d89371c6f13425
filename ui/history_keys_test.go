package ui

import (
	"testing"

	"countersign/flows"
)

// In the view a key means one thing, and what can't be done says why, also when there is no history at all.
func TestHistoryKeys(t *testing.T) {
	m := New(Deps{Providers: flows.All(), Runner: &flows.Runner{}, Strict: true})
	taken := map[string]string{}
	for _, b := range m.history.keys() {
		name := b.key.Help().Desc
		for _, k := range b.key.Keys() {
			if other, twice := taken[k]; twice {
				t.Errorf("%s means %s and %s", k, other, name)
			}
			taken[k] = name
		}
		if b.group == pastKeys && name != "close" && name != "search" && name != "import" && name != "read anew" && b.why(m) == "" {
			t.Errorf("%s can be used although there is no entry", name)
		}
	}
	for _, b := range m.here() {
		if b.key.Help().Desc == "history" && b.why(m) == "" {
			t.Error("the view can be opened although no history is kept")
		}
	}
}
