package ui

import "countersign/sign"

// pairMargin is where the bytes of a part begin.
const pairMargin = 21

// rows draw a pair: one line when both sides agree, otherwise one below the other with the difference marked.
func (p sidePair) rows(w int, open bool) []row {
	switch {
	case p.equal():
		if p.want.span.Origin.Kind == sign.Separator {
			return nil // only one that is missing or odd is worth a line
		}
		return p.want.rows("✓", w, open)
	case p.got == nil:
		return p.want.lone("only expected", w, open)
	case p.want == nil:
		return p.got.lone("only signed", w, open)
	}
	at := firstDifference(p.want.bytes, p.got.bytes)
	rows := []row{append(p.want.name("✗", bad), say(quiet, "from its byte "+itoa(at)+" on; "+itoa(len(p.want.bytes))+" and "+plural(len(p.got.bytes), "byte")))}
	rows = append(rows, p.want.excerpt("expected", at, w, open), p.got.excerpt("signed", at, w, open))
	if a, b := p.want.made(), p.got.made(); a != b && b != "" {
		rows = append(rows, paragraph(say(quiet, "    made by  "), b, ink{fg: quiet}, w)...)
	}
	return rows
}

// made tells the rules that made the part.
func (p *piece) made() string {
	text := ""
	for _, r := range p.span.Rules {
		if text != "" {
			text += " → "
		}
		text += r
	}
	if p.span.Note != "" {
		if text != "" {
			text += ", "
		}
		text += p.span.Note
	}
	return text
}

// name is the beginning of a line about the part.
func (p *piece) name(mark string, t tone) row {
	kind := p.span.Origin.Kind
	name := p.span.Origin.String()
	if p.span.Origin == (sign.Origin{}) && p.span.Note == "" {
		name = "text"
	}
	out := row{strong(t, mark+" "), {string(rune(kind.Letter())) + " ", ink{fg: originOf(kind), attr: bold}}}
	return append(append(out, typed(name, ink{fg: originOf(kind)})...).fit(pairMargin-1, ink{}), bit{" ", ink{}})
}

// rows draw a part that needs no comparison: its beginning, and all of it when it is alone on the screen.
func (p *piece) rows(mark string, w int, open bool) []row {
	t := good
	if mark == "" {
		mark, t = " ", plain
	}
	if p.span.Len() == 0 {
		return []row{append(p.name(mark, t), say(quiet, "nothing"))}
	}
	lead := p.name(mark, t)
	lines := byteRows(p.visible(open), max(w-pairMargin, 8))
	const most = 6
	var rows []row
	for i, l := range lines {
		if i == most && mark == "✓" {
			return append(rows, row{{spaces(pairMargin), ink{}}, say(quiet, "… "+plural(len(p.bytes), "byte")+" in all, the same on both sides")})
		}
		rows = append(rows, append(append(row{}, lead...), toned(l, originOf(p.span.Origin.Kind))...))
		lead = row{{spaces(pairMargin), ink{}}}
	}
	return rows
}

// toned gives a row the colour of an origin.
func toned(r row, t tone) row {
	for i := range r {
		r[i].ink.fg = t
	}
	return r
}

// lone draws a part that one side does not have.
func (p *piece) lone(side string, w int, open bool) []row {
	head := append(p.name("✗", bad), strong(bad, side), say(quiet, ", "+plural(len(p.bytes), "byte")))
	if p.made() != "" {
		head = append(append(head, say(quiet, ": ")), typed(p.made(), ink{fg: quiet})...)
	}
	if len(p.bytes) == 0 {
		return []row{head}
	}
	return []row{head, p.excerpt("", 0, w, open)}
}

// visible are the bytes with the secrets covered, unless a person asked to see them.
func (p *piece) visible(open bool) []byte {
	if open {
		return p.bytes
	}
	return hidden(p.bytes, p.hidden)
}

// excerpt draws the surroundings of the byte at an offset, that byte reversed. Both sides of a pair begin at the same
// offset, so that what is equal stands one below the other.
func (p *piece) excerpt(side string, at, w int, open bool) row {
	lead := row{{"    ", ink{}}, label(side, 9)}
	room := max(w-13, 8)
	from := max(at-room/3, 0)
	if at < room/2 {
		from = 0
	}
	out := lead
	if from > 0 {
		out = append(out, say(quiet, "…"))
	}
	k := ink{fg: originOf(p.span.Origin.Kind)}
	for i, cells := from, 0; i < len(p.bytes) && cells < room; {
		if !open && hiddenAt(p.hidden, i) {
			x := bit{"•", ink{fg: k.fg}}
			if i == at {
				x.ink.attr = reverse | bold
			}
			out, i, cells = append(out, x), i+1, cells+1
			continue
		}
		g, size, made := glyph(p.bytes[i:])
		if g == " " {
			g = spacePicture
		}
		x := bit{g, k}
		if made {
			x.ink.attr |= underline
		}
		if at >= i && at < i+size {
			x.ink.attr = reverse | bold
		}
		out, i, cells = append(out, x), i+size, cells+width(g)
	}
	if at >= len(p.bytes) {
		out = append(out, bit{"▏", ink{attr: reverse}}, say(quiet, " end"))
	}
	return out.fit(w, ink{})
}
