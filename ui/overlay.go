package ui

import (
	tea "charm.land/bubbletea/v2"
)

// overlay is a box above the workbench. The topmost has all keys; it closes itself.
type overlay interface {
	// update takes a key or a paste.
	update(tea.Msg) tea.Cmd
	// draw returns the box, at most w by h cells, all rows of the same width.
	draw(w, h int) []row
}

// box draws a frame around rows, with a title above and keys below.
func box(title string, rows []row, hints row, inner int) []row {
	return boxIn(accent, title, rows, hints, inner)
}

// boxIn draws a box whose frame has a tone of its own.
func boxIn(t tone, title string, rows []row, hints row, inner int) []row {
	edge := ink{fg: t}
	top := append(row{{"╭─ ", edge}, strong(t, title), {" ", edge}}, bit{repeat("─", max(inner-width(title)-1, 0)) + "╮", edge})
	out := []row{top.fit(inner+4, edge)}
	for _, r := range rows {
		line := append(row{{"│ ", edge}}, r.fit(inner, ink{})...)
		out = append(out, append(line, bit{" │", edge}))
	}
	foot := row{{"╰", edge}, {repeat("─", inner+2), edge}, {"╯", edge}}
	if hints.cells() > 0 && hints.cells()+6 <= inner {
		foot = append(row{{"╰─ ", edge}}, hints...)
		foot = append(foot, bit{" " + repeat("─", inner-hints.cells()-2) + "─╯", edge}).fit(inner+4, edge)
	}
	return append(out, foot)
}

// hint is a key and what it does, for the frame of an overlay.
func hint(pairs ...string) row {
	var out row
	for i := 0; i+1 < len(pairs); i += 2 {
		if i > 0 {
			out = append(out, say(quiet, "  "))
		}
		out = append(out, strong(accent, pairs[i]), say(quiet, " "+pairs[i+1]))
	}
	return out
}

// innerWidth is how wide the inside of a box may be: what is wished, as far as the screen allows.
func innerWidth(wish, w int) int { return max(min(wish, w-4), 10) }
