package ui

import (
	"unicode/utf8"

	"countersign/sign/untrusted"
)

// ascii holds the printable characters, so that drawing one allocates nothing.
const ascii = " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"

// pictures are the control pictures of Unicode (U+2400 on), one cell wide each: NUL to US.
const pictures = "␀␁␂␃␄␅␆␇␈␉␊␋␌␍␎␏␐␑␒␓␔␕␖␗␘␙␚␛␜␝␞␟"

// pictureSize is the length of a control picture in UTF-8.
const pictureSize = 3

// glyph is what is drawn for the character at the beginning of b, which must not be empty, and how many bytes it
// stands for. Nothing is invisible: control characters are drawn as their pictures, so that one byte takes one
// cell, all else as package untrusted does. Made says that the form is ours.
func glyph(b []byte) (text string, size int, made bool) {
	c := b[0]
	switch {
	case c >= ' ' && c < 0x7f:
		return ascii[c-' ' : c-' '+1], 1, false
	case c < ' ':
		return pictures[int(c)*pictureSize : (int(c)+1)*pictureSize], 1, true
	case c == 0x7f:
		return "␡", 1, true
	}
	_, size = utf8.DecodeRune(b)
	d := untrusted.From(b[:size]).Line()
	segments := d.Segments()
	return d.String(), size, len(segments) > 0 && segments[0].Made
}

// spacePicture stands for a blank that could be overlooked.
const spacePicture = "␠"
