package screenshots_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"countersign/screenshots"
)

//go:generate go test countersign/ui -run TestScripts -update
//go:generate go test . -run TestGallery -update

// TestGallery draws the pictures of the gallery from the frames that the UI scripts keep (see ui/testdata). The
// scripts compare those frames with the program, this test compares the pictures with the frames: a picture
// cannot show what the program does not.
func TestGallery(t *testing.T) {
	frames, err := filepath.Glob("../ui/testdata/pictures/*.frame")
	if err != nil || len(frames) == 0 {
		t.Fatal("no frames", err)
	}
	for _, file := range frames {
		name := strings.TrimSuffix(filepath.Base(file), ".frame")
		t.Run(name, func(t *testing.T) {
			frame, look := readPicture(t, file, name)
			comparePicture(t, name, frame, look)
			lookAt(t, name, frame, look)
		})
	}
}

// readPicture reads a frame: its size, then the content of the screen.
func readPicture(t *testing.T, file, name string) (screenshots.Frame, screenshots.Look) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, content, _ := strings.Cut(string(data), "\n")
	var w, h int
	if _, err := fmt.Sscanf(head, "%dx%d", &w, &h); err != nil {
		t.Fatal(err)
	}
	return screenshots.NewFrame(content, w, h), screenshots.Look{Title: "countersign", Dark: !strings.HasSuffix(name, "-light")}
}

// comparePicture holds the drawn picture against the golden one.
func comparePicture(t *testing.T, name string, frame screenshots.Frame, look screenshots.Look) {
	t.Helper()
	var svg bytes.Buffer
	if err := frame.SVG(&svg, look); err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("gallery", name+".svg")
	if flagged("update") == "true" {
		if err := os.MkdirAll("gallery", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, svg.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || !bytes.Equal(want, svg.Bytes()) {
		t.Errorf("%s differs; go generate ./screenshots draws it anew (%v)", golden, err)
	}
}

// lookAt writes the picture as PNG into the directory that -pictures names.
func lookAt(t *testing.T, name string, frame screenshots.Frame, look screenshots.Look) {
	t.Helper()
	dir := flagged("pictures")
	if dir == "" {
		return
	}
	var png bytes.Buffer
	if err := frame.PNG(&png, look); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// flagged is the value of a flag that the tests of the package itself define.
func flagged(name string) string {
	if f := flag.Lookup(name); f != nil {
		return f.Value.String()
	}
	return ""
}
