package flows

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"countersign/sign"
)

// warnings say, before anything is sent, what the partner will probably refuse.
func warnings(r sign.Request, l Loaded, t *Token, f Frozen) []string {
	var w []string
	if t != nil && t.Facts.Expired(f.Time) {
		w = append(w, fmt.Sprintf("the token expired %s before the moment of signing", f.Time.Sub(t.Facts.Expires).Round(time.Second)))
	}
	if t != nil && t.Facts.Binding != "" && l.Certificate.Present() && t.Facts.Binding != l.Certificate.Thumbprint() {
		w = append(w, fmt.Sprintf("the token was issued to another certificate (cnf %s, loaded %s)", t.Facts.Binding, l.Certificate.Thumbprint()))
	}
	if body := r.Body.Bytes(); len(body) > 0 && hasJSONType(r) && !json.Valid(body) {
		w = append(w, "the body is not valid JSON, although Content-Type says so; it is sent as it is")
	}
	for _, h := range r.Header {
		twice := func(o sign.Header) bool { return o.By == sign.ByPerson && strings.EqualFold(o.Name, h.Name) }
		if h.By != sign.ByPerson && slices.ContainsFunc(r.Header, twice) {
			w = append(w, fmt.Sprintf("header %s goes out twice: as it was typed, and as the %s puts it", h.Name, h.By))
		}
	}
	return w
}

func hasJSONType(r sign.Request) bool {
	value, ok := r.Get("Content-Type")
	return ok && strings.Contains(strings.ToLower(value.String()), "json")
}
