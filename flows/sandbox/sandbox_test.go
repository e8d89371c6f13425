package sandbox

import (
	"bytes"
	"errors"
	"go/parser"
	"go/token"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestListenIsLoopbackOnly(t *testing.T) {
	tests := []struct{ listen, problem string }{
		{"0.0.0.0:0", "not loopback"},
		{"[::]:0", "not loopback"},
		{":8443", "no host"},
		{"192.0.2.1:0", "not loopback"},
		{"example.org:443", "not loopback"},
		{"localhost.example.org:0", "not loopback"},
		{"[::ffff:192.0.2.1]:0", "not loopback"},
		{"[::1%lo]:0", "only 127.0.0.1 and [::1]"},
		{"127.0.0.2:0", "only 127.0.0.1 and [::1]"},
		{"[::ffff:127.0.0.1]:0", "only 127.0.0.1 and [::1]"},
		{"127.0.0.1", "want host:port"},
		{"127.0.0.1:65532", "leaves no room"},
		{"127.0.0.1:x", "leaves no room"},
	}
	for _, test := range tests {
		server, err := Start(Options{Listen: test.listen})
		if err == nil {
			server.Close()
			t.Errorf("%s: served", test.listen)
			continue
		}
		if !strings.Contains(err.Error(), test.problem) {
			t.Errorf("%s: %v, want %q in it", test.listen, err, test.problem)
		}
	}
	for listen, want := range map[string]string{
		"127.0.0.1:0":    "127.0.0.1:0 127.0.0.1:0 127.0.0.1:0 127.0.0.1:0 127.0.0.1:0",
		"localhost:8440": "127.0.0.1:8440 127.0.0.1:8441 127.0.0.1:8442 127.0.0.1:8443 127.0.0.1:8444",
		"[::1]:65531":    "[::1]:65531 [::1]:65532 [::1]:65533 [::1]:65534 [::1]:65535",
	} {
		got, err := addresses(listen)
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, %v", listen, got, err)
		}
	}
}

// A taken port must not leave the listeners before it open.
func TestStartFailsWhole(t *testing.T) {
	var opened []net.Listener
	_, err := Start(Options{Listener: func(network, address string) (net.Listener, error) {
		if len(opened) == 3 {
			return nil, errors.New("port is taken")
		}
		l, err := net.Listen(network, address)
		opened = append(opened, l)
		return l, err
	}})
	if err == nil || !strings.Contains(err.Error(), "sabika: port is taken") {
		t.Errorf("error %v", err)
	}
	for _, l := range opened {
		if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("still listening: %v", err)
		}
	}
}

func TestStartNeedsRandomness(t *testing.T) {
	if _, err := Start(Options{Rand: strings.NewReader("short")}); err == nil {
		t.Error("started on 5 random bytes")
	}
}

// The same seed and clock give the same bytes: certificates, credentials, keys, and the tokens issued later.
func TestStartIsDeterministic(t *testing.T) {
	one, two := start(t), start(t)
	if !bytes.Equal(one.CAPEM(), two.CAPEM()) {
		t.Error("CA certificates differ")
	}
	for _, id := range IDs() {
		if !maps.Equal(one.Credentials(id), two.Credentials(id)) {
			t.Errorf("%s: credentials differ", id)
		}
		if !maps.EqualFunc(one.PEM(id), two.PEM(id), bytes.Equal) {
			t.Errorf("%s: files differ", id)
		}
	}
	var tokens [2]string
	for i, b := range []*bench{one, two} {
		access, refresh := b.jpayTokens()
		merchant, again := b.kunaLogin()
		s := &sabikaClient{bench: b}
		s.certificate = s.pair("client")
		tokens[i] = b.jikoLogin() + access + refresh + merchant + again + s.token()
	}
	if tokens[0] != tokens[1] {
		t.Error("tokens differ")
	}
	three, err := Start(Options{Now: one.clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer three.Close()
	for _, id := range IDs() {
		if id != "jupico" && maps.Equal(one.Credentials(id), three.Credentials(id)) {
			t.Errorf("%s: credentials do not depend on the seed", id)
		}
	}
}

func TestFieldNames(t *testing.T) {
	b := start(t)
	want := map[string]string{
		"jiko": "password prefix signing_secret username", "jupico": "api_key password username", "jpay": "app_key app_secret",
		"sabika": "client_id client_secret", "kuna": "api_key email merchant_id password",
	}
	for id, names := range want {
		if got := strings.Join(slices.Sorted(maps.Keys(b.Credentials(id))), " "); got != names {
			t.Errorf("%s: %s, want %s", id, got, names)
		}
		if len(b.Files(id)) != 0 {
			t.Errorf("%s: files without a directory: %v", id, b.Files(id))
		}
	}
	const files = "client_certificate client_key other_certificate other_key signing_key signing_public_key"
	if got := strings.Join(slices.Sorted(maps.Keys(b.PEM("sabika"))), " "); got != files {
		t.Errorf("sabika: %s, want %s", got, files)
	}
	if b.BaseURL("x") != "" || b.Credentials("x") != nil || b.PEM("x") != nil || b.Files("x") != nil || b.Switches("x") != nil || b.Set("x", "fail", "none") == nil {
		t.Error("an unknown partner has something")
	}
	b.Credentials("jiko")["password"] = "changed"
	b.PEM("sabika")["signing_key"][0] = 'x'
	if b.Credentials("jiko")["password"] == "changed" || b.PEM("sabika")["signing_key"][0] == 'x' {
		t.Error("the caller can change the sandbox's own")
	}
}

func TestFilesArePrivate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made")
	// An old file that others can read, and a link that points elsewhere, are both replaced.
	outside := filepath.Join(t.TempDir(), "outside")
	for _, err := range []error{os.Mkdir(dir, 0o755), os.WriteFile(filepath.Join(dir, "ca.pem"), nil, 0o644), os.WriteFile(outside, nil, 0o644),
		os.Symlink(outside, filepath.Join(dir, "sabika-signing-key.pem"))} {
		if err != nil {
			t.Fatal(err)
		}
	}
	server, err := Start(Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	if info, _ := os.Stat(dir); info.Mode().Perm() != 0o700 {
		t.Errorf("directory mode %v", info.Mode())
	}
	want := server.PEM("sabika")
	paths := server.Files("sabika")
	paths["ca"], want["ca"] = server.CAFile(), server.CAPEM()
	if len(paths) != len(want) {
		t.Errorf("%d files, want %d", len(paths), len(want))
	}
	for name, path := range paths {
		info, err := os.Lstat(path)
		if err != nil || info.Mode() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
		if data, _ := os.ReadFile(path); !bytes.Equal(data, want[name]) {
			t.Errorf("%s: another content", name)
		}
	}
	if data, _ := os.ReadFile(outside); len(data) != 0 {
		t.Error("a key was written through a link")
	}
}

func TestHostAndOrigin(t *testing.T) {
	b := start(t)
	_, port, _ := net.SplitHostPort(b.address("jupico"))
	tests := []struct {
		host   string
		header string
		status int
		check  string
	}{
		{"127.0.0.1:" + port, "", 200, ""},
		{"localhost:" + port, "", 200, ""},
		{"[::1]:" + port, "", 200, ""},
		{"localhost", "", 421, "host"},
		{"localhost.example.org:" + port, "", 421, "host"},
		{"127.0.0.1:" + port + "0", "", 421, "host"},
		{"127.0.0.1.example.org:" + port, "", 421, "host"},
		{"localhost:" + port, "Sec-Fetch-Site: cross-site", 403, "origin"},
	}
	for _, test := range tests {
		header := []string{jsonType, basic("demoApiUser:V8m!xP#l2Qz3")}
		if test.header != "" {
			header = append(header, test.header)
		}
		b.refusedBy(b.must(test.status, request{provider: "jupico", line: "GET /status", host: test.host, header: header}), test.check)
	}
	b.refusedBy(b.must(403, request{provider: "jupico", line: "POST /v1/transactions/creditcard/sale", header: []string{"Origin: https://example.org"}}), "origin")
}

// The package must stay a second implementation: it may not look at what it checks.
func TestImports(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	allowed := map[string]bool{"github.com/go-jose/go-jose/v4": true, "go.uber.org/goleak": true, "pgregory.net/rapid": true}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range file.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			first, _, _ := strings.Cut(path, "/")
			standard := !strings.Contains(first, ".") && first != "countersign"
			if !standard && !(allowed[path] && strings.HasSuffix(name, "_test.go")) {
				t.Errorf("%s imports %s", name, path)
			}
		}
	}
}
