package explain

import (
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"

	"countersign/sign"
)

// maxForwarded bounds the header that is taken for a certificate.
const maxForwarded = 64 << 10

// forwardedCertificate looks for a client certificate in a header, where a proxy puts it that ends the TLS connection
// itself: percent-encoded or folded PEM, base64 of the DER form, with or without the colons of RFC 9440, or the member
// Cert of X-Forwarded-Client-Cert. Where none is at hand, the token is compared with this one.
func (x *examination) forwardedCertificate() {
	for _, h := range x.e.Request.Header {
		if !strings.Contains(strings.ToLower(h.Name), "cert") {
			continue
		}
		c, form, ok := readForwarded(h.Value)
		if !ok {
			continue
		}
		step := fmt.Sprintf("%s holds the certificate of %s, %s", quote(h.Name), quote(c.Subject.CommonName), form)
		switch {
		case !x.e.Certificate.Present():
			x.e.Certificate = sign.Certificate{X509: c, Chain: []*x509.Certificate{c}}
			x.find("certificate-in-header", Certain, false, step, "no other certificate is known, so the token was compared with this one")
		case x.e.Certificate.X509.Equal(c):
			x.find("certificate-in-header", Certain, false, step, "it is the certificate at hand")
		default:
			x.find("certificate-in-header", Certain, false, step, "it is not the certificate at hand, which is that of "+quote(x.e.Certificate.X509.Subject.CommonName))
		}
		return
	}
}

// readForwarded reads a certificate out of a header, and says in which form it was.
func readForwarded(value string) (c *x509.Certificate, form string, ok bool) {
	if len(value) > maxForwarded {
		return nil, "", false
	}
	if _, rest, found := strings.Cut(value, `Cert="`); found {
		value, _, _ = strings.Cut(rest, `"`)
	}
	form = "base64 of its DER form"
	if strings.Contains(value, "%") {
		plain, err := url.PathUnescape(value)
		if err != nil {
			return nil, "", false
		}
		value, form = plain, "percent-encoded"
	}
	if _, rest, found := strings.Cut(value, "-----BEGIN CERTIFICATE-----"); found {
		if form != "percent-encoded" {
			form = "its PEM text with other line ends"
		}
		value, _, _ = strings.Cut(rest, "-----END CERTIFICATE-----")
	}
	text := strings.Join(strings.Fields(strings.Trim(value, ":\"' ")), "")
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, "", false
	}
	c, err = x509.ParseCertificate(der)
	return c, form, err == nil
}
