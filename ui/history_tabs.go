package ui

import (
	"strings"
	"time"

	"countersign/flows"
	"countersign/history"
	"countersign/sign"
	"countersign/sign/untrusted"
)

// entryLabel is the width of the labels.
const entryLabel = 13

// make draws a tab. The body of the answer is not in it: only the lines of it that are seen are drawn.
func (d *entryDetail) make(w int) []row {
	x := &d.entry.Exchange
	switch d.tab {
	case onToken:
		return tokenRows(*d.entry, w)
	case onCanonical:
		return append([]row{{say(quiet, "nothing was signed")}, nil}, requestRows(x.Signed.Request, w)...)
	case onSignature:
		return signatureRows(x.Signed, w)
	case onResponse:
		return d.answer(x, w)
	case onSent:
		return sentRows(*d.entry, w)
	case onConnection:
		return append(append(timingRows(x.Timing, w), d.clock(x, w)...), tlsRows(x, x.Started, w)...)
	}
	return d.overview(w)
}

// tokenRows are the facts of the token.
func tokenRows(e history.Entry, w int) []row {
	f := e.Exchange.Token
	if f == nil {
		return []row{{say(quiet, "no token took part")}}
	}
	kind := append(typed(f.Type+" "+f.Format, ink{attr: bold}), bit{"  ", ink{}})
	if !f.Algorithm.Empty() {
		kind = append(append(kind, say(quiet, "alg ")), shown(f.Algorithm, ink{})...)
	}
	rows := entry("type", entryLabel, kind, w)
	rows = append(rows, entry("obtained by", entryLabel, typed(string(f.Obtained), ink{}), w)...)
	rows = append(rows, entry("expires", entryLabel, lifeOf(f, e.Exchange.Started), w)...)
	if f.Source != "" {
		rows = append(rows, entry("read from", entryLabel, typed(f.Source, ink{fg: quiet}), w)...)
	}
	if f.Binding != "" {
		same := row{strong(bad, "✗ "), say(plain, "not the certificate that was presented")}
		if f.Binding == e.Exchange.ClientKey {
			same = row{strong(good, "✓ "), say(plain, "the certificate that was presented")}
		}
		rows = append(rows, entry("bound to", entryLabel, typed(f.Binding, ink{}), w)...)
		rows = append(rows, entry("", entryLabel, same, w)...)
	}
	if f.Fingerprint != "" {
		rows = append(rows, entry("token", entryLabel, row{say(plain, "•••••• "), say(quiet, "#"+untrusted.From(strings.TrimPrefix(f.Fingerprint, "#")).String())}, w)...)
	}
	for _, r := range f.Remarks {
		rows = append(rows, paragraph(strong(warn, "! "), r, ink{fg: warn}, w)...)
	}
	if !f.Claims.Empty() {
		rows = append(rows, nil, row{strong(quiet, "Claims"), say(quiet, "  read from the token, not verified")})
		rows = append(rows, prettyRows(newDocument(f.Claims), w)...)
	}
	return rows
}

// lifeOf is what was left of a token when it was sent.
func lifeOf(f *flows.TokenFacts, at time.Time) row {
	if f.Expires.IsZero() {
		return row{say(quiet, "unknown: the answer does not say")}
	}
	end := say(plain, f.Expires.UTC().Format("2006-01-02 15:04:05")+" UTC  ")
	if f.Expired(at) {
		return row{end, strong(bad, "✗ it had expired")}
	}
	return row{end, say(good, "✓ "), say(quiet, remaining(f.Expires.Sub(at))+" were left")}
}

// signatureRows are algorithm, key, and every text behind the signature.
func signatureRows(s sign.Signed, w int) []row {
	if s.Algorithm == "" && len(s.Stages) == 0 {
		return []row{{say(quiet, "nothing was signed")}}
	}
	var rows []row
	if s.Algorithm != "" {
		rows = entry("algorithm", entryLabel, typed(s.Algorithm, ink{attr: bold}), w)
	}
	if s.KeyName != "" {
		value := typed(s.KeyName, ink{fg: originOf(sign.Key), attr: bold})
		rows = append(rows, entry("key", entryLabel, append(append(value, bit{"  ", ink{}}), typed(s.KeyID, ink{fg: quiet})...), w)...)
	}
	for _, h := range addedByScheme(s.Request) {
		name := typed(h.Name, ink{fg: member, attr: bold})
		if carries(h, s) == 1 {
			name = append(name, say(quiet, "  carries the signature"))
		}
		rows = append(append(rows, nil, name), textRows(h.Value, w)...)
	}
	for _, stage := range s.Stages {
		if stage.Name == sign.StageCanonical {
			continue
		}
		rows = append(append(rows, nil, row{strong(quiet, stage.Name), say(quiet, "  "+plural(stage.Text.Len(), "byte"))}), textRows(stage.Text, w)...)
	}
	return rows
}

// answer is what stands above the body of the answer.
func (d *entryDetail) answer(x *flows.Exchange, w int) []row {
	rows := d.outcome(w)
	if x.Response == nil {
		return rows
	}
	rows = append(append(rows, nil), headerRows(x.Response.Header)...)
	for i := range rows {
		rows[i] = rows[i].fit(w, ink{})
	}
	if x.Response.Expected != nil {
		rows = append(append(rows, nil, row{strong(quiet, "The canonical string that the partner expected")}), comparison(x, w)...)
	}
	if n := d.entry.BodyCut; n > 0 {
		rows = append(rows, row{say(warn, "! "+plural(n, "byte")+" of the body were not kept")})
	}
	return append(rows, nil)
}

// sentRows are the request as it was sent.
func sentRows(e history.Entry, w int) []row {
	x := &e.Exchange
	var rows []row
	switch {
	case x.Sent.Bytes == 0:
		rows = append(rows, row{say(quiet, "nothing left this machine; this is what would have been sent")})
	case x.Sent.Difference == "":
		rows = append(rows, row{strong(good, "✓ "), say(plain, plural(x.Sent.Bytes, "byte")+" left, and they were the bytes signed")})
	default:
		rows = append(rows, paragraph(strong(bad, "✗ "), "what was sent is not what was signed: "+x.Sent.Difference, ink{}, w)...)
	}
	return append(append(rows, nil), requestRows(x.Signed.Request, w)...)
}
