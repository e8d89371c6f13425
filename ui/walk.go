package ui

import (
	"slices"

	"countersign/sign"
)

// walk goes through the texts that lead to a signature: from a header back to the signature, from there to what was
// signed, and so down to a field.
type walk struct {
	stages []sign.Stage
	path   []int // where the walk came from; the last is on the screen
	viewer viewer
}

// begin takes the texts of a signed request: its stages, then the headers that signing added.
func (k *walk) begin(s sign.Signed) {
	name := ""
	if len(k.path) > 0 {
		name = k.stages[k.path[len(k.path)-1]].Name
	}
	k.stages = slices.Clone(s.Stages)
	for _, h := range addedByScheme(s.Request) {
		k.stages = append(k.stages, sign.Stage{Name: "header " + h.Name, Text: h.Value})
	}
	k.path = nil
	if name != "" {
		k.to(name)
	}
}

// to shows the text of that name, when it is there.
func (k *walk) to(name string) {
	if i := slices.IndexFunc(k.stages, func(s sign.Stage) bool { return s.Name == name }); i >= 0 {
		k.path = []int{i}
	}
}

// current is the text on the screen.
func (k *walk) current() (sign.Text, string, bool) {
	if len(k.path) == 0 {
		return sign.Text{}, "", false
	}
	s := k.stages[k.path[len(k.path)-1]]
	return s.Text, s.Name, true
}

// move moves the cursor, or walks into an earlier stage and back.
func (k *walk) move(to motion) {
	switch to {
	case inward:
		_, s, ok := k.viewer.span()
		if !ok || s.Origin.Kind != sign.Earlier {
			return
		}
		if i := slices.IndexFunc(k.stages, func(t sign.Stage) bool { return t.Name == s.Origin.Name }); i >= 0 {
			k.path = append(k.path, i)
		}
	case outward:
		if len(k.path) > 1 {
			k.path = k.path[:len(k.path)-1]
		}
	default:
		k.viewer.move(to)
	}
}

// trail is the names of the texts that the walk went through.
func (k *walk) trail() []string {
	var out []string
	for _, i := range k.path {
		out = append(out, k.stages[i].Name)
	}
	return out
}
