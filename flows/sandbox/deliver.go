package sandbox

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxSideHeader keeps the side channel within the header limits of common clients. The Event has everything.
const maxSideHeader = 8 << 10

// hostileBody is what a careless terminal program obeys: an unterminated OSC 52, conceal, carriage return, C1 and
// bidirectional controls.
const hostileBody = "{\"detail\":\"\x1b]52;c;aGFybWxlc3M=\n\x1b[8mhidden\x1b[2J Amount: 999\rAmount: 1 \u009b31m \u202egnp.exe\u2066 \xff\"}"

// delivery is an answer on its way out, with the fault that befalls it.
type delivery struct {
	fault  string
	now    time.Time
	answer answer
	event  *Event
	last   bool // the connection cannot be used again
}

// send writes the answer, and reports the event before the client can have all of it.
func (d *delivery) send(w http.ResponseWriter, r *http.Request, report func(Event)) {
	fields, body := d.fields(), d.answer.body
	if d.fault == failHalf {
		body = body[:len(body)/2]
	}
	e := d.event
	if d.fault != failDrop && d.fault != failStall {
		e.Status, e.ResponseHeader, e.ResponseBody = d.answer.status, fields, bytes.Clone(body)
	}
	report(*e)
	switch d.fault {
	case failStall:
		<-r.Context().Done() // the client left, or the sandbox closes
		panic(http.ErrAbortHandler)
	case failDrop:
		panic(http.ErrAbortHandler)
	}
	for _, f := range fields {
		w.Header()[f.Name] = append(w.Header()[f.Name], f.Value)
	}
	w.WriteHeader(d.answer.status)
	w.Write(body) // an error means that the client left, which is its business
	if d.fault == failHalf {
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// fields are the header lines of the answer, in a fixed order.
func (d *delivery) fields() []HeaderField {
	fields := []HeaderField{{"Date", d.now.UTC().Format(http.TimeFormat)}}
	if d.answer.kind != "" {
		fields = append(fields, HeaderField{"Content-Type", d.answer.kind})
	}
	if d.answer.status != http.StatusNoContent {
		fields = append(fields, HeaderField{"Content-Length", strconv.Itoa(len(d.answer.body))})
	}
	if d.last {
		fields = append(fields, HeaderField{"Connection", "close"})
	}
	return append(append(fields, d.answer.header...), sideChannel(d.event, d.answer.problem)...)
}

// sideChannel tells the client's developer, beside the partner's words, which check failed and what was expected. It
// carries no secret: details name fields, and a canonical string holds only what the client sent.
func sideChannel(e *Event, problem string) (fields []HeaderField) {
	if problem != "" {
		fields = append(fields, HeaderField{"Sandbox-Check", failedCheck(e.Checks)}, HeaderField{"Sandbox-Detail", ascii(problem)})
		expected := base64.StdEncoding.EncodeToString(e.Expected)
		if expected != "" && len(expected) <= maxSideHeader {
			fields = append(fields, HeaderField{"Sandbox-Expected", expected})
		}
	}
	if e.Note != "" {
		fields = append(fields, HeaderField{"Sandbox-Note", ascii(e.Note)})
	}
	return fields
}

func failedCheck(checks []Check) string {
	for _, c := range checks {
		if !c.OK && !c.Skipped {
			return c.Name
		}
	}
	return ""
}

// ascii makes text fit for a header line: printable ASCII, at most 1 KiB.
func ascii(s string) string {
	mapped := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
	return mapped[:min(len(mapped), 1024)]
}
