package flows_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"testing"
	"time"

	"go.uber.org/goleak"

	"countersign/flows"
	"countersign/flows/credentials"
)

// Whatever a partner does, no connection and no goroutine stays behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// partner is a TLS server that a test makes misbehave; it shows a certificate for localhost of an authority of its own.
type partner struct {
	address string
	ca      []byte
}

// startPartner serves each connection with f behind the handshake. change may alter the configuration.
func startPartner(t *testing.T, change func(*tls.Config), f func(*tls.Conn)) partner {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "a partner"}, IPAddresses: []net.IP{{127, 0, 0, 1}},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
	if change != nil {
		change(config)
	}
	address := listen(t, func(c net.Conn) {
		secure := tls.Server(c, config)
		if secure.Handshake() != nil {
			io.Copy(io.Discard, c) // a reset could overtake the alert
			return
		}
		f(secure)
	})
	return partner{address, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}
}

// answering reads a request, well-formed or not, answers it with these bytes, and closes the connection.
func answering(answer string) func(*tls.Conn) {
	return func(c *tls.Conn) {
		if r, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
			io.Copy(io.Discard, r.Body)
		}
		io.WriteString(c, answer)
		c.Close()
	}
}

// run is a walk at this partner with Jupico's request of that name, which needs no token.
func (p partner) run(t *testing.T, request string) (*flows.Runner, flows.Run) {
	t.Helper()
	return p.runOf(t, "jupico", request, map[string]string{"username": "demoApiUser", "password": "a password of this test"})
}

// runOf is a walk at this partner with a request of a provider and these credentials.
func (p partner) runOf(t *testing.T, provider, request string, set map[string]string) (*flows.Runner, flows.Run) {
	t.Helper()
	r := flows.NewRunner(&credentials.Store{})
	r.ReadFile = func(string) ([]byte, error) { return p.ca, nil }
	run := newRun(t, provider, request).Edit(func(d *flows.Draft) {
		d.Environment = flows.Environment{Name: "test", BaseURL: "https://" + p.address}
		d.CAFile = "ca.pem"
	})
	run.Set = set
	return r, run
}

// send sends that request and returns the record.
func (p partner) send(t *testing.T, ctx context.Context, request string) *flows.Exchange {
	t.Helper()
	r, run := p.run(t, request)
	if run = r.Through(ctx, run, flows.StepResponse); run.Exchange == nil {
		t.Fatalf("nothing was sent: %v", run.Err)
	}
	return run.Exchange
}
