package flows_test

import (
	"fmt"
	"strings"
	"testing"

	"countersign/flows"
	"countersign/sign"
	"countersign/sign/untrusted"
)

// An inbound request becomes a record in which what carries credentials is masked and the rest is as it was received.
func TestInboundExchange(t *testing.T) {
	p, _ := flows.Find(flows.All(), "sabika")
	in := flows.Inbound{
		Provider: "sabika", Status: 401, Body: untrusted.From(`{"error":"invalid_signature","message":"no"}`), Expected: []byte("POST\n"),
		Request: sign.Captured{Method: "POST", Authority: "127.0.0.1:1", Target: "/v1/orders?a=%20b", HasBody: true, Body: []byte(`{"quote_id":"q"}`),
			Header: []sign.Pair{{Name: "Host", Value: "127.0.0.1:1"}, {Name: "authorization", Value: "Bearer CNRY-token-in-a-header"}, {Name: "X-Nonce", Value: "0123456789abcdef"}}},
		Checks: []flows.Check{{Name: "signature", Detail: "no"}},
	}
	x := in.Exchange(p, flows.Given{BaseURL: "https://127.0.0.1:1", Values: map[string]string{"client_secret": "CNRY-secret-of-the-sandbox"}})
	if shown := fmt.Sprintf("%v %+v", x, x.Signed.Request); strings.Contains(shown, "CNRY") {
		t.Errorf("a secret is shown: %s", shown)
	}
	r := x.Signed.Request
	if nonce, _ := r.Get("x-nonce"); r.Target() != "/v1/orders?a=%20b" || nonce.String() != "0123456789abcdef" || string(r.Body.Bytes()) != `{"quote_id":"q"}` {
		t.Errorf("request %+v", r)
	}
	if _, ok := r.Get("Host"); ok {
		t.Error("Host is a field of the request although the authority says it")
	}
	if !x.Secrets["client_secret"].Equal(sign.NewSecret("CNRY-secret-of-the-sandbox")) {
		t.Error("the sandbox's secrets are not named for the masking")
	}
	if e := x.Response.Error; e == nil || e.Known == nil || e.Code.Raw() != "invalid_signature" || x.Err == nil || x.Err.Hint == "" {
		t.Errorf("error %+v, %v", e, x.Err)
	}
	for target, want := range map[string]bool{"/oauth/token": true, "/v1/orders": false, "/v1/login/": true, "/v1/tokenised": false} {
		in.Request.Target = target
		if in.FetchesToken(p) != want {
			t.Errorf("%s fetches a token: %v", target, !want)
		}
	}
}
