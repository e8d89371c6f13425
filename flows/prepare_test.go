package flows_test

import (
	"fmt"
	"strings"
	"testing"

	"countersign/flows"
	"countersign/flows/credentials"
	"countersign/sign"
)

// What a person typed into a request is told apart, checked before anything is signed, and masked where it is a credential.
func TestWhatIsTypedIntoARequest(t *testing.T) {
	body := func(s string) *string { return &s }
	tests := []struct {
		name, err, warning string
		change             func(*flows.Draft)
		check              func(sign.Request) bool
	}{
		{"a path without its slash behind a prefix", "does not begin with /", "", func(d *flows.Draft) { d.Path = "status" }, nil},
		{"two variables without values", `the variable "a" of the path`, "", func(d *flows.Draft) { d.Path, d.Query = "/{a}", "?x={b}" }, nil},
		{"a variable with a query in it", "must not contain one", "", func(d *flows.Draft) { d.Path, d.Variables = "/{a}", map[string]string{"a": "b?c=d"} }, nil},
		{"an option that is misspelt", `option credentials cannot be "feilds"`, "", func(d *flows.Draft) { d.Options["credentials"] = "feilds" }, nil},
		{"a header that the transport sets", "set by the transport", "", func(d *flows.Draft) { d.Header = []sign.Pair{{Name: "content-LENGTH", Value: "0"}} }, nil},
		{"a variable that breaks the JSON", "", "not valid JSON", func(d *flows.Draft) {
			d.Body, d.Variables = body(`{"a":"{a}"}`), map[string]string{"a": `"`}
		}, nil},
		{"a variable that makes the JSON", "", "", func(d *flows.Draft) { d.Body, d.Variables = body(`{"a":{a}}`), map[string]string{"a": "1"} },
			func(r sign.Request) bool { return r.Body.String() == `{"a":1}` }},
		{"known, empty and unknown names in a body", "", "", func(d *flows.Draft) {
			d.Body, d.Variables = body(`{"a":"{a}","b":"{b}","c":"{c}","d":"{"}`), map[string]string{"a": "{b}", "b": ""}
		}, func(r sign.Request) bool { return r.Body.String() == `{"a":"{b}","b":"","c":"{c}","d":"{"}` }},
		{"a credential typed into a header", "", "goes out twice", func(d *flows.Draft) {
			d.Header = append(d.Header, sign.Pair{Name: "authorization", Value: "Basic CNRY-6f1d9a52c0e3"})
		}, func(r sign.Request) bool {
			v, ok := r.Get("authorization")
			return ok && v.Secret() && r.Header[1].By == sign.ByPerson && !strings.Contains(fmt.Sprintf("%+v", r), "CNRY")
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, run := partner{address: "127.0.0.1:1/prefix"}.run(t, "status")
			run = run.Edit(func(d *flows.Draft) { d.CAFile = ""; tt.change(d) })
			run = r.Through(t.Context(), run, flows.StepSignature)
			if tt.err != "" {
				if run.Err == nil || !strings.Contains(run.Err.Message, tt.err) {
					t.Errorf("error %v, want %q", run.Err, tt.err)
				}
				return
			}
			if run.Err != nil {
				t.Fatal(run.Err)
			}
			warnings := strings.Join(run.Prepared.Warnings, " ")
			if !strings.Contains(warnings, tt.warning) || tt.warning == "" && warnings != "" {
				t.Errorf("warnings %q, want %q", warnings, tt.warning)
			}
			if tt.check != nil && !tt.check(run.Prepared.Signed.Request) {
				t.Errorf("%+v", run.Prepared.Signed.Request)
			}
		})
	}
}

// Only what a request needs is asked for: an API key needs no password, an open request needs nothing.
func TestOnlyNeededFieldsAreAskedFor(t *testing.T) {
	tests := []struct {
		provider, request, option, value string
		set                              map[string]string
		missing                          string
	}{
		{"kuna", "rates", "auth", "api-key", map[string]string{"api_key": "a key of this test"}, ""},
		{"kuna", "rates", "auth", "api-key", map[string]string{"email": "e@x.test", "password": "a password", "merchant_id": "m"}, "api_key"},
		{"kuna", "rates", "auth", "jwt", map[string]string{"api_key": "a key of this test"}, "email"},
		{"jupico", "status", "credentials", "published", map[string]string{"api_key": "dTpwYXNzd29yZA=="}, ""},
		{"jupico", "status", "credentials", "fields", map[string]string{"api_key": "dTpwYXNzd29yZA=="}, "username"},
		{"jiko", "health", "", "", nil, ""},
		{"jiko", "agreements", "", "", nil, "username"},
	}
	for _, tt := range tests {
		r := flows.NewRunner(&credentials.Store{})
		run := newRun(t, tt.provider, tt.request).Edit(func(d *flows.Draft) {
			d.Environment = flows.Environment{Name: "test", BaseURL: "https://api.test"}
			if tt.option != "" {
				d.Options[tt.option] = tt.value
			}
		})
		run.Set = tt.set
		run = r.Through(t.Context(), run, flows.StepCredentials)
		if tt.missing == "" && run.Err != nil || tt.missing != "" && (run.Err == nil || run.Err.Field != tt.missing) {
			t.Errorf("%s %s %s: %v, want %q", tt.provider, tt.request, tt.value, run.Err, tt.missing)
		}
	}
}

// A run prints no secret, neither those of the sandbox nor what was given on the command line.
func TestARunPrintsNoSecret(t *testing.T) {
	r, server := startSandbox(t, nil)
	for _, id := range []string{"jiko", "jpay", "sabika", "kuna"} {
		run := r.Through(t.Context(), newRun(t, id, ""), flows.StepResponse)
		run.Set = map[string]string{"password": "CNRY-6f1d9a52c0e3"}
		printed := fmt.Sprintf("%v %+v %#v %s %q %+v %+v", run, run, run, run, run, run.Given, run.Prepared)
		p, _ := flows.Find(flows.All(), id)
		for _, f := range p.Fields {
			if secret := server.Credentials(id)[f.Name]; f.Secret && secret != "" && strings.Contains(printed, secret) || strings.Contains(printed, "CNRY") {
				t.Errorf("%s: %s is printed", id, f.Name)
			}
		}
		for name, pem := range server.PEM(id) {
			if strings.Contains(name, "key") && strings.Contains(printed, fmt.Sprint(pem)[1:200]) {
				t.Errorf("%s: %s is printed", id, name)
			}
		}
	}
}
