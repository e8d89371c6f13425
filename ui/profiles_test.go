package ui_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io/fs"
	"math/big"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"countersign/flows"
	"countersign/flows/credentials"
	"countersign/screenshots"
	"countersign/sign"
)

// The commands of a script about what is kept, before anything else:
//
//	keyring works|absent|hangs  a home directory of its own, with an empty configuration, and such a keyring
//	keyring unlocked            later: it works from now on
//	config "TEXT"               what config.toml holds
//	variable NAME VALUE         an environment variable
//	item NAME VALUE             an item of the keyring
//	pair NAME DAYS              the files ~/NAME.key and ~/NAME.crt, a certificate that ends in so many days
//	mode NAME 0644              the permission bits of the file ~/NAME
//	holds NAME "TEXT"           what the file below home must hold
//	canary TEXT                 from now on no screen may show it; at the end no file below home may hold it
func (s *script) keep(name, rest string) bool {
	s.t.Helper()
	first, second, _ := strings.Cut(rest, " ")
	switch name {
	case "keyring":
		s.keyring(first)
	case "config":
		s.check(os.WriteFile(s.path(".config/countersign/config.toml"), []byte(s.unquote(rest)), 0o600))
		s.store()
	case "variable":
		s.world.env[first] = second
	case "item":
		s.check(s.world.vault.Memory.Set(context.Background(), first, sign.NewSecret(second)))
	case "pair":
		s.pair(first, second)
	case "mode":
		var mode fs.FileMode
		_, err := fmt.Sscanf(second, "%o", &mode)
		s.check(err)
		s.check(os.Chmod(s.path(first), mode))
	case "holds":
		data, err := os.ReadFile(s.path(first))
		if want := s.unquote(second); err != nil || string(data) != want {
			s.t.Errorf("%s: it holds %q, %v", s.where, data, err)
		}
	case "canary":
		s.canaries = append(s.canaries, rest)
	default:
		return false
	}
	return true
}

func (s *script) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatalf("%s: %v", s.where, err)
	}
}

func (s *script) path(name string) string { return filepath.Join(s.home, name) }

// vault is a keyring that works, that is not there, or that hangs: then it has an answer only when it is given up.
type vault struct {
	credentials.Memory
	trouble error
}

func (v *vault) Get(ctx context.Context, item string) (sign.Secret, error) {
	if v.trouble != nil {
		return sign.Secret{}, v.trouble
	}
	return v.Memory.Get(ctx, item)
}

func (v *vault) Set(ctx context.Context, item string, value sign.Secret) error {
	if v.trouble != nil {
		return v.trouble
	}
	return v.Memory.Set(ctx, item, value)
}

func (v *vault) Delete(ctx context.Context, item string) error {
	if v.trouble != nil {
		return v.trouble
	}
	return v.Memory.Delete(ctx, item)
}

// sentence is an error of a keyring, as package credentials words it.
type sentence struct {
	error
	text string
}

func (s sentence) Error() string { return s.text }
func (s sentence) Unwrap() error { return s.error }

var troubles = map[string]error{
	"works":    nil,
	"unlocked": nil,
	"absent":   sentence{credentials.ErrUnavailable, "no OS keyring here: there is no session bus (DBUS_SESSION_BUS_ADDRESS is not set), as over SSH or in a container"},
	"hangs":    sentence{credentials.ErrHanging, "the keyring is locked or not answering (no answer in 3s); if a window asks for its password, answer there and try again"},
}

func (s *script) keyring(how string) {
	trouble, ok := troubles[how]
	if !ok {
		s.t.Fatalf("%s: no such keyring", s.where)
	}
	if s.world.vault != nil {
		s.world.vault.trouble = trouble
		return
	}
	s.world.vault = &vault{trouble: trouble}
	s.home = s.t.TempDir()
	s.world.env = map[string]string{"HOME": s.home}
	s.check(os.MkdirAll(s.path(".config/countersign"), 0o700))
	s.store()
}

// store reads the configuration as it is now.
func (s *script) store() {
	var catalog []credentials.Partner
	for _, p := range flows.All() {
		catalog = append(catalog, credentials.Partner{ID: p.ID, Fields: p.Fields, Environments: []string{flows.Sandbox, flows.Production}})
	}
	config, err := credentials.LoadConfig(s.path(".config/countersign/config.toml"), catalog)
	s.check(err)
	s.world.deps.Runner.Credentials = &credentials.Store{
		Getenv:   func(name string) (string, bool) { v, ok := s.world.env[name]; return v, ok },
		ReadFile: credentials.ReadFile, Mode: credentials.FileMode, Keyring: s.world.vault, Config: config, Memory: &credentials.Memory{},
	}
}

// pair writes a key and a certificate that are the same in every run.
func (s *script) pair(name, days string) {
	raw := make([]byte, 32)
	copy(raw, name)
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), raw)
	s.check(err)
	n, err := time.ParseDuration(days + "h")
	s.check(err)
	end := start.Add(24 * n)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "sbk_live_1"}, NotBefore: end.AddDate(-1, 0, 0), NotAfter: end}
	issuer := &x509.Certificate{Subject: pkix.Name{CommonName: "Partner CA"}}
	certificate, err := x509.CreateCertificate(nil, template, issuer, &key.PublicKey, key)
	s.check(err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	s.check(err)
	for file, block := range map[string]*pem.Block{".key": {Type: "PRIVATE KEY", Bytes: private}, ".crt": {Type: "CERTIFICATE", Bytes: certificate}} {
		s.check(os.WriteFile(s.path(name+file), pem.EncodeToMemory(block), 0o600))
	}
}

// hidden looks for the canaries on the screen.
func (s *script) hidden(content string) {
	s.t.Helper()
	if len(s.canaries) > 0 { // a text may be drawn in several colours
		content += screenshots.NewFrame(content, s.width, s.height).Text()
	}
	for _, c := range s.canaries {
		if form := found(content, c); form != "" {
			s.t.Errorf("%s: the screen shows %s of %.4s…", s.where, form, c)
		}
	}
}

// unwritten looks for the canaries in every file below home.
func (s *script) unwritten() {
	s.t.Helper()
	if s.home == "" {
		return
	}
	for file, text := range files(s.t, s.home) {
		for _, c := range s.canaries {
			if form := found(text, c); form != "" {
				s.t.Errorf("%s holds %s of %.4s…", file, form, c)
			}
		}
	}
}

// files reads every file below a directory.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		all[path] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// found names the form in which a text holds a secret: as it is, reversed letters of base64 at any alignment, hex, or
// escaped for a URL or JSON. The last three bytes are left out of the encoded forms, because what follows changes them.
func found(text, secret string) string {
	quoted, _ := json.Marshal(secret)
	forms := map[string]string{
		"the text": secret, "the URL form": url.QueryEscape(secret), "the JSON form": strings.Trim(string(quoted), `"`),
		"the hex": hex.EncodeToString([]byte(secret)), "the upper-case hex": strings.ToUpper(hex.EncodeToString([]byte(secret))),
	}
	for lead := range 3 {
		for name, e := range map[string]*base64.Encoding{"base64": base64.RawStdEncoding, "base64url": base64.RawURLEncoding} {
			encoded := e.EncodeToString([]byte(strings.Repeat("x", lead) + secret))
			forms[fmt.Sprint(name, lead)] = encoded[4 : len(encoded)-4]
		}
	}
	for name, form := range forms {
		if strings.Contains(text, form) {
			return name
		}
	}
	return ""
}

// keeper is a script without a text: a world with a home, for tests that need no golden screens.
func keeper(t *testing.T, keyring string) *script {
	s := &script{t: t, where: t.Name(), width: 120, height: 40, world: newWorld(t)}
	s.keyring(keyring)
	return s
}

// The view of each partner at every size, on each of its lines.
func TestProfilesAtEverySize(t *testing.T) {
	for _, p := range flows.All() {
		t.Run(p.ID, func(t *testing.T) {
			for _, keyring := range []string{"works", "hangs"} {
				s := keeper(t, keyring)
				s.pair("k", "9")
				s.world.deps.Provider = p.ID
				config := ""
				for _, profile := range []string{"default", "old", "a-profile-with-a-very-long-name"} {
					config += "[" + p.ID + ".production." + profile + "]\nbase_url = 'https://api.example/with/a/path'\n"
					for _, f := range p.Fields {
						if f.File {
							config += f.Name + " = 'file:~/k." + map[bool]string{true: "key", false: "crt"}[f.Secret] + "'\n"
						}
					}
				}
				s.do("config", config)
				s.do("press", "c")
				s.do("idle", "")
				for range len(p.Fields) + 2 {
					for w := 1; w <= 200; w += 9 {
						for h := 1; h <= 60; h += 5 {
							s.do("size", fmt.Sprintf("%dx%d", w, h))
							s.whole()
						}
					}
					s.do("press", "down right")
				}
			}
		})
	}
}

// Whatever is pressed, nothing panics, the screen is filled, and no secret is seen or written.
func TestRandomKeysInProfiles(t *testing.T) {
	const canary = "CNRY-5d21-random"
	presses := strings.Fields("enter enter tab r x g u n X y a ] [ esc up down left right home end ctrl+p ? ctrl+s 1 a b / . - space backspace y")
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 7))
			s := keeper(t, map[bool]string{true: "works", false: "hangs"}[seed%2 == 0])
			s.pair("k", "9")
			s.canaries = []string{canary}
			s.world.deps.Provider = "sabika"
			t.Chdir(s.home) // names that are typed are files here
			s.do("size", "120x40")
			for range 400 {
				switch r.IntN(14) {
				case 0:
					s.do("size", fmt.Sprintf("%dx%d", 1+r.IntN(180), 1+r.IntN(60)))
				case 1, 2, 3:
					s.do("idle", "")
				case 4:
					s.do("press", "c")
				default:
					s.do("press", presses[r.IntN(len(presses))])
				}
				if s.d.quit {
					return
				}
				s.whole()
			}
			// at last a secret, wherever one can be typed
			for range 4 {
				s.do("press", "esc")
			}
			s.do("press", "c home down enter")
			s.do("type", canary)
			s.whole()
			s.do("press", "enter")
			s.do("idle", "")
			s.whole()
			s.unwritten()
			if len(files(t, s.home)) < 2 {
				t.Error("there are no files to look into")
			}
		})
	}
}

// The search for canaries finds them where they are: on a screen and in a file, in each form.
func TestCanariesAreFound(t *testing.T) {
	const canary = "CNRY/7f3a?9b e51d+&c0"
	for _, text := range []string{
		"a " + canary + " b", url.QueryEscape(canary), hex.EncodeToString([]byte(canary)), strings.ToUpper(hex.EncodeToString([]byte(canary))),
		base64.StdEncoding.EncodeToString([]byte(canary)), base64.StdEncoding.EncodeToString([]byte("u:" + canary)), base64.URLEncoding.EncodeToString([]byte("x" + canary + "y")),
		`"CNRY/7f3a?9b e51d+\u0026c0"`,
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "f"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, held := range files(t, dir) {
			if found(held, canary) == "" {
				t.Errorf("not found in %q", text)
			}
		}
	}
	if form := found("nothing of it", canary); form != "" {
		t.Errorf("%s is found where it is not", form)
	}
	w := newWorld(t)
	d := newDriver(w)
	for _, k := range []string{"E", "ctrl+u"} { // a field whose text is visible
		d.send(keyPress(k))
	}
	for _, c := range "CNRY7f3a" {
		d.send(keyPress(string(c)))
	}
	if found(d.model.View().Content, "CNRY7f3a") == "" {
		t.Error("not found on the screen")
	}
}
