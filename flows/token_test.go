package flows_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"countersign/flows"
	"countersign/flows/sandbox"
)

// clock is a clock that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// startAt starts sandbox and runner on one clock and counts the token requests.
func startAt(t *testing.T, c *clock) (*flows.Runner, *sandbox.Server, func() []string) {
	t.Helper()
	var mu sync.Mutex
	var calls []string
	server, err := sandbox.Start(sandbox.Options{Now: c.Now, Observe: func(e sandbox.Event) {
		mu.Lock()
		defer mu.Unlock()
		for _, part := range []string{"login", "refresh", "app/token", "oauth/token"} {
			if strings.Contains(e.Target, part) {
				calls = append(calls, part)
			}
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	r, _ := startSandbox(t, nil)
	r.Now = c.Now
	r.Given = func(_ context.Context, id string) (flows.Given, error) {
		return flows.Given{BaseURL: server.BaseURL(id), Values: server.Credentials(id), PEM: server.PEM(id), CA: server.CAPEM()}, nil
	}
	return r, server, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return append([]string(nil), calls...)
	}
}

// A token is used until shortly before it expires, then refreshed where the partner offers that, and the login is
// repeated when the refresh token is dead as well.
func TestTokenLife(t *testing.T) {
	start := time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)
	tests := []struct {
		provider string
		source   string
		steps    []time.Duration // the clock moves by this much before each run
		want     []string        // the token requests in all
	}{
		{"jiko", "field expires", []time.Duration{0, 58 * time.Minute, 61 * time.Second}, []string{"login", "login"}},
		{"jpay", "claim exp", []time.Duration{0, 13 * time.Minute, 90 * time.Second, 14 * time.Minute}, []string{"app/token", "refresh", "refresh"}},
		{"sabika", "field expires_in", []time.Duration{0, 9 * time.Minute, 31 * time.Second}, []string{"oauth/token", "oauth/token"}},
		{"kuna", "absolute", []time.Duration{0, 28 * time.Minute, 90 * time.Second}, []string{"login", "refresh"}},
	}
	for _, tt := range tests {
		t.Run(tt.provider+"/"+tt.steps[len(tt.steps)-1].String(), func(t *testing.T) {
			c := &clock{now: start}
			r, server, calls := startAt(t, c)
			for i, d := range tt.steps {
				c.advance(d)
				run := r.Through(t.Context(), newRun(t, tt.provider, ""), flows.StepResponse)
				if run.Err != nil || run.Exchange.Err != nil {
					t.Fatalf("run %d: %v %v", i, run.Err, run.Exchange)
				}
				if !strings.Contains(run.Token.Facts.Source, tt.source) {
					t.Errorf("the expiry comes from %q, want %q", run.Token.Facts.Source, tt.source)
				}
			}
			server.Close()
			if got := strings.Join(calls(), " "); got != strings.Join(tt.want, " ") {
				t.Errorf("token requests %q, want %q", got, tt.want)
			}
		})
	}
}

// A sandbox that outlived its certificates says so, and what to do.
func TestSandboxThatIsTooOld(t *testing.T) {
	c := &clock{now: time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)}
	r, _, _ := startAt(t, c)
	c.advance(25 * time.Hour)
	run := r.Next(t.Context(), newRun(t, "jiko", ""))
	if run.Err == nil || !strings.Contains(run.Err.Message, "ran out at 2026-03-02T01:00:00Z") || run.Err.Hint == "" {
		t.Errorf("error %v", run.Err)
	}
}

// Runs that need the same token at the same time ask for it once.
func TestTokenSingleFlight(t *testing.T) {
	c := &clock{now: time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)}
	r, server, calls := startAt(t, c)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if run := r.Through(t.Context(), newRun(t, "jpay", ""), flows.StepToken); run.Err != nil {
				t.Error(run.Err)
			}
		})
	}
	wg.Wait()
	server.Close()
	if got := calls(); len(got) != 1 {
		t.Errorf("token requests %q, want one", got)
	}
}

// The page's sample client keeps its first refresh token. Under rotation its second refresh is refused,
// and a login follows, once.
func TestKeptRefreshTokenFallsBackToLogin(t *testing.T) {
	c := &clock{now: time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)}
	r, server, calls := startAt(t, c)
	for range 3 {
		run := newRun(t, "jpay", "").Edit(func(d *flows.Draft) { d.Options["rotation"] = "keep" })
		if run = r.Through(t.Context(), run, flows.StepResponse); run.Err != nil {
			t.Fatal(run.Err)
		}
		c.advance(14*time.Minute + 30*time.Second)
	}
	server.Close()
	if got := strings.Join(calls(), " "); got != "app/token refresh refresh app/token" {
		t.Errorf("token requests %q", got)
	}
}

// The samples of tokens on the partners' pages, and what can be wrong with an answer.
func TestReadToken(t *testing.T) {
	received := time.Date(2024, 2, 6, 17, 15, 16, 0, time.UTC)
	tests := []struct {
		name, provider, body string
		expires, err         string
	}{
		{"the guide's sample", "jiko", `{"token": "dG9rZW4=", "expires": "2012-12-12T12:12:12.946661+00:00"}`, "2012-12-12T12:12:12Z", ""},
		{"no offset", "jiko", `{"token": "dG9rZW4=", "expires": "2024-02-06T18:00:00"}`, "", ""},
		{"empty", "jiko", "", "", "it is empty"},
		{"HTML", "jiko", "<html>", "", "HTML"},
		{"cut", "jpay", `{"access": "a.b`, "", "not valid JSON"},
		{"a list", "jpay", `[]`, "", "not a JSON object"},
		{"no token", "sabika", `{"token_type": "Bearer"}`, "", "no field access_token"},
		{"another case", "sabika", `{"Access_Token": "x"}`, "", "no field access_token"},
		{"a number", "sabika", `{"access_token": 7}`, "", "is a number"},
		{"a line end", "sabika", `{"access_token": "a\nb"}`, "", "which no header can carry"},
		{"seconds from now", "sabika", `{"access_token": "opaque", "expires_in": 600}`, "2024-02-06T17:25:16Z", ""},
		{"seconds as a string", "sabika", `{"access_token": "opaque", "expires_in": "600"}`, "2024-02-06T17:25:16Z", ""},
		{"absurd", "sabika", `{"access_token": "opaque", "expires_in": 1e30}`, "", ""},
		{"negative", "sabika", `{"access_token": "opaque", "expires_in": -1}`, "", ""},
		{"absolute seconds", "kuna", `{"data": {"accessToken": "opaque", "expiresIn": 1707241515}}`, "2024-02-06T17:45:15Z", ""},
		{"absolute milliseconds", "kuna", `{"data": {"accessToken": "opaque", "expiresIn": 1707241515000}}`, "2024-02-06T17:45:15Z", ""},
		{"not unwrapped", "kuna", `{"accessToken": "opaque"}`, "", "no field data.accessToken"},
	}
	for _, tt := range tests {
		t.Run(tt.provider+"/"+tt.name, func(t *testing.T) {
			p, _ := flows.Find(flows.All(), tt.provider)
			token, err := p.Token.Read([]byte(tt.body), received)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("error %v, want %q", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if e := token.Facts.Expires; !e.IsZero() {
				got = e.Truncate(time.Second).UTC().Format(time.RFC3339)
			}
			if got != tt.expires {
				t.Errorf("expires %q, want %q (%s, %q)", got, tt.expires, token.Facts.Source, token.Facts.Remarks)
			}
			if tt.expires == "" && len(token.Facts.Remarks) == 0 {
				t.Error("an expiry that is left out is not remarked on")
			}
		})
	}
}

// Errors in the partners' own shapes are read, also KUNA's message that is an object, and known ones explained.
func TestReadError(t *testing.T) {
	tests := []struct {
		provider string
		status   int
		body     string
		code     string
		message  string
	}{
		{"jiko", 422, `{"detail":[{"loc":["header","x-jiko-signature"],"msg":"field required","type":"value_error.missing"}]}`, "", "header.x-jiko-signature: field required"},
		{"jupico", 200, `{"success":false,"error":{"code":"tx_cc_declined","message":"Declined"}}`, "tx_cc_declined", "Declined"},
		{"jpay", 401, `{"detail":"Invalid or expired token"}`, "", "Invalid or expired token"},
		{"sabika", 401, `{"error":"replayed_nonce","message":"used"}`, "replayed_nonce", "used"},
		{"kuna", 401, `{"errors":[{"code":"UNAUTHORIZED","message":{"name":"TokenExpiredError","message":"jwt expired","expiredAt":"2024-02-09T19:23:17.000Z"}}]}`, "UNAUTHORIZED", "TokenExpiredError: jwt expired at 2024-02-09T19:23:17.000Z"},
		{"kuna", 401, `{"errors":[{"code":"REFRESH_TOKEN_EXPIRED","message":"Invalid token"}]}`, "REFRESH_TOKEN_EXPIRED", "Invalid token"},
	}
	for _, tt := range tests {
		p, _ := flows.Find(flows.All(), tt.provider)
		e, ok := p.ReadError(tt.status, []byte(tt.body))
		if !ok || e.Code.Raw() != tt.code || e.Message.Raw() != tt.message {
			t.Errorf("%s: %v %q %q", tt.provider, ok, e.Code, e.Message)
		}
	}
	for _, p := range flows.All() {
		for _, body := range []string{"", "null", "<html>", `{"errors":null}`, `{"error":{}}`, `{"detail":7}`} {
			if _, ok := p.ReadError(500, []byte(body)); !ok {
				t.Errorf("%s: 500 with %q is no error", p.ID, body)
			}
			p.ReadError(200, []byte(body)) // must not panic
		}
	}
}
