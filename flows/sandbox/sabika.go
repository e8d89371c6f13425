package sandbox

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
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

func newSabika(d *desk, ca *authority, now time.Time) (imitation, error) {
	s := &sabika{desk: d, roots: ca.roots, tokenKey: d.stream.key(), nonces: newNonces(maxNonces), repeats: newRepeats(sabikaRepeats), vault: newVault()}
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
	}, s.equip(ca, now, signing)
}

// equip makes the partner's key files: its certificate, that of another client of the same CA, and the signing key.
func (s *sabika) equip(ca *authority, now time.Time, signing *ecdsa.PrivateKey) error {
	clients := []struct{ name, subject string }{
		{"client", s.account.fields["client_id"]},
		{"other", "sbk_sandbox_" + s.stream.hex(8)},
	}
	for _, client := range clients {
		key := s.stream.key()
		der, err := ca.clientCertificate(now, client.subject, &key.PublicKey)
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
	return sabikaError(status, code, http.StatusText(status)).because(fmt.Sprintf("no operation %s %+.200q", c.request.Method, c.path))
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
		return refuse(sabikaError(http.StatusUnauthorized, "client_certificate_required", "A valid client certificate is required."), problem)
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
	_, err := c.peer.Verify(x509.VerifyOptions{Roots: s.roots, Intermediates: between, CurrentTime: c.now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	if err != nil {
		return required("the certificate of " + subject + " is not one that this sandbox issued: " + err.Error())
	}
	return pass(subject + ", until " + c.peer.NotAfter.UTC().Format(time.RFC3339))
}

func (s *sabika) checkAddress(c *call) outcome {
	if s.switches.value(switchAddress) == "blocked" {
		return refuse(sabikaError(http.StatusForbidden, "ip_not_allowed", "This source address is not registered."), "switch address is blocked")
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
		return sabikaError(http.StatusBadRequest, "invalid_request", "The request is malformed.").with("Cache-Control", "no-store").because(problem)
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
	claims, err := json.Marshal(map[string]any{"iss": "sabika-sandbox", "sub": s.account.fields["client_id"], "client_id": s.account.fields["client_id"],
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
		return refuse(sabikaInvalidToken(), "the token is bound to the certificate with x5t#S256 "+c.token.thumbprint+"; presented was "+presented)
	}
	return pass("cnf x5t#S256 " + c.token.thumbprint)
}

func (s *sabika) checkSigningKey(*call) outcome {
	if s.switches.value(switchSigningKey) == "unregistered" {
		return refuse(sabikaError(http.StatusUnauthorized, "signing_key_not_registered", "No signing key is registered for this client."), "switch signing_key is unregistered")
	}
	return pass("an ES256 key is registered")
}

func sabikaInvalidSignature() answer {
	return sabikaError(http.StatusUnauthorized, "invalid_signature", "The request signature is invalid.")
}

// checkHeaders wants each of the three headers once. Their absence has no code of its own; assumption: invalid_signature.
func (s *sabika) checkHeaders(c *call) outcome {
	for _, name := range []string{"X-Timestamp", "X-Nonce", "X-JWS-Signature"} {
		switch value, n := c.one(name); {
		case n == 0 || value == "":
			return refuse(sabikaInvalidSignature(), "no "+name+" header")
		case n > 1:
			return refuse(sabikaInvalidSignature(), "more than one "+name+" header")
		}
	}
	nonce, _ := c.one("X-Nonce")
	if len(nonce) < sabikaNonceMin || len(nonce) > sabikaNonceMax {
		return refuse(sabikaInvalidSignature(), fmt.Sprintf("X-Nonce has %d characters; want %d to %d", len(nonce), sabikaNonceMin, sabikaNonceMax))
	}
	return pass("X-Timestamp, X-Nonce, X-JWS-Signature")
}

func (s *sabika) checkTimestamp(c *call) outcome {
	value, _ := c.one("X-Timestamp")
	stale := sabikaError(http.StatusUnauthorized, "stale_timestamp", "The timestamp is outside the accepted window.")
	seconds, err := strconv.ParseInt(value, 10, 64)
	if err != nil || strconv.FormatInt(seconds, 10) != value {
		return refuse(stale, fmt.Sprintf("X-Timestamp %+.40q is no decimal number of unix seconds", value))
	}
	off := c.now.Unix() - seconds
	if off > sabikaWindow || off < -sabikaWindow {
		hint := ""
		if seconds > 1e12 {
			hint = "; it seems to be in milliseconds"
		}
		return refuse(stale, fmt.Sprintf("X-Timestamp is %d seconds behind the clock here, %d; at most %d either way%s", off, c.now.Unix(), sabikaWindow, hint))
	}
	return pass(fmt.Sprintf("%d seconds behind", off))
}

// sabikaCanonical is METHOD LF URL LF hex(sha256(body)) LF timestamp LF nonce, with no line feed at the end.
func sabikaCanonical(method, url string, body []byte, timestamp, nonce string) []byte {
	sum := sha256.Sum256(body)
	return []byte(method + "\n" + url + "\n" + hex.EncodeToString(sum[:]) + "\n" + timestamp + "\n" + nonce)
}

func (s *sabika) checkSignature(c *call) outcome {
	timestamp, _ := c.one("X-Timestamp")
	nonce, _ := c.one("X-Nonce")
	target := c.path
	if c.query != "" || c.request.URL.ForceQuery {
		target += "?" + c.query
	}
	path := sabikaCanonical(c.request.Method, target, c.body, timestamp, nonce)
	absolute := sabikaCanonical(c.request.Method, "https://"+c.request.Host+target, c.body, timestamp, nonce)
	wanted, other, form := path, absolute, s.switches.value(switchURL)
	if form == "absolute" {
		wanted, other = absolute, path
	}
	c.event.Expected = wanted
	value, _ := c.one("X-JWS-Signature")
	jws, err := parseDetached(value)
	if err != nil {
		return refuse(sabikaInvalidSignature(), "X-JWS-Signature: "+err.Error())
	}
	if jws.verify(wanted, s.signingKey) {
		return pass("ES256 over the canonical string, b64 false")
	}
	names := map[bool]string{true: "the absolute URL form", false: "the path form"}
	switch {
	case jws.verify(other, s.signingKey):
		c.note("the signature fits " + names[form != "absolute"])
		if form == "either" {
			c.event.Expected = other
			return pass("ES256 over the canonical string with an absolute URL, b64 false")
		}
		return refuse(sabikaInvalidSignature(), "the signature fits "+names[form != "absolute"]+"; this sandbox wants "+names[form == "absolute"]+" (switch url)")
	case jws.verify([]byte(base64.RawURLEncoding.EncodeToString(wanted)), s.signingKey):
		c.note("the signature fits the payload in base64url, as with b64 true")
	}
	return refuse(sabikaInvalidSignature(), "the JWS does not verify over the canonical string with the registered key")
}

// checkNonce comes after the signature, so that only the client itself can use up its nonces.
func (s *sabika) checkNonce(c *call) outcome {
	nonce, _ := c.one("X-Nonce")
	if s.nonces.used(nonce) {
		return refuse(sabikaError(http.StatusUnauthorized, "replayed_nonce", "The nonce was used before."), "X-Nonce was used before; a retry needs a fresh nonce and a new signature")
	}
	// A timestamp at the far edge is acceptable for twice the window.
	if !s.nonces.use(nonce, c.now, c.now.Add(2*sabikaWindow*time.Second+time.Second)) {
		return refuse(sabikaFailure(http.StatusServiceUnavailable, "Too many requests are remembered."), "the nonce store is full; it refuses rather than forgets")
	}
	return pass("first use")
}

// checkKey recognises a repeated write: method, path and body must be the same; nonce and timestamp are fresh each time.
func (s *sabika) checkKey(c *call) outcome {
	key, n := c.one("Idempotency-Key")
	if n == 0 || key == "" {
		return refuse(sabikaError(http.StatusBadRequest, "idempotency_key_required", "Idempotency-Key is required for this request."), "no Idempotency-Key header")
	}
	if n > 1 || len(key) > 255 {
		return refuse(sabikaError(http.StatusBadRequest, "invalid_request", "Idempotency-Key is malformed."), "Idempotency-Key occurs twice or is longer than 255 characters")
	}
	sum := sha256.Sum256(c.body)
	parameters := c.request.Method + " " + c.path + "?" + c.query + " " + string(sum[:])
	if earlier, found := s.repeats.find(key, c.now); found {
		if earlier.parameters != parameters {
			return refuse(sabikaError(http.StatusConflict, "idempotency_key_conflict", "The key was used with different parameters."),
				"this key was used for another method, path or body")
		}
		again := earlier.answer.with("Sandbox-Replayed", "true")
		again.status = http.StatusOK
		return done(again, "a repeat; the original result is given again")
	}
	if !s.repeats.room(c.now) {
		return refuse(sabikaFailure(http.StatusServiceUnavailable, "Too many keys are remembered."), "the idempotency store is full; it refuses rather than forgets")
	}
	c.keep = func(a answer) {
		if a.status < http.StatusBadRequest { // a refused write did nothing, and may be mended and sent again
			s.repeats.add(key, parameters, a, c.now)
		}
	}
	return pass("not seen before")
}
