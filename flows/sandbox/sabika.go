package sandbox

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// Sabika's authentication page: tokens live 600 seconds, timestamps may be 300 seconds off (the limit itself is inside),
// nonces have at least 16 characters. How long idempotency keys live is not stated; assumption.
const (
	sabikaTokenLife = 600 * time.Second
	sabikaWindow    = 300
	sabikaNonceMin  = 16
	sabikaNonceMax  = 256
	sabikaRepeats   = 24 * time.Hour
)

const (
	switchURL        = "url"
	switchSigningKey = "signing_key"
	switchAddress    = "address"
)

// sabika imitates the gold API. Source: docs.sabikagold.com, authentication and errors.
type sabika struct {
	*desk
	account    *account
	roots      *x509.CertPool
	tokenKey   *ecdsa.PrivateKey
	signingKey *ecdsa.PublicKey
	nonces     *nonces
	repeats    *repeats
	vault      vault
}

func newSabika(d *desk, given setting) (imitation, error) {
	s := &sabika{
		desk:     d,
		roots:    given.authority.roots,
		tokenKey: d.stream.key(),
		nonces:   newNonces(maxNonces),
		repeats:  newRepeats(sabikaRepeats),
		vault:    newVault(given.now),
	}
	signing := d.stream.key()
	s.signingKey = &signing.PublicKey
	s.account = &account{
		fields: map[string]string{"client_id": "sbk_sandbox_" + d.stream.hex(8), "client_secret": "sks_" + d.stream.base64url(32)},
		files:  make(map[string][]byte),
	}
	return imitation{
		account:            s.account,
		issuesTokens:       true,
		clientCertificates: true,
		ownSwitches: []Switch{
			{Name: switchURL, Title: "URL in the canonical string",
				Doc:    "The page says URL and does not say which. path: path and query as sent; absolute: https://host before it; either: both.",
				Values: []string{"path", "absolute", "either"}},
			{Name: switchSigningKey, Title: "Signing key",
				Doc:    "unregistered: as if the public key had not been handed to Sabika yet.",
				Values: []string{"registered", "unregistered"}},
			{Name: switchAddress, Title: "Source address",
				Doc:    "blocked: as if this address were not on the allowlist.",
				Values: []string{"allowed", "blocked"}},
		},
		routes:   s.routes(),
		refusal:  sabikaFailure,
		unrouted: s.unrouted,
	}, s.equip(given.authority, signing)
}

// equip makes the partner's key files: its certificate, that of another client of the same CA, and the signing key.
func (s *sabika) equip(ca *authority, signing *ecdsa.PrivateKey) error {
	clients := []struct{ name, subject string }{
		{"client", s.account.fields["client_id"]},
		{"other", "sbk_sandbox_" + s.stream.hex(8)},
	}
	for _, client := range clients {
		key := s.stream.key()
		der, err := ca.clientCertificate(client.subject, &key.PublicKey)
		if err != nil {
			return err
		}
		s.account.files[client.name+"_certificate"] = pemBlock("CERTIFICATE", der)
		if s.account.files[client.name+"_key"], err = privatePEM(key); err != nil {
			return err
		}
	}
	var err error
	if s.account.files["signing_key"], err = privatePEM(signing); err != nil {
		return err
	}
	s.account.files["signing_public_key"], err = publicPEM(&signing.PublicKey)
	return err
}

// sabikaError has the documented code; the names of the members are an assumption (as in OAuth, RFC 6749 section 5.2).
func sabikaError(status int, code, message string) answer {
	return object(status, map[string]string{"error": code, "message": message})
}

// sabikaFailure names failures that the stored error page does not list; codes are assumptions.
func sabikaFailure(status int, message string) answer {
	codes := map[int]string{http.StatusInternalServerError: "internal_error", http.StatusServiceUnavailable: "service_unavailable"}
	code := codes[status]
	if code == "" {
		code = "invalid_request"
	}
	return sabikaError(status, code, message)
}

func (s *sabika) unrouted(c *call, status int) answer {
	code := "not_found" // assumption
	if status == http.StatusMethodNotAllowed {
		code = "method_not_allowed" // assumption
	}
	return sabikaError(status, code, http.StatusText(status)).
		because(fmt.Sprintf("no operation %s %+.200q", c.request.Method, c.path))
}

func (s *sabika) tokenStages() []stage {
	return []stage{{"certificate", s.checkCertificate}, {"address", s.checkAddress}}
}

func (s *sabika) readStages() []stage {
	return append(s.tokenStages(), stage{"token", s.checkToken}, stage{"binding", s.checkBinding})
}

// signedStages are in the order that wastes least: a request is known to be authentic before its nonce is used up.
func (s *sabika) signedStages() []stage {
	return append(s.readStages(), stage{"signing-key", s.checkSigningKey}, stage{"headers", s.checkHeaders},
		stage{"timestamp", s.checkTimestamp}, stage{"signature", s.checkSignature}, stage{"nonce", s.checkNonce})
}

func (s *sabika) moneyStages() []stage {
	return append(s.signedStages(), stage{"idempotency", s.checkKey})
}

// checkCertificate verifies what the handshake only asked for.
func (s *sabika) checkCertificate(c *call) outcome {
	required := func(problem string) outcome {
		return refuse(sabikaError(http.StatusUnauthorized, "client_certificate_required", "A valid client certificate is required."),
			problem)
	}
	if c.peer == nil {
		return required("no client certificate was presented")
	}
	subject := fmt.Sprintf("%+.80q", c.peer.Subject.CommonName)
	if c.now.Before(c.peer.NotBefore) {
		return required("the certificate of " + subject + " is valid only from " + c.peer.NotBefore.UTC().Format(time.RFC3339))
	}
	if c.now.After(c.peer.NotAfter) {
		return required("the certificate of " + subject + " expired at " + c.peer.NotAfter.UTC().Format(time.RFC3339))
	}
	between := x509.NewCertPool()
	for _, certificate := range c.chain[1:] {
		between.AddCert(certificate)
	}
	_, err := c.peer.Verify(x509.VerifyOptions{Roots: s.roots, Intermediates: between, CurrentTime: c.now,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	if err != nil {
		return required("the certificate of " + subject + " is not one that this sandbox issued: " + err.Error())
	}
	return pass(subject + ", until " + c.peer.NotAfter.UTC().Format(time.RFC3339))
}

func (s *sabika) checkAddress(c *call) outcome {
	if s.switches.value(switchAddress) == "blocked" {
		return refuse(sabikaError(http.StatusForbidden, "ip_not_allowed", "This source address is not registered."),
			"switch address is blocked")
	}
	return skip("every loopback address is allowed")
}

// thumbprint is the x5t#S256 of RFC 8705 section 3.1.
func thumbprint(certificate *x509.Certificate) string {
	sum := sha256.Sum256(certificate.Raw)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// issueToken is POST /oauth/token.
func (s *sabika) issueToken(c *call) answer {
	invalid := func(problem string) answer {
		return sabikaError(http.StatusBadRequest, "invalid_request", "The request is malformed.").with("Cache-Control", "no-store").
			because(problem)
	}
	if media := c.media(); media != "application/x-www-form-urlencoded" {
		return invalid(fmt.Sprintf("Content-Type is %+.80q; want application/x-www-form-urlencoded", c.request.Header.Get("Content-Type")))
	}
	form, err := url.ParseQuery(string(c.body))
	if err != nil {
		return invalid("the body is no form: " + err.Error())
	}
	for _, name := range []string{"grant_type", "client_id", "client_secret"} {
		if len(form[name]) > 1 {
			return invalid(name + " occurs twice") // RFC 6749 section 3.2
		}
	}
	if grant := form.Get("grant_type"); grant == "" {
		return invalid("the form has no grant_type")
	} else if grant != "client_credentials" {
		return sabikaError(http.StatusBadRequest, "unsupported_grant_type", "Only client_credentials is supported.").
			with("Cache-Control", "no-store").because("grant_type is not client_credentials")
	}
	if problem := s.clientProblem(c, form); problem != "" {
		return sabikaError(http.StatusUnauthorized, "invalid_client", "The client is unknown, revoked, or of another environment.").
			with("Cache-Control", "no-store").because(problem)
	}
	return s.grant(c)
}

// clientProblem says why the client is not who it says. That the certificate's CN is the client id follows from the
// page's CSR subject; that the token endpoint compares them is an assumption.
func (s *sabika) clientProblem(c *call, form url.Values) string {
	id, secret := s.account.is("client_id", form.Get("client_id")), s.account.is("client_secret", form.Get("client_secret"))
	_, basic := c.one("Authorization")
	switch {
	case form.Get("client_id") == "" && basic > 0:
		return "client_id and client_secret belong in the form, not in an Authorization header"
	case !id:
		return "unknown client_id"
	case !secret:
		return "wrong client_secret"
	case s.switches.revoked():
		return "the credentials are revoked (switch revoke)"
	case c.peer.Subject.CommonName != form.Get("client_id"):
		return fmt.Sprintf("the certificate is for %+.80q, not for this client_id", c.peer.Subject.CommonName)
	}
	return ""
}

// grant issues a JWT bound to the certificate. The response members are those of RFC 6749 section 5.1 (assumption).
func (s *sabika) grant(c *call) answer {
	expires := c.now.Add(sabikaTokenLife).Truncate(time.Second)
	bound := thumbprint(c.peer)
	client := s.account.fields["client_id"]
	claims, err := json.Marshal(map[string]any{"iss": "sabika-sandbox", "sub": client, "client_id": client,
		"iat": c.now.Unix(), "exp": expires.Unix(), "jti": s.stream.uuid(), "cnf": map[string]string{"x5t#S256": bound}})
	if err != nil {
		return sabikaFailure(http.StatusInternalServerError, "Internal error.").because(err.Error())
	}
	token, err := compactJWS(`{"alg":"ES256","typ":"JWT"}`, claims, signES256(s.tokenKey))
	if err != nil {
		return sabikaFailure(http.StatusInternalServerError, "Internal error.").because(err.Error())
	}
	c.token = &grant{claims: claims, expires: expires, thumbprint: bound}
	s.tokens.add(token, c.token)
	return object(http.StatusOK, map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": int(sabikaTokenLife / time.Second)}).
		with("Cache-Control", "no-store").with("Pragma", "no-cache")
}

func sabikaInvalidToken() answer {
	return sabikaError(http.StatusUnauthorized, "invalid_token", "The token is missing, expired, malformed or not bound to this certificate.").
		with("Www-Authenticate", `Bearer error="invalid_token"`)
}

func (s *sabika) checkToken(c *call) outcome {
	token, problem := c.bearer()
	if problem != "" {
		return refuse(sabikaInvalidToken(), problem)
	}
	g := s.tokens.find(token)
	if g == nil {
		return refuse(sabikaInvalidToken(), "this token was not issued here, or is forgotten")
	}
	c.token = g
	if !g.alive(c.now) {
		return refuse(sabikaInvalidToken(), "the token expired at "+g.expires.UTC().Format(time.RFC3339))
	}
	return pass("valid until " + g.expires.UTC().Format(time.RFC3339))
}

func (s *sabika) checkBinding(c *call) outcome {
	if presented := thumbprint(c.peer); presented != c.token.thumbprint {
		return refuse(sabikaInvalidToken(),
			"the token is bound to the certificate with x5t#S256 "+c.token.thumbprint+"; presented was "+presented)
	}
	return pass("cnf x5t#S256 " + c.token.thumbprint)
}
