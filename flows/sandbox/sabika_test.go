package sandbox

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"
)

// sabikaHeader is {"alg":"ES256","b64":false,"crit":["b64"]}, the page's protected header.
const sabikaHeader = "eyJhbGciOiJFUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19"

const testNonce = "0123456789abcdef0123456789abcdef"

// sabikaClient is an integrator's code, written from the page.
type sabikaClient struct {
	*bench
	certificate, other tls.Certificate
	key                *ecdsa.PrivateKey
	nonces             int
}

func startSabika(t *testing.T) *sabikaClient { t.Helper(); return integrate(start(t)) }

// integrate hands the client its files.
func integrate(b *bench) *sabikaClient {
	b.t.Helper()
	s := &sabikaClient{bench: b}
	s.certificate, s.other = s.pair("client"), s.pair("other")
	block, _ := pem.Decode(b.PEM("sabika")["signing_key"])
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		b.t.Fatal(err)
	}
	s.key = key.(*ecdsa.PrivateKey)
	return s
}

// pair is the certificate of one of the two clients.
func (s *sabikaClient) pair(name string) tls.Certificate {
	s.t.Helper()
	files := s.PEM("sabika")
	pair, err := tls.X509KeyPair(files[name+"_certificate"], files[name+"_key"])
	if err != nil {
		s.t.Fatal(err)
	}
	return pair
}

func (s *sabikaClient) form() string {
	c := s.Credentials("sabika")
	return "grant_type=client_credentials&client_id=" + c["client_id"] + "&client_secret=" + c["client_secret"]
}

func (s *sabikaClient) token() string {
	s.t.Helper()
	answer := s.must(200, request{provider: "sabika", line: "POST /oauth/token", certificates: []tls.Certificate{s.certificate},
		header: []string{"Content-Type: application/x-www-form-urlencoded"}, body: s.form()})
	return answer.field("access_token").(string)
}

func (s *sabikaClient) nonce() string { s.nonces++; return fmt.Sprintf("%032d", s.nonces) }

func (s *sabikaClient) sign(protected, canonical string) string {
	r, v, err := ecdsa.Sign(rand.Reader, s.key, digest(protected+"."+canonical))
	if err != nil {
		s.t.Fatal(err)
	}
	raw := append(r.FillBytes(make([]byte, 32)), v.FillBytes(make([]byte, 32))...)
	return protected + ".." + base64.RawURLEncoding.EncodeToString(raw)
}

func digest(text string) []byte { sum := sha256.Sum256([]byte(text)); return sum[:] }

func canonical(method, url, body, timestamp, nonce string) string {
	return method + "\n" + url + "\n" + hex.EncodeToString(digest(body)) + "\n" + timestamp + "\n" + nonce
}

// signed is a request that the page's reader would send; edit changes its header lines.
func (s *sabikaClient) signed(line, body, key string, edit func(timestamp, nonce, jws *string)) request {
	method, target, _ := strings.Cut(line, " ")
	timestamp, nonce := fmt.Sprint(s.clock.Now().Unix()), s.nonce()
	jws := s.sign(sabikaHeader, canonical(method, target, body, timestamp, nonce))
	if edit != nil {
		edit(&timestamp, &nonce, &jws)
	}
	header := []string{"Authorization: Bearer " + s.token(), "Content-Type: application/json"}
	for name, value := range map[string]string{"X-Timestamp": timestamp, "X-Nonce": nonce, "X-JWS-Signature": jws, "Idempotency-Key": key} {
		if value != "" {
			header = append(header, name+": "+value)
		}
	}
	return request{provider: "sabika", line: line, body: body, header: header, certificates: []tls.Certificate{s.certificate}}
}

func TestSabikaVectors(t *testing.T) {
	// The key of RFC 7515 appendix A.3.
	x, _ := base64.RawURLEncoding.DecodeString("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU")
	y, _ := base64.RawURLEncoding.DecodeString("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), slices.Concat([]byte{4}, x, y))
	if err != nil {
		t.Fatal(err)
	}
	vectors := []struct {
		method, url, body string
		length            int
		sum, signature    string
	}{
		{"POST", "/v1/signed-probe", "", 130, "701062e2879d2d70c915bd70fb5c61b6fb6af026274bec369fe6917573449af7", "4HuYw2TP3LUoV4e5hRMU1fCoiQwuGctKImqtrDcNneK-f1YOIr6NM9oglh9L28_7Ei7RPzJ-uPSBm8MKcIgz3A"},
		{"POST", "/v1/signed-probe", "{}", 130, "ac2c25b5ec057778a4700b251fe6af76c2527df1d62e20863af466b0d4255b4d", "CPvuHD_imrRsfz8MNzYO4F11EOYxo-i_LNhj8GNZPxApknYA4CxjOyID5AH2WZ5E3vTQua2tJBCVOLmwQyu4ag"},
		{"POST", "/v1/orders", `{"quote_id":"q_demo_1"}`, 124, "f7a1c999cc3dbbd82881ddd250736da9304ff21e9864e375430cd30f9df76fdf", "x3J_DZown61tC1gg0G57LgnCIByKFElX0pmzWo6CyO7BTq-a3LQ-SXp9w73UoGhRV0OByL0KD_suuIeeDndiXw"},
		{"POST", "https://sandbox.example.test/v1/orders", `{"quote_id":"q_demo_1"}`, 152, "d28a95ab99fce08dbfb5c38b34387bb47ebf5ab51dbb2966b46110ff539f3ef7", "F83eAqDaqQ8E6ZnLZPObc2pVgFYZMDXOOJvcjorg7JA03WMPGe_aLoqtk0aqQDSFb-4oyTJvHp30aQGsjxLl2g"},
	}
	for _, v := range vectors {
		text := sabikaCanonical(v.method, v.url, []byte(v.body), "1760000000", testNonce)
		if sum := hex.EncodeToString(digest(string(text))); len(text) != v.length || sum != v.sum {
			t.Errorf("%s: canonical string has %d bytes and hash %s", v.url, len(text), sum)
		}
		jws, err := parseDetached(sabikaHeader + ".." + v.signature)
		if err != nil || !jws.verify(text, key) {
			t.Errorf("%s %s: does not verify: %v", v.method, v.url, err)
		}
		if jws.verify(append(text, '\n'), key) {
			t.Errorf("%s %s: verifies with a line feed more", v.method, v.url)
		}
	}
}

func TestSabikaToken(t *testing.T) {
	s := startSabika(t)
	form := "Content-Type: application/x-www-form-urlencoded"
	ours, secret := []tls.Certificate{s.certificate}, s.Credentials("sabika")["client_secret"]
	tests := []struct {
		name         string
		certificates []tls.Certificate
		header, body string
		status       int
		code, check  string
	}{
		{"no certificate", nil, form, s.form(), 401, "client_certificate_required", "certificate"},
		{"certificate of another CA", []tls.Certificate{foreign(t, moment)}, form, s.form(), 401, "client_certificate_required", "certificate"},
		{"expired certificate", []tls.Certificate{foreign(t, moment.AddDate(-1, 0, 0))}, form, s.form(), 401, "client_certificate_required", "certificate"},
		{"another client's certificate", []tls.Certificate{s.other}, form, s.form(), 401, "invalid_client", "credentials"},
		{"JSON", ours, "Content-Type: application/json", `{"grant_type":"client_credentials"}`, 400, "invalid_request", "body"},
		{"no grant type", ours, form, "client_id=a&client_secret=b", 400, "invalid_request", "body"},
		{"another grant", ours, form, "grant_type=password", 400, "unsupported_grant_type", "body"},
		{"twice", ours, form, s.form() + "&client_id=x", 400, "invalid_request", "body"},
		{"wrong secret", ours, form, strings.Replace(s.form(), secret, "sks_x", 1), 401, "invalid_client", "credentials"},
		{"accepted", ours, form, s.form(), 200, "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			answer := s.must(test.status, request{provider: "sabika", line: "POST /oauth/token", header: []string{test.header}, body: test.body, certificates: test.certificates})
			s.refusedBy(answer, test.check)
			if got := answer.field("error"); test.code != "" && got != test.code {
				t.Errorf("code %v, want %s", got, test.code)
			}
			if test.status == 200 && (answer.Header.Get("Cache-Control") != "no-store" || answer.field("expires_in") != 600.0) {
				t.Errorf("%v %s", answer.Header, answer.text)
			}
		})
	}
	var claims struct {
		Exp, Iat int64
		Cnf      map[string]string
	}
	if err := json.Unmarshal(s.last().TokenClaims, &claims); err != nil || claims.Exp-claims.Iat != 600 {
		t.Errorf("claims %s: %v", s.last().TokenClaims, err)
	}
	if want := base64.RawURLEncoding.EncodeToString(digest(string(s.certificate.Certificate[0]))); claims.Cnf["x5t#S256"] != want {
		t.Errorf("cnf %v, want %s", claims.Cnf, want)
	}
}

// foreign is a client certificate that the sandbox did not issue.
func foreign(t *testing.T, from time.Time) tls.Certificate {
	t.Helper()
	key := newStream([32]byte{1}, "foreign").key()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "sbk_sandbox_foreign"}, NotBefore: from.Add(-time.Hour), NotAfter: from.Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func TestSabikaSignedRequest(t *testing.T) {
	s := startSabika(t)
	const probe, body = "POST /v1/signed-probe", "{}"
	now := moment.Unix()
	b64 := func(header string) string { return base64.RawURLEncoding.EncodeToString([]byte(header)) }
	// resign signs again with another protected header, over the given canonical string.
	resign := func(header string, text func(timestamp, nonce string) string) func(ts, n, jws *string) {
		return func(ts, n, jws *string) { *jws = s.sign(b64(header), text(*ts, *n)) }
	}
	usual := func(ts, n string) string { return canonical("POST", "/v1/signed-probe", body, ts, n) }
	at := func(seconds int64) func(ts, n, jws *string) {
		return func(ts, n, jws *string) {
			*ts = fmt.Sprint(now + seconds)
			*jws = s.sign(sabikaHeader, usual(*ts, *n))
		}
	}
	const header = `{"alg":"ES256","b64":false,"crit":["b64"]}`
	tests := []struct {
		name   string
		edit   func(ts, n, jws *string)
		status int
		code   string
		check  string
		note   string
	}{
		{"as the page says", nil, 200, "", "", ""},
		{"members in another order", resign(`{ "crit":["b64"], "b64":false, "alg":"ES256" }`, usual), 200, "", "", ""},
		{"with a kid", resign(`{"alg":"ES256","kid":"k","b64":false,"crit":["b64"]}`, usual), 200, "", "", ""},
		{"300 seconds old", at(-300), 200, "", "", ""},
		{"300 seconds ahead", at(300), 200, "", "", ""},
		{"301 seconds old", at(-301), 401, "stale_timestamp", "timestamp", ""},
		{"301 seconds ahead", at(301), 401, "stale_timestamp", "timestamp", ""},
		{"milliseconds", at(now * 999), 401, "stale_timestamp", "timestamp", ""},
		{"timestamp with a sign", func(ts, n, jws *string) { *ts = "+" + *ts }, 401, "stale_timestamp", "timestamp", ""},
		{"no timestamp", func(ts, n, jws *string) { *ts = "" }, 401, "invalid_signature", "headers", ""},
		{"no nonce", func(ts, n, jws *string) { *n = "" }, 401, "invalid_signature", "headers", ""},
		{"no signature", func(ts, n, jws *string) { *jws = "" }, 401, "invalid_signature", "headers", ""},
		{"nonce of 15", func(ts, n, jws *string) { *n = testNonce[:15]; *jws = s.sign(sabikaHeader, usual(*ts, *n)) }, 401, "invalid_signature", "headers", ""},
		{"nonce of 16", func(ts, n, jws *string) { *n = testNonce[:16]; *jws = s.sign(sabikaHeader, usual(*ts, *n)) }, 200, "", "", ""},
		{"nonce again", func(ts, n, jws *string) { *n = testNonce[:16]; *jws = s.sign(sabikaHeader, usual(*ts, *n)) }, 401, "replayed_nonce", "nonce", ""},
		{"another nonce", func(ts, n, jws *string) { *n = testNonce }, 401, "invalid_signature", "signature", ""},
		{"that nonce was not used up", func(ts, n, jws *string) { *n = testNonce; *jws = s.sign(sabikaHeader, usual(*ts, *n)) }, 200, "", "", ""},
		{"absolute URL", resign(header, func(ts, n string) string {
			return canonical("POST", "https://"+s.address("sabika")+"/v1/signed-probe", body, ts, n)
		}), 401, "invalid_signature", "signature", "the signature fits the absolute URL form"},
		{"payload in base64url", resign(header, func(ts, n string) string { return b64(usual(ts, n)) }), 401, "invalid_signature", "signature",
			"the signature fits the payload in base64url, as with b64 true"},
		{"a line feed at the end", resign(header, func(ts, n string) string { return usual(ts, n) + "\n" }), 401, "invalid_signature", "signature", ""},
		{"alg none", resign(`{"alg":"none","b64":false,"crit":["b64"]}`, usual), 401, "invalid_signature", "signature", ""},
		{"alg HS256", resign(`{"alg":"HS256","b64":false,"crit":["b64"]}`, usual), 401, "invalid_signature", "signature", ""},
		{"b64 without crit", resign(`{"alg":"ES256","b64":false}`, usual), 401, "invalid_signature", "signature", ""},
		{"DER", func(ts, n, jws *string) {
			der, err := s.key.Sign(rand.Reader, digest(sabikaHeader+"."+usual(*ts, *n)), crypto.SHA256)
			if err != nil {
				t.Fatal(err)
			}
			*jws = sabikaHeader + ".." + base64.RawURLEncoding.EncodeToString(der)
		}, 401, "invalid_signature", "signature", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := s.signed(probe, body, "", test.edit)
			answer := s.must(test.status, r)
			s.refusedBy(answer, test.check)
			if got := answer.field("error"); test.code != "" && got != test.code {
				t.Errorf("code %v, want %s", got, test.code)
			}
			if got := s.last().Note; got != test.note {
				t.Errorf("note %q, want %q", got, test.note)
			}
			if test.check == "signature" {
				want := base64.StdEncoding.EncodeToString(s.last().Expected)
				if got := answer.Header.Get("Sandbox-Expected"); got != want || got == "" {
					t.Errorf("Sandbox-Expected %q, want %q", got, want)
				}
			}
		})
	}
}

func TestSabikaURLSwitch(t *testing.T) {
	s := startSabika(t)
	absolute := func(ts, n, jws *string) {
		*jws = s.sign(sabikaHeader, canonical("POST", "https://"+s.address("sabika")+"/v1/signed-probe?a=%20b", "", *ts, *n))
	}
	const probe = "POST /v1/signed-probe?a=%20b"
	for _, test := range []struct {
		value              string
		onPath, onAbsolute int
	}{{"path", 200, 401}, {"absolute", 401, 200}, {"either", 200, 200}} {
		s.set("sabika", "url", test.value)
		s.must(test.onPath, s.signed(probe, "", "", nil))
		s.must(test.onAbsolute, s.signed(probe, "", "", absolute))
	}
}

func TestSabikaBinding(t *testing.T) {
	s := startSabika(t)
	r := s.signed("POST /v1/signed-probe", "", "", nil)
	r.certificates = []tls.Certificate{s.other}
	answer := s.must(401, r)
	s.refusedBy(answer, "binding")
	if answer.field("error") != "invalid_token" {
		t.Error(answer.text)
	}
	// The nonce was not reached, so the rightful client can still use it.
	r.certificates = []tls.Certificate{s.certificate}
	s.must(200, r)
	s.refusedBy(s.must(401, r), "nonce")
	s.clock.add(600 * time.Second)
	s.refusedBy(s.must(401, r), "token")
}

func TestSabikaOrders(t *testing.T) {
	s := startSabika(t)
	const order, body = "POST /v1/orders", `{"quote_id":"q_demo_1"}`
	s.refusedBy(s.must(400, s.signed(order, body, "", nil)), "idempotency")
	first := s.must(201, s.signed(order, body, "key-1", nil))
	again := s.must(200, s.signed(order, body, "key-1", nil))
	if first.text != again.text || again.Header.Get("Sandbox-Replayed") != "true" {
		t.Errorf("a repeat got %s, the first %s", again.text, first.text)
	}
	for _, other := range []request{s.signed(order, body+" ", "key-1", nil), s.signed("POST /v1/withdrawals", body, "key-1", nil)} {
		if answer := s.must(409, other); answer.field("error") != "idempotency_key_conflict" {
			t.Error(answer.text)
		}
	}
	id := first.field("order_id").(string)
	read := func(id string) request {
		return request{provider: "sabika", line: "GET /v1/orders/" + id, header: []string{"Authorization: Bearer " + s.token()}, certificates: []tls.Certificate{s.certificate}}
	}
	if got := s.must(200, read(id)).text; got != first.text {
		t.Errorf("GET gives %s", got)
	}
	s.must(404, read("ord_none"))
	s.must(200, read("ord_demo_1")) // exists from the start
	quote := func(body string) string {
		return s.must(201, request{provider: "sabika", line: "POST /v1/quotes", header: []string{"Authorization: Bearer " + s.token()}, body: body,
			certificates: []tls.Certificate{s.certificate}}).field("quote_id").(string)
	}
	used, late := quote(`{"side":"sell","grams":"2.00"}`), quote(`{"side":"buy","grams":"1.00"}`)
	much, gold := quote(`{"side":"buy","grams":"99999.00"}`), quote(`{"side":"sell","grams":"99999.00"}`)
	refused := func(status int, code, line, body string) {
		t.Helper()
		if answer := s.must(status, s.signed(line, body, s.nonce(), nil)); answer.field("error") != code {
			t.Errorf("%s %s: %s, want %s", line, body, answer.text, code)
		}
	}
	s.must(201, s.signed(order, `{"quote_id":"`+used+`"}`, "key-2", nil))
	refused(409, "quote_already_used", order, `{"quote_id":"`+used+`"}`)
	refused(409, "insufficient_funds", order, `{"quote_id":"`+much+`"}`)
	refused(409, "insufficient_gold", order, `{"quote_id":"`+gold+`"}`)
	s.clock.add(61 * time.Second)
	refused(409, "quote_expired", order, `{"quote_id":"`+late+`"}`)
	refused(404, "quote_not_found", order, `{"quote_id":"q_none"}`)
	refused(400, "invalid_request", order, `{}`)
	refused(409, "insufficient_funds", "POST /v1/withdrawals", `{"amount":"99999999.00"}`)
	refused(400, "invalid_request", "POST /v1/withdrawals", `{"amount":"1e3"}`)
	s.must(201, s.signed("POST /v1/withdrawals", `{"amount":"10.00","currency":"SAR"}`, "key-3", nil))
}

func TestSabikaSwitches(t *testing.T) {
	s := startSabika(t)
	probe := func() request { return s.signed("POST /v1/signed-probe", "", "", nil) }
	s.set("sabika", "signing_key", "unregistered")
	s.refusedBy(s.must(401, probe()), "signing-key")
	s.set("sabika", "signing_key", "registered")
	r := probe()
	s.set("sabika", "address", "blocked")
	s.refusedBy(s.must(403, r), "address")
	s.set("sabika", "address", "allowed")
	s.must(200, r)
	r = probe()
	s.set("sabika", "expire", "now")
	s.refusedBy(s.must(401, r), "token")
}
