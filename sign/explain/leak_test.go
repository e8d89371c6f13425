package explain

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"countersign/sign"
)

// No report tells a secret, however the request was wrong.
func TestReportsTellNoSecret(t *testing.T) {
	for _, c := range corpus(t) {
		r := Explain(context.Background(), c.Scheme, c.evidence(t), Budget{Candidates: 20000})
		out, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range c.Secrets {
			if text := string(out) + fmt.Sprintf("%+v %s", r, r.Signed); len(s[2]) > 7 && strings.Contains(text, s[2]) {
				t.Errorf("%s, %s: the report tells %s", c.Scheme, c.Name, s[0])
			}
		}
	}
}

func TestCredentialsInTheWrongPlaceAreNotQuoted(t *testing.T) {
	const password = "V8m-xP-l2Qz3-secret"
	encoded := base64.StdEncoding.EncodeToString([]byte(password + ":demoApiUser"))
	for _, value := range []string{
		"Basic " + encoded, encoded + " Basic", "demoApiUser:" + password + " x", password + " x", "Bearer " + password, "Basic {\"password\":\"" + password + "\"}",
	} {
		for _, scheme := range []Scheme{Jupico, JPay, Kuna, Sabika} {
			e := Evidence{Request: sign.Captured{Method: "GET", Target: "/status", Header: pairs("Authorization", value)}, Fields: map[string]string{"username": "demoApiUser"}}
			r := Explain(context.Background(), scheme, e, Budget{})
			out, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(out), password) || strings.Contains(string(out), encoded) {
				t.Errorf("%s, %q: %s", scheme, value, out)
			}
		}
	}
}

func TestSignatureUnderAnotherName(t *testing.T) {
	right := b64(macOf(demoSecret, demoID+"/x/"))
	rename := func(signature string) Evidence {
		e := jikoEvidence(jikoRequest("GET", "/x/", "", signature))
		e.Request.Header[2].Name = "X-Signature"
		return e
	}
	t.Run("proved", func(t *testing.T) {
		r := Explain(context.Background(), Jiko, rename(right), Budget{})
		if r.Verdict != Explained || strings.Join(allIDs(r), " ") != "signature-header-name" || r.Findings[0].Proof != Proved {
			t.Errorf("%s: %s", r.Verdict, summary(r))
		}
	})
	t.Run("another signature proves nothing", func(t *testing.T) {
		r := Explain(context.Background(), Jiko, rename(b64(make([]byte, 32))), Budget{Candidates: 5000})
		if strings.Join(allIDs(r), " ") != "signature-missing" {
			t.Errorf("%s: %s", r.Verdict, summary(r))
		}
	})
}
