package explain

import "strings"

// originMoves are mistakes with what stands in front of the path. The value is empty where the scheme signs the
// path alone, and scheme and host where it signs the absolute URL.
var originMoves = table{"url", signers, byRecomputing, []move{
	{id: "url-absolute", rank: 60, stage: 1,
		title: "the absolute URL was signed where path and query belong",
		how:   "https:// and the host stand in front of the path", probe: "the same request to another host",
		fix: "sign path and query only: url.pathname + url.search, req.URL.RequestURI(); where the partner's page leaves it open and takes the absolute URL, set the option url to absolute",
		apply: func(s *scene, v []byte, yield yielder) {
			if a := s.r.Authority; a != "" && len(v) == 0 {
				yield([]byte("https://"+a), quote("https://"+a))
			}
		}},
	{id: "url-host", rank: 60, stage: 1,
		title: "the host was signed in front of the path",
		how:   "the host, without https://, stands in front of the path", probe: "the same request to another host",
		fix: "sign path and query only",
		apply: func(s *scene, v []byte, yield yielder) {
			if a := s.r.Authority; a != "" {
				yield([]byte(a), quote(a))
				yield([]byte("//"+a), quote("//"+a))
			}
		}},
	{id: "url-path-only", rank: 60, stage: 1,
		title: "path and query were signed where the absolute URL belongs",
		how:   "scheme and host are removed", probe: "the same request to another host",
		fix: "sign the URL with https:// and host; the partner's page leaves open which form it means",
		apply: func(_ *scene, v []byte, yield yielder) {
			if len(v) > 0 {
				yield([]byte{}, "")
			}
		}},
	{id: "url-scheme", rank: 4, stage: 2,
		title: "the URL was signed with http:// but sent over https, or the reverse",
		how:   "http:// instead of https://", probe: "any request",
		fix:   "sign the public URL; behind a proxy that ends TLS the application sees http",
		apply: otherScheme},
	{id: "url-port", rank: 4, stage: 3,
		title: "the URL was signed with a port that was not sent, or without the one that was",
		how:   ":443 or another usual port is added, or the port is removed", probe: "any request",
		fix:   "sign the host as it stands in the Host header",
		apply: otherPort},
	{id: "url-other-host", rank: 4, stage: 1,
		title: "the URL was signed with another host than the one it was sent to",
		how:   "the host of X-Forwarded-Host, of the configured base URL, or localhost with and without the port", probe: "any request",
		fix:   "sign the public host, as it stands in the Host header that the partner sees",
		apply: otherHost},
	{id: "url-double-slash", rank: 23, stage: 4,
		title: "base URL and path were joined with a second slash before signing",
		how:   "a slash behind the host", probe: "any request",
		fix: "join base URL and path with exactly one slash, once",
		apply: func(_ *scene, v []byte, yield yielder) {
			if len(v) > 0 {
				yield([]byte(string(v)+"/"), "")
			}
		}},
}}

func otherScheme(s *scene, v []byte, yield yielder) {
	switch a := s.r.Authority; {
	case len(v) == 0 && a != "":
		yield([]byte("http://"+a), quote("http://"+a))
	case strings.HasPrefix(string(v), "https://"):
		yield([]byte("http://"+string(v[8:])), "signed with http")
	case strings.HasPrefix(string(v), "http://"):
		yield([]byte("https://"+string(v[7:])), "signed with https")
	}
}

func otherPort(_ *scene, v []byte, yield yielder) {
	if len(v) == 0 {
		return
	}
	host, port := string(v), ""
	if i := strings.LastIndexByte(host, ':'); i > strings.Index(host, "//")+1 && !strings.HasSuffix(host, "]") {
		host, port = host[:i], host[i:]
		yield([]byte(host), "signed without "+quote(port))
	}
	for _, p := range []string{":443", ":80", ":8443", ":8080", ":3000"} {
		if p != port {
			yield([]byte(host+p), "signed with "+quote(p))
		}
	}
}

func otherHost(s *scene, v []byte, yield yielder) {
	var hosts []string
	for _, name := range []string{"X-Forwarded-Host", "X-Original-Host", "Forwarded-Host"} {
		if h, ok := s.r.Get(name); ok {
			hosts = append(hosts, strings.TrimSpace(h))
		}
	}
	if _, rest, ok := strings.Cut(s.e.Fields["base_url"], "://"); ok {
		host, _, _ := strings.Cut(rest, "/")
		hosts = append(hosts, host)
	}
	hosts = append(hosts, "localhost", "127.0.0.1")
	if i := strings.LastIndexByte(s.r.Authority, ':'); i > 0 && !strings.HasSuffix(s.r.Authority, "]") {
		port := s.r.Authority[i:]
		hosts = append(hosts, "localhost"+port, "127.0.0.1"+port, "[::1]"+port)
	}
	for _, h := range hosts {
		if h != s.r.Authority {
			yield([]byte("https://"+h), quote("https://"+h))
		}
	}
}
