package explain

import (
	"context"
	"strings"
	"testing"

	"countersign/sign"
)

// A token that was refused is held against the one that was issued last. Without that nothing is said of it.
func TestIssuedToken(t *testing.T) {
	jwt := token(`{"exp":1772370000,"user_id":123}`)
	const opaque = "tok_5Jb0qEGh9mZ4xYw2Lr8Kd7"
	tests := []struct {
		name, issued, sent string
		want               string // with its proof
	}{
		{"the same", jwt, jwt, ""},
		{"nothing is known", "", jwt, ""},
		{"without its end, which leaves three parts", jwt, jwt[:len(jwt)-8], "proved token-malformed"},
		{"without its last part", jwt, jwt[:strings.LastIndexByte(jwt, '.')], "proved token-malformed"},
		{"without its beginning", opaque, opaque[6:], "proved token-malformed"},
		{"in capitals", opaque, strings.ToUpper(opaque), "proved secret-case"},
		{"another", opaque, "tok_another_one_altogether", "likely token-other"},
		{"a few characters, which may be there by chance", opaque, "tok", "likely token-other"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := Evidence{At: noon, Token: sign.NewSecret(tt.issued), Request: sign.Captured{Method: "GET", Target: "/api/v1/products", Header: pairs("Authorization", "Bearer "+tt.sent)}}
			r := Explain(context.Background(), JPay, e, Budget{})
			var got []string
			for _, f := range r.Findings {
				got = append(got, string(f.Proof)+" "+f.ID)
				if all := strings.Join(f.Steps, " "); strings.Contains(all, opaque[6:12]) || strings.Contains(all, jwt[:12]) {
					t.Errorf("a token is told: %s", all)
				}
			}
			if got := strings.Join(got, ", "); got != tt.want {
				t.Errorf("findings %q, want %q", got, tt.want)
			}
		})
	}
}

// A nonce that was taken is used up. One that merely stands in an earlier request may not be: that one may have been
// refused before its nonce was looked at.
func TestNonceOfAnEarlierRequest(t *testing.T) {
	const n = "0123456789abcdef"
	request := sign.Captured{Method: "POST", Target: "/v1/signed-probe", Header: pairs("Authorization", "Bearer opaque", "X-Timestamp", "1772366400", "X-Nonce", n, "X-JWS-Signature", sabikaProtected+"..AAAA")}
	for _, tt := range []struct {
		e    Evidence
		want Proof
	}{
		{Evidence{Nonces: []string{n}, Earlier: []sign.Captured{request}}, Certain},
		{Evidence{Earlier: []sign.Captured{request}}, Likely},
		{Evidence{Nonces: []string{"another-0123456789"}}, ""},
	} {
		tt.e.Request, tt.e.At = request, noon
		var got Proof
		for _, f := range Explain(context.Background(), Sabika, tt.e, Budget{}).Findings {
			if f.ID == "nonce-reused" {
				got = f.Proof
			}
		}
		if got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.e.Nonces, got, tt.want)
		}
	}
}
