package explain

import (
	"bytes"
	"net/url"
	"strings"
)

// Stages of the path and query axes.
const (
	stageSegments = 1 + iota // segments lost or added
	stageSlashes
	stageCase
	stageDecoded
	stageEncoded
)

// pathMoves are mistakes with the path.
var pathMoves = table{"path", signers, byRecomputing, []move{
	{id: "path-prefix-lost", rank: 5, stage: stageSegments,
		title: "the path was signed without its beginning",
		how:   "one to four leading segments are dropped", probe: "a request to another path with the same beginning",
		fix:   "sign the path of the request that is sent, not the path relative to a base URL, a router or a gateway stage",
		apply: prefixLost},
	{id: "path-prefix-added", rank: 5, stage: stageSegments,
		title: "the path was signed with a beginning that was not sent",
		how:   "/v1, /v2, /v3, /api, /api/v1 and the like in front, or the path of the base URL", probe: "a request to another path",
		fix:   "sign the path of the request that is sent; a proxy or router may have removed its beginning",
		apply: prefixAdded},
	{id: "path-root", rank: 60, stage: stageSegments,
		title: "the path was signed as /",
		how:   "the path becomes /", probe: "a request to another path",
		fix:   "sign the path of the request that is sent",
		apply: replaced("/")},
	{id: "path-of-other-request", rank: 74, stage: stageSegments,
		title: "the path of another request was signed",
		how:   "the path is replaced by that of an earlier request", probe: "a request to a path never used before",
		fix: "look for a variable that is shared between requests, and for redirects: sign the final URL",
		apply: func(s *scene, _ []byte, yield yielder) {
			for i, c := range s.e.Earlier {
				if i < maxEarlier {
					path := normalised(c).Path()
					yield([]byte(path), quote(path))
				}
			}
		}},
	{id: "path-slash-lost", rank: 23, stage: stageSlashes,
		title: "the path was signed without the slash at its end, but sent with it",
		how:   "the slash at the end is removed", probe: "a request to a path without a slash at its end",
		fix:  "sign the path exactly as it is sent; the slash at the end belongs to it",
		edit: changed(func(b []byte) []byte { return bytes.TrimRight(b, "/") })},
	{id: "path-slash-added", rank: 23, stage: stageSlashes,
		title: "the path was signed with a slash at its end, but sent without it",
		how:   "a slash at the end is added", probe: "a request to a path with a slash at its end",
		fix: "sign the path exactly as it is sent; look for a redirect that added or removed the slash",
		edit: func(b []byte) []byte {
			if bytes.HasSuffix(b, []byte("/")) {
				return nil
			}
			return []byte(string(b) + "/")
		}},
	{id: "path-leading-slash", rank: 23, stage: stageSlashes,
		title: "the path was signed without the slash at its beginning",
		how:   "the first slash is removed", probe: "any request",
		fix:  "the path begins with /; url.pathname in JavaScript and urlsplit(url).path in Python have it",
		edit: changed(func(b []byte) []byte { return bytes.TrimLeft(b, "/") })},
	{id: "path-double-slash", rank: 23, stage: stageSlashes,
		title: "two slashes in a row stand in the path that was signed or in the one that was sent",
		how:   "// becomes /, or the first slash is doubled", probe: "any request",
		fix:   "join base URL and path with exactly one slash, once, and sign the result",
		apply: doubleSlash},
	{id: "path-lower-case", rank: 39, stage: stageCase,
		title: "the path was signed in lower case",
		how:   "letters become small", probe: "a path with a capital letter",
		fix: "sign the path exactly as it is sent",
		edit: func(b []byte) []byte {
			low := bytes.ToLower(b)
			if bytes.Equal(low, recased(b, strings.ToLower)) { // that is path-hex-case
				return nil
			}
			return low
		}},
	{id: "path-decoded", rank: 11, stage: stageDecoded,
		title: "the path was signed percent-decoded, but sent encoded",
		how:   "%XX becomes the byte, once or twice", probe: "a path with %20",
		fix:   "sign the path as it is sent: url.EscapedPath() in Go, url.pathname in JavaScript, raw_path in Python's httpx",
		apply: decoded(url.PathUnescape)},
	{id: "path-encoded", rank: 11, stage: stageEncoded,
		title: "the path was signed with more percent-encoding than was sent",
		how:   "encoded as RFC 3986, encodeURI, encodeURIComponent or Go's PathEscape do, slashes kept or not", probe: "a path with a character such as : or @",
		fix:   "encode once, then sign and send the same text",
		apply: encodedPath},
	{id: "path-hex-case", rank: 68, stage: stageCase,
		title: "the digits of percent-encoding in the path differ in case",
		how:   "%2f becomes %2F or the reverse", probe: "a path with %2F",
		fix:   "sign the path exactly as it is sent",
		apply: hexCase},
}}

func prefixLost(_ *scene, v []byte, yield yielder) {
	rest := string(v)
	for range 4 {
		i := strings.IndexByte(strings.TrimPrefix(rest, "/"), '/')
		if i < 0 {
			return
		}
		cut := len(rest) - len(strings.TrimPrefix(rest, "/")) + i
		rest = rest[cut:]
		yield([]byte(rest), "without "+quote(string(v[:len(v)-len(rest)])))
	}
}

// prefixes are beginnings that gateways and base URLs have.
var prefixes = []string{"/v1", "/v2", "/v3", "/api", "/api/v1", "/api/v2", "/api/v3", "/prod", "/dev", "/stage", "/staging", "/sandbox", "/live", "/test", "/rest", "/public", "/default"}

func prefixAdded(s *scene, v []byte, yield yielder) {
	all := prefixes
	if base := s.e.Fields["base_url"]; base != "" {
		if _, rest, ok := strings.Cut(base, "://"); ok {
			if i := strings.IndexByte(rest, '/'); i >= 0 {
				all = append([]string{strings.TrimRight(rest[i:], "/")}, all...)
			}
		}
	}
	for _, p := range all {
		if p != "" {
			yield([]byte(p+string(v)), quote(p))
		}
	}
}

func doubleSlash(_ *scene, v []byte, yield yielder) {
	single := v
	for bytes.Contains(single, []byte("//")) {
		single = bytes.ReplaceAll(single, []byte("//"), []byte("/"))
	}
	yield(single, "signed with one slash")
	if bytes.HasPrefix(v, []byte("/")) {
		yield([]byte("/"+string(v)), "signed with two slashes at the beginning")
	}
}

// decoded decodes once and twice.
func decoded(unescape func(string) (string, error)) func(*scene, []byte, yielder) {
	return func(_ *scene, v []byte, yield yielder) {
		once, err := unescape(string(v))
		if err != nil {
			return
		}
		yield([]byte(once), "")
		if twice, err := unescape(once); err == nil {
			yield([]byte(twice), "twice")
		}
	}
}

// Characters that an encoder leaves alone besides letters, digits and "-_.".
const (
	rfc3986   = "~"
	component = "~!*'()"
	encodeURI = "~!*'();,/?:@&=+$#"
	formSet   = "*"
)

// percent encodes every byte but letters, digits, "-_." and those in keep.
func percent(s, keep string) string {
	var out strings.Builder
	for i := range len(s) {
		c := s[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-_.", c) >= 0 || strings.IndexByte(keep, c) >= 0 {
			out.WriteByte(c)
		} else {
			out.WriteString("%" + strings.ToUpper(hexDigits(rune(c), 2, true)))
		}
	}
	return out.String()
}

func encodedPath(_ *scene, v []byte, yield yielder) {
	s := string(v)
	yield([]byte(percent(s, rfc3986+"/")), "encoded once more, slashes kept")
	yield([]byte(percent(s, rfc3986)), "encoded once more, with the slashes")
	yield([]byte(percent(s, encodeURI)), "encodeURI once more")
	if plain, err := url.PathUnescape(s); err == nil {
		yield([]byte(percent(plain, rfc3986+"/")), "as RFC 3986 has it")
		yield([]byte(percent(plain, component+"/")), "as encodeURIComponent does")
		yield([]byte(percent(plain, encodeURI)), "as encodeURI does")
		yield([]byte(percent(plain, "/~$&+=:@")), "as Go's PathEscape does")
		yield([]byte(strings.ReplaceAll(percent(plain, rfc3986+"/"), "%20", "+")), "blanks as +")
	}
}

func hexCase(_ *scene, v []byte, yield yielder) {
	yield(recased(v, strings.ToUpper), "signed in upper case")
	yield(recased(v, strings.ToLower), "signed in lower case")
}

// recased changes the case of the digits of percent-encoding.
func recased(v []byte, change func(string) string) []byte {
	out := []byte(string(v))
	for i := 0; i+2 < len(out); i++ {
		if out[i] == '%' {
			copy(out[i+1:i+3], change(string(out[i+1:i+3])))
			i += 2
		}
	}
	return out
}
