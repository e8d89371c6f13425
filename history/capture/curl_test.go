package capture

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"countersign/sign"
)

// testFiles stands for the directory in which the commands of the corpus ran.
func testFiles(name string) ([]byte, error) {
	if name == "body.json" {
		return []byte("{\r\n \"a\": 1\n}\n"), nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// The corpus holds commands and what the real curl sent for them; see testdata/generate.
func TestCurlReadsCommandsAsCurlDoes(t *testing.T) {
	files, err := filepath.Glob("testdata/curl/*.txtar")
	if err != nil || len(files) < 30 {
		t.Fatal(len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want, _, err := RawHTTP(a.Files[1].Data)
			if err != nil {
				t.Fatal(err)
			}
			got, remarks, err := Parse(a.Files[0].Data, Option{ReadFile: testFiles})
			if err != nil {
				t.Fatal(err)
			}
			if got.Method != want.Method || got.Target != want.Target || string(got.Body) != string(want.Body) || got.Authority != want.Authority {
				t.Errorf("got %s %s%s %q\nwant %s %s%s %q", got.Method, got.Authority, got.Target, got.Body, want.Method, want.Authority, want.Target, want.Body)
			}
			compareHeaders(t, got, want)
			t.Logf("remarks: %q", remarks)
		})
	}
}

// compareHeaders compares all fields but those that curl adds and nobody signs.
func compareHeaders(t *testing.T, got, want sign.Captured) {
	t.Helper()
	added := map[string]bool{"host": true, "user-agent": true, "accept": true, "content-length": true, "accept-encoding": true}
	values := func(c sign.Captured) map[string]string {
		m := map[string]string{}
		for _, p := range c.Header {
			if name := strings.ToLower(p.Name); !added[name] {
				m[name] += p.Value + "\n"
			}
		}
		return m
	}
	g, w := values(got), values(want)
	for name := range w {
		if g[name] != w[name] {
			t.Errorf("header %s is %q, curl sent %q", name, g[name], w[name])
		}
		delete(g, name)
	}
	for name := range g {
		t.Errorf("header %s was not sent by curl", name)
	}
}

func TestCurlOfWindows(t *testing.T) {
	const cmd = "curl ^\"https://api.example.test/v1/orders?a=1^&b=2^\" ^\r\n  -H ^\"content-type: application/json^\" ^\r\n  --data-raw ^\"^{^\\^\"a^\\^\":^\\^\"x y^\\^\"^}^\""
	got, remarks, err := Parse([]byte(cmd), Option{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Target != "/v1/orders?a=1&b=2" || string(got.Body) != `{"a":"x y"}` || got.Method != "POST" || len(remarks) == 0 {
		t.Errorf("%+v %q", got, remarks)
	}
}

func TestCurlNamesWhatWasNotExpanded(t *testing.T) {
	got, remarks, err := Parse([]byte(`curl -H "Authorization: Bearer $TOKEN" -H "X-Nonce: $(uuidgen)" "https://${PREFIX}.example.test/a"`), Option{})
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(strings.Fields(strings.ReplaceAll(joined(remarks), "\n", " ")), " ")
	for _, want := range []string{"$TOKEN", "$(uuidgen)", "${PREFIX}"} {
		if !strings.Contains(all, want) {
			t.Errorf("no remark names %s: %s", want, all)
		}
	}
	if v, _ := got.Get("Authorization"); v != "Bearer $TOKEN" {
		t.Errorf("Authorization is %q", v)
	}
}

func joined(remarks []Remark) string {
	var out strings.Builder
	for _, r := range remarks {
		out.WriteString(string(r) + "\n")
	}
	return out.String()
}

func TestCurlRefusals(t *testing.T) {
	tests := []struct{ name, command, want string }{
		{"file", `curl https://x.test -d @body.json`, `option -d takes the file "body.json", which is not read from a pasted command`},
		{"stdin", `curl https://x.test -d @-`, "reads from standard input"},
		{"form", `curl https://x.test -F a=b`, "boundary is random"},
		{"no url", `curl -X POST`, "has no url"},
		{"no value", `curl https://x.test -H`, "option -H has no value"},
		{"no header", `curl https://x.test -H 'Content-Type application/json'`, "is no header field"},
		{"open quote", `curl https://x.test -d 'a`, "cannot be read as shell text: line 1"},
		{"ftp", `curl ftp://x.test/a`, `is "ftp"`},
		{"scheme of its own", `curl "ht!tp://x.test/a"`, "not http"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := Curl([]byte(tt.command), Option{})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestCurlInsecureIsRemarked(t *testing.T) {
	_, remarks, err := Curl([]byte(`curl -k https://x.test/a`), Option{})
	if err != nil || !strings.Contains(joined(remarks), "must stay on") {
		t.Errorf("%v %q", err, remarks)
	}
}

func TestCurlTellsAFileThatCannotBeRead(t *testing.T) {
	_, _, err := Curl([]byte(`curl https://x.test -d @missing`), Option{ReadFile: testFiles})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

// A command may come from somebody else, and name a file that is not meant to leave.
func TestCurlTellsAFileThatWasRead(t *testing.T) {
	read := func(string) ([]byte, error) { return []byte("root:x:0:0"), nil }
	c, remarks, err := Curl([]byte(`curl https://x.test --data-urlencode n@/etc/passwd`), Option{ReadFile: read})
	if err != nil || string(c.Body) != "n=root%3Ax%3A0%3A0" || !strings.Contains(joined(remarks), `put 10 bytes of the file "/etc/passwd" into the request`) {
		t.Errorf("%q %q %v", c.Body, remarks, err)
	}
}

func FuzzCurl(f *testing.F) {
	commands, err := os.ReadFile("testdata/generate/commands.txt")
	if err != nil {
		f.Fatal(err)
	}
	for c := range strings.SplitSeq(string(commands), "### ") {
		f.Add("curl" + strings.TrimPrefix(c, "curl"))
		f.Add(c)
	}
	f.Add("curl ^\"http://a^\" ^\n -H ^\"a: b^\"")
	f.Add(`curl http://a -d $'\x\u\U\c'`)
	f.Fuzz(func(t *testing.T, text string) {
		c, _, err := Curl([]byte(text), Option{ReadFile: testFiles})
		checkParsed(t, c, err)
	})
}

// checkParsed holds what every parser promises: a whole request, or an error of one line.
func checkParsed(t *testing.T, c sign.Captured, err error) {
	t.Helper()
	if err != nil {
		if s := err.Error(); s == "" || strings.Contains(s, "\n") {
			t.Errorf("the error is no sentence: %q", s)
		}
		return
	}
	if !isToken(c.Method) || !strings.HasPrefix(c.Target, "/") || len(c.Body) > 0 && !c.HasBody {
		t.Errorf("incomplete request %+v", c)
	}
	for _, h := range c.Header {
		if !isToken(h.Name) {
			t.Errorf("header name %q", h.Name)
		}
	}
}
