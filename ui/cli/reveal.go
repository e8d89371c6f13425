package cli

import (
	"countersign/flows"
	"countersign/sign"
	"countersign/sign/untrusted"
)

// This file holds every place of the command line at which a secret comes out. A test counts them.

// shown is a text of our own making: masked, unless the person asked to see the secrets.
func shown(t sign.Text, reveal bool) untrusted.Text {
	if reveal {
		return untrusted.From(t.Wire())
	}
	return untrusted.From(t.Bytes())
}

// body is the body of an answer, with the secrets in it masked unless the person asked to see them.
func body(r *flows.Response, reveal bool) untrusted.Text {
	if reveal {
		return untrusted.From(r.Raw.Reveal())
	}
	return r.Body
}

// revealed is a value that is no secret because its field says so, or one that the person asked to see with --reveal.
func revealed(s sign.Secret) string { return s.Reveal() }
