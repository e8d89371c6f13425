package flows

// All lists the partners, in the order of the screen. There is no registry: this is the list.
func All() []*Provider {
	return []*Provider{jiko(), jupico(), jpay(), sabika(), kuna()}
}

// Find returns the partner of that ID.
func Find(all []*Provider, id string) (*Provider, bool) {
	for _, p := range all {
		if p.ID == id {
			return p, true
		}
	}
	return nil, false
}

// embedded is the environment of the built-in sandbox; its address is known when it has started.
var embedded = Environment{Name: Embedded, Source: "made for this run"}

// text is a body of a sample.
func text(s string) *string { return &s }
