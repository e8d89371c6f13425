// Package screenshots turns a settled terminal screen into text, SVG and PNG.
//
// The pipeline of every picture and of every golden screen is the same:
//
//	UI script -> model -> View content -> NewFrame -> Text, Styles   (compared with golden screens)
//	                                              \-> SVG, PNG       (shown in the gallery)
//
// A UI script drives the program with a fake clock until it is idle; the string that its View gives,
// text with SGR sequences (ECMA-48 8.3.117), becomes a [Frame]: a fixed grid of cells. Whatever is
// read off a frame is a pure function of it, so the same script gives the same bytes on every run,
// and a picture cannot show what the tests did not see.
//
// Inside, a frame and a [Look] become a scene (scene.go): colours, rectangles, outlines and glyph
// positions in whole hundredths of a pixel. The two writers (svg.go, png.go) only translate the scene,
// so both pictures show the same shapes. Letters are outlines of DejaVu Sans Mono, which is built in:
// an SVG needs no font where it is shown. Box-drawing, block and braille characters are geometry
// (box.go, blocks.go, controls.go), so that lines join at every size and in every viewer. What no font
// here has becomes a box with its code point.
//
// Non-goals: emulating a terminal (cursor movement, scrolling and modes are dropped; a frame is
// already settled), colour emoji, right-to-left shaping, and animation.
package screenshots
