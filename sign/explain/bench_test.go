package explain

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"math/big"
	"testing"

	"countersign/sign"
)

var kilobyte = bytes.Repeat([]byte("0123456789abcdef"), 64)

// BenchmarkBareHMAC is the floor for a candidate: crypto/hmac with its state kept.
func BenchmarkBareHMAC(b *testing.B) {
	m, sum := hmac.New(sha256.New, []byte(demoSecret)), make([]byte, 0, 32)
	b.SetBytes(int64(len(kilobyte)))
	for b.Loop() {
		m.Reset()
		m.Write(kilobyte)
		sum = m.Sum(sum[:0])
	}
}

// BenchmarkHMACCandidate is a candidate of the doctor: assembled, looked up, judged.
func BenchmarkHMACCandidate(b *testing.B) {
	s := &scene{scheme: Jiko, e: &Evidence{}, meter: newMeter(context.Background(), Budget{Candidates: 1 << 62}), r: sign.Captured{Target: "/x/", Body: kilobyte, Header: pairs(jikoIdempotency, demoID)}}
	s.seed = (&examination{}).scene().seed
	j := &hmacJudge{targets: []target{{bytes: make([]byte, 32)}}, keys: keyring(s, []NamedSecret{{"signing_secret", "", sign.NewSecret(demoSecret)}}, nil, 0)}
	q := newSearch(s, j, jikoOrder...)
	q.axes = jikoAxes(s)
	q.reset()
	b.SetBytes(int64(len(kilobyte)))
	for b.Loop() {
		q.forget()
		q.leaf(0)
	}
}

func signature(b *testing.B, key *ecdsa.PrivateKey) []byte {
	r, s, err := ecdsa.Sign(rand.Reader, key, make([]byte, 32))
	if err != nil {
		b.Fatal(err)
	}
	raw := make([]byte, 64)
	r.FillBytes(raw[:32])
	s.FillBytes(raw[32:])
	return raw
}

// BenchmarkVerify is what a candidate would cost with ecdsa.Verify.
func BenchmarkVerify(b *testing.B) {
	key := newKey(b)
	raw := signature(b, key)
	r, s, digest := new(big.Int).SetBytes(raw[:32]), new(big.Int).SetBytes(raw[32:]), sha256.Sum256([]byte("x"))
	for b.Loop() {
		ecdsa.Verify(&key.PublicKey, digest[:], r, s)
	}
}

// BenchmarkES256Candidate is what a candidate costs with e·G looked up among s·R − r·Q.
func BenchmarkES256Candidate(b *testing.B) {
	key := newKey(b)
	j := newES256Judge([]target{{bytes: signature(b, key)}}, []candidateKey{{key: &key.PublicKey}})
	input := []byte("POST\n/v1/orders\n")
	for b.Loop() {
		j.try(input, 0)
	}
}

// The whole search with two mistakes over a body of 1 KiB that nothing explains.
func BenchmarkDepthTwoJiko(b *testing.B) {
	body := largeBody()
	e := jikoEvidence(jikoRequest("POST", "/api/v1/customers/x/jiko-accounts/?limit=10", body, b64(make([]byte, 32))))
	for b.Loop() {
		x := &examination{scheme: Jiko, e: e, ctx: context.Background(), meter: newMeter(context.Background(), Budget{}), signed: true}
		s := x.scene()
		j := &hmacJudge{targets: []target{{bytes: bytes.Repeat([]byte{1}, 32)}}}
		right, others := pickSecrets(&x.e, "signing_secret")
		j.keys = keyring(s, right, others, 2)
		q := newSearch(s, j, jikoOrder...)
		q.axes = jikoAxes(s)
		q.run(0)
		x.depths(q, 2)
		b.ReportMetric(float64(x.meter.tried), "candidates/op")
	}
}

func BenchmarkDepthTwoSabika(b *testing.B) {
	key, body := newKey(b), largeBody()
	e := Evidence{SigningKeys: []NamedKey{{"signing_key", "", &key.PublicKey}}, Request: sign.Captured{Method: "POST", Authority: "h.example.test",
		Target: "/v1/orders?a=1&b=x%20y", Body: []byte(body), HasBody: true, Header: pairs("X-Timestamp", "1760000000", "X-Nonce", "0123456789abcdef0123456789abcdef",
			"X-JWS-Signature", sabikaProtected+".."+base64.RawURLEncoding.EncodeToString(signature(b, newKey(b))))}}
	for b.Loop() {
		r := Explain(context.Background(), Sabika, e, Budget{})
		if r.Verdict != Unexplained || !r.Complete {
			b.Fatal(r.Verdict)
		}
		b.ReportMetric(float64(r.Tried), "candidates/op")
	}
}

// BenchmarkDepthThreeJiko is all that the doctor does before it gives up.
func BenchmarkDepthThreeJiko(b *testing.B) {
	e := jikoEvidence(jikoRequest("POST", "/api/v1/customers/x/jiko-accounts/?limit=10", largeBody(), b64(bytes.Repeat([]byte{1}, 32))))
	for b.Loop() {
		r := Explain(context.Background(), Jiko, e, Budget{Candidates: 1 << 40})
		if r.Verdict != Unexplained || !r.Complete {
			b.Fatal(r.Verdict)
		}
		b.ReportMetric(float64(r.Tried), "candidates/op")
	}
}

// largeBody is JSON of 1 KiB.
func largeBody() string {
	var out bytes.Buffer
	out.WriteString(`{"name":"José","url":"a/b","html":"<b>&","amount":1.0,"text":"`)
	for out.Len() < 1022 {
		out.WriteByte('x')
	}
	return out.String() + `"}`
}
