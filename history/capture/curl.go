package capture

import (
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"countersign/sign"
)

// Curl reads a curl command in any shell quoting that people paste: single quotes, double quotes, bash $'…',
// backslash-newline, and as a best effort the ^ of cmd.exe and the backtick of PowerShell.
//
// What curl adds by itself and a partner may look at is added: POST and Content-Type for data, Authorization for -u.
// User-Agent, Accept and Content-Length are not.
func Curl(text []byte, opt Option) (sign.Captured, []Remark, error) {
	if len(text) > MaxText {
		return sign.Captured{}, nil, fmt.Errorf("the text has %d bytes; at most %d are read", len(text), MaxText)
	}
	c := command{read: opt.ReadFile}
	words, err := c.words(string(text))
	if err != nil {
		return sign.Captured{}, nil, err
	}
	c.unexpanded(words)
	if err := c.options(words); err != nil {
		return sign.Captured{}, c.remarks, err
	}
	captured, err := c.captured()
	if err != nil {
		return sign.Captured{}, c.remarks, err
	}
	return captured, c.remarks, nil
}

// command is a curl command as far as it was read.
type command struct {
	read    func(string) ([]byte, error)
	remarks []Remark

	urls    []string
	method  string
	headers []sign.Pair
	removed []string // names of headers that curl must not send
	data    []byte
	hasData bool
	json    bool
	get     bool // -G
	head    bool
	user    string
	hasUser bool
	query   []string // --url-query
	asIs    bool     // --path-as-is
	noGlob  bool
}

func (c *command) remark(format string, a ...any) {
	c.remarks = append(c.remarks, Remark(fmt.Sprintf(format, a...)))
}

// windowsMarks are what only a command for cmd.exe has: a ^ in front of a quote or at the end of a line.
var windowsMarks = regexp.MustCompile(`\^(\r?\n|"|\\)`)

// words splits the text into the words of the curl command.
func (c *command) words(text string) ([]word, error) {
	prompt := strings.TrimLeft(text, " \t\r\n")
	for _, p := range []string{"$ ", "% ", "> ", "# ", "PS> "} {
		prompt = strings.TrimPrefix(prompt, p)
	}
	if windowsMarks.MatchString(prompt) && !strings.Contains(prompt, "'") {
		c.remark("the command was read as one for cmd.exe")
		if words := windowsWords(prompt); words != nil {
			return words, nil
		}
		return nil, errors.New("there is no curl command in the text")
	}
	unix := strings.ReplaceAll(prompt, "\r\n", "\n")
	if unix != prompt {
		c.remark("the line ends of the command were CRLF and were read as LF, inside the body too")
	}
	if strings.Contains(unix, "`\n") {
		c.remark("the command was read as one for PowerShell: a backtick at the end of a line joins lines")
		unix = strings.ReplaceAll(unix, "`\n", "\\\n")
	}
	return shellWords(strings.TrimRight(unix, " \t\n\\"))
}

// unexpanded names every variable and command that a shell would have replaced.
func (c *command) unexpanded(words []word) {
	seen := map[string]bool{}
	for _, w := range words {
		for _, o := range w.open {
			if !seen[o] {
				seen[o] = true
				c.remark("%s was not expanded; paste the command with its value, or set the value by hand", short(o))
			}
		}
	}
}

// options goes through the words as curl does.
func (c *command) options(words []word) error {
	for i := 0; i < len(words); i++ {
		w := words[i].text
		switch {
		case w == "--" || w == "":
		case w == "--next" || w == "-:":
			c.remark("only the request in front of %s was taken", w)
			return nil
		case strings.HasPrefix(w, "--"):
			name, value, given := strings.Cut(w[2:], "=")
			o, ok := longOptions[name]
			if !ok {
				o, ok = longOptions[strings.TrimPrefix(name, "no-")]
				if !ok || o.value {
					c.remark("option --%s is not known and was skipped", name)
					continue
				}
				given = true // --no-x switches off what is off already
			}
			if o.value && !given {
				if i++; i == len(words) {
					return fmt.Errorf("option --%s has no value", name)
				}
				value = words[i].text
			}
			if err := c.option(o, "--"+name, value); err != nil {
				return err
			}
		case len(w) > 1 && w[0] == '-':
			used, err := c.shortOptions(w[1:], words[i+1:])
			if err != nil {
				return err
			}
			i += used
		default:
			c.urls = append(c.urls, w)
		}
	}
	return nil
}

// shortOptions reads a bundle such as -sSXPOST and reports whether it took the next word.
func (c *command) shortOptions(letters string, next []word) (used int, err error) {
	for j := 0; j < len(letters); j++ {
		name := shortNames[letters[j]]
		o, ok := longOptions[name]
		if !ok {
			c.remark("option -%c is not known and was skipped", letters[j])
			continue
		}
		if !o.value {
			if err := c.option(o, "-"+letters[j:j+1], ""); err != nil {
				return 0, err
			}
			continue
		}
		value := letters[j+1:]
		if value == "" {
			if len(next) == 0 {
				return 0, fmt.Errorf("option -%c has no value", letters[j])
			}
			value, used = next[0].text, 1
		}
		return used, c.option(o, "-"+letters[j:j+1], value)
	}
	return 0, nil
}

func (c *command) option(o option, as, value string) error {
	if o.remark != "" {
		c.remark("%s %s", as, o.remark)
	}
	if o.do == nil {
		return nil
	}
	return o.do(c, as, value)
}

// captured puts the request together.
func (c *command) captured() (sign.Captured, error) {
	if len(c.urls) == 0 {
		return sign.Captured{}, errors.New("the curl command has no url")
	}
	if len(c.urls) > 1 {
		c.remark("the command has %d urls; the first was taken", len(c.urls))
	}
	scheme, user, authority, target, err := splitURL(c.urls[0])
	if err != nil {
		return sign.Captured{}, err
	}
	if scheme == "" {
		scheme = "http"
		c.remark("the url has no scheme; curl takes it for http")
	}
	if !c.noGlob && strings.ContainsAny(target, "{}[]") {
		c.remark("the url has brackets, which curl expands unless -g is given; they were kept")
	}
	if path, _, _ := strings.Cut(target, "?"); !c.asIs && (strings.Contains(path+"/", "/./") || strings.Contains(path+"/", "/../")) {
		c.remark("the path %s has dot segments, which curl removes; they were kept", short(path))
	}
	if user != "" && !c.hasUser {
		c.user, c.hasUser = percentDecoded(user), true
	}
	out := sign.Captured{Method: c.verb(), Scheme: scheme, Authority: authority, Target: c.target(target)}
	if !isToken(out.Method) {
		return sign.Captured{}, fmt.Errorf("the method %s is no method", short(out.Method))
	}
	if c.hasData && !c.get {
		out.Body, out.HasBody = c.data, len(c.data) > 0
	}
	c.ownHeaders()
	out.Header = c.headers
	if len(out.Header) > maxHeaders {
		return sign.Captured{}, fmt.Errorf("there are more than %d header fields", maxHeaders)
	}
	if host, ok := out.Get("Host"); ok && host != "" {
		out.Authority = host
	}
	return out, nil
}

// verb is the method: the one that is named, or the one that the options imply.
func (c *command) verb() string {
	switch {
	case c.method != "":
		return c.method
	case c.head:
		return "HEAD"
	case c.hasData && !c.get:
		return "POST"
	}
	return "GET"
}

// target adds what -G and --url-query put into the query.
func (c *command) target(t string) string {
	parts := c.query
	if c.get && c.hasData {
		parts = append(parts, string(c.data))
	}
	for _, p := range parts {
		sep := "?"
		if strings.Contains(t, "?") {
			sep = "&"
		}
		if strings.HasSuffix(t, "?") || strings.HasSuffix(t, "&") {
			sep = ""
		}
		t += sep + p
	}
	return t
}

// ownHeaders adds what curl adds and drops what it was told to drop.
func (c *command) ownHeaders() {
	add := func(name, value string) {
		for _, n := range c.removed {
			if strings.EqualFold(n, name) {
				return
			}
		}
		for _, h := range c.headers {
			if strings.EqualFold(h.Name, name) {
				return
			}
		}
		c.headers = append(c.headers, sign.Pair{Name: name, Value: value})
	}
	if c.hasUser {
		add("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(c.user)))
	}
	switch {
	case c.json:
		add("Content-Type", "application/json")
		add("Accept", "application/json")
	case c.hasData && !c.get:
		add("Content-Type", "application/x-www-form-urlencoded")
	}
}
