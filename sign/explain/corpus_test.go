package explain

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"countersign/sign"
)

// corpusCase is a request of testdata with the mistake that was made in it; testdata/generate says how it was made.
type corpusCase struct {
	Name, Maker, Verdict string
	Scheme               Scheme
	Cause                []string // the mistakes; empty when there is none to find
	Facts                []string // findings that must stand beside
	corpusRequest
	Secrets [][3]string // name, profile, value
	Keys    [][3]string // name, profile, PEM
	Nonces  []string
	Options map[string]string
	Fields  map[string]string
	At      time.Time
	Earlier []corpusRequest
}

type corpusRequest struct {
	Method, Authority, Target string
	Headers                   [][2]string
	Body                      []byte
}

func (r corpusRequest) captured() sign.Captured {
	c := sign.Captured{Method: r.Method, Scheme: "https", Authority: r.Authority, Target: r.Target, Body: r.Body, HasBody: len(r.Body) > 0}
	for _, h := range r.Headers {
		c.Header = append(c.Header, sign.Pair{Name: h[0], Value: h[1]})
	}
	return c
}

func (c corpusCase) evidence(t testing.TB) Evidence {
	e := Evidence{Request: c.captured(), Profile: "sandbox", Nonces: c.Nonces, Options: c.Options, Fields: c.Fields, At: c.At}
	for _, s := range c.Secrets {
		e.Secrets = append(e.Secrets, NamedSecret{s[0], s[1], sign.NewSecret(s[2])})
	}
	for _, k := range c.Keys {
		public, err := sign.ParsePublicKey([]byte(k[2]))
		if err != nil {
			t.Fatal(err)
		}
		e.SigningKeys = append(e.SigningKeys, NamedKey{k[0], k[1], public})
	}
	for _, r := range c.Earlier {
		e.Earlier = append(e.Earlier, r.captured())
	}
	return e
}

// corpus reads every case of testdata.
func corpus(t testing.TB) []corpusCase {
	t.Helper()
	files, err := filepath.Glob("testdata/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatal("no corpus", err)
	}
	var all []corpusCase
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			var c corpusCase
			if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			all = append(all, c)
		}
		f.Close()
	}
	return all
}

// TestCorpus explains requests that other programs signed wrongly. It reports how many were explained, in how many
// the first answer was the mistake that was made, and how many got a false explanation, which must be none.
func TestCorpus(t *testing.T) {
	var explained, top, tied, negatives, wrong int
	all := corpus(t)
	for _, c := range all {
		r := Explain(context.Background(), c.Scheme, c.evidence(t), Budget{Time: time.Minute, Now: time.Now})
		where := string(c.Scheme) + ", " + c.Maker + ": " + c.Name
		if r.Verdict != c.Verdict {
			t.Errorf("%s: verdict %s, want %s %v; findings %s", where, r.Verdict, c.Verdict, c.Cause, summary(r))
			if r.Verdict != Unexplained {
				wrong++
			}
			continue
		}
		for _, id := range c.Facts {
			if !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.ID == id }) {
				t.Errorf("%s: no finding %s; findings %s", where, id, summary(r))
			}
		}
		if len(c.Cause) == 0 {
			negatives++
			if c.Verdict == Unexplained && slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Proof == Proved }) {
				wrong++
				t.Errorf("%s: a cause without one: %s", where, summary(r))
			}
			continue
		}
		explained++
		switch first := r.Findings[0]; {
		case sameIDs(first.IDs(), c.Cause), sameIDs(allIDs(r), c.Cause):
			top++
		case slices.ContainsFunc(first.Also, func(also string) bool { return sameIDs(strings.Split(also, "+"), c.Cause) }):
			tied++
			t.Logf("tied: %s: want %v, findings %s", where, c.Cause, summary(r))
		default:
			wrong++
			t.Errorf("%s: want %v, findings %s", where, c.Cause, summary(r))
		}
	}
	t.Logf("%d requests: %d explained, %d of them with the right answer first, %d with it among ties; %d negatives; %d false explanations",
		len(all), explained, top, tied, negatives, wrong)
}

func sameIDs(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// allIDs joins the findings, for mistakes that are found one by one.
func allIDs(r Report) (ids []string) {
	for _, f := range r.Findings {
		ids = append(ids, f.IDs()...)
	}
	return ids
}

func summary(r Report) string {
	var out []string
	for _, f := range r.Findings {
		out = append(out, string(f.Proof)+" "+strings.Join(f.IDs(), "+")+" (also "+strings.Join(f.Also, " ")+")")
	}
	return strings.Join(out, "; ")
}
