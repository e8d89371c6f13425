package ui

import (
	"strings"

	"countersign/flows"
	"countersign/sign/explain"
	"countersign/sign/untrusted"
)

// whyRows tell why a request was refused: what the sandbox said, which mistake explains it, and every check in order.
func (s *inboundScreen) whyRows(c *call, w int, open bool) []row {
	k := s.maskerOf(c)
	failed, refused := c.in.Failed()
	var rows []row
	switch {
	case refused:
		rows = append(rows, row{strong(bad, "✗ "+inboundStatus(c.in.Status)+"  "), say(plain, "refused by the check ")})
		rows[0] = append(rows[0], typed(failed.Name, ink{fg: bad, attr: bold})...)
		rows = append(rows, k.paragraph(bit{"  ", ink{}}, failed.Detail, ink{}, w)...)
	case c.in.Status >= 400 || c.in.Status == 0:
		rows = append(rows, row{strong(warn, "! "+inboundStatus(c.in.Status)+"  "), say(plain, "all checks passed; the refusal is about what was asked")})
	default:
		rows = append(rows, row{strong(good, "✓ "+inboundStatus(c.in.Status)+"  "), say(plain, "all checks passed")})
	}
	if words := s.wordsOf(c, k); words.cells() > 0 {
		rows = append(rows, append(row{say(quiet, "  answered ")}, words...).wrapped(w)...)
	}
	if c.own {
		rows = append(rows, row{say(quiet, "  the workbench itself sent this")})
	}
	if c.in.Note != "" {
		rows = append(rows, k.paragraph(strong(warn, "! "), c.in.Note, ink{}, w)...)
	}
	if refused {
		rows = append(rows, nil)
		rows = append(rows, s.doctorRows(c, k, w)...)
	}
	rows = append(rows, nil, row{strong(quiet, "Checks, in the order in which they ran")})
	rows = append(rows, checkRows(c.in.Checks, k, w)...)
	if refused {
		rows = append(rows, s.stringHint(c, k, w, open)...)
	}
	return rows
}

func inboundStatus(status int) string {
	if status == 0 {
		return "no answer"
	}
	return itoa(status)
}

// paragraph is [paragraph] with secrets masked.
func (k masker) paragraph(lead bit, text string, to ink, w int) []row {
	if text == "" {
		return nil
	}
	return paragraph(lead, string(k.text([]byte(text))), to, w)
}

// checkRows list the checks.
func checkRows(list []flows.Check, k masker, w int) []row {
	const at = 18
	var rows []row
	for _, c := range list {
		mark, t, name := "✓", good, plain
		switch {
		case c.Skipped:
			mark, t, name = "–", quiet, quiet
		case !c.OK:
			mark, t, name = "✗", bad, bad
		}
		lead := append(row{strong(t, mark+" ")}, typed(c.Name, ink{fg: name})...).fit(at, ink{})
		detail := string(k.text([]byte(c.Detail)))
		if c.Skipped && detail == "" {
			detail = "not reached"
		}
		for _, line := range typed(detail, ink{fg: quiet}).wrapped(max(w-at, 8)) {
			rows = append(rows, append(append(row{}, lead...), line...))
			lead = row{{spaces(at), ink{}}}
		}
	}
	return rows
}

// doctorRows tell what the search found.
func (s *inboundScreen) doctorRows(c *call, k masker, w int) []row {
	switch {
	case s.m.embedding == nil:
		return []row{{say(quiet, "the mistake is looked for when the sandbox has told its keys")}}
	case !c.in.Explainable():
		return paragraph(bit{}, "No signature, token or credential was at fault: the check's own words say all there is.", ink{fg: quiet}, w)
	case s.doctor != nil && s.doctor.call == c:
		return []row{s.searchRow(s.doctor)}
	case c.state == unsearchable:
		return k.paragraph(strong(warn, "! "), "the mistake cannot be looked for: "+c.trouble, ink{}, w)
	case c.state == notSearched:
		return []row{{say(quiet, "the mistake is not looked for yet")}}
	}
	r := c.found
	if failed, _ := c.in.Failed(); failed.Name == flows.CheckBody && r.Verdict == explain.Verifies { // what else is odd did not refuse it
		return paragraph(bit{}, "The signature verifies: the body itself was refused, and the check's own words say why.", ink{fg: quiet}, w)
	}
	var rows []row
	for i, f := range r.Findings {
		if i > 0 {
			rows = append(rows, nil)
		}
		rows = append(rows, findingRows(f, k, w)...)
	}
	switch r.Verdict {
	case explain.Verifies:
		text := "the signature verifies; the refusal has another reason"
		if len(r.Findings) > 0 {
			text = "the signature itself verifies"
		}
		rows = append(rows, row{strong(good, "✓ "), say(plain, text)})
	case explain.Unexplained:
		rows = append(rows, paragraph(strong(warn, "? "), "unexplained: nothing that was tried gives these bytes, so no cause is named", ink{}, w)...)
		for _, text := range r.Checked {
			rows = append(rows, k.paragraph(say(quiet, "  · "), text, ink{fg: quiet}, w)...)
		}
	}
	return append(rows, s.triedRows(c, w)...)
}

// triedRows say how much was excluded, and whether there is more to try.
func (s *inboundScreen) triedRows(c *call, w int) []row {
	r := c.found
	if r.Tried == 0 && r.Complete {
		return nil
	}
	var rows []row
	if r.Tried > 0 {
		rows = paragraph(bit{"  ", ink{}}, plural(r.Excluded, "other mistake")+" excluded, "+plural(r.Tried, "candidate")+" recomputed", ink{fg: quiet}, w)
	}
	if r.Complete {
		return rows
	}
	why := "the time was up before all was tried"
	if c.state == stopped {
		why = "stopped before all was tried"
	}
	return append(rows, row{say(warn, "! "), say(plain, why+"; "), strong(accent, "e"), say(plain, " searches on")})
}

// proofTones give each level of proof a ground of its own; the word is what counts.
var proofTones = map[explain.Proof]ink{
	explain.Proved:  {fg: badged, bg: badge, attr: bold},
	explain.Certain: {fg: accent, bg: chosen, attr: bold},
	explain.Likely:  {bg: chip, attr: bold},
}

// findingRows draw one mistake: how sure it is, what happened, what to change.
func findingRows(f explain.Finding, k masker, w int) []row {
	word := bit{" " + string(f.Proof) + " ", proofTones[f.Proof]}
	indent := width(word.text) + 1
	var rows []row
	for i, line := range wrap(safe(k, f.Title), max(w-indent, 8)) {
		lead := row{{spaces(indent), ink{}}}
		if i == 0 {
			lead = row{word, {" ", ink{}}}
		}
		rows = append(rows, append(lead, bit{line, ink{attr: bold}}))
	}
	for _, step := range f.Steps {
		if step == f.Title {
			continue
		}
		lead := say(quiet, "  · ")
		for line := range strings.Lines(step) {
			rows = append(rows, k.paragraph(lead, strings.TrimRight(line, "\n"), ink{}, w)...)
			lead = bit{"    ", ink{}}
		}
	}
	if f.Fix != "" {
		rows = append(rows, k.paragraph(strong(good, "→ "), f.Fix, ink{}, w)...)
	}
	if len(f.Also) > 0 {
		rows = append(rows, k.paragraph(say(quiet, "  "), "the same bytes come from: "+strings.Join(f.Also, ", "), ink{fg: quiet}, w)...)
	}
	if f.Separate != "" {
		rows = append(rows, k.paragraph(say(quiet, "  "), "to tell them apart: "+f.Separate, ink{fg: quiet}, w)...)
	}
	return append(rows, k.paragraph(say(quiet, "  "), "id: "+strings.Join(f.IDs(), " + "), ink{fg: quiet}, w)...)
}

// safe is text as it may be drawn, in one line, secrets masked.
func safe(k masker, text string) string {
	return untrusted.From(k.text([]byte(text))).String()
}

// stringHint says in short how the two strings part.
func (s *inboundScreen) stringHint(c *call, k masker, w int, open bool) []row {
	want, got, known := s.sides(c, k)
	if !known || want == nil {
		return nil
	}
	rows := []row{nil, {strong(quiet, "Canonical strings")}}
	rows = append(rows, differenceRows(want, got, w, open)...)
	return append(rows, row{strong(accent, "2"), say(quiet, " part by part")})
}
