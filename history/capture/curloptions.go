package capture

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"countersign/sign"
)

// option is what an option of curl means for the request. Without do it changes nothing that is sent, or nothing
// that a partner looks at.
type option struct {
	value  bool // a value follows
	remark string
	do     func(c *command, as, value string) error
}

// flag and skip are options that change nothing: without and with a value.
var flag, skip = option{}, option{value: true}

// insecure is what -k means.
const insecure = "was skipped: it switches off the check of the server's certificate, which must stay on"

// longOptions are curl's options (curl.se/docs/manpage.html). One that is missing is skipped with a remark.
var longOptions = map[string]option{
	"request": {value: true, do: func(c *command, _, v string) error { c.method = v; return nil }},
	"header":  {value: true, do: (*command).header},
	"url":     {value: true, do: func(c *command, _, v string) error { c.urls = append(c.urls, v); return nil }},
	"user":    {value: true, do: (*command).setUser},
	"get":     {do: func(c *command, _, _ string) error { c.get = true; return nil }},
	"head":    {do: func(c *command, _, _ string) error { c.head = true; return nil }},
	"json":    {value: true, do: (*command).addJSON},

	"data":           {value: true, do: (*command).addData},
	"data-ascii":     {value: true, do: (*command).addData},
	"data-binary":    {value: true, do: (*command).addBinary},
	"data-raw":       {value: true, do: func(c *command, _, v string) error { c.join([]byte(v)); return nil }},
	"data-urlencode": {value: true, do: (*command).addEncoded},
	"url-query":      {value: true, do: (*command).addQuery},
	"form":           {value: true, do: refused("sends a multipart form, whose boundary is random; paste the raw request instead")},
	"form-string":    {value: true, do: refused("sends a multipart form, whose boundary is random; paste the raw request instead")},
	"upload-file":    {value: true, do: refused("uploads a file; paste the raw request instead")},
	"config":         {value: true, do: refused("takes options from a file; paste the whole command instead")},

	"user-agent":    {value: true, do: named("User-Agent")},
	"referer":       {value: true, do: named("Referer")},
	"cookie":        {value: true, do: (*command).cookie},
	"oauth2-bearer": {value: true, do: func(c *command, _, v string) error { return c.header("", "Authorization: Bearer "+v) }},
	"compressed":    flag,
	"path-as-is":    {do: func(c *command, _, _ string) error { c.asIs = true; return nil }},
	"globoff":       {do: func(c *command, _, _ string) error { c.noGlob = true; return nil }},

	"insecure": {remark: insecure}, "proxy-insecure": {remark: insecure},
	"location": flag, "location-trusted": {remark: "was skipped: it sends credentials to whatever host a redirect names"},
	"digest": {remark: "was skipped: Digest needs a challenge of the server"}, "ntlm": flag, "negotiate": flag, "anyauth": flag, "basic": flag,
	"silent": flag, "show-error": flag, "verbose": flag, "include": flag, "fail": flag, "fail-with-body": flag, "no-buffer": flag, "buffer": flag,
	"http1.0": flag, "http1.1": flag, "http2": flag, "http2-prior-knowledge": flag, "http3": flag, "http3-only": flag, "http0.9": flag, "ipv4": flag, "ipv6": flag,
	"tlsv1": flag, "tlsv1.0": flag, "tlsv1.1": flag, "tlsv1.2": flag, "tlsv1.3": flag, "ssl-reqd": flag, "ssl-no-revoke": flag, "sslv2": flag, "sslv3": flag,
	"remote-name": flag, "remote-header-name": flag, "create-dirs": flag, "progress-bar": flag, "progress-meter": flag, "tcp-nodelay": flag, "keepalive": flag, "sessionid": flag,
	"post301": flag, "post302": flag, "post303": flag, "raw": flag, "tr-encoding": flag, "styled-output": flag, "parallel": flag, "retry-all-errors": flag,
	"retry-connrefused": flag, "disable": flag, "junk-session-cookies": flag, "list-only": flag, "use-ascii": flag, "append": flag, "proxytunnel": flag, "netrc": flag, "netrc-optional": flag,
	"alpn": flag, "npn": flag, "haproxy-protocol": flag, "tcp-fastopen": flag, "cert-status": flag, "false-start": flag, "fail-early": flag, "crlf": flag, "disallow-username-in-url": flag,

	"output": skip, "output-dir": skip, "write-out": skip, "dump-header": skip, "cookie-jar": skip, "max-time": skip, "connect-timeout": skip, "retry": skip,
	"retry-delay": skip, "retry-max-time": skip, "cert": skip, "cert-type": skip, "key": skip, "key-type": skip, "cacert": skip, "capath": skip, "pass": skip,
	"proxy": skip, "proxy-user": skip, "proxy-header": skip, "noproxy": skip, "socks5": skip, "socks5-hostname": skip, "socks4": skip, "socks4a": skip, "preproxy": skip,
	"resolve": skip, "connect-to": skip, "interface": skip, "ciphers": skip, "tls13-ciphers": skip, "tls-max": skip, "curves": skip, "pinnedpubkey": skip, "crlfile": skip,
	"max-redirs": skip, "limit-rate": skip, "range": skip, "continue-at": skip, "time-cond": skip, "max-filesize": skip, "dns-servers": skip, "unix-socket": skip, "abstract-unix-socket": skip,
	"local-port": skip, "speed-limit": skip, "speed-time": skip, "keepalive-time": skip, "expect100-timeout": skip, "stderr": skip, "trace": skip, "trace-ascii": skip,
	"proto": skip, "proto-default": skip, "proto-redir": skip, "request-target": skip, "doh-url": skip, "engine": skip, "egd-file": skip, "random-file": skip, "netrc-file": skip,
	"happy-eyeballs-timeout-ms": skip, "parallel-max": skip, "rate": skip, "aws-sigv4": {value: true, remark: "was skipped: the signature it makes is not known"},
	"variable": skip, "service-name": skip, "delegation": skip, "hsts": skip, "alt-svc": skip, "etag-save": skip, "etag-compare": skip, "quote": skip, "telnet-option": skip,
}

// shortNames maps letters to long names.
var shortNames = map[byte]string{
	'X': "request", 'H': "header", 'u': "user", 'G': "get", 'I': "head", 'd': "data", 'F': "form", 'T': "upload-file", 'K': "config",
	'A': "user-agent", 'e': "referer", 'b': "cookie", 'k': "insecure", 'L': "location", 's': "silent", 'S': "show-error", 'v': "verbose", 'i': "include",
	'f': "fail", 'N': "no-buffer", '0': "http1.0", '4': "ipv4", '6': "ipv6", '1': "tlsv1", 'O': "remote-name", 'J': "remote-header-name", '#': "progress-bar",
	'g': "globoff", 'q': "disable", 'j': "junk-session-cookies", 'l': "list-only", 'B': "use-ascii", 'a': "append", 'p': "proxytunnel", 'n': "netrc", 'Z': "parallel",
	'o': "output", 'w': "write-out", 'D': "dump-header", 'c': "cookie-jar", 'm': "max-time", 'E': "cert", 'x': "proxy", 'U': "proxy-user", 'r': "range", 'C': "continue-at", 'z': "time-cond",
	'Y': "speed-limit", 'y': "speed-time", 't': "telnet-option", 'Q': "quote", '2': "sslv2", '3': "sslv3",
}

// refused makes the error of an option that cannot be followed.
func refused(why string) func(*command, string, string) error {
	return func(_ *command, as, _ string) error { return fmt.Errorf("option %s %s", as, why) }
}

func named(name string) func(*command, string, string) error {
	return func(c *command, _, v string) error {
		c.headers = append(c.headers, sign.Pair{Name: name, Value: v})
		return nil
	}
}

// header adds a field; "Name:" removes the one that curl would add, "Name;" sends an empty one.
func (c *command) header(as, v string) error {
	if strings.HasPrefix(v, "@") {
		b, err := c.file(as, v[1:])
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(b)) {
			if line = strings.TrimRight(line, "\r\n"); line != "" {
				if err := c.header(as, line); err != nil {
					return err
				}
			}
		}
		return nil
	}
	name, value, ok := strings.Cut(v, ":")
	n, empty := strings.CutSuffix(v, ";")
	if empty = empty && !ok; empty {
		name = n
	}
	if name = strings.Trim(name, " \t"); !ok && !empty || !isToken(name) {
		return fmt.Errorf("the header %s is no header field; it must read like Name: value", short(strings.SplitN(v, " ", 2)[0]))
	}
	if value = strings.Trim(value, " \t"); value == "" && !empty {
		c.removed = append(c.removed, name)
		return nil
	}
	c.headers = append(c.headers, sign.Pair{Name: name, Value: value})
	return nil
}

func (c *command) setUser(_, v string) error {
	c.user, c.hasUser = v, true
	if !strings.Contains(v, ":") {
		c.remark("-u has no password; curl would ask for it")
		c.user += ":"
	}
	return nil
}

func (c *command) cookie(as, v string) error {
	if !strings.Contains(v, "=") {
		c.remark("%s names a file of cookies, which was skipped", as)
		return nil
	}
	return c.header(as, "Cookie: "+v)
}

// join adds a part of the data; parts are joined with &.
func (c *command) join(b []byte) {
	if c.hasData && !c.json {
		c.data = append(c.data, '&')
	}
	c.data, c.hasData = append(c.data, b...), true
}

// addData is -d: from a file, CR, LF and NUL are dropped, as curl does.
func (c *command) addData(as, v string) error {
	name, isFile := strings.CutPrefix(v, "@")
	if !isFile {
		c.join([]byte(v))
		return nil
	}
	b, err := c.file(as, name)
	if err != nil {
		return err
	}
	kept := make([]byte, 0, len(b))
	for _, x := range b {
		if x != '\r' && x != '\n' && x != 0 {
			kept = append(kept, x)
		}
	}
	if len(kept) != len(b) {
		c.remark("curl %s drops line ends from a file: %d bytes were dropped from %s; --data-binary keeps them", as, len(b)-len(kept), short(name))
	}
	c.join(kept)
	return nil
}

// addBinary is --data-binary: a file is taken as it is.
func (c *command) addBinary(as, v string) error {
	name, isFile := strings.CutPrefix(v, "@")
	if !isFile {
		c.join([]byte(v))
		return nil
	}
	b, err := c.file(as, name)
	if err == nil {
		c.join(b)
	}
	return err
}

// addJSON is --json: parts are joined without anything between, files are taken as they are.
func (c *command) addJSON(as, v string) error {
	had := c.hasData && !c.json
	c.json = true
	if had {
		c.data = append(c.data, '&')
	}
	return c.addBinary(as, v)
}

// addEncoded is --data-urlencode: content, =content, name=content, @file, name@file.
func (c *command) addEncoded(as, v string) error {
	b, err := c.encoded(as, v)
	if err == nil {
		c.join([]byte(b))
	}
	return err
}

// addQuery is --url-query: like --data-urlencode, and what begins with + is taken as it is.
func (c *command) addQuery(as, v string) error {
	if rest, ok := strings.CutPrefix(v, "+"); ok {
		c.query = append(c.query, rest)
		return nil
	}
	b, err := c.encoded(as, v)
	if err == nil {
		c.query = append(c.query, b)
	}
	return err
}

func (c *command) encoded(as, v string) (string, error) {
	i := strings.IndexAny(v, "=@")
	if i < 0 {
		return urlencode(v), nil
	}
	name, content := v[:i], v[i+1:]
	if v[i] == '@' {
		b, err := c.file(as, content)
		if err != nil {
			return "", err
		}
		content = string(b)
	}
	if name == "" {
		return urlencode(content), nil
	}
	return name + "=" + urlencode(content), nil
}

// urlencode is curl's: blanks become +, all but letters, digits and -._~ becomes %XX.
func urlencode(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "%7E", "~") }

// file reads a file through the caller's function.
func (c *command) file(as, name string) ([]byte, error) {
	switch {
	case name == "-":
		return nil, fmt.Errorf("option %s reads from standard input, which was not pasted; put the body into the command", as)
	case c.read == nil:
		return nil, fmt.Errorf("option %s takes the file %s, which is not read from a pasted command; put its content into the command, or name the file yourself", as, short(name))
	}
	b, err := c.read(name)
	if err != nil {
		return nil, fmt.Errorf("option %s: %w", as, err)
	}
	if len(b) > MaxText {
		return nil, errors.New("the file " + short(name) + " is too long")
	}
	c.remark("option %s put %d bytes of the file %s into the request; look at them before it is sent", as, len(b), short(name)) // whoever wrote the command chose it
	return b, nil
}

// percentDecoded decodes what stands in front of the @ of a URL, or keeps it when that is not possible.
func percentDecoded(s string) string {
	if out, err := url.PathUnescape(s); err == nil {
		return out
	}
	return s
}
