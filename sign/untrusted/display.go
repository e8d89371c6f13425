package untrusted

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Display is text that is safe to draw. Only this package makes one, out of a [Text].
//
// It is valid UTF-8 without C0 and C1 controls (but for the newlines of a block), DEL,
// bidirectional controls and invisible characters. The zero Display is empty.
// A Display is immutable and safe for concurrent use.
type Display struct {
	text string
	made []span // our visualisations, in order, apart from each other, none across a newline
	base int    // position in the whole display at which text begins; spans count from there on
	crlf int
}

// span is a stretch of bytes.
type span struct{ from, to int }

// Segment is a stretch of a [Display]. Made says that it is a visualisation of ours, such as ^[,
// and not text from outside that happens to look like one; it is to be drawn differently.
type Segment struct {
	Text string
	Made bool
}

// String is the whole text without the difference between what came and what was made.
func (d Display) String() string { return d.text }

// Empty reports whether there is nothing to draw.
func (d Display) Empty() bool { return d.text == "" }

// CRLF is how many line ends of a block were CRLF and are drawn as newlines. It is worth
// a note beside the text: the bytes differ from what the lines suggest.
func (d Display) CRLF() int { return d.crlf }

// Segments cuts the text into stretches that alternate between what came and what was made.
// Put together they are [Display.String].
func (d Display) Segments() []Segment {
	var out []Segment
	at := 0
	for _, m := range d.made {
		from, to := m.from-d.base, m.to-d.base
		if from > at {
			out = append(out, Segment{Text: d.text[at:from]})
		}
		out = append(out, Segment{Text: d.text[from:to], Made: true})
		at = to
	}
	if at < len(d.text) {
		out = append(out, Segment{Text: d.text[at:]})
	}
	return out
}

// Lines cuts a block at its newlines, which are left out. A text that ends in a newline has an
// empty last line; an empty text has one line. Lines share memory with d.
func (d Display) Lines() []Display {
	out := make([]Display, 0, 1+strings.Count(d.text, "\n"))
	made, at := d.made, 0
	for {
		end := strings.IndexByte(d.text[at:], '\n')
		last := end < 0
		if end += at; last {
			end = len(d.text)
		}
		n := 0
		for n < len(made) && made[n].from < d.base+end {
			n++
		}
		out = append(out, Display{text: d.text[at:end], made: made[:n:n], base: d.base + at})
		if last {
			return out
		}
		made, at = made[n:], end+1
	}
}

// pen writes a Display.
type pen struct {
	out     []byte
	made    []span
	block   bool
	column  int // where the next character of a block goes, for tab stops
	crlf    int
	surplus int // combining marks left out and not told yet
}

// draw makes s visible; block keeps its lines.
func draw(s string, block bool) Display {
	p := pen{out: make([]byte, 0, len(s)+len(s)/16), block: block}
	var j judge
	for i := 0; i < len(s); {
		run := i
		for run < len(s) && plain(s[run]) {
			run++
		}
		if run > i {
			p.keep(s[i:run], run-i)
			j, i = judge{based: true}, run
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch j.rune(r, size) {
		case keep:
			p.keep(s[i:i+size], cells(r))
		case show:
			size = p.show(s[i:], r, size)
		case surplus:
			p.surplus++
		}
		i += size
	}
	p.tellSurplus()
	return Display{text: string(p.out), made: p.made, crlf: p.crlf}
}

// keep writes text from outside that fills the given number of columns.
func (p *pen) keep(s string, columns int) {
	p.tellSurplus()
	p.out = append(p.out, s...)
	p.column += columns
}

// show writes the visible form of the character r at the beginning of rest, and returns how many bytes it stood for.
func (p *pen) show(rest string, r rune, size int) int {
	p.tellSurplus()
	if p.block {
		switch {
		case r == '\n':
			p.newline()
			return 1
		case r == '\r' && strings.HasPrefix(rest, "\r\n"):
			p.newline()
			p.crlf++
			return 2
		case r == '\t':
			n := 8 - p.column%8
			p.out = append(p.out, "        "[:n]...)
			p.column += n
			return 1
		}
	}
	from := len(p.out)
	p.out = appendVisible(p.out, r, size, rest[0])
	p.mark(from)
	return size
}

// newline ends a line of a block.
func (p *pen) newline() {
	p.out = append(p.out, '\n')
	p.column = 0
}

// tellSurplus writes how many combining marks were left out here.
func (p *pen) tellSurplus() {
	if p.surplus == 0 {
		return
	}
	from := len(p.out)
	p.out = append(p.out, "<+"...)
	p.out = strconv.AppendInt(p.out, int64(p.surplus), 10)
	p.out = append(p.out, " marks>"...)
	p.surplus = 0
	p.mark(from)
}

// mark notes that what was written since from is made by us.
func (p *pen) mark(from int) {
	p.column += len(p.out) - from
	if n := len(p.made); n > 0 && p.made[n-1].to == from {
		p.made[n-1].to = len(p.out)
		return
	}
	p.made = append(p.made, span{from, len(p.out)})
}
