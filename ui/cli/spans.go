package cli

import (
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"

	"countersign/sign"
	"countersign/sign/untrusted"
)

// printSpans prints a text part by part: letter, offsets, bytes with the invisible ones made visible, origin, rules.
// A text of bytes that are no characters is printed in hex. Secret parts are masked; offsets are those of the masked text.
func printSpans(p *page, t sign.Text) {
	t = t.Masked()
	bytes, binary := t.Bytes(), !utf8.Valid(t.Bytes())
	rows := p.table(4)
	for _, s := range t.Spans() {
		part := bytes[s.Start:s.End]
		text := untrusted.From(part).String()
		switch {
		case len(part) == 0:
			text = "(nothing)"
		case binary:
			text = "hex " + hex.EncodeToString(part)
		}
		origin := untrusted.From(s.Origin.String()).String()
		if len(s.Rules) > 0 {
			origin += ": " + strings.Join(s.Rules, ", ")
		}
		if s.Note != "" {
			origin += " (" + s.Note + ")"
		}
		rows.row(string(s.Origin.Kind.Letter()), fmt.Sprintf("%d-%d", s.Start, s.End), text, origin)
	}
	rows.end()
}
