package history

import (
	"strings"

	"countersign/sign/untrusted"
)

// writeMarkdown renders a case for a ticket. Text from outside stands in fenced blocks only, whose fence is longer than
// any run of backquotes inside, so that it can neither end the block nor write a link or a mention.
func writeMarkdown(files []caseEntry, removed []Masked) []byte {
	var out strings.Builder
	for i, f := range files {
		if i > 0 {
			out.WriteString("\n---\n\n")
		}
		out.WriteString("# Countersign case\n\n" + fenced(title(f)))
		for _, s := range sections(f) {
			if s.text != "" {
				out.WriteString("\n## " + s.heading + "\n\n" + fenced(s.text))
			}
		}
	}
	out.WriteString("\n## What was removed\n\n" + fenced(removedText(removed)))
	return []byte(out.String())
}

func fenced(s string) string {
	text := untrusted.From(strings.TrimSuffix(s, "\n")).Block().String()
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + "text\n" + text + "\n" + fence + "\n"
}
