package ui

import (
	"bytes"
	"time"
	"unicode/utf8"

	"countersign/flows"
	"countersign/sign"
	"countersign/sign/untrusted"
)

// comparison puts our canonical string beside the one that the far side says it expected, and names the first
// byte that differs with where ours came from.
func comparison(x *flows.Exchange, w int) []row {
	ours, signed := x.Signed.Stage(sign.StageCanonical)
	switch {
	case x.Response == nil || x.Response.Expected == nil:
		return []row{{say(quiet, "the partner does not say what it expected")}}
	case !signed:
		return []row{{say(quiet, "nothing was signed")}}
	}
	mine, theirs := ours.Bytes(), x.Response.Expected
	if bytes.Equal(mine, theirs) {
		rows := []row{{strong(good, "✓ "), say(plain, "both sides have the same canonical string, "+plural(len(mine), "byte"))}}
		if x.Response.Error != nil {
			rows = append(rows, paragraph(say(warn, "→ "), "the difference is behind it: the key, the encoding of the signature, or what was changed after signing", ink{}, w)...)
		}
		return append(append(rows, nil), textRows(ours, w)...)
	}
	at := 0
	for at < min(len(mine), len(theirs)) && mine[at] == theirs[at] {
		at++
	}
	rows := []row{{strong(bad, "✗ "), say(plain, "they differ from byte "), strong(plain, itoa(at)), say(plain, " on")}}
	if s, ok := ours.At(at); ok {
		v := viewer{}
		rows = append(rows, append(row{say(quiet, "ours there: ")}, v.origin(s, ink{fg: originOf(s.Origin.Kind), attr: bold})...).wrapped(w)...)
	} else {
		rows = append(rows, row{say(quiet, "ours ends there; the partner expected more")})
	}
	rows = append(rows, around("ours", mine, at, w), around("expected", theirs, at, w))
	if max(len(mine), len(theirs)) > maxCompared {
		return rows
	}
	rows = append(rows, nil, row{strong(quiet, "Ours"), say(quiet, "  "+plural(len(mine), "byte"))})
	rows = append(rows, differing(mine, at, w)...)
	rows = append(rows, row{strong(quiet, "Expected"), say(quiet, "  "+plural(len(theirs), "byte"))})
	return append(rows, differing(theirs, at, w)...)
}

// maxCompared is the length up to which both texts are drawn as a whole; of longer ones only the place at which they
// differ is.
const maxCompared = 64 << 10

// around draws the neighbourhood of an offset in one row, the byte there reversed.
func around(name string, b []byte, at, w int) row {
	const column = 10
	from := max(bytes.LastIndexByte(b[:min(at, len(b))], '\n')+1, at-(w-column)/3)
	for from < at && from < len(b) && !utf8.RuneStart(b[from]) {
		from++
	}
	part := b[min(from, len(b)):min(len(b), from+4*w)]
	r := append(row{label(name, column)}, visibleLine(string(part), at-from)...)
	return r.fit(w, ink{})
}

// differing draws bytes in lines, the one at an offset reversed.
func differing(b []byte, at int, w int) []row {
	v := viewer{bytes: b, at: at, spans: []sign.Span{{Start: 0, End: len(b)}}}
	v.layout(w)
	var rows []row
	for i := range v.starts {
		line, _ := v.textRow(i, true)
		rows = append(rows, line)
	}
	if at >= len(b) {
		rows = append(rows, row{{"▏", ink{attr: reverse}}, say(quiet, " end")})
	}
	return rows
}

// sent is the request as it went over the wire, secrets masked.
func (p *responsePane) sent(x *flows.Exchange, w int) []row {
	if x.Sent.Bytes == 0 {
		return []row{{say(quiet, "nothing left this machine")}}
	}
	rows := []row{{say(quiet, plural(x.Sent.Bytes, "byte")+" in "+plural(x.Sent.Requests, "request")+" to "), say(plain, x.Remote)}}
	if x.Sent.Difference == "" {
		rows = append(rows, row{strong(good, "✓ "), say(plain, "the bytes written are the bytes signed")})
	}
	rows = append(rows, row{say(quiet, "with what the transport added; secrets masked")}, nil)
	return append(rows, prettyRows(newDocument(untrusted.From(wireBytes(x))), w)...)
}

// wireBytes is what went over the wire, without the secrets that are in it.
func wireBytes(x *flows.Exchange) []byte {
	r := x.Signed.Request
	secrets := secretParts(r.Body)
	for _, h := range r.Header {
		secrets = append(secrets, secretParts(h.Value)...)
	}
	return sentMasked(x.Sent.Raw, secrets...)
}

// tlsRows are the facts of the connection.
func tlsRows(x *flows.Exchange, now time.Time, w int) []row {
	const at = 12
	rows := entry("remote", at, row{say(plain, x.Remote)}, w)
	f := x.TLS
	if f == nil {
		return append(rows, row{say(warn, "! no TLS handshake was finished")})
	}
	rows = append(rows, entry("version", at, row{say(plain, f.Version), say(quiet, "  "+f.Cipher)}, w)...)
	for i, c := range f.Server {
		name := "server"
		if i > 0 {
			name = "signed by"
		}
		rows = append(rows, certificateRows(name, at, c, now, w)...)
	}
	switch {
	case !f.ClientAsked:
		rows = append(rows, entry("client", at, row{say(quiet, "no certificate was asked for")}, w)...)
	case f.Client == nil:
		rows = append(rows, entry("client", at, row{say(warn, "! a certificate was asked for, none was presented")}, w)...)
	default:
		rows = append(rows, certificateRows("client", at, *f.Client, now, w)...)
	}
	return rows
}

func certificateRows(name string, at int, c flows.CertificateFacts, now time.Time, w int) []row {
	rows := entry(name, at, shown(c.Subject, ink{attr: bold}), w)
	rows = append(rows, entry("", at, append(row{say(quiet, "issued by ")}, shown(c.Issuer, ink{fg: quiet})...), w)...)
	count := certificateCountdown(c.NotBefore, c.NotAfter, now)
	valid := row{say(quiet, "until "+moment(c.NotAfter, now)+", "), say(count.tone, count.sign()+count.text())}
	rows = append(rows, entry("", at, valid, w)...)
	return append(rows, entry("", at, row{say(quiet, "x5t#S256 "+c.Thumbprint)}, w)...)
}
