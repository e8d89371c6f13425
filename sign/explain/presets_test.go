package explain

import (
	"bytes"
	"encoding/json"
	"testing"
)

// A body in which every habit of a library shows.
const habits = `{"z":"é/<b>&'=+😀\u2028\t\u0001\"","10":1.0,"9":[1e2,0.0000001,123456789012345678901234567890,{}],"a":{},"n":null,"t":true}`

func moveOf(t *testing.T, id string) *move {
	t.Helper()
	for _, table := range tables {
		for i := range table.moves {
			if table.moves[i].id == id {
				return &table.moves[i]
			}
		}
	}
	t.Fatalf("there is no move %s", id)
	return nil
}

func resultsOf(t *testing.T, id, v string) []string {
	var all []string
	moveOf(t, id).each(&scene{scheme: Jiko}, []byte(v), func(out []byte, _ string) { all = append(all, string(out)) })
	return all
}

// encoding/json itself tells what Go writes.
func TestGoPresetsAreWhatEncodingJSONWrites(t *testing.T) {
	var m map[string]any
	if err := json.Unmarshal([]byte(habits), &m); err != nil {
		t.Fatal(err)
	}
	marshalled, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var encoded bytes.Buffer
	if err := json.NewEncoder(&encoded).Encode(m); err != nil {
		t.Fatal(err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(" "+habits+" ")); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{"json-go-map": string(marshalled), "json-go-encoder-map": encoded.String()} {
		if got := resultsOf(t, id, habits); len(got) != 1 || got[0] != want {
			t.Errorf("%s:\ngot  %s\nwant %s", id, got, want)
		}
	}
}

func TestStructPresetKeepsTheOrder(t *testing.T) {
	v := struct {
		B string  `json:"b"`
		A float64 `json:"a"`
	}{"<é>", 1}
	want, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if got := resultsOf(t, "json-go-struct", `{"b": "<é>", "a": 1.0}`); len(got) != 1 || got[0] != string(want) {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestJSONReaderKeepsWhatEncodingJSONLoses(t *testing.T) {
	for _, text := range []string{`{"b":1,"a":2,"b":3}`, `[1.00,-0,1E5,"\ud800"]`, `"A\/"`, `{"":{"":[]}}`} {
		if parseJSON([]byte(text)) == nil {
			t.Errorf("%s was not read", text)
		}
	}
	for _, text := range []string{``, `{`, `{"a"}`, `[1,]`, `01`, `1.`, `"a`, "\"\n\"", `{"a":1}x`, `nul`, "\"\xff\""} {
		if parseJSON([]byte(text)) != nil {
			t.Errorf("%s was read", text)
		}
	}
}

// FuzzJSON compares the reader with encoding/json: both accept the same texts, and what is written again means the same.
func FuzzJSON(f *testing.F) {
	f.Add(habits)
	f.Add(`[1.00,-0,1E5,"\ud800x"]`)
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<12 {
			return
		}
		n := parseJSON([]byte(text))
		if n == nil {
			return
		}
		if !json.Valid([]byte(text)) {
			t.Fatalf("%q was read, but is not JSON", text)
		}
		for _, table := range []*table{&presetMoves, &jsonMoves} {
			for i := range table.moves {
				m := &table.moves[i]
				m.each(&scene{scheme: Jiko}, []byte(text), func(out []byte, _ string) {
					if m.print != nil && m.print.debug == nil && !json.Valid(out) {
						t.Errorf("%s makes %q of %q, which is not JSON", m.id, out, text)
					}
				})
			}
		}
	})
}
