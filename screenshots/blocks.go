package screenshots

// quadrants of U+2596-259F as bits: 1 upper left, 2 upper right, 4 lower left, 8 lower right.
var quadrants = [10]int{4, 8, 1, 1 | 4 | 8, 1 | 8, 1 | 2 | 4, 1 | 2 | 8, 2, 2 | 4, 2 | 4 | 8}

// block draws U+2580-259F: parts of the cell, and shades of it.
func (g grid) block(r rune) ink {
	w, h := g.w, g.h
	one := func(x0, y0, x1, y1 int) ink { return ink{rects: []rect{{x0, y0, x1, y1}}} }
	switch {
	case r == '▀':
		return one(0, 0, w, snap(h/2))
	case r <= '█': // lower one eighth to the whole
		return one(0, snap(h-h*int(r-0x2580)/8), w, h)
	case r <= '▏': // left seven eighths to one
		return one(0, 0, snap(w*int(0x2590-r)/8), h)
	case r == '▐':
		return one(snap(w/2), 0, w, h)
	case r <= '▓':
		in := one(0, 0, w, h)
		in.shade = int(r - '▐')
		return in
	case r == '▔':
		return one(0, 0, w, snap(h/8))
	case r == '▕':
		return one(snap(w*7/8), 0, w, h)
	}
	mx, my := snap(w/2), snap(h/2)
	var in ink
	for bit, q := range []rect{{0, 0, mx, my}, {mx, 0, w, my}, {0, my, mx, h}, {mx, my, w, h}} {
		if quadrants[r-'▖']&(1<<bit) != 0 {
			in.rects = append(in.rects, q)
		}
	}
	in.rects = merge(in.rects)
	return in
}

// brailleDots are the column and row of dots 1 to 8, which are the bits of U+2800-28FF from the lowest.
var brailleDots = [8][2]int{{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}, {0, 3}, {1, 3}}

// braille draws U+2800-28FF: dots evenly spread, also over the edges of cells, so that charts look even.
// They do not join, so they are a glyph. The built-in font has none of them.
func (g grid) braille(r rune) path {
	radius := min(g.w/2, g.h/4) * 3 / 10
	var all path
	for bit, at := range brailleDots {
		if (r-0x2800)&(1<<bit) != 0 {
			all = append(all, circle(g.w*(2*at[0]+1)/4, g.h*(2*at[1]+1)/8, radius)...)
		}
	}
	return all
}
