package flows

import "strings"

// expand replaces {name} by variables; it returns the name of the first that has no value.
// Text in braces that is no name (JSON, for instance) is left alone.
func expand(s string, vars map[string]string) (text, missing string) {
	text = replaceNames(s, func(name string) string {
		if vars[name] == "" && missing == "" {
			missing = name
		}
		return vars[name]
	})
	if missing != "" {
		return "", missing
	}
	return text, ""
}

// fill replaces {name} by the variables that there are, also by empty ones. Other text in braces is left alone: in a
// body, braces are JSON far more often than variables.
func fill(s string, vars map[string]string) string {
	return replaceNames(s, func(name string) string {
		if v, known := vars[name]; known {
			return v
		}
		return "{" + name + "}"
	})
}

// replaceNames puts the value of each name in the place of {name}. Values are not looked through again.
func replaceNames(s string, value func(name string) string) string {
	var out strings.Builder
	for {
		before, rest, ok := strings.Cut(s, "{")
		out.WriteString(before)
		if !ok {
			return out.String()
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed || !isName(name) {
			out.WriteByte('{')
			s = rest
			continue
		}
		out.WriteString(value(name))
		s = after
	}
}

func isName(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz_0123456789") == ""
}
