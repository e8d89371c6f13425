package explain

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/url"
	"strings"

	"countersign/sign"
)

// binding compares the thumbprint in the token with the client certificate (RFC 8705 section 3.1).
func (x *examination) binding(t bearerToken) {
	x.forwardedCertificate()
	c := x.e.Certificate
	if c.Present() {
		if now, whose := x.judging(); !now.IsZero() {
			if err := c.CheckValidity(now); err != nil {
				x.find("certificate-expired", Certain, x.unsigned(), err.Error()+" (by "+whose+")")
			}
		}
	}
	if !t.read {
		return
	}
	claimed, ok := claimedThumbprint(t.jwt)
	switch {
	case !ok:
		x.find("binding-missing", Certain, x.unsigned(), `the claims have no cnf."x5t#S256"`)
	case !c.Present():
		x.checked("the token's binding could not be compared: there is no client certificate at hand")
	case claimed == c.Thumbprint():
		x.checked("the token is bound to the client certificate at hand")
	default:
		x.otherThumbprint(claimed)
	}
}

// claimedThumbprint reads cnf."x5t#S256" as it stands there, also in a wrong form.
func claimedThumbprint(j sign.JWT) (string, bool) {
	var cnf map[string]json.RawMessage
	if json.Unmarshal(j.Claims["cnf"], &cnf) != nil {
		return "", false
	}
	text := textOf(cnf["x5t#S256"])
	return text, text != ""
}

// otherThumbprint looks for the claimed thumbprint in the grid of what people compute.
func (x *examination) otherThumbprint(claimed string) {
	for i, c := range x.e.Certificate.Chain {
		for cell := range thumbprints(c) {
			if cell.text != claimed {
				continue
			}
			if i > 0 {
				x.find("binding-issuer-certificate", Proved, x.unsigned(), fmt.Sprintf("it is the thumbprint of certificate %d of the file, %s", i+1, quote(c.Subject.CommonName)), cell.name).covers = x.unsigned()
				return
			}
			x.find("binding-thumbprint-form", Proved, x.unsigned(), "it is "+cell.name)
			return
		}
	}
	steps := []string{"neither SHA-1 nor SHA-256 over DER, PEM, base64 or hexadecimal text or the public key of the certificate at hand gives it"}
	if raw, err := base64.RawURLEncoding.DecodeString(claimed); err != nil || len(raw) != sha256.Size {
		steps = append(steps, "its form is not that of x5t#S256 either: 43 characters of base64url")
	}
	x.find("binding-other-certificate", Certain, x.unsigned(), steps...)
}

// cell is one way to compute a thumbprint.
type cell struct{ name, text string }

// thumbprints yields the grid: hash, what is hashed, how it is written.
func thumbprints(c *x509.Certificate) func(yield func(cell) bool) {
	armoured := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
	lines := func(end string) []byte { return bytes.ReplaceAll(armoured, []byte("\n"), []byte(end)) }
	oneLine := base64.StdEncoding.EncodeToString(c.Raw)
	over := []struct {
		name string
		text []byte
	}{
		{"DER", c.Raw}, {"the PEM text", armoured}, {"the PEM text without its last newline", bytes.TrimRight(armoured, "\n")},
		{"the PEM text with CRLF", lines("\r\n")}, {"the PEM text as a proxy folds it, with tabs", bytes.TrimRight(lines("\n\t"), "\n\t")},
		{"the PEM text in one line", lines("")}, {"the PEM text with blanks for line ends", bytes.TrimRight(lines(" "), " ")},
		{"the PEM text, percent-encoded", []byte(strings.ReplaceAll(url.QueryEscape(string(armoured)), "+", "%20"))},
		{"the base64 text", []byte(oneLine)}, {"the hexadecimal text", []byte(hex.EncodeToString(c.Raw))},
		{"the public key (SubjectPublicKeyInfo)", c.RawSubjectPublicKeyInfo},
	}
	return func(yield func(cell) bool) {
		for _, o := range over {
			s1, s256 := sha1.Sum(o.text), sha256.Sum256(o.text)
			for _, h := range []struct {
				name string
				sum  []byte
			}{{"SHA-1", s1[:]}, {"SHA-256", s256[:]}} {
				for _, f := range thumbprintForms {
					if !yield(cell{h.name + " over " + o.name + ", " + f.name, f.write(h.sum)}) {
						return
					}
				}
			}
		}
	}
}

// thumbprintForms are the ways to write a digest.
var thumbprintForms = []struct {
	name  string
	write func([]byte) string
}{
	{"in base64url without padding", base64.RawURLEncoding.EncodeToString},
	{"in base64url with padding", base64.URLEncoding.EncodeToString},
	{"in standard base64", base64.StdEncoding.EncodeToString},
	{"in standard base64 without padding", base64.RawStdEncoding.EncodeToString},
	{"in hexadecimal digits", hex.EncodeToString},
	{"in upper-case hexadecimal digits", func(b []byte) string { return strings.ToUpper(hex.EncodeToString(b)) }},
	{"in hexadecimal digits with colons", func(b []byte) string {
		parts := make([]string, len(b))
		for i := range b {
			parts[i] = fmt.Sprintf("%02X", b[i])
		}
		return strings.Join(parts, ":")
	}},
	{"in base64url of the hexadecimal digits", func(b []byte) string {
		return base64.RawURLEncoding.EncodeToString([]byte(hex.EncodeToString(b)))
	}},
	{"in standard base64 of the hexadecimal digits", func(b []byte) string {
		return base64.StdEncoding.EncodeToString([]byte(hex.EncodeToString(b)))
	}},
}
