package screenshots

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"os"
	"strings"
	"testing"
)

// picture draws the text alone, without window and padding.
func picture(t testing.TB, content string, width, height int, size float64) image.Image {
	t.Helper()
	var b bytes.Buffer
	look := Look{Bare: true, Padding: -1, FontSize: size}
	if err := NewFrame(content, width, height).PNG(&b, look); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// inked counts pixels that differ from the ground.
func inked(img image.Image, area image.Rectangle) (n int) {
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			if r, g, b, _ := img.At(x, y).RGBA(); r>>8 != 0xfd || g>>8 != 0xfd || b>>8 != 0xfb {
				n++
			}
		}
	}
	return n
}

// TestBoxArmsAgainstUnicode reads the arms from the names in the Unicode Character Database.
func TestBoxArmsAgainstUnicode(t *testing.T) {
	names, err := os.ReadFile("testdata/box-drawing-names.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(names)), "\n")
	if len(lines) != 128 {
		t.Fatalf("%d names, want 128", len(lines))
	}
	for _, line := range lines {
		var r rune
		if _, err := fmt.Sscanf(line, "%X", &r); err != nil {
			t.Fatal(err)
		}
		if got, want := armsOf(r), armsFromName(line); got != want {
			t.Errorf("%c %s: got %v, want %v", r, line, got, want)
		}
	}
}

// armsFromName understands "DOWN LIGHT AND RIGHT UP HEAVY" and "VERTICAL SINGLE AND LEFT DOUBLE": a weight
// goes with the sides before it, unless it opens its part of the name.
func armsFromName(name string) (a arms) {
	if strings.Contains(name, "DASH") || strings.Contains(name, "ARC") || strings.Contains(name, "DIAGONAL") {
		return a
	}
	weights := map[string]weight{"LIGHT": light, "SINGLE": light, "HEAVY": heavy, "DOUBLE": double}
	sides := map[string][]side{"LEFT": {left}, "RIGHT": {right}, "UP": {up}, "DOWN": {down}, "HORIZONTAL": {left, right}, "VERTICAL": {up, down}}
	var current weight
	var waiting []side
	settle := func(w weight) {
		for _, s := range waiting {
			a[s] = w
		}
		waiting = nil
	}
	for _, word := range strings.Fields(name)[3:] {
		if w := weights[word]; w != none {
			settle(w)
			current = w
		} else if word == "AND" && current != none {
			settle(current)
		}
		waiting = append(waiting, sides[word]...)
	}
	settle(current)
	return a
}

// TestGeometryLeavesInk draws every box-drawing, block and braille character and control picture at
// several sizes.
func TestGeometryLeavesInk(t *testing.T) {
	for _, size := range []float64{8, 15, 22} {
		for _, span := range [][2]rune{{0x2500, 0x259f}, {0x2801, 0x28ff}, {0x2400, 0x2424}} {
			var all []rune
			for r := span[0]; r <= span[1]; r++ {
				all = append(all, r)
			}
			img := picture(t, strings.Join(strings.Split(string(all), ""), " "), 2*len(all)-1, 1, size)
			cell := img.Bounds().Dx() / (2*len(all) - 1)
			for i, r := range all {
				area := image.Rect(2*i*cell, 0, (2*i+1)*cell, img.Bounds().Dy())
				if inked(img, area) < 4 {
					t.Errorf("%c U+%04X at size %v leaves no ink", r, r, size)
				}
			}
		}
	}
	if img := picture(t, "\u2800", 1, 1, 15); inked(img, img.Bounds()) != 0 {
		t.Error("the blank braille pattern leaves ink")
	}
}

// armsSeen are the arms with which a character meets its neighbours, arcs included.
func armsSeen(r rune) arms {
	switch r {
	case '╭':
		return arms{right: light, down: light}
	case '╮':
		return arms{left: light, down: light}
	case '╯':
		return arms{left: light, up: light}
	case '╰':
		return arms{right: light, up: light}
	}
	return armsOf(r)
}

// TestLinesJoin puts a straight line beside each arm of each character: on both sides of the border
// between the cells the pixels are the same, and some are ink.
func TestLinesJoin(t *testing.T) {
	across := map[weight]string{light: "─", heavy: "━", double: "═"}
	along := map[weight]string{light: "│", heavy: "┃", double: "║"}
	for _, size := range []float64{7.5, 11, 15, 16, 31} {
		for r := rune(0x2500); r <= 0x257f; r++ {
			for s, w := range armsSeen(r) {
				if w == none {
					continue
				}
				c := string(r)
				content := map[side]string{left: across[w] + c, right: c + across[w], up: along[w] + "\n" + c, down: c + "\n" + along[w]}[side(s)]
				if side(s).horizontal() {
					img := picture(t, content, 2, 1, size)
					sameAcross(t, img, content, size)
				} else {
					img := picture(t, content, 1, 2, size)
					sameAlong(t, img, content, size)
				}
			}
		}
	}
}

func sameAcross(t *testing.T, img image.Image, content string, size float64) {
	t.Helper()
	x, b := img.Bounds().Dx()/2, img.Bounds()
	for y := range b.Dy() {
		if img.At(x-1, y) != img.At(x, y) {
			t.Errorf("%q at size %v does not join at pixel %d", content, size, y)
			return
		}
	}
	if inked(img, image.Rect(x-1, 0, x+1, b.Dy())) == 0 {
		t.Errorf("%q at size %v has no line at the border", content, size)
	}
}

func sameAlong(t *testing.T, img image.Image, content string, size float64) {
	t.Helper()
	y, b := img.Bounds().Dy()/2, img.Bounds()
	for x := range b.Dx() {
		if img.At(x, y-1) != img.At(x, y) {
			t.Errorf("%q at size %v does not join at pixel %d", content, size, x)
			return
		}
	}
	if inked(img, image.Rect(0, y-1, b.Dx(), y+1)) == 0 {
		t.Errorf("%q at size %v has no line at the border", content, size)
	}
}

// TestArmsMeet counts the connected parts: one for single lines; the rails of double ones stay apart
// unless a line crosses both.
func TestArmsMeet(t *testing.T) {
	doubles := map[int]string{1: "╒╓╕╖╘╙╛╜╞╡╥╨╪╫", 2: "═║╔╗╚╝╟╢╤╧", 3: "╠╣╦╩", 4: "╬"}
	for r := rune(0x2500); r <= 0x257f; r++ {
		if armsSeen(r) == (arms{}) {
			continue
		}
		want := 1
		for n, of := range doubles {
			if strings.ContainsRune(of, r) {
				want = n
			}
		}
		if got := parts(picture(t, string(r), 1, 1, 15)); got != want {
			t.Errorf("%c has %d parts, want %d", r, got, want)
		}
	}
}

// parts counts the connected areas of ink.
func parts(img image.Image) (n int) {
	b := img.Bounds()
	seen := map[image.Point]bool{}
	var flood func(p image.Point)
	flood = func(p image.Point) {
		if seen[p] || !p.In(b) || inked(img, image.Rectangle{p, p.Add(image.Pt(1, 1))}) == 0 {
			return
		}
		seen[p] = true
		for _, d := range []image.Point{{1, 0}, {-1, 0}, {0, 1}, {0, -1}} {
			flood(p.Add(d))
		}
	}
	for y := range b.Dy() {
		for x := range b.Dx() {
			p := image.Pt(x, y)
			if !seen[p] && inked(img, image.Rectangle{p, p.Add(image.Pt(1, 1))}) > 0 {
				n++
				flood(p)
			}
		}
	}
	return n
}
