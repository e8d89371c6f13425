package screenshots

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"image"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var (
	update   = flag.Bool("update", false, "write the golden pictures anew")
	pictures = flag.String("pictures", "", "directory to write the sample screens to, for looking at them")
)

// small is a frame with one of everything.
const small = "\x1b[36m╭─ \x1b[1mOne <of> & each\x1b[22m ───────╮\x1b[m\n" +
	"\x1b[36m│\x1b[m \x1b[1mbold\x1b[22m \x1b[2mfaint\x1b[22m \x1b[3mitalic\x1b[23m \x1b[7m rev \x1b[27m \x1b[36m│\x1b[m\n" +
	"\x1b[36m│\x1b[m \x1b[4mone\x1b[m \x1b[4:2mtwo\x1b[m \x1b[4:3;58;5;9mcurl\x1b[m \x1b[4:4mdot\x1b[m \x1b[4:5mdash\x1b[m   \x1b[36m│\x1b[m\n" +
	"\x1b[36m│\x1b[m \x1b[9mstruck\x1b[m 大e\u0301 \x1b[38;5;208m░▒▓█ \x1b[38;2;90;140;250m▁▄▟▛▘\x1b[m   \x1b[36m│\x1b[m\n" +
	"\x1b[36m│\x1b[m \x1b[44;30m blue \x1b[48;5;22;97m leaf \x1b[m ⣀⣤⣶⣿ ╱╲╱   \x1b[36m│\x1b[m\n" +
	"\x1b[36m╰┄┄╌╌┈┈━━╾──╼━━╞══╡╔╗┏┓╳──╯\x1b[m"

func smallFrame() Frame { return NewFrame(small, 27, 6).WithCursor(23, 4) }

func drawn(t testing.TB, write func(io.Writer, Look) error, look Look) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, look); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func golden(t *testing.T, name string, got []byte) []byte {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return want
}

var goldenLooks = map[string]Look{
	"dark":  {Title: "a \"title\" <&>", Dark: true, Shadow: true},
	"light": {FontSize: 11, Padding: 6},
}

func TestGoldenSVG(t *testing.T) {
	for name, look := range goldenLooks {
		got := drawn(t, smallFrame().SVG, look)
		if want := golden(t, "small-"+name+".svg", got); !bytes.Equal(got, want) {
			t.Errorf("the %s SVG differs from its golden file; if that is meant, run with -update and look at it", name)
		}
	}
}

func TestGoldenPNG(t *testing.T) {
	for name, look := range goldenLooks {
		got := drawn(t, smallFrame().PNG, look)
		want := golden(t, "small-"+name+".png", got)
		if at, same := samePixels(t, got, want); !same {
			t.Errorf("the %s PNG differs from its golden file at %v; if that is meant, run with -update and look at it", name, at)
		}
	}
}

func samePixels(t *testing.T, a, b []byte) (image.Point, bool) {
	t.Helper()
	x, err := png.Decode(bytes.NewReader(a))
	if err != nil {
		t.Fatal(err)
	}
	y, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if x.Bounds() != y.Bounds() {
		return y.Bounds().Max, false
	}
	for v := range x.Bounds().Dy() {
		for u := range x.Bounds().Dx() {
			if x.At(u, v) != y.At(u, v) {
				return image.Pt(u, v), false
			}
		}
	}
	return image.Point{}, true
}

func TestSameBytesEveryTime(t *testing.T) {
	look := Look{Title: "again", Dark: true, Shadow: true, Scale: 1}
	if !bytes.Equal(drawn(t, workbench(true).SVG, look), drawn(t, workbench(true).SVG, look)) {
		t.Error("two SVGs of one frame differ")
	}
	if !bytes.Equal(drawn(t, workbench(true).PNG, look), drawn(t, workbench(true).PNG, look)) {
		t.Error("two PNGs of one frame differ")
	}
}

// TestSVGIsSelfContained reads the SVG as XML: only shapes, every reference within the document, nothing
// that fetches or runs, and the text where a screen reader finds it.
func TestSVGIsSelfContained(t *testing.T) {
	elements := strings.Fields("svg title desc defs filter feGaussianBlur path rect g use")
	attributes := strings.Fields("width height viewBox role aria-labelledby id d x y rx fill fill-opacity filter stdDeviation shape-rendering transform href xmlns")
	title := "</title><script>\"&\x1b\n"
	decoder := xml.NewDecoder(bytes.NewReader(drawn(t, smallFrame().SVG, Look{Title: title, Shadow: true})))
	ids, inside, text := map[string]bool{}, "", map[string]string{}
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			inside = token.Name.Local
			if !slices.Contains(elements, inside) {
				t.Errorf("unexpected element %q", inside)
			}
			for _, a := range token.Attr {
				if !slices.Contains(attributes, a.Name.Local) {
					t.Errorf("unexpected attribute %q of %q", a.Name.Local, inside)
				}
				switch {
				case a.Name.Local == "id":
					ids[a.Value] = true
				case a.Name.Local == "href" && !ids[strings.TrimPrefix(a.Value, "#")]:
					t.Errorf("reference to %q, which is not defined before", a.Value)
				}
			}
		case xml.CharData:
			text[inside] += string(token)
		case xml.EndElement:
			inside = ""
		}
	}
	if want := "</title><script>\"&\ufffd\n"; text["title"] != want {
		t.Errorf("title %q, want %q", text["title"], want)
	}
	if text["desc"] != smallFrame().Text() {
		t.Errorf("description %q, want the text of the frame", text["desc"])
	}
}

// TestSVGStaysSmall draws a screen as full as can be: every cell has a letter, and colours change often.
func TestSVGStaysSmall(t *testing.T) {
	var full strings.Builder
	for y := range 40 {
		for x := range 120 {
			if x%10 == 0 {
				full.WriteString("\x1b[" + strconv.Itoa(31+(x/10+y)%6) + "m")
			}
			full.WriteByte(byte('!' + (x*7+y*13)%94))
		}
		full.WriteByte('\n')
	}
	for name, f := range map[string]Frame{"workbench": workbench(true), "full": NewFrame(full.String(), 120, 40)} {
		if n := len(drawn(t, f.SVG, Look{Title: name, Shadow: true})); n > 250_000 {
			t.Errorf("the SVG of the %s screen has %d bytes, more than 250 000", name, n)
		}
	}
}

// TestOutlineReadsBack parses the path data that was written and compares the points.
func TestOutlineReadsBack(t *testing.T) {
	face, err := newTypeface(15, 1.3)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"a", "B", "8", "é", "@", "大", "⣿", "e\u0301", "■"} {
		want := face.glyph(glyphKey{text: text, cells: 1})
		got := readOutline(t, outline(want))
		if !slices.EqualFunc(got, want, func(a, b segment) bool { return a.op == b.op && slices.Equal(a.used(), b.used()) }) {
			t.Errorf("%s: path data %s reads as %v, want %v", text, outline(want), got, want)
		}
	}
}

// readOutline understands M m h v l q c z (SVG 1.1, section 8.3).
func readOutline(t *testing.T, d string) path {
	t.Helper()
	var out path
	var pen, start point
	spaced := strings.NewReplacer("-", " -", "z", " z ", "M", " M ", "m", " m ", "h", " h ", "v", " v ", "l", " l ", "q", " q ", "c", " c ").Replace(d)
	fields, op := strings.Fields(spaced), byte(0)
	next := func() int {
		v, err := strconv.ParseFloat(fields[0], 64)
		if err != nil {
			t.Fatalf("path data %s: %v", d, err)
		}
		fields = fields[1:]
		return hundredths(v)
	}
	for len(fields) > 0 {
		if len(fields[0]) == 1 && strings.Contains("Mmhvlqcz", fields[0]) {
			op, fields = fields[0][0], fields[1:]
		}
		switch op {
		case 'z':
			pen = start
		case 'M', 'm':
			pen = point{pen.x + next(), pen.y + next()}
			start = pen
			out.move(pen.x, pen.y)
		case 'h':
			pen.x += next()
			out.line(pen.x, pen.y)
		case 'v':
			pen.y += next()
			out.line(pen.x, pen.y)
		default:
			s := segment{op: op &^ 0x20}
			for i := range s.used() {
				s.points[i] = point{pen.x + next(), pen.y + next()}
			}
			pen = s.end()
			out = append(out, s)
		}
	}
	return out
}

func TestMissingGlyphsAreVisible(t *testing.T) {
	img := picture(t, "大😀", 4, 1, 15)
	half := img.Bounds().Dx() / 2
	for i, name := range []string{"大", "😀"} {
		area := image.Rect(i*half, 0, (i+1)*half, img.Bounds().Dy())
		if n := inked(img, area); n < 100 {
			t.Errorf("%s has %d pixels of ink over its two cells, want a box", name, n)
		}
	}
	if a, b := drawn(t, NewFrame("大", 2, 1).SVG, Look{}), drawn(t, NewFrame("小", 2, 1).SVG, Look{}); len(a) == 0 || bytes.Equal(a, b) {
		t.Error("two characters that the font lacks look the same")
	}
}

// TestControlPicturesDiffer tells apart what a person must tell apart: which control character it was.
func TestControlPicturesDiffer(t *testing.T) {
	face, err := newTypeface(15, 1.3)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]rune{}
	for r := rune(0x2400); r <= 0x2424; r++ {
		d := outline(face.glyph(glyphKey{text: string(r), cells: 1}))
		if other, same := seen[d]; same {
			t.Errorf("%c and %c look the same", r, other)
		}
		seen[d] = r
	}
}

func TestConcealedTextIsNotDrawn(t *testing.T) {
	for name, write := range map[string]func(io.Writer, Look) error{
		"svg": NewFrame("a \x1b[8;4;9mkey\x1b[m", 9, 1).SVG, "png": NewFrame("a \x1b[8;4;9mkey\x1b[m", 9, 1).PNG,
	} {
		plain := NewFrame("a", 9, 1).SVG
		if name == "png" {
			plain = NewFrame("a", 9, 1).PNG
		}
		if !bytes.Equal(drawn(t, write, Look{}), drawn(t, plain, Look{})) {
			t.Errorf("the %s of concealed text differs from one without it", name)
		}
	}
}

func TestLookOutOfBounds(t *testing.T) {
	f := NewFrame("x", 1, 1)
	for _, look := range []Look{{FontSize: 5}, {FontSize: 97}, {LineHeight: .5}, {Padding: 2000}, {Scale: 9}, {Scale: -1}, {FontSize: nan()}} {
		if err := f.PNG(io.Discard, look); err == nil {
			t.Errorf("PNG with %+v did not fail", look)
		}
		if err := f.SVG(io.Discard, look); err == nil {
			t.Errorf("SVG with %+v did not fail", look)
		}
	}
	if err := NewFrame("", MaxSide, MaxSide).PNG(io.Discard, Look{FontSize: 96, Scale: 8}); err == nil {
		t.Error("a picture of a billion pixels did not fail")
	}
	if err := (Frame{}).SVG(io.Discard, Look{}); err != nil {
		t.Errorf("the zero frame: %v", err)
	}
	if err := (Frame{}).PNG(io.Discard, Look{Bare: true, Padding: -1}); err == nil {
		t.Error("a picture without pixels did not fail")
	}
}

func nan() float64 { v, _ := strconv.ParseFloat("NaN", 64); return v }

// TestPicturesForLooking writes the sample screens, with -pictures DIR.
func TestPicturesForLooking(t *testing.T) {
	if *pictures == "" {
		t.Skip("no -pictures directory given")
	}
	for name, dark := range map[string]bool{"dark": true, "light": false} {
		f, look := workbench(dark).WithCursor(60, 22), Look{Title: "countersign: Acme Pay, sandbox", Dark: dark, Shadow: true}
		for file, data := range map[string][]byte{name + ".png": drawn(t, f.PNG, look), name + ".svg": drawn(t, f.SVG, look)} {
			if err := os.WriteFile(filepath.Join(*pictures, file), data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func BenchmarkSVG(b *testing.B) {
	f := workbench(true)
	for b.Loop() {
		drawn(b, f.SVG, Look{Dark: true})
	}
}

func BenchmarkPNG(b *testing.B) {
	f := workbench(true)
	for b.Loop() {
		drawn(b, f.PNG, Look{Dark: true})
	}
}

func BenchmarkNewFrame(b *testing.B) {
	for b.Loop() {
		NewFrame(small, 120, 40)
	}
}
