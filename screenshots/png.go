package screenshots

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"math"

	"golang.org/x/image/vector"
)

// maxPixels bounds a PNG: so many pixels (8192 x 8192) take 256 MB while it is drawn.
const maxPixels = 64 << 20

// PNG writes the frame as a PNG, look.Scale device pixels a pixel. The same frame and look give the same
// bytes. It fails on a look that is out of bounds, on pictures of no or of more than 8192 x 8192
// pixels, and on errors of w.
func (f Frame) PNG(w io.Writer, look Look) error {
	s, err := f.scene(look)
	if err != nil {
		return err
	}
	c := canvas{scale: orElse(look.Scale, 2)}
	width, height := s.width/unit*c.scale, s.height/unit*c.scale
	if width*height > maxPixels || width*height == 0 {
		return fmt.Errorf("picture: %d x %d pixels are not from 1 to %d", width, height, maxPixels)
	}
	c.img = image.NewRGBA(image.Rect(0, 0, width, height))
	c.shadow(s.shadow)
	c.masks = make([]*image.Alpha, len(s.glyphs))
	for _, l := range s.layers {
		c.layer(s, l)
	}
	return png.Encode(w, c.img)
}

// canvas draws a scene in device pixels.
type canvas struct {
	img   *image.RGBA
	scale int
	masks []*image.Alpha // of the scene's glyphs, drawn at their first use
	z     vector.Rasterizer
}

func (c *canvas) layer(s *scene, l layer) {
	ink := image.NewUniform(l.fill)
	for _, r := range l.rects {
		if area, whole := c.device(r); whole {
			draw.Draw(c.img, area, ink, image.Point{}, draw.Src)
		} else {
			c.shape(r.path(), ink)
		}
	}
	for _, p := range l.shapes {
		c.shape(p, ink)
	}
	for _, m := range l.marks {
		mask := c.mask(s, m.glyph)
		at := image.Pt(m.x*c.scale/unit, m.y*c.scale/unit)
		draw.DrawMask(c.img, mask.Bounds().Add(at), ink, image.Point{}, mask, mask.Bounds().Min, draw.Over)
	}
}

// device converts to device pixels, outwards; whole says that nothing had to be rounded.
func (c *canvas) device(r rect) (area image.Rectangle, whole bool) {
	k := c.scale
	area = image.Rect(floorDiv(r.x0*k), floorDiv(r.y0*k), -floorDiv(-r.x1*k), -floorDiv(-r.y1*k))
	whole = r.x0*k%unit == 0 && r.y0*k%unit == 0 && r.x1*k%unit == 0 && r.y1*k%unit == 0
	return area, whole
}

func floorDiv(v int) int { return int(math.Floor(float64(v) / unit)) }

// shape fills an outline.
func (c *canvas) shape(p path, ink image.Image) {
	area, _ := c.device(p.bounds())
	area = area.Intersect(c.img.Bounds()) // the rasterizer does not clip to the picture
	c.trace(p, area)
	c.z.DrawOp = draw.Over
	c.z.Draw(c.img, area, ink, image.Point{})
}

// mask draws a glyph once; marks lie on whole pixels, so it looks the same at all of them.
func (c *canvas) mask(s *scene, n int) *image.Alpha {
	if c.masks[n] == nil {
		p := s.glyphs[n]
		area, _ := c.device(p.bounds())
		c.trace(p, area)
		c.masks[n] = image.NewAlpha(area)
		c.z.DrawOp = draw.Src
		c.z.Draw(c.masks[n], area, image.Opaque, image.Point{})
		for i, v := range c.masks[n].Pix { // sixteen steps look the same as 256, and make a quarter less of a file
			c.masks[n].Pix[i] = uint8((int(v)*15 + 127) / 255 * 17)
		}
	}
	return c.masks[n]
}

// trace hands an outline to the rasterizer, as seen from the corner of the area.
func (c *canvas) trace(p path, area image.Rectangle) {
	c.z.Reset(area.Dx(), area.Dy())
	at := func(q point) (x, y float32) {
		return float32(q.x*c.scale-area.Min.X*unit) / unit, float32(q.y*c.scale-area.Min.Y*unit) / unit
	}
	for i, s := range p {
		x0, y0 := at(s.points[0])
		x1, y1 := at(s.points[1])
		x2, y2 := at(s.points[2])
		switch s.op {
		case 'M':
			if i > 0 {
				c.z.ClosePath()
			}
			c.z.MoveTo(x0, y0)
		case 'L':
			c.z.LineTo(x0, y0)
		case 'Q':
			c.z.QuadTo(x0, y0, x1, y1)
		case 'C':
			c.z.CubeTo(x0, y0, x1, y1, x2, y2)
		}
	}
	c.z.ClosePath()
}

// shadow blurs a rounded rectangle by three passes of a box, which come close to a Gaussian (SVG 1.1,
// section 15.17), and lays it on the empty picture.
func (c *canvas) shadow(s *shadow) {
	if s == nil {
		return
	}
	b := c.img.Bounds()
	c.trace(s.area.rounded(s.radius, s.radius), b)
	mask := image.NewAlpha(b)
	c.z.DrawOp = draw.Src
	c.z.Draw(mask, b, image.Opaque, image.Point{})
	deviation := float64(s.blur*c.scale) / unit
	window := int(deviation*3*math.Sqrt(2*math.Pi)/4+0.5) | 1
	for range 3 {
		for y := range b.Dy() {
			blur(mask.Pix[y*mask.Stride:], b.Dx(), 1, window)
		}
		for x := range b.Dx() {
			blur(mask.Pix[x:], b.Dy(), mask.Stride, window)
		}
	}
	black := image.NewUniform(color.RGBA{A: uint8(s.opacity * 255 / 100)})
	draw.DrawMask(c.img, b, black, image.Point{}, mask, b.Min, draw.Over)
}

// blur averages n values, step apart, over a window of odd length. Beyond the ends is nothing.
func blur(pix []uint8, n, step, window int) {
	half, sum := window/2, 0
	line := make([]uint8, n)
	for i := range n {
		line[i] = pix[i*step]
	}
	for i := -half; i < n; i++ {
		if i+half < n {
			sum += int(line[i+half])
		}
		if i-half-1 >= 0 {
			sum -= int(line[i-half-1])
		}
		if i >= 0 {
			pix[i*step] = uint8(sum / window)
		}
	}
}
