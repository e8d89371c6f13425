package flows_test

import (
	"context"
	"strings"
	"testing"

	"countersign/flows"
	"countersign/flows/credentials"
	"countersign/sign"
)

// keyring is a keyring in memory.
type keyring map[string]sign.Secret

func (k keyring) Get(_ context.Context, item string) (sign.Secret, error) {
	s, ok := k[item]
	if !ok {
		return s, credentials.ErrNotFound
	}
	return s, nil
}
func (k keyring) Set(_ context.Context, item string, s sign.Secret) error { k[item] = s; return nil }
func (k keyring) Delete(_ context.Context, item string) error             { delete(k, item); return nil }

// A secret that is kept for one address is not taken to another; one that was given by hand goes where the person says.
func TestKeptSecretsAreBoundToTheirAddress(t *testing.T) {
	kept := keyring{
		credentials.Item("jpay", "production", "default", "app_secret"):      sign.NewSecret("a kept secret"),
		credentials.Item("jiko", "sandbox", "default", "signing_secret"):     sign.NewSecret("a kept secret"),
		credentials.Item("jiko", "sandbox", "default", "password"):           sign.NewSecret("a kept password"),
		credentials.Item("sabika", "production", "default", "client_secret"): sign.NewSecret("a kept secret"),
		credentials.Item("jupico", "production", "default", "password"):      sign.NewSecret("a kept password"),
	}
	tests := []struct {
		name, provider, environment, base string
		set                               map[string]string
		want                              string
	}{
		{"its own address", "jpay", "production", "https://api.jpay.africa/api/v1", map[string]string{"app_key": "k"}, ""},
		{"its own address, another path", "jpay", "production", "https://api.jpay.africa/v2", map[string]string{"app_key": "k"}, ""},
		{"a look-alike", "jpay", "production", "https://api.jpay.africa.evil.test/api/v1", map[string]string{"app_key": "k"}, "app_secret is kept for https://api.jpay.africa only; this request goes to https://api.jpay.africa.evil.test"},
		{"another port", "jpay", "production", "https://api.jpay.africa:8443/api/v1", map[string]string{"app_key": "k"}, "is kept for"},
		{"given by hand", "jpay", "production", "https://127.0.0.1:1", map[string]string{"app_key": "k", "app_secret": "by hand"}, ""},
		{"a documented address with a field in it", "jiko", "sandbox", "https://acme.sandbox-api.jikoservices.com", map[string]string{"username": "u", "prefix": "acme"}, ""},
		{"another prefix's address", "jiko", "sandbox", "https://evil.test", map[string]string{"username": "u", "prefix": "acme"}, "is kept for https://acme.sandbox-api"},
		{"an own address without an environment", "jiko", "embedded", "https://evil.test", map[string]string{"username": "u", "prefix": "acme"}, "is kept for"},
		{"no address is documented", "jupico", "production", "https://api.test", map[string]string{"username": "u"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := flows.NewRunner(&credentials.Store{Keyring: kept})
			p, _ := flows.Find(flows.All(), tt.provider)
			env, _ := p.Environment(tt.environment)
			env.BaseURL = tt.base
			sample, _ := p.Sample("")
			run := flows.NewRun(flows.NewDraft(p, env, sample))
			run.Set = tt.set
			run = r.Next(t.Context(), run)
			switch {
			case tt.want == "" && run.Err != nil:
				t.Error(run.Err)
			case tt.want != "" && (run.Err == nil || !strings.Contains(run.Err.Message, tt.want)):
				t.Errorf("error %v, want %q", run.Err, tt.want)
			}
		})
	}
}
