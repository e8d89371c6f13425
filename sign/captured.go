package sign

import (
	"fmt"
	"strings"
)

// Pair is a header field as it was captured.
type Pair struct{ Name, Value string }

// Captured is a request as somebody else sent it: pasted, imported, or received by the sandbox.
// Everything in it is text from outside and may be wrong or hostile.
type Captured struct {
	Method    string
	Scheme    string // "https" when the capture says so, else ""
	Authority string // from the Host header or the URL; "" when unknown
	Target    string // path and query as they stand in the request line
	Header    []Pair
	Body      []byte
	HasBody   bool // false: the capture has no body, or does not tell
}

// Format writes method and sizes for every verb: header and body may hold somebody's credentials.
func (c Captured) Format(f fmt.State, _ rune) {
	fmt.Fprintf(f, "[captured %.20q, %d fields, body of %d bytes]", c.Method, len(c.Header), len(c.Body))
}

// Get returns the value of the first header of that name, in any case.
func (c Captured) Get(name string) (string, bool) {
	for _, p := range c.Header {
		if strings.EqualFold(p.Name, name) {
			return p.Value, true
		}
	}
	return "", false
}

// Path is the target up to the query.
func (c Captured) Path() string {
	path, _, _ := strings.Cut(c.Target, "?")
	return path
}

// Query is the rest of the target, with its "?"; "" when there is none.
func (c Captured) Query() string { return c.Target[len(c.Path()):] }
