package history_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"countersign/flows"
	"countersign/history"
	"countersign/sign"
)

func export(t testing.TB, l *history.Log, f history.Format, o history.ExportOptions, ids ...string) history.Export {
	t.Helper()
	var list []history.Entry
	for _, id := range ids {
		e, err := l.Get(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
	x, err := l.Export(t.Context(), list, f, o)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// signedFor is an exchange with a signature, sent to a host.
func signedFor(host string) flows.Exchange {
	return made(func(x *flows.Exchange) {
		x.BaseURL = "https://" + host
		q := x.Signed.Request
		q.Authority = host
		var mac, value sign.Builder
		key := sign.NewSecret("a signing secret of some length")
		mac.Within(sign.Stage{Name: sign.StageCanonical, Text: q.Body}, sign.HMACSHA256("signing_secret", key))
		signature := sign.Stage{Name: sign.StageSignature, Text: mac.Text()}
		value.Within(signature, sign.Hex)
		x.Signed = sign.Signed{Request: q.With(sign.ByScheme, "X-Signature", value.Text()), Stages: []sign.Stage{{Name: sign.StageCanonical, Text: q.Body}, signature},
			Algorithm: "HMAC-SHA256", KeyName: "signing_secret", KeyID: key.Fingerprint(), Carrier: "X-Signature"}
		x.Secrets = map[string]sign.Secret{"signing_secret": key}
	})
}

// A signature can be sent again while its window is open, so it leaves only when it is worth nothing elsewhere.
func TestSignatureLeavesOnlyForThisMachine(t *testing.T) {
	for host, shown := range map[string]bool{"api.example.com": false, "127.0.0.1:4711": true, "localhost": true, "[::1]:9": true, "localhost.evil.example": false, "127.0.0.1.evil.example": false} {
		l := open(t, t.TempDir())
		x := signedFor(host)
		value, _ := x.Signed.Request.Get("X-Signature")
		id := intend(t, l, x)
		for _, f := range history.Formats() {
			text := string(export(t, l, f, history.ExportOptions{}, id).Text)
			if strings.Contains(text, value.String()) != shown {
				t.Errorf("%s, %s: the signature is shown: %v", host, f, !shown)
			}
		}
	}
}

// What an export shows is on a list; the rest is masked, and the list of what was removed says so.
func TestExportShowsWhatIsListed(t *testing.T) {
	l := open(t, t.TempDir())
	x := made(func(x *flows.Exchange) {
		x.Signed.Request.Query = "?limit=10&customer=Jane+Doe"
		x.Signed.Request.Body = sign.Plain(sign.Origin{Kind: sign.Body}, []byte(`{"amount":"10.00","holder":"Jane Doe","iban":"DE89370400440532013000","status":"card 4111 1111 1111 1111","pin":1234}`))
		x.Signed.Request.Header = []sign.Header{{Name: "X-Tenant", Value: sign.Plain(sign.Origin{Kind: sign.HeaderValue, Name: "X-Tenant"}, []byte("tenant-jane"))}, {Name: "Accept", Value: sign.Plain(sign.Origin{Kind: sign.HeaderValue, Name: "Accept"}, []byte("application/json"))}}
	})
	id := intend(t, l, x)
	x = answered(x, id, 401, `{"error":"invalid_signature","account":{"holder":"Jane Doe"}}`)
	x.Response.Header = []flows.ResponseHeader{{Name: outside("X-Internal"), Value: outside("node-jane")}, {Name: outside("X-Request-Id"), Value: outside("req-77")}}
	if err := l.Complete(t.Context(), x); err != nil {
		t.Fatal(err)
	}
	for _, f := range history.Formats() {
		e := export(t, l, f, history.ExportOptions{}, id)
		text := string(e.Text)
		for _, gone := range []string{"Jane", "tenant-jane", "node-jane", "4111", "DE89", "1234,"} {
			if strings.Contains(text, gone) {
				t.Errorf("%s shows %q", f, gone)
			}
		}
		if !strings.Contains(text, "10.00") || !strings.Contains(text, "application/json") || len(e.Removed) == 0 {
			t.Errorf("%s lacks what may be shown:\n%s", f, text)
		}
	}
	shown := string(export(t, l, history.RawHTTP, history.ExportOptions{Show: []string{"holder", "X-Tenant"}}, id).Text)
	if !strings.Contains(shown, "Jane Doe") || !strings.Contains(shown, "tenant-jane") {
		t.Errorf("what was asked for is not shown: %s", shown)
	}
}

// Equal secrets have equal masks inside of one file, and different ones in another.
func TestMasksCorrelateInsideOneFile(t *testing.T) {
	l := open(t, t.TempDir())
	r := startSandbox(t, l)
	run := send(t, r, newRun(t, "jiko", ""))
	ids := []string{run.TokenLog[0].ID, run.Exchange.ID}
	mask := regexp.MustCompile(`<redacted:access_token (#[0-9a-f]+)>`)
	seen := map[string]bool{}
	for range 2 {
		found := mask.FindAllStringSubmatch(string(export(t, l, history.CaseFile, history.ExportOptions{}, ids...).Text), -1)
		if len(found) < 2 {
			t.Fatalf("the token is masked %d times", len(found))
		}
		for _, f := range found {
			if f[1] != found[0][1] {
				t.Errorf("one token, two masks: %s and %s", f[1], found[0][1])
			}
		}
		seen[found[0][1]] = true
	}
	if len(seen) != 2 {
		t.Error("two files have the same mask")
	}
}

// The last scan refuses a file with a secret in it, wherever it hides, and names the credential but not its value.
func TestLastScanRefuses(t *testing.T) {
	l := open(t, t.TempDir())
	id := intend(t, l, made(nil))
	e, _ := l.Get(t.Context(), id)
	e.Tags = []string{"CNRY-tag-0123456789"} // a place that no layer masks
	_, err := l.Export(t.Context(), []history.Entry{e}, history.CaseFile, history.ExportOptions{Secrets: map[string]sign.Secret{"client_secret": sign.NewSecret("CNRY-tag-0123456789")}})
	if err == nil || !strings.Contains(err.Error(), "client_secret") || strings.Contains(err.Error(), "CNRY") {
		t.Errorf("got %v", err)
	}
	e.Tags = []string{"sk_live_0123456789abcdef"}
	if _, err = l.Export(t.Context(), []history.Entry{e}, history.CaseFile, history.ExportOptions{}); err == nil || !strings.Contains(err.Error(), "api-key") {
		t.Errorf("got %v", err)
	}
}

// A case file holds everything that the entry showed, opens read-only, and becomes a draft.
func TestCaseFileRoundTrip(t *testing.T) {
	l := open(t, t.TempDir())
	r := startSandbox(t, l)
	run := send(t, r, newRun(t, "sabika", "signed-probe"))
	id := run.Exchange.ID
	l.SetNote(t.Context(), id, "see \x1b[2J ticket")
	l.Tag(t.Context(), id, []string{"ticket-1"}, nil)
	text := export(t, l, history.CaseFile, history.ExportOptions{}, id).Text
	if strings.Contains(string(text), "\x1b") {
		t.Error("the file holds a terminal command")
	}
	list, err := history.Import(text, history.ImportOptions{Providers: flows.All(), Name: "a.case.txt"})
	if err != nil || len(list) != 1 {
		t.Fatal(err)
	}
	e, want := *list[0].Entry, run.Exchange
	if !e.ReadOnly() || e.ID != id || e.Note.Raw() != "see \x1b[2J ticket" || len(e.Tags) != 1 || e.Exchange.Response.Status != want.Response.Status {
		t.Errorf("read back %+v", e)
	}
	a, _ := e.Exchange.Signed.Stage(sign.StageCanonical)
	b, _ := want.Signed.Stage(sign.StageCanonical)
	if a.String() != b.String() || len(a.Spans()) != len(b.Spans()) || a.Spans()[0].Origin != b.Spans()[0].Origin {
		t.Errorf("canonical string %q, want %q", a, b)
	}
	d := list[0].Draft
	if d.Method != "POST" || d.Path != "/v1/signed-probe" || *d.Body != "{}" || d.IdempotencyKey != "" {
		t.Errorf("draft %+v", d)
	}
	again := send(t, r, flows.NewRun(d))
	if again.Exchange.Response.Status != 200 {
		t.Errorf("the draft of a case file is refused: %s", again.Exchange.Response.Body)
	}
}

// Each format is read back by the importer, and the draft is accepted when it is sent.
func TestExportsCanBeImported(t *testing.T) {
	l := open(t, t.TempDir())
	r := startSandbox(t, l)
	for _, name := range []string{"sabika/quote", "jiko/agreements-object", "jpay/", "kuna/rates"} {
		partner, request, _ := strings.Cut(name, "/")
		id := send(t, r, newRun(t, partner, request)).Exchange.ID
		for _, f := range []history.Format{history.Curl, history.HAR, history.RawHTTP} {
			x := export(t, l, f, history.ExportOptions{Show: []string{"customer_id"}}, id)
			list, err := history.Import(x.Text, history.ImportOptions{Providers: flows.All(), Provider: partner})
			if err != nil {
				t.Errorf("%s %s: %v\n%s", name, f, err, x.Text)
				continue
			}
			d := list[0].Draft
			if d.Environment.Name != flows.Embedded || len(list[0].Remarks) == 0 {
				t.Errorf("%s %s: %s, remarks %v", name, f, d.Environment.Name, list[0].Remarks)
			}
			if run := r.Through(t.Context(), flows.NewRun(d), flows.StepResponse); run.Err != nil || run.Exchange.Response.Error != nil {
				t.Errorf("%s %s: refused: %v %s\n%s", name, f, run.Err, run.Exchange.Response.Body, x.Text)
			}
		}
	}
}

func TestHARIsWhatTheFormatAsks(t *testing.T) {
	l := open(t, t.TempDir())
	id := intend(t, l, made(nil))
	var har struct {
		Log struct {
			Version string
			Entries []map[string]json.RawMessage
		}
	}
	if err := json.Unmarshal(export(t, l, history.HAR, history.ExportOptions{}, id).Text, &har); err != nil || har.Log.Version != "1.2" {
		t.Fatal(err, har)
	}
	for _, member := range []string{"startedDateTime", "time", "request", "response", "cache", "timings"} {
		if har.Log.Entries[0][member] == nil {
			t.Errorf("an entry lacks %s", member)
		}
	}
}

// A file is made whole or not at all, for its owner only, and never in the place of another without being asked.
func TestWriteFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "case.txt")
	if err := history.WriteFile(path, []byte("one"), false); err != nil {
		t.Fatal(err)
	}
	if err := history.WriteFile(path, []byte("two"), false); !errors.Is(err, fs.ErrExist) {
		t.Errorf("it was overwritten: %v", err)
	}
	if err := history.WriteFile(path, []byte("three"), true); err != nil {
		t.Fatal(err)
	}
	b, _ := os.ReadFile(path)
	info, _ := os.Stat(path)
	names, _ := os.ReadDir(filepath.Dir(path))
	if string(b) != "three" || info.Mode().Perm() != 0o600 || len(names) != 1 {
		t.Errorf("%q, mode %v, %d files", b, info.Mode(), len(names))
	}
	link := path + "-link"
	os.Symlink(path, link)
	if err := history.WriteFile(link, []byte("four"), true); err == nil {
		t.Error("it wrote through a symbolic link")
	}
	if err := history.WriteFile(filepath.Join(path, "x"), nil, false); err == nil {
		t.Error("it wrote below a file")
	}
}
