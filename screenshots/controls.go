package screenshots

import "strings"

// controlNames are the letters of the control pictures from U+2400 on, as Unicode draws them.
var controlNames = strings.Fields("NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI " +
	"DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US SP DEL")

// controlName is the letters of a control picture; "" for other characters, and for those that the font
// has itself.
func controlName(r rune) string {
	switch {
	case r >= 0x2400 && int(r-0x2400) < len(controlNames):
		return controlNames[r-0x2400]
	case r == '␤':
		return "NL"
	}
	return ""
}

// controlPicture writes the letters small, down the diagonal of the cell. The built-in font has none of
// these characters, and whoever shows the bytes of a string needs ␊ and ␍.
func (t *typeface) controlPicture(name string, cells int) path {
	width := float64(t.grid.w*max(cells, 1)) / unit
	top, height := float64(t.grid.baseline)/unit-0.82*t.size, 0.98*t.size // of a capital with a descender
	scale := map[int]float64{2: 0.6, 3: 0.44}[len(name)]
	var out path
	for i, letter := range name {
		outline, advance, ok := t.letter(t.bold, letter)
		if !ok {
			continue
		}
		step := (width - advance*scale) / float64(len(name)-1)
		f := transform{sx: scale, sy: scale, dx: step * float64(i)}
		f.dy = top + height*float64(i+1)/float64(len(name))
		out = append(out, t.place(outline, f)...)
	}
	return out
}
