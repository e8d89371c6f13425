package cli

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// wantsJSON reports whether --json stands among the arguments. It is asked before they are understood, and also where
// another option takes it for its value, as behind an unset variable of a shell: the program that reads wants an object.
func wantsJSON(args []string) bool {
	wanted := false
	for _, arg := range args {
		if arg == "--" {
			break
		}
		if value, given := strings.CutPrefix(arg, "--json="); given {
			wanted, _ = strconv.ParseBool(value)
		} else if arg == "--json" {
			wanted = true
		}
	}
	return wanted
}

// flagError says what is wrong with a flag, and which one was probably meant.
func flagError(c *cobra.Command, err error) error {
	message, hint := err.Error(), c.CommandPath()+" --help lists the flags"
	if c == c.Root() {
		hint = "countersign --help lists the commands"
	}
	var unknown *pflag.NotExistError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &invalid):
		message = fmt.Sprintf("--%s cannot be %q", invalid.GetFlag().Name, invalid.GetValue())
		if errors.Is(err, strconv.ErrRange) {
			message += ": the number is too large"
		} else if kind := invalid.GetFlag().Value.Type(); kind == "int" {
			message += ": it is a number"
		} else if kind == "bool" {
			message += ": it is true or false, and true without a value"
		}
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		hint += "; a word that begins with - stands behind --"
	case errors.As(err, &unknown):
		var known []string
		c.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
		if near := nearest(unknown.GetSpecifiedName(), known); near != "" {
			hint = fmt.Sprintf("did you mean --%s?", near)
		}
	}
	return wrong(hint, "%s", message)
}
