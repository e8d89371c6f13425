package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"countersign/flows"
	"countersign/history"
)

func (a *app) historyImport() *cobra.Command {
	f := &sending{}
	var partner string
	var entry int
	c := a.leaf("import [FILE]", "make a draft of a case file, a curl command, raw HTTP or a HAR entry; --send sends it", 0, 1, nil)
	c.RunE = func(c *cobra.Command, args []string) error {
		if entry < 0 {
			return wrong("the first entry of a HAR file is 0", "--entry cannot be %d", entry)
		}
		if err := notEmpty(c, "provider", "base-url", "ca"); err != nil {
			return err
		}
		if partner != "" {
			if _, err := provider(partner); err != nil {
				return err
			}
		}
		name := strings.Join(args, "")
		if name == "" {
			name = "-"
		}
		text, err := a.readInput(name)
		if err != nil {
			return err
		}
		list, err := history.Import(text, history.ImportOptions{Providers: flows.All(), Provider: partner, ReadFile: a.readInput, Entry: entry, Name: name, Now: a.Now()})
		if err != nil {
			return err
		}
		if len(list) == 1 && list[0].Draft.Provider != nil {
			return a.offer(c.Context(), list[0].Draft, "", list[0].Remarks, f)
		}
		if f.send {
			return wrong("", "%q holds %d exchanges; only one can be sent at a time", name, len(list))
		}
		return a.imported(list)
	}
	c.Flags().StringVar(&partner, "provider", "", "the partner's `ID`, where host and path do not tell")
	c.Flags().IntVar(&entry, "entry", 0, "`NUMBER` of the entry of a HAR file, from 0")
	f.flags(c)
	return c
}

// imported prints a case file of several exchanges.
func (a *app) imported(list []history.Imported) error {
	entries := []entryJSON{}
	v := view{page: &page{w: a.Stdout}, now: a.Now}
	for _, one := range list {
		if one.Entry == nil {
			continue
		}
		if a.json {
			entries = append(entries, entryOf(*one.Entry))
			continue
		}
		v.entry(*one.Entry)
		v.page.line("")
	}
	if a.json {
		return a.object(struct {
			Entries []entryJSON `json:"entries"`
		}{entries})
	}
	return v.page.err
}
