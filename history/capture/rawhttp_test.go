package capture

import (
	"strings"
	"testing"
)

func TestRawHTTP(t *testing.T) {
	tests := []struct{ name, text, target, authority, body, remark string }{
		{"crlf", "POST /v1/orders?a=1 HTTP/1.1\r\nHost: api.example.test\r\nContent-Length: 3\r\n\r\na\nb", "/v1/orders?a=1", "api.example.test", "a\nb", ""},
		{"lf", "POST /x HTTP/1.1\nHost: h\n\n{}", "/x", "h", "{}", ""},
		{"absolute form", "GET https://h:8443/x?y HTTP/1.1\n\n", "/x?y", "h:8443", "", ""},
		{"absolute form wins over host", "GET https://a/x HTTP/1.1\nHost: b\n\n", "/x", "a", "", ""},
		{"no version", "GET /x\nHost: h\n", "/x", "h", "", ""},
		{"no host", "GET /x HTTP/1.1\n\n", "/x", "", "", "no Host header"},
		{"the editor's line end", "POST /x HTTP/1.1\nHost: h\n\n{}\n", "/x", "h", "{}", "dropped"},
		{"only one of two", "POST /x HTTP/1.1\nHost: h\n\n{}\n\n", "/x", "h", "{}\n", "dropped"},
		{"a line end of the body", "POST /x HTTP/1.1\nHost: h\nContent-Length: 3\n\n{}\n", "/x", "h", "{}\n", ""},
		{"line ends behind the body", "POST /x HTTP/1.1\nHost: h\nContent-Length: 2\n\n{}\n\n", "/x", "h", "{}", ""},
		{"lost CR", "POST /x HTTP/1.1\nHost: h\nContent-Length: 7\n\na\nb\nc\n", "/x", "h", "a\r\nb\r\nc", "read as CRLF"},
		{"added CR", "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\na\r\nb", "/x", "h", "a\nb", "read as LF"},
		{"wrong length", "POST /x HTTP/1.1\nHost: h\nContent-Length: 99\n\n{}\n", "/x", "h", "{}", "says 99 bytes, the body has 2"},
		{"chunked", "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", "/x", "h", "abcde", ""},
		{"folded", "GET /x HTTP/1.1\nHost: h\nX-A: 1\n  2\n\n", "/x", "h", "", "continues the header X-A"},
		{"pseudo-headers", ":method: POST\n:authority: h\n:path: /x?y=1\n:scheme: https\nx-a: 1\n\n{}", "/x?y=1", "h", "{}", ""},
		{"curl -v", "> GET /x HTTP/1.1\n> Host: h\n> \n< HTTP/1.1 200 OK\n", "/x", "h", "", "curl -v"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, remarks, err := Parse([]byte(tt.text), Option{})
			if err != nil {
				t.Fatal(err)
			}
			if c.Target != tt.target || c.Authority != tt.authority || string(c.Body) != tt.body || c.HasBody != (tt.body != "") {
				t.Errorf("%+v", c)
			}
			if all := joined(remarks); tt.remark == "" && all != "" || !strings.Contains(all, tt.remark) {
				t.Errorf("remarks %q, want %q", all, tt.remark)
			}
		})
	}
}

func TestRawHTTPRefusals(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"nothing", " \n", "there is nothing to read"},
		{"prose", "please help me", "line 1"},
		{"a blank in the path", "GET /a b c HTTP/1.1\n\n", "no request line"},
		{"no colon", "GET /x HTTP/1.1\nHost h\n\n", "line 2 is no header field"},
		{"no slash", "GET x HTTP/1.1\n\n", "does not begin with /"},
		{"many headers", "GET /x HTTP/1.1\n" + strings.Repeat("a: b\n", 300), "more than 256"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, _, err := Parse([]byte(tt.text), Option{}); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

func FuzzRawHTTP(f *testing.F) {
	f.Add("POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\na\nb")
	f.Add(":method: GET\n:path: /\n\n")
	f.Add("> GET /x HTTP/1.1\n> Host: h\n> \n")
	f.Add("POST /x HTTP/1.1\nTransfer-Encoding: chunked\n\n3\nabc\n0\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, _, err := RawHTTP([]byte(text))
		checkParsed(t, c, err)
	})
}
