package ui

import (
	"strings"
	"testing"
)

// letters stand for the parts of the screen in the drawings.
const letters = "PCTNGR"

// drawing draws a layout, one letter for each cell: s status, t stepper, k footer, and the panes.
func drawing(l layout, w, h int) string {
	grid := make([][]byte, h)
	for y := range grid {
		grid[y] = []byte(strings.Repeat(".", w))
	}
	put := func(r rect, c byte) {
		for y := r.y; y < r.y+r.h; y++ {
			for x := r.x; x < r.x+r.w; x++ {
				grid[y][x] = c
			}
		}
	}
	put(l.status, 's')
	put(l.stepper, 't')
	put(l.footer, 'k')
	for at, r := range l.panes {
		put(r, letters[at])
	}
	var b strings.Builder
	for _, line := range grid {
		b.Write(line)
		b.WriteByte('\n')
	}
	return b.String()
}

// small scales a drawing down: every fourth column, every second row.
func small(s string) string {
	var b strings.Builder
	for y, line := range strings.Split(strings.TrimSpace(s), "\n") {
		if y%2 == 1 {
			continue
		}
		for x := 0; x < len(line); x += 4 {
			b.WriteByte(line[x])
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestFrame(t *testing.T) {
	for _, c := range []struct {
		name  string
		focus place
		zoom  bool
		w, h  int
		want  string
	}{
		{"wide, working on the canonical string", atCanonical, false, 120, 40, `
ssssssssssssssssssssssssssssss
PPPPPPPPtttttttttttttttttttttt
PPPPPPPPCCCCCCCCCCCTTTTTTTTTTT
PPPPPPPPCCCCCCCCCCCTTTTTTTTTTT
PPPPPPPPCCCCCCCCCCCTTTTTTTTTTT
PPPPPPPPCCCCCCCCCCCTTTTTTTTTTT
PPPPPPPPCCCCCCCCCCCTTTTTTTTTTT
PPPPPPPPNNNNNNNNNNNNNNNNNNNNNN
PPPPPPPPNNNNNNNNNNNNNNNNNNNNNN
PPPPPPPPNNNNNNNNNNNNNNNNNNNNNN
PPPPPPPPNNNNNNNNNNNNNNNNNNNNNN
PPPPPPPPNNNNNNNNNNNNNNNNNNNNNN
PPPPPPPPNNNNNNNNNNNNNNNNNNNNNN
PPPPPPPPNNNNNNNNNNNNNNNNNNNNNN
PPPPPPPPNNNNNNNNNNNNNNNNNNNNNN
PPPPPPPPGGGGGGGGGGGRRRRRRRRRRR
PPPPPPPPGGGGGGGGGGGRRRRRRRRRRR
PPPPPPPPGGGGGGGGGGGRRRRRRRRRRR
PPPPPPPPGGGGGGGGGGGRRRRRRRRRRR
PPPPPPPPGGGGGGGGGGGRRRRRRRRRRR
`},
		{"narrow: one pane and tabs", atToken, false, 80, 24, `
ssssssssssssssssssss
TTTTTTTTTTTTTTTTTTTT
TTTTTTTTTTTTTTTTTTTT
TTTTTTTTTTTTTTTTTTTT
TTTTTTTTTTTTTTTTTTTT
TTTTTTTTTTTTTTTTTTTT
TTTTTTTTTTTTTTTTTTTT
TTTTTTTTTTTTTTTTTTTT
TTTTTTTTTTTTTTTTTTTT
TTTTTTTTTTTTTTTTTTTT
TTTTTTTTTTTTTTTTTTTT
TTTTTTTTTTTTTTTTTTTT
`},
		{"wide and low: partners beside one pane", atPartners, false, 104, 20, `
ssssssssssssssssssssssssss
PPPPPPPPCCCCCCCCCCCCCCCCCC
PPPPPPPPCCCCCCCCCCCCCCCCCC
PPPPPPPPCCCCCCCCCCCCCCCCCC
PPPPPPPPCCCCCCCCCCCCCCCCCC
PPPPPPPPCCCCCCCCCCCCCCCCCC
PPPPPPPPCCCCCCCCCCCCCCCCCC
PPPPPPPPCCCCCCCCCCCCCCCCCC
PPPPPPPPCCCCCCCCCCCCCCCCCC
PPPPPPPPCCCCCCCCCCCCCCCCCC
`},
		{"zoomed", atResponse, true, 120, 16, `
ssssssssssssssssssssssssssssss
RRRRRRRRRRRRRRRRRRRRRRRRRRRRRR
RRRRRRRRRRRRRRRRRRRRRRRRRRRRRR
RRRRRRRRRRRRRRRRRRRRRRRRRRRRRR
RRRRRRRRRRRRRRRRRRRRRRRRRRRRRR
RRRRRRRRRRRRRRRRRRRRRRRRRRRRRR
RRRRRRRRRRRRRRRRRRRRRRRRRRRRRR
RRRRRRRRRRRRRRRRRRRRRRRRRRRRRR
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := small(drawing(frame(c.focus, c.zoom, c.w, c.h), c.w, c.h))
			if got != strings.TrimPrefix(c.want, "\n") {
				t.Errorf("got\n%s", got)
			}
		})
	}
}

// At every size each cell belongs to exactly one part, or the screen says that it is too small.
func TestFrameCoversEverySize(t *testing.T) {
	for w := 1; w <= 240; w++ {
		for h := 1; h <= 70; h++ {
			for focus := range places {
				for _, zoom := range []bool{false, true} {
					l := frame(focus, zoom, w, h)
					if l.tooSmall != (w < leastWidth || h < leastHeight) {
						t.Fatalf("%dx%d: too small is %v", w, h, l.tooSmall)
					}
					if !l.tooSmall {
						covered(t, l, w, h)
					}
				}
			}
		}
	}
}

func covered(t *testing.T, l layout, w, h int) {
	t.Helper()
	cells := l.status.w*l.status.h + l.stepper.w*l.stepper.h + l.footer.w*l.footer.h
	for _, r := range l.panes {
		cells += r.w * r.h
		if r.h != 0 && (r.h < 4 || r.w < 20 || r.x+r.w > w || r.y+r.h > h) {
			t.Fatalf("%dx%d: pane %+v", w, h, r)
		}
	}
	if cells != w*h {
		t.Fatalf("%dx%d: %d cells of %d", w, h, cells, w*h)
	}
}
