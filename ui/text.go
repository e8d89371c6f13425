package ui

import (
	"strconv"
	"strings"
	"time"

	"countersign/sign/untrusted"
)

func itoa(n int) string { return strconv.Itoa(n) }

func pad2(n int) string {
	if n < 10 {
		return "0" + itoa(n)
	}
	return itoa(n)
}

// shown draws text from outside in one line; what we made visible is set apart.
func shown(t untrusted.Text, k ink) row { return display(t.Line(), k) }

// display turns safe text into bits; what was made visible is reversed, so that it cannot be mistaken.
func display(d untrusted.Display, k ink) row {
	var out row
	for _, s := range d.Segments() {
		x := bit{s.Text, k}
		if s.Made {
			x.ink.attr |= reverse
		}
		out = append(out, x)
	}
	return out
}

// typed draws a string that a person typed or that comes from a file: it is as little trusted as any other.
func typed(s string, k ink) row { return shown(untrusted.From(s), k) }

// plural is "1 byte", "2 bytes".
func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return grouped(n) + " " + what + "s"
}

// grouped writes a number with thin groups of three: 10 485 760.
func grouped(n int) string {
	s := itoa(n)
	if len(s) <= 4 {
		return s
	}
	var b strings.Builder
	for i, c := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// brief writes a duration that was measured: 0.4 ms, 12 ms, 1.2 s.
func brief(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	switch {
	case d == 0:
		return "0"
	case ms < 10:
		return strconv.FormatFloat(ms, 'f', 1, 64) + " ms"
	case ms < 1000:
		return strconv.FormatFloat(ms, 'f', 0, 64) + " ms"
	}
	return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
}

// moment writes a point in time; without its date when that is today's.
func moment(t, now time.Time) string {
	t, now = t.UTC(), now.UTC()
	if t.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return t.Format("15:04:05") + " UTC"
	}
	return t.Format("2006-01-02 15:04") + " UTC"
}

// label is a name in a column of its own.
func label(name string, w int) bit {
	return bit{row{say(quiet, name)}.fit(w, ink{}).text(), ink{fg: quiet}}
}

// entry is a labelled value, wrapped behind its label.
func entry(name string, at int, value row, w int) []row {
	lead := label(name, at)
	var rows []row
	for _, r := range value.wrapped(max(w-at, 1)) {
		rows = append(rows, append(row{lead}, r...))
		lead = bit{spaces(at), ink{}}
	}
	return rows
}

// trouble tells about an error: the message, then what to do.
func trouble(message, hint string, w int) []row {
	rows := paragraph(strong(bad, "✗ "), message, ink{fg: bad}, w)
	if hint != "" {
		rows = append(rows, paragraph(say(warn, "→ "), hint, ink{}, w)...)
	}
	return rows
}

// origins shortens a stack to the first line of ours, for a bug report.
func origins(stack []byte) string {
	for line := range strings.Lines(string(stack)) {
		line = strings.TrimSpace(line)
		if i := strings.Index(line, "/ui/"); i >= 0 && !strings.Contains(line, "update.go") {
			at, _, _ := strings.Cut(line[i+1:], " ")
			return at
		}
	}
	return "ui"
}
