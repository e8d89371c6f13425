package flows_test

import (
	"strings"
	"testing"

	"countersign/flows"
	"countersign/flows/credentials"
)

// No value and no template makes another host of a base URL, and a query, which may hold a secret, is not repeated.
func TestBaseURL(t *testing.T) {
	tests := []struct{ url, prefix, want string }{
		{"https://{prefix}.api.test", "acme", ""},
		{"https://{prefix}.api.test", "/usr/local", "cannot be part of a host name"},
		{"https://{prefix}.api.test", "evil.test/", "cannot be part of a host name"},
		{"https://{prefix}.api.test", "u:p@evil.test#", "cannot be part of a host name"},
		{"https://{prefix}.api.test", "", "needs the field \"prefix\""},
		{"https://{Prefix}.api.test", "acme", "is not a host"},
		{"https://api.test?key=hunter2", "acme", "has a query"},
		{"https://api.test/?key=hunter2", "acme", "has a query"},
		{"http://api.test/", "acme", "not https"},
	}
	for _, tt := range tests {
		r := flows.NewRunner(&credentials.Store{})
		run := newRun(t, "jiko", "agreements").Edit(func(d *flows.Draft) {
			d.Environment = flows.Environment{Name: "test", BaseURL: tt.url}
		})
		run.Set = map[string]string{"username": "u", "password": "a password", "signing_secret": "a secret"}
		if tt.prefix != "" {
			run.Set["prefix"] = tt.prefix
		}
		run = r.Next(t.Context(), run)
		switch {
		case tt.want == "" && run.Err != nil, tt.want != "" && (run.Err == nil || !strings.Contains(run.Err.Message, tt.want)):
			t.Errorf("%s with %q: %v, want %q", tt.url, tt.prefix, run.Err, tt.want)
		case run.Err != nil && strings.Contains(run.Err.Message, "hunter2"):
			t.Errorf("%s: the query is repeated: %v", tt.url, run.Err)
		case strings.Contains(tt.want, "needs") && !strings.Contains(run.Err.Hint, "variable PREFIX"):
			t.Errorf("%s: the hint does not name the variable: %q", tt.url, run.Err.Hint)
		}
	}
}
