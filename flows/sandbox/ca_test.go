package sandbox

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"
	"time"
)

// A client that loaded the CA, its certificate and its key when the sandbox started is served for as long as it was
// promised, by every partner, and not after it.
func TestLife(t *testing.T) {
	const month, days = 30 * 24 * time.Hour, 48 * time.Hour
	s := integrate(startFor(t, month))
	s.client = s.clock.Now
	ca := s.CAPEM()
	for _, later := range []time.Duration{0, days, month - days} {
		s.clock.add(later)
		s.jikoLogin()
		s.jpayTokens()
		s.kunaLogin()
		s.must(200, request{provider: "jupico", line: "GET /status", header: []string{jsonType, basic("demoApiUser:V8m!xP#l2Qz3")}})
		s.must(200, s.signed("POST /v1/signed-probe", "{}", "", nil))
		if !bytes.Equal(s.CAPEM(), ca) {
			t.Error("the CA is another than the one that the client loaded")
		}
	}
	s.clock.add(time.Second)
	if _, err := s.send(request{provider: "jupico", line: "GET /status"}); err == nil || !strings.Contains(err.Error(), "expired") {
		t.Errorf("after its life: %v", err)
	}
	s.client = func() time.Time { return moment }
	s.refusedBy(s.must(401, request{provider: "sabika", line: "POST /oauth/token", certificates: []tls.Certificate{s.certificate}}), "certificate")
}

// Without a wish certificates end with the day, and all begin early for clients whose clock is behind.
func TestLifeOfADay(t *testing.T) {
	b := start(t)
	for name, text := range map[string][]byte{"ca": b.CAPEM(), "client": b.PEM("sabika")["client_certificate"], "other": b.PEM("sabika")["other_certificate"]} {
		block, _ := pem.Decode(text)
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil || !c.NotBefore.Equal(moment.Add(-time.Hour)) || !c.NotAfter.Equal(moment.Add(23*time.Hour)) {
			t.Errorf("%s: %v, valid from %s until %s", name, err, c.NotBefore, c.NotAfter)
		}
	}
}

func TestLifeHasBounds(t *testing.T) {
	for _, life := range []time.Duration{-time.Second, maxLife + time.Second} {
		server, err := Start(Options{Life: life})
		if err == nil {
			server.Close()
			t.Errorf("%s: started", life)
		} else if !strings.Contains(err.Error(), "cannot live "+life.String()) {
			t.Errorf("%s: %v", life, err)
		}
	}
}
