package history_test

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"countersign/flows"
	"countersign/history"
	"countersign/history/leak"
	"countersign/sign"
)

// scan looks for secrets in every file below a directory and returns what it found where.
func scan(t testing.TB, dir string, secrets map[string]string) []string {
	t.Helper()
	found, err := leak.Below(dir, secrets)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// secretsOf are the secrets of a run, for the scanner.
func secretsOf(run flows.Run) map[string]string {
	m := map[string]string{}
	for _, f := range run.Draft.Provider.Fields {
		if v, ok := run.Credentials[f.Name]; ok && f.Secret {
			m[run.Draft.Provider.ID+" "+f.Name] = strings.TrimSpace(v.Secret.Reveal())
		}
	}
	if run.Token != nil {
		m[run.Draft.Provider.ID+" access token"] = run.Token.Access.Reveal()
		if !run.Token.Refresh.Empty() {
			m[run.Draft.Provider.ID+" refresh token"] = run.Token.Refresh.Reveal()
		}
	}
	return m
}

// A whole walk with every partner leaves no secret in any file: accepted, refused and failed sends, secrets pasted where they
// do not belong, notes, exports in every format, a crash in the middle.
func TestNoSecretReachesTheDisk(t *testing.T) {
	dir := t.TempDir()
	l := open(t, filepath.Join(dir, "history"))
	r := startSandbox(t, l)
	secrets := map[string]string{}
	var ids []string
	for _, p := range flows.All() {
		for _, s := range p.Requests {
			run := r.Through(t.Context(), newRun(t, p.ID, s.Name), flows.StepResponse)
			for name, v := range secretsOf(run) {
				secrets[name] = v
			}
			ids = append(ids, kept(run)...)
			paste := "tok=" + url.QueryEscape(first(secretsOf(run)))
			run = run.Edit(func(d *flows.Draft) { // a secret pasted into query, header and body, and one that nobody knows
				d.Query = "?" + paste + "&note=1"
				d.Header = append(d.Header, sign.Pair{Name: "X-Debug", Value: "pasted " + hex.EncodeToString([]byte(first(secretsOf(run))))}, sign.Pair{Name: "X-Auth-Token", Value: "CNRY-header-0123456789"})
				body := `{"shared_secret": "CNRY-body-0123456789", "nested": {"password": ["CNRY-array-0123456789"]}, "pasted": "` + base64.StdEncoding.EncodeToString([]byte("a:"+first(secretsOf(run)))) + `"`
				d.Body = &body
			})
			run = r.Through(t.Context(), run, flows.StepResponse)
			ids = append(ids, kept(run)...)
		}
	}
	for _, name := range []string{"header", "body", "array"} {
		secrets["pasted "+name] = "CNRY-" + name + "-0123456789"
	}
	if len(secrets) < 12 {
		t.Fatalf("only %d secrets took part", len(secrets))
	}
	for i, f := range append(history.Formats(), history.CaseFile) {
		id := ids[(i*7)%len(ids)]
		if err := l.SetNote(t.Context(), id, "pasted "+secrets["sabika client_secret"]); err != nil {
			t.Fatal(err)
		}
		e, err := l.Get(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		x, err := l.Export(t.Context(), []history.Entry{e}, f, history.ExportOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if err := history.WriteFile(filepath.Join(dir, string(rune('a'+i))+x.Name), x.Text, false); err != nil {
			t.Fatal(err)
		}
	}
	for _, when := range []string{"open", "closed"} {
		if found := scan(t, dir, secrets); len(found) > 0 {
			t.Errorf("%s: %q", when, found)
		}
		l.Close()
	}
}

// A private key that is pasted into a body is masked there, and in the canonical string that the sandbox sends back in base64.
func TestNoPastedKeyReachesTheDisk(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	r := startSandbox(t, l)
	line := "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgCNRYkey0123456789"
	key := "-----BEGIN PRIVATE KEY-----\n" + line + "\n-----END PRIVATE KEY-----\n"
	encoded := base64.StdEncoding.EncodeToString([]byte(key))
	for _, body := range []string{key, `{"a":"` + strings.ReplaceAll(key, "\n", `\n`) + `"}`, `{"a":"` + encoded + `"}`} {
		run := r.Through(t.Context(), newRun(t, "jiko", "transfer").Edit(func(d *flows.Draft) { d.Body = &body }), flows.StepResponse)
		if run.Exchange == nil || run.Exchange.Response == nil || run.Exchange.Response.Expected == nil {
			t.Fatalf("the sandbox sends nothing back: %v", run.Err)
		}
	}
	l.Close()
	if found := scan(t, dir, map[string]string{"key": line, "encoded key": encoded[40:100]}); len(found) > 0 {
		t.Errorf("%q", found)
	}
}

func first(m map[string]string) string {
	best := "CNRY-nothing-0123456789"
	for name, v := range m {
		if strings.Contains(name, "token") || strings.Contains(name, "password") || strings.Contains(name, "secret") {
			best = v
		}
	}
	return best
}

// kept are the entries of a run.
func kept(run flows.Run) (ids []string) {
	for _, x := range run.TokenLog {
		ids = append(ids, x.ID)
	}
	if run.Exchange != nil {
		ids = append(ids, run.Exchange.ID)
	}
	return ids
}

// A partner that forbids to store only with its answer leaves nothing of the request behind either, not even in the journal.
func TestNoStoreTakesTheIntentBack(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	canaries := map[string]string{"request body": "CNRY-request-0123456789"}
	x := made(func(x *flows.Exchange) {
		x.Signed.Request.Body = sign.Plain(sign.Origin{Kind: sign.Body}, []byte(`{"a":"`+canaries["request body"]+`"}`))
	})
	id := intend(t, l, x)
	if len(scan(t, dir, canaries)) == 0 {
		t.Fatal("the control fails: the intent is not on the disk")
	}
	x = answered(x, id, 200, "{}")
	x.NoStore = true
	if err := l.Complete(t.Context(), x); err != nil {
		t.Fatal(err)
	}
	if found := scan(t, dir, canaries); len(found) > 0 {
		t.Errorf("found %q", found)
	}
}

// A credential that was loaded here does not reach the disk in the request of another partner either.
func TestSecretOfAnotherPartnerIsMasked(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	secrets := map[string]string{"app_secret": "CNRY-other-partner-0123456789"}
	pasted := func(key string) flows.Exchange {
		return made(func(x *flows.Exchange) {
			x.IdempotencyKey = key
			x.Signed.Request.Body = sign.Plain(sign.Origin{Kind: sign.Body}, []byte(`{"description":"`+secrets["app_secret"]+`"}`))
		})
	}
	x := pasted("before")
	x.ID = intend(t, l, x)
	if err := l.Complete(t.Context(), x); err != nil {
		t.Fatal(err)
	}
	if len(scan(t, dir, secrets)) == 0 {
		t.Fatal("the control fails: what nobody knows is masked")
	}
	l.Delete(t.Context(), x.ID)
	l.Know(map[string]sign.Secret{"app_secret": sign.NewSecret(secrets["app_secret"])})
	x = pasted("behind")
	x.ID = intend(t, l, x)
	if err := l.Complete(t.Context(), x); err != nil {
		t.Fatal(err)
	}
	if found := scan(t, dir, secrets); len(found) > 0 {
		t.Errorf("found %q", found)
	}
}

// What a partner forbids to store is not stored: neither bodies nor tokens nor claims, in no form.
func TestNoStoreKeepsFactsOnly(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	canaries := map[string]string{"request body": "CNRY-request-0123456789", "answer body": "CNRY-answer-0123456789", "claims": "CNRY-claims-0123456789", "header": "CNRY-header-0123456789"}
	x := made(func(x *flows.Exchange) {
		x.NoStore = true
		body := sign.Plain(sign.Origin{Kind: sign.Body}, []byte(`{"a":"`+canaries["request body"]+`"}`))
		x.Signed.Request.Body = body
		var canonical, header sign.Builder
		canonical.Append(body)
		stage := sign.Stage{Name: sign.StageCanonical, Text: canonical.Text()}
		header.Within(stage, sign.Base64)
		x.Signed.Stages = []sign.Stage{stage}
		x.Signed.Request = x.Signed.Request.With(sign.ByScheme, "X-Payload", header.Text())
		x.Token = &flows.TokenFacts{Type: "Bearer"}
	})
	id := intend(t, l, x)
	x = answered(x, id, 200, `{"b":"`+canaries["answer body"]+`"}`)
	x.Response.Raw = sign.NewSecret(x.Response.Body.Raw())
	x.Response.Expected = []byte(canaries["request body"])
	x.Response.Header = []flows.ResponseHeader{{Name: outside("X-Echo"), Value: outside(canaries["header"])}, {Name: outside("Date"), Value: outside("today")}}
	x.Token.Claims = outside(`{"c":"` + canaries["claims"] + `"}`)
	if err := l.Complete(t.Context(), x); err != nil {
		t.Fatal(err)
	}
	e, err := l.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if e.Withheld == "" || e.Exchange.Response.Status != 200 || e.Exchange.Response.Get("Date").Raw() != "today" || !e.Exchange.Response.Body.Empty() {
		t.Errorf("kept %+v", e)
	}
	if found := scan(t, dir, canaries); len(found) > 0 {
		t.Errorf("found %q", found)
	}
}
