package ui

import (
	"slices"
	"strings"

	"countersign/flows"
	"countersign/sign"
	"countersign/sign/untrusted"
)

// requestRows draws a request as it goes out, secrets masked: each header with who put it there.
func requestRows(r sign.Request, w int) []row {
	line := append(typed(r.Method+" ", ink{fg: originOf(sign.Method), attr: bold}), typed(r.Path, ink{fg: originOf(sign.Path)})...)
	line = append(line, typed(r.Query, ink{fg: originOf(sign.Query)})...)
	rows := []row{line, append(row{say(quiet, "Host: ")}, typed(r.Authority, ink{})...)}
	for _, h := range r.Header {
		rows = append(rows, spread(headerRow(h), row{say(quiet, h.By.String())}, w, ink{}))
	}
	if !r.Body.Present() {
		return append(rows, row{say(quiet, "no body")})
	}
	rows = append(rows, row{say(quiet, "body: "+plural(r.Body.Len(), "byte"))})
	return append(rows, textRows(r.Body, w)...)
}

// headerRow is a header with its value in the colours of its origins.
func headerRow(h sign.Header) row {
	out := append(typed(h.Name, ink{fg: member}), say(quiet, ": "))
	return append(out, colored(h.Value)...)
}

// colored draws a text in one line, each part in the colour of its origin.
func colored(t sign.Text) row {
	m := t.Masked()
	b := m.Bytes()
	var out row
	for _, s := range m.Spans() {
		for at := s.Start; at < s.End; {
			g, size, _ := glyph(b[at:])
			k := ink{fg: originOf(s.Origin.Kind)}
			if n := len(out); n > 0 && out[n-1].ink == k {
				out[n-1].text += g
			} else {
				out = append(out, bit{g, k})
			}
			at += size
		}
	}
	return out
}

// textRows draws a text in lines, wrapped, each part in the colour of its origin.
func textRows(t sign.Text, w int) []row {
	const most = 64 << 10
	if t.Len() > most {
		return []row{{say(quiet, "too long to be drawn here: "+plural(t.Len(), "byte"))}}
	}
	v := viewer{}
	v.show(t, false)
	if len(v.bytes) == 0 {
		return nil
	}
	v.layout(w)
	v.at = -1
	var rows []row
	for i := range v.starts {
		line, _ := v.textRow(i, false)
		rows = append(rows, line)
	}
	return rows
}

// answerRows draws an answer in short: status, the partner's error, headers, body.
func answerRows(x *flows.Exchange, w int) []row {
	rows := []row{statusRow(x)}
	if x.Response == nil {
		return rows
	}
	rows = append(rows, headerRows(x.Response.Header)...)
	if x.Response.Body.Empty() {
		return append(rows, row{say(quiet, "no body")})
	}
	return append(append(rows, nil), prettyRows(newDocument(x.Response.Body), w)...)
}

// headerRows draws the headers of an answer in the order in which they came.
func headerRows(list []flows.ResponseHeader) []row {
	rows := make([]row, 0, len(list))
	for _, h := range list {
		r := append(shown(h.Name, ink{fg: member}), say(quiet, ": "))
		rows = append(rows, append(r, shown(h.Value, ink{})...))
	}
	return rows
}

// statusRow is what came of an exchange: status, size and time; or what is known when there is no answer.
func statusRow(x *flows.Exchange) row {
	if x.Response == nil {
		sign, t := "✗", bad
		if x.Outcome == flows.OutcomeUnknown {
			sign, t = "?", warn
		}
		return row{strong(t, sign+" "+strings.ToUpper(string(x.Outcome)))}
	}
	res := x.Response
	sign, t := "✓", good
	if res.Error != nil || x.Err != nil {
		sign, t = "✗", bad
	}
	out := row{strong(t, sign+" "+itoa(res.Status)+" ")}
	reason := shown(res.Reason, ink{fg: t, attr: bold})
	out = append(append(out, reason...), say(quiet, "  "))
	out = append(out, shown(untrusted.From(res.Proto), ink{fg: quiet})...)
	return append(out, say(quiet, "  "+plural(res.Size, "byte")+" in "+brief(x.Timing.Total)))
}

// addedByScheme are the headers that signing put on the request.
func addedByScheme(r sign.Request) []sign.Header {
	return slices.DeleteFunc(slices.Clone(r.Header), func(h sign.Header) bool { return h.By != sign.ByScheme })
}
