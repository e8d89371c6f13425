package capture

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"mvdan.cc/sh/v3/syntax"
)

// word is a word of a command as the program would get it.
type word struct {
	text string
	// open are the variables and commands in it, as they are written: they were not expanded.
	open []string
}

// shellWords finds the command that runs curl in a shell text and returns its words, the first one left out.
// It runs nothing and expands nothing.
func shellWords(text string) ([]word, error) {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(strings.NewReader(text), "")
	if err != nil {
		return nil, shellError(err)
	}
	var call []*syntax.Word
	syntax.Walk(file, func(n syntax.Node) bool {
		if c, ok := n.(*syntax.CallExpr); ok && call == nil {
			for i, w := range c.Args {
				if name := w.Lit(); name == "curl" || name == "curl.exe" || strings.HasSuffix(name, "/curl") {
					call = c.Args[i+1:]
					return false
				}
			}
		}
		return call == nil
	})
	if call == nil {
		return nil, errors.New("there is no curl command in the text")
	}
	words := make([]word, len(call))
	for i, w := range call {
		e := evaluation{source: text}
		e.parts(w.Parts, false)
		words[i] = word{e.out.String(), e.open}
	}
	return words, nil
}

// shellError turns a syntax error into a sentence.
func shellError(err error) error {
	var p syntax.ParseError
	if errors.As(err, &p) {
		return fmt.Errorf("the command cannot be read as shell text: line %d, column %d: %s", p.Pos.Line(), p.Pos.Col(), p.Text)
	}
	return errors.New("the command cannot be read as shell text: a quote or a bracket is not closed")
}

// evaluation takes the quotes off a word.
type evaluation struct {
	source string
	out    strings.Builder
	open   []string
}

func (e *evaluation) parts(parts []syntax.WordPart, quoted bool) {
	for _, p := range parts {
		switch p := p.(type) {
		case *syntax.Lit:
			e.out.WriteString(unescaped(p.Value, quoted))
		case *syntax.SglQuoted:
			if p.Dollar {
				e.out.WriteString(ansiC(p.Value))
			} else {
				e.out.WriteString(p.Value)
			}
		case *syntax.DblQuoted:
			e.parts(p.Parts, true)
		default:
			text := e.text(p)
			e.out.WriteString(text)
			e.open = append(e.open, text)
		}
	}
}

// text is a part as it is written.
func (e *evaluation) text(p syntax.Node) string {
	from, to := int(p.Pos().Offset()), int(p.End().Offset())
	if from < 0 || to > len(e.source) || from > to {
		return "$?"
	}
	return e.source[from:to]
}

// unescaped removes backslashes: outside quotes all, inside double quotes those in front of $ ` " \ and a newline.
func unescaped(s string, quoted bool) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			out.WriteByte(s[i])
			continue
		}
		switch next := s[i+1]; {
		case next == '\n':
			i++
		case !quoted || strings.IndexByte("$`\"\\", next) >= 0:
			i++
			out.WriteByte(next)
		default:
			out.WriteByte('\\')
		}
	}
	return out.String()
}

// ansiC decodes the inside of $'…' (Bash manual section 3.1.2.4).
func ansiC(s string) string {
	const letters, values = `abeEfnrtv\'"?`, "\a\b\x1b\x1b\f\n\r\t\v\\'\"?"
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			out.WriteByte(s[i])
			continue
		}
		i++
		if k := strings.IndexByte(letters, s[i]); k >= 0 {
			out.WriteByte(values[k])
			continue
		}
		n := 0
		switch s[i] {
		case 'x':
			n = ansiCode(&out, s[i+1:], 16, 2, false)
		case 'u':
			n = ansiCode(&out, s[i+1:], 16, 4, true)
		case 'U':
			n = ansiCode(&out, s[i+1:], 16, 8, true)
		case '0', '1', '2', '3', '4', '5', '6', '7':
			if n = ansiCode(&out, s[i:], 8, 3, false); n > 0 {
				i += n - 1
				continue
			}
		case 'c':
			if i+1 < len(s) {
				out.WriteByte(s[i+1] & 0x1f)
				n = 1
			}
		}
		if n == 0 {
			out.WriteByte('\\')
			out.WriteByte(s[i])
		}
		i += n
	}
	return out.String()
}

// ansiCode writes the byte or character that up to most digits name, and returns how many digits there were.
func ansiCode(out *strings.Builder, s string, base, most int, character bool) int {
	n := 0
	for n < most && n < len(s) {
		if _, err := strconv.ParseUint(s[n:n+1], base, 8); err != nil {
			break
		}
		n++
	}
	v, err := strconv.ParseUint(s[:n], base, 32)
	if err != nil {
		return 0
	}
	if character {
		if v > utf8.MaxRune {
			v = utf8.RuneError
		}
		out.WriteRune(rune(v))
	} else {
		out.WriteByte(byte(v))
	}
	return n
}

// windowsWords reads a command of cmd.exe, as browsers copy it: ^ escapes the next character and joins lines,
// double quotes hold words together, and \" stands for a quote inside them.
func windowsWords(text string) []word {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	var plain strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '^' || i+1 == len(text) {
			plain.WriteByte(text[i])
			continue
		}
		i++
		if text[i] != '\n' {
			plain.WriteByte(text[i])
		} else if i+1 < len(text) && text[i+1] == '\n' { // ^ LF LF is an escaped line end
			plain.WriteByte('\n')
			i++
		}
	}
	var words []word
	var w strings.Builder
	inside, begun := false, false
	s := plain.String()
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\' && strings.HasPrefix(strings.TrimLeft(s[i:], `\`), `"`)):
			i++
			w.WriteByte(s[i])
			begun = true
		case c == '"':
			inside, begun = !inside, true
		case !inside && (c == ' ' || c == '\t' || c == '\n'):
			if begun {
				words = append(words, word{text: w.String()})
				w.Reset()
				begun = false
			}
		default:
			w.WriteByte(c)
			begun = true
		}
	}
	if begun {
		words = append(words, word{text: w.String()})
	}
	for i, w := range words {
		if name := strings.ToLower(w.text); name == "curl" || name == "curl.exe" {
			return words[i+1:]
		}
	}
	return nil
}
