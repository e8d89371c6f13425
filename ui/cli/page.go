package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"countersign/sign/untrusted"
)

// page writes lines; after a failed write it writes no more, and err says why. Whatever a line holds, what a terminal would
// obey or hide is drawn visibly: a case file of a stranger may have it anywhere.
type page struct {
	w   io.Writer
	err error
}

// Write writes bytes as they are: the pages of help, whose writer looks at no error.
func (p *page) Write(b []byte) (n int, err error) {
	if p.err == nil {
		n, p.err = p.w.Write(b)
	}
	return n, p.err
}

// line writes one line.
func (p *page) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintln(p.w, untrusted.From(fmt.Sprintf(format, args...)))
	}
}

// block writes text of several lines, each behind indent blanks.
func (p *page) block(indent int, text string) {
	for line := range strings.Lines(text) {
		p.line("%*s%s", indent, "", strings.TrimSuffix(line, "\n"))
	}
}

// table begins rows whose columns stand under each other, behind indent blanks.
func (p *page) table(indent int) *table {
	return &table{page: p, w: tabwriter.NewWriter(p.w, 0, 1, 2, ' ', 0), indent: strings.Repeat(" ", indent)}
}

type table struct {
	page   *page
	w      *tabwriter.Writer
	indent string
}

// row adds a row; empty cells at its end are left out.
func (t *table) row(cells ...string) {
	for len(cells) > 0 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	for i, c := range cells {
		cells[i] = untrusted.From(c).String()
	}
	fmt.Fprintf(t.w, "%s%s\n", t.indent, strings.Join(cells, "\t")) // a failure is kept until Flush
}

// end writes the rows.
func (t *table) end() {
	if t.page.err == nil {
		t.page.err = t.w.Flush()
	}
}
