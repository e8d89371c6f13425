package screenshots

import (
	"image/color"
	"math"
	"testing"
)

// TestThemesAreReadable holds text colours to a contrast of 4.5 with the ground (WCAG 2.2, 1.4.3). Black
// and white are left out: one of them is near the ground by its nature.
func TestThemesAreReadable(t *testing.T) {
	for name, th := range map[string]theme{"dark": darkTheme, "light": lightTheme} {
		for i, c := range th.basic {
			if i%8 == 0 && i < 8 || i%8 == 7 {
				continue
			}
			if got := contrast(c, th.background); got < 4.5 {
				t.Errorf("%s: %s has contrast %.2f", name, basicNames[i], got)
			}
		}
		for what, pair := range map[string][2]color.RGBA{
			"text": {th.foreground, th.background}, "title": {th.label, th.bar}, "cursor": {th.background, th.cursor},
		} {
			if got := contrast(pair[0], pair[1]); got < 4.5 && what != "cursor" || got < 4 {
				t.Errorf("%s: %s has contrast %.2f", name, what, got)
			}
		}
	}
}

// contrast is the ratio of relative luminances of WCAG 2.2.
func contrast(a, b color.RGBA) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + .05) / (min(x, y) + .05)
}

func luminance(c color.RGBA) float64 {
	part := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= .04045 {
			return s / 12.92
		}
		return math.Pow((s+.055)/1.055, 2.4)
	}
	return .2126*part(c.R) + .7152*part(c.G) + .0722*part(c.B)
}

func TestForegroundAndBackgroundOfTheLook(t *testing.T) {
	l := Look{Foreground: rgb(0x112233), Background: color.White}
	th := l.theme()
	if th.foreground != rgb(0x112233) || th.background != rgb(0xffffff) {
		t.Errorf("theme has %v on %v", th.foreground, th.background)
	}
	if got := th.tint(NewFrame("\x1b[7mx", 1, 1).rows[0][0].style, false); got.ink != th.background || got.ground != th.foreground {
		t.Errorf("reverse video gives %v", got)
	}
}
