package flows

import (
	"bufio"
	"net/http"
	"strings"
	"testing"

	"countersign/sign"
)

// What went out is compared with what was prepared: request line, each field as often as it was prepared, host, body.
func TestDifference(t *testing.T) {
	r := sign.Request{Method: "POST", Scheme: "https", Authority: "a.test:8443", Path: "/p", Query: "?q",
		Body: sign.Plain(sign.Origin{Kind: sign.Body}, []byte("{}"))}
	value := sign.Plain(sign.Origin{Kind: sign.HeaderValue}, []byte("1"))
	r = r.With(sign.ByPerson, "X-a", value).With(sign.ByPerson, "X-a", value)
	const sent = "POST /p?q HTTP/1.1\r\nHost: a.test:8443\r\nContent-Length: 2\r\nX-a: 1\r\nX-a: 1\r\nConnection: close\r\n\r\n{}"
	if d := difference([]byte(sent), r); d != "" {
		t.Error(d)
	}
	for from, to := range map[string]string{
		"/p?q":                 "/p",
		"a.test:":              "b.test:",
		"X-a: 1\r":             "x-a: 1\r",
		"X-a: 1\r\nX-a: 1\r\n": "X-a: 1\r\n",
		"Connection:":          "Referer: x\r\nConnection:",
		"X-a: 1\r\nC":          "X-a: 1\r\nX-a: 1\r\nC",
		"\r\n\r\n{}":           "\r\n\r\n{",
		"close\r\n\r\n{}":      "close",
	} {
		changed := strings.Replace(sent, from, to, 1)
		if changed == sent {
			t.Fatalf("%q is not there", from)
		}
		if difference([]byte(changed), r) == "" {
			t.Errorf("%q instead of %q is no difference", to, from)
		}
	}
}

// The fields that are shown are those that net/http read from the same bytes.
func FuzzHeaders(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nx-Z: 1\r\nA: 2\r\nX-Z: 3\r\n\r\nbody"))
	f.Add([]byte("HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\nA: 2\r\n\r\n"))
	f.Add([]byte("HTTP/1.1 200 OK\nz: 1\n\nbody\r\nEvil: 1\r\n\r\n"))
	f.Add([]byte("HTTP/1.1 200 OK\r\nz: 1,\r\n 2\r\nPragma: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"))
	f.Fuzz(func(t *testing.T, head []byte) {
		answer, err := http.ReadResponse(bufio.NewReader(strings.NewReader(string(head))), nil)
		if err != nil {
			return
		}
		answer.Body.Close()
		w := &wire{head: head}
		got := http.Header{}
		for _, h := range w.headers(answer.Header) {
			got.Add(h.Name.Raw(), h.Value.Raw())
		}
		for name, values := range got {
			switch name {
			case "Connection", "Content-Length", "Trailer", "Transfer-Encoding": // net/http takes these away
			default:
				if strings.Join(values, "\n") != strings.Join(answer.Header[name], "\n") {
					t.Fatalf("%s is shown as %q, read as %q", name, values, answer.Header[name])
				}
			}
		}
	})
}

// Variables are put in once; no value is looked through again, and other braces stay.
func FuzzVariables(f *testing.F) {
	f.Add("/a/{name}/{other}", "v", "{name}")
	f.Add(`{"a":{name},"b":{"c":"{"}}`, "", "x")
	f.Add("{{name}}{", "}", "{")
	f.Fuzz(func(t *testing.T, s, name, other string) {
		vars := map[string]string{"name": name, "other": other}
		only := strings.Count(s, "{") == strings.Count(s, "{name}")+strings.Count(s, "{other}")
		if only && !strings.ContainsAny(name+other, "{}") { // then one after the other is the same
			want := strings.ReplaceAll(strings.ReplaceAll(s, "{name}", name), "{other}", other)
			if got := fill(s, vars); got != want {
				t.Fatalf("%q became %q, want %q", s, got, want)
			}
		}
		if got := fill(s, nil); got != s {
			t.Fatalf("without variables %q became %q", s, got)
		}
		if got, missing := expand(s, vars); missing == "" && got != fill(s, vars) {
			t.Fatalf("%q became %q", s, got)
		}
	})
}
