package ui_test

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// exact says how a content differs from h lines of w cells each.
func exact(content string, w, h int) error {
	lines := strings.Split(content, "\n")
	if len(lines) != h {
		return fmt.Errorf("%d lines, want %d", len(lines), h)
	}
	for i, l := range lines {
		if n := ansi.StringWidth(l); n != w {
			return fmt.Errorf("line %d has %d cells, want %d: %q", i, n, w, ansi.Strip(l))
		}
	}
	return nil
}
