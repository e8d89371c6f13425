package sandbox

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

func (s *sabika) checkSigningKey(*call) outcome {
	if s.switches.value(switchSigningKey) == "unregistered" {
		return refuse(sabikaError(http.StatusUnauthorized, "signing_key_not_registered", "No signing key is registered for this client."),
			"switch signing_key is unregistered")
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
		return refuse(sabikaInvalidSignature(),
			fmt.Sprintf("X-Nonce has %d characters; want %d to %d", len(nonce), sabikaNonceMin, sabikaNonceMax))
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
		return refuse(stale, fmt.Sprintf("X-Timestamp is %s the clock here, %d; at most %d seconds either way%s",
			seconded(off), c.now.Unix(), sabikaWindow, hint))
	}
	return pass(seconded(off) + " the clock here")
}

// seconded words a difference between a timestamp and the clock.
func seconded(behind int64) string {
	if behind < 0 {
		return fmt.Sprintf("%d seconds ahead of", -behind)
	}
	return fmt.Sprintf("%d seconds behind", behind)
}

// sabikaCanonical is METHOD LF URL LF hex(sha256(body)) LF timestamp LF nonce, with no line feed at the end.
func sabikaCanonical(method, url string, body []byte, timestamp, nonce string) []byte {
	sum := sha256.Sum256(body)
	return []byte(method + "\n" + url + "\n" + hex.EncodeToString(sum[:]) + "\n" + timestamp + "\n" + nonce)
}

func (s *sabika) checkSignature(c *call) outcome {
	timestamp, _ := c.one("X-Timestamp")
	nonce, _ := c.one("X-Nonce")
	path := sabikaCanonical(c.request.Method, c.target, c.body, timestamp, nonce)
	absolute := sabikaCanonical(c.request.Method, "https://"+c.request.Host+c.target, c.body, timestamp, nonce)
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
		return refuse(sabikaInvalidSignature(),
			"the signature fits "+names[form != "absolute"]+"; this sandbox wants "+names[form == "absolute"]+" (switch url)")
	case jws.verify([]byte(base64.RawURLEncoding.EncodeToString(wanted)), s.signingKey):
		c.note("the signature fits the payload in base64url, as with b64 true")
	}
	return refuse(sabikaInvalidSignature(), "the JWS does not verify over the canonical string with the registered key")
}

// checkNonce comes after the signature, so that only the client itself can use up its nonces.
func (s *sabika) checkNonce(c *call) outcome {
	nonce, _ := c.one("X-Nonce")
	if s.nonces.used(nonce) {
		return refuse(sabikaError(http.StatusUnauthorized, "replayed_nonce", "The nonce was used before."),
			"X-Nonce was used before; a retry needs a fresh nonce and a new signature")
	}
	// A timestamp at the far edge is acceptable for twice the window.
	if !s.nonces.use(nonce, c.now, c.now.Add(2*sabikaWindow*time.Second+time.Second)) {
		return refuse(sabikaFailure(http.StatusServiceUnavailable, "Too many requests are remembered."),
			"the nonce store is full; it refuses rather than forgets")
	}
	return pass("first use")
}

// checkKey recognises a repeated write: method, path and body must be the same; nonce and timestamp are fresh each time.
func (s *sabika) checkKey(c *call) outcome {
	key, n := c.one("Idempotency-Key")
	if n == 0 || key == "" {
		return refuse(sabikaError(http.StatusBadRequest, "idempotency_key_required", "Idempotency-Key is required for this request."),
			"no Idempotency-Key header")
	}
	if n > 1 || len(key) > 255 {
		return refuse(sabikaError(http.StatusBadRequest, "invalid_request", "Idempotency-Key is malformed."),
			"Idempotency-Key occurs twice or is longer than 255 characters")
	}
	sum := sha256.Sum256(c.body)
	parameters := c.request.Method + " " + c.target + " " + string(sum[:])
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
		return refuse(sabikaFailure(http.StatusServiceUnavailable, "Too many keys are remembered."),
			"the idempotency store is full; it refuses rather than forgets")
	}
	c.keep = func(a answer) {
		if a.status < http.StatusBadRequest { // a refused write did nothing, and may be mended and sent again
			s.repeats.add(key, parameters, a, c.now)
		}
	}
	return pass("not seen before")
}
