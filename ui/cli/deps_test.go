package cli_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// listed is what go list tells of a package.
type listed struct {
	ImportPath    string
	Imports, Deps []string
}

// packages lists the packages of the module.
func packages(t *testing.T) []listed {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports,Deps", "countersign/...")
	command.Dir = root
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []listed
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// root is the directory of the module.
const root = "../.."

// under reports whether a path is a package or below it.
func under(path, pkg string) bool { return path == pkg || strings.HasPrefix(path, pkg+"/") }

// The directions of import. A package of the project may not be reached at all, any other may not be imported.
func TestDirections(t *testing.T) {
	const us = "countersign"
	rules := []struct {
		pkg       string   // and what is below it
		except    []string // below it, and under a rule of their own
		forbidden []string
		allowed   []string // among the forbidden
		why       string
	}{
		{us + "/sign", nil, []string{"net", "os", us}, []string{us + "/sign", "net/url"},
			"pure: a scheme can be called from a table test and from a view"},
		{us + "/flows", []string{us + "/flows/sandbox", us + "/flows/embedded"}, []string{us}, []string{us + "/flows", us + "/sign"},
			"it must run headless, against anyone"},
		{us + "/flows", []string{us + "/flows/sandbox", us + "/flows/embedded"}, []string{us + "/flows/sandbox"}, nil,
			"a client that knows the fake is no client of the partner"},
		{us + "/flows/sandbox", nil, []string{us}, []string{us + "/flows/sandbox"},
			"a fake that checks with the code under test proves nothing"},
		{us + "/flows/embedded", nil, []string{us}, []string{us + "/flows", us + "/sign"},
			"it puts the fake's types into the client's, and does nothing else"},
		{us + "/history", nil, []string{us + "/ui", us + "/screenshots", us + "/flows/sandbox", us + "/flows/embedded"}, nil,
			"records outlive screens"},
		{us + "/ui", nil, []string{us + "/flows/sandbox", us + "/flows/embedded", "net/http", "crypto"}, nil,
			"nothing to block on; a typed secret becomes a secret value at once"},
		{us + "/screenshots", nil, []string{us}, []string{us + "/screenshots"},
			"a frame is text; nothing of ours is needed to draw it"},
	}
	all := packages(t)
	for _, r := range rules {
		found := false
		for _, p := range all {
			if !under(p.ImportPath, r.pkg) || slices.ContainsFunc(r.except, func(e string) bool { return under(p.ImportPath, e) }) {
				continue
			}
			found = true
			reached := slices.DeleteFunc(slices.Clone(p.Deps), func(d string) bool { return !under(d, us) })
			for _, d := range append(reached, p.Imports...) {
				is := func(f string) bool { return under(d, f) }
				if slices.ContainsFunc(r.forbidden, is) && !slices.ContainsFunc(r.allowed, is) {
					t.Errorf("%s uses %s: %s", p.ImportPath, d, r.why)
				}
			}
		}
		if !found {
			t.Errorf("there is no package %s", r.pkg)
		}
	}
}

// The packages that must be trusted with bytes import nothing from outside but what is named here.
func TestOutsidePackages(t *testing.T) {
	for pkg, allowed := range map[string][]string{
		"countersign/sign":           nil,
		"countersign/sign/untrusted": nil,
		"countersign/sign/explain":   {"filippo.io/nistec"},
		"countersign/flows":          {"github.com/google/uuid"},
		"countersign/flows/sandbox":  {"github.com/go-jose/go-jose/v4"},
		"countersign/ui/cli":         {"github.com/spf13/cobra", "github.com/spf13/pflag"},
		"countersign/ui/cli/snippet": nil,
	} {
		for _, p := range packages(t) {
			for _, d := range p.Imports {
				outside := strings.Contains(strings.Split(d, "/")[0], ".")
				if p.ImportPath == pkg && outside && !slices.ContainsFunc(allowed, func(a string) bool { return under(d, a) }) {
					t.Errorf("%s imports %s", pkg, d)
				}
			}
		}
	}
}

// source walks over the Go files below a directory.
func source(t *testing.T, dir string, visit func(path string, text []byte)) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(root, path)
		visit(filepath.ToSlash(name), text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// No file of ui names a partner: a screen that knows one would have to know the next one too. A test has to walk through
// somebody's steps and may say whose.
func TestNoPartnerIsNamed(t *testing.T) {
	partner := regexp.MustCompile(`(?i)jiko|jupico|jpay|sabika|kuna`)
	source(t, "ui", func(path string, text []byte) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		for i, line := range strings.Split(string(text), "\n") {
			if name := partner.FindString(line); name != "" {
				t.Errorf("%s:%d names %s", path, i+1, name)
			}
		}
	})
}

// Nowhere is a certificate left unchecked.
func TestCertificatesAreChecked(t *testing.T) {
	word := "Insecure" + "SkipVerify"
	source(t, "", func(path string, text []byte) {
		if strings.Contains(string(text), word) {
			t.Errorf("%s has %s", path, word)
		}
	})
}

// reveals are the places at which a secret comes out, by file: how often, and why it must.
var reveals = map[string]struct {
	count int
	why   string
}{
	"flows/credentials/contents.go":  {1, "the public half of a key is described"},
	"flows/credentials/manage.go":    {1, "judged before it is stored, and written where the field is no secret"},
	"flows/credentials/oskeyring.go": {1, "the keyring of the system takes the value"},
	"flows/credentials/resolve.go":   {5, "travels on as a secret of another record"},
	"flows/evidence.go":              {1, "the public half is read from a PEM"},
	"flows/load.go":                  {5, "keys and certificates are read from their PEM; fields that are no secrets"},
	"flows/prepare.go":               {1, "a field that is no secret"},
	"flows/send.go":                  {1, "the answer is read before it is masked"},
	"flows/transmit.go":              {2, "the wire"},
	"flows/wiretext.go":              {2, "what was sent is compared with what was signed"},
	"history/taketext.go":            {2, "what is recorded is masked first"},
	"ui/cli/reveal.go":               {3, "--reveal asks for it, or the field is no secret"},
	"ui/reveal.go":                   {6, "a person asked to see it, or the field is no secret"},
}

func TestRevealsAreCounted(t *testing.T) {
	found := map[string]int{}
	source(t, "", func(path string, text []byte) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) != 0 {
				return true
			}
			if s, ok := call.Fun.(*ast.SelectorExpr); ok && (s.Sel.Name == "Reveal" || s.Sel.Name == "Wire") {
				found[path]++
			}
			return true
		})
	})
	for path, n := range found {
		if n != reveals[path].count {
			t.Errorf("%s reveals a secret at %d places, allowed are %d: add the reason, or do without", path, n, reveals[path].count)
		}
	}
	for path, allowed := range reveals {
		if found[path] < allowed.count {
			t.Errorf("%s is allowed %d places and has %d: lower the count", path, allowed.count, found[path])
		}
	}
}
