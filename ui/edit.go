package ui

import (
	"strings"
	"unicode/utf8"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"countersign/sign"
)

// edit is a text that a person types, kept byte for byte: a tab stays a tab and a pasted line end stays what it was,
// because these bytes are signed. The ready-made text areas turn tabs into blanks and drop what they don't know,
// which is right for prose and wrong here.
type edit struct {
	text  []byte
	at    int               // offset of the cursor
	lines bool              // more than one line: enter is a line end
	left  int               // first column seen
	top   int               // first line seen
	veil  func(string) bool // text that is hidden while it is typed; may be nil
}

// Keys of the text editor.
var (
	eraseBack  = on("erase", "backspace", "backspace", "ctrl+h")
	eraseHere  = on("erase", "delete", "delete", "ctrl+d")
	eraseLine  = on("erase to the beginning", "ctrl+u", "ctrl+u")
	eraseRest  = on("erase to the end", "ctrl+k", "ctrl+k")
	lineStart  = on("beginning", "home", "home", "ctrl+a")
	lineEnd    = on("end", "end", "end", "ctrl+e")
	wordLeft   = on("word left", "ctrl+left", "ctrl+left", "alt+b", "alt+left")
	wordRight  = on("word right", "ctrl+right", "ctrl+right", "alt+f", "alt+right")
	insertTab  = on("tab", "ctrl+t", "ctrl+t")
	insertLine = on("line end", "enter", "enter", "ctrl+j", "alt+enter", "shift+enter")
)

func newEdit(s string, lines bool) *edit {
	return &edit{text: []byte(s), at: len(s), lines: lines}
}

func (e *edit) value() string { return string(e.text) }

// update takes a key or a paste and reports whether it was for the text.
func (e *edit) update(msg tea.Msg) bool {
	switch msg := msg.(type) {
	case tea.PasteMsg:
		e.insert(msg.Content)
		return true
	case tea.KeyPressMsg:
		if e.command(msg) {
			return true
		}
		if msg.Text != "" && msg.Mod&(tea.ModCtrl|tea.ModAlt) == 0 {
			e.insert(msg.Text)
			return true
		}
	}
	return false
}

// command is a key that is no text.
func (e *edit) command(k tea.KeyPressMsg) bool {
	begin, end := e.line()
	switch {
	case e.lines && key.Matches(k, insertLine):
		e.insert("\n")
	case e.lines && key.Matches(k, insertTab):
		e.insert("\t")
	case key.Matches(k, eraseBack):
		e.remove(e.before(), e.at)
	case key.Matches(k, eraseHere):
		e.remove(e.at, e.after())
	case key.Matches(k, eraseLine):
		e.remove(begin, e.at)
	case key.Matches(k, eraseRest):
		e.remove(e.at, end)
	case key.Matches(k, goLeft):
		e.at = e.before()
	case key.Matches(k, goRight):
		e.at = e.after()
	case key.Matches(k, lineStart):
		e.at = begin
	case key.Matches(k, lineEnd):
		e.at = end
	case key.Matches(k, wordLeft):
		e.word(-1)
	case key.Matches(k, wordRight):
		e.word(1)
	default:
		return false
	}
	return true
}

func (e *edit) insert(s string) {
	e.text = append(e.text[:e.at:e.at], append([]byte(s), e.text[e.at:]...)...)
	e.at += len(s)
}

func (e *edit) remove(from, to int) {
	e.text = append(e.text[:from:from], e.text[to:]...)
	e.at = from
}

func (e *edit) before() int {
	_, n := utf8.DecodeLastRune(e.text[:e.at])
	return e.at - n
}

func (e *edit) after() int {
	_, n := utf8.DecodeRune(e.text[e.at:])
	return e.at + n
}

// line is where the line of the cursor begins and ends.
func (e *edit) line() (begin, end int) {
	begin = strings.LastIndexByte(string(e.text[:e.at]), '\n') + 1
	end = len(e.text)
	if i := strings.IndexByte(string(e.text[e.at:]), '\n'); i >= 0 {
		end = e.at + i
	}
	return begin, end
}

// vertical goes a line up or down at the same column. At the first and last line it leaves the text.
func (e *edit) vertical(n int) bool {
	begin, end := e.line()
	column := cellsOf(e.text[begin:e.at])
	switch {
	case n < 0 && begin == 0, n > 0 && end == len(e.text):
		return false
	case n < 0:
		e.at = begin - 1
	default:
		e.at = end + 1
	}
	begin, end = e.line()
	e.at = begin
	for e.at < end && cellsOf(e.text[begin:e.at]) < column {
		e.at = e.after()
	}
	return true
}

// word goes to the next beginning or end of a word.
func (e *edit) word(n int) {
	isWord := func(c byte) bool {
		return c >= utf8.RuneSelf || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c == '_'
	}
	if n < 0 {
		for e.at > 0 && !isWord(e.text[e.at-1]) {
			e.at--
		}
		for e.at > 0 && isWord(e.text[e.at-1]) {
			e.at--
		}
		return
	}
	for e.at < len(e.text) && !isWord(e.text[e.at]) {
		e.at++
	}
	for e.at < len(e.text) && isWord(e.text[e.at]) {
		e.at++
	}
}

func cellsOf(b []byte) int {
	n := 0
	for len(b) > 0 {
		g, size, _ := glyph(b)
		n += width(g)
		b = b[size:]
	}
	return n
}

// draw shows h lines of the text, the cursor in sight.
func (e *edit) draw(w, h int, focused bool) []row {
	if e.veil != nil && e.veil(string(e.text)) {
		return []row{append(row{say(plain, repeat("•", min(len(e.text), max(w-1, 0))))}, bit{" ", ink{attr: reverse}}).fit(w, ink{})}
	}
	lines := strings.Split(string(e.text), "\n")
	cursorLine := strings.Count(string(e.text[:e.at]), "\n")
	begin, _ := e.line()
	column := cellsOf(e.text[begin:e.at])
	e.top = max(min(e.top, cursorLine), cursorLine-h+1, 0)
	e.left = max(min(e.left, column), column-w+1, 0)
	rows := make([]row, 0, h)
	for i := e.top; i < min(e.top+h, len(lines)); i++ {
		at := -1
		if i == cursorLine && focused {
			at = e.at - begin
		}
		r := visibleLine(lines[i], at)
		if i < len(lines)-1 {
			r = append(r, say(faint, "␊"))
		}
		rows = append(rows, r.slice(e.left, e.left+w).fit(w, ink{}))
	}
	for len(rows) < h {
		rows = append(rows, row(nil).blank(w, ink{}))
	}
	return rows
}

// visibleLine draws one line with everything visible, the character at the cursor reversed.
func visibleLine(s string, at int) row {
	var out row
	for i := 0; i < len(s); {
		g, size, made := glyph([]byte(s[i:min(len(s), i+utf8.UTFMax)]))
		k := ink{}
		if made {
			k.fg = warn
		}
		if i == at {
			k.attr = reverse
		}
		if n := len(out); n > 0 && out[n-1].ink == k {
			out[n-1].text += g
		} else {
			out = append(out, bit{g, k})
		}
		i += size
	}
	if at >= len(s) {
		out = append(out, bit{" ", ink{attr: reverse}})
	}
	return out
}

// secretEdit is a secret that a person types. Every key becomes a secret at once; they are put together
// when the form is saved. Backspace takes the last key back, or the last paste as a whole.
type secretEdit struct{ keys []sign.Secret }

func (e *secretEdit) update(msg tea.Msg) bool {
	switch msg := msg.(type) {
	case tea.PasteMsg:
		e.keys = append(e.keys, sign.NewSecret(msg.Content))
		return true
	case tea.KeyPressMsg:
		switch {
		case key.Matches(msg, eraseBack):
			e.keys = e.keys[:max(len(e.keys)-1, 0)]
			return true
		case key.Matches(msg, eraseLine):
			e.keys = nil
			return true
		case msg.Text != "" && msg.Mod&(tea.ModCtrl|tea.ModAlt) == 0:
			e.keys = append(e.keys, sign.NewSecret(msg.Text))
			return true
		}
	}
	return false
}

func (e *secretEdit) size() int {
	n := 0
	for _, k := range e.keys {
		n += k.Len()
	}
	return n
}

func (e *secretEdit) draw(w int, focused bool) row {
	n := e.size()
	out := row{say(plain, repeat("•", min(n, max(w-14, 1))))}
	if focused {
		out = append(out, bit{" ", ink{attr: reverse}})
	}
	if n > 0 {
		out = append(out, say(quiet, "  "+plural(n, "byte")))
	}
	return out.fit(w, ink{})
}
