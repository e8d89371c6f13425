package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// makePEM makes fixtures: "pair CERT KEY", "expired CERT KEY", "early CERT KEY", "p384 KEY", "rsa KEY", "encrypted KEY",
// "cut KEY", "escaped KEY", "request FILE".
func makePEM(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: pem KIND FILE...")
	}
	write := func(name, text string) { ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o600)) }
	curve := elliptic.P256()
	if args[0] == "p384" {
		curve = elliptic.P384()
	}
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	ts.Check(err)
	text := keyPEM(ts, key)
	switch args[0] {
	case "pair", "expired", "early":
		from := map[string]time.Duration{"pair": -time.Hour, "expired": -100 * time.Hour, "early": 100 * time.Hour}[args[0]]
		write(args[1], certificatePEM(ts, key, time.Now().Add(from)))
		text = keyPEM(ts, key)
		write(args[2], text)
		return
	case "p384":
	case "rsa":
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		ts.Check(err)
		text = keyPEM(ts, k)
	case "encrypted":
		text = strings.ReplaceAll(text, "PRIVATE KEY", "ENCRYPTED PRIVATE KEY")
	case "cut":
		text = text[:len(text)/2]
	case "escaped":
		text = strings.ReplaceAll(text, "\n", `\n`)
	default:
		ts.Fatalf("there is no kind %q", args[0])
	}
	write(args[1], text)
}

func keyPEM(ts *testscript.TestScript, key any) string {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	ts.Check(err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func certificatePEM(ts *testscript.TestScript, key *ecdsa.PrivateKey, from time.Time) string {
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "partner"}, NotBefore: from, NotAfter: from.Add(10 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	ts.Check(err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}
