package history

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// maxDifferences bounds what is told about two bodies: the first ones explain the most.
const maxDifferences = 200

// maxDepth bounds how deep two bodies are compared; what lies deeper counts as one value.
const maxDepth = 100

// compareJSON compares two JSON texts by member. Numbers are compared as they are written: 1.0 and 1 sign differently.
// Texts that are no JSON have no differences here.
func compareJSON(a, b string) []Difference {
	x, errA := parseJSON(a)
	y, errB := parseJSON(b)
	if errA != nil || errB != nil {
		return nil
	}
	var list []Difference
	compareValue(&list, "$", x, y, 0)
	return list
}

func parseJSON(s string) (any, error) {
	if s == "" {
		return nil, nil
	}
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("text behind the value")
	}
	return v, nil
}

func compareValue(list *[]Difference, path string, a, b any, depth int) {
	if len(*list) >= maxDifferences {
		return
	}
	if depth < maxDepth {
		switch x := a.(type) {
		case map[string]any:
			if y, ok := b.(map[string]any); ok {
				compareObjects(list, path, x, y, depth+1)
				return
			}
		case []any:
			if y, ok := b.([]any); ok {
				compareArrays(list, path, x, y, depth+1)
				return
			}
		}
	}
	if u, v := written(a), written(b); u != v {
		*list = append(*list, Difference{Where: path, A: u, B: v})
	}
}

func compareObjects(list *[]Difference, path string, a, b map[string]any, depth int) {
	var names []string
	for n := range a {
		names = append(names, n)
	}
	for n := range b {
		if _, both := a[n]; !both {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	for _, n := range names {
		x, inA := a[n]
		y, inB := b[n]
		at := path + member(n)
		switch {
		case inA && inB:
			compareValue(list, at, x, y, depth)
		case inA:
			*list = append(*list, Difference{Where: at, A: written(x)})
		default:
			*list = append(*list, Difference{Where: at, B: written(y)})
		}
	}
}

func compareArrays(list *[]Difference, path string, a, b []any, depth int) {
	for i := range max(len(a), len(b)) {
		at := path + "[" + strconv.Itoa(i) + "]"
		switch {
		case i >= len(b):
			*list = append(*list, Difference{Where: at, A: written(a[i])})
		case i >= len(a):
			*list = append(*list, Difference{Where: at, B: written(b[i])})
		default:
			compareValue(list, at, a[i], b[i], depth)
		}
	}
}

// member writes the name of a member as JSONPath does (RFC 9535 section 2.5.1).
func member(name string) string {
	plain := name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return r != '_' && r < 0x80 && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) && (name[0] < '0' || name[0] > '9')
	if plain {
		return "." + name
	}
	return "[" + strconv.Quote(name) + "]"
}

func trimRoot(path string) string { return strings.TrimPrefix(strings.TrimPrefix(path, "$"), ".") }

// written is a value as JSON, without HTML escapes.
func written(v any) string {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if enc.Encode(v) != nil {
		return ""
	}
	return strings.TrimSuffix(out.String(), "\n")
}
