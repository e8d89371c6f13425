package screenshots

// grid holds the measures of a cell and of the strokes drawn in it, in hundredths of a pixel. Cells and
// strokes are whole pixels, so that neighbours meet without a seam.
type grid struct {
	w, h     int // of one cell
	baseline int // from the top of the cell
	xheight  int // of a small letter
	stroke   int // a light line; a heavy one is three times as thick
}

// center is the middle of a stroke that runs through the cell on whole pixels.
func (g grid) center() (x, y int) {
	return g.pixel((g.w-g.stroke)/2) + g.stroke/2, g.pixel((g.h-g.stroke)/2) + g.stroke/2
}

// pixel rounds down to a whole pixel.
func (grid) pixel(v int) int { return v / unit * unit }

// ink is what a character drawn as geometry leaves in its cell.
type ink struct {
	rects  []rect
	shapes []path
	shade  int // quarters of the ink for ░▒▓; 0 means all of it
}

// geometry draws the characters that must join with their neighbours, which no font does at every size:
// box drawing (U+2500-257F) and block elements (U+2580-259F). ok is false for all others.
func (g grid) geometry(text string) (in ink, ok bool) {
	runes := []rune(text)
	if len(runes) != 1 {
		return ink{}, false
	}
	switch r := runes[0]; {
	case r >= 0x2500 && r <= 0x257f:
		return g.box(r), true
	case r >= 0x2580 && r <= 0x259f:
		return g.block(r), true
	}
	return ink{}, false
}
