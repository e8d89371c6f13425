package flows

import (
	"context"
	"fmt"
	"strings"
	"time"

	"countersign/flows/credentials"
	"countersign/sign"
)

// The file fields that [Loaded] is read from.
const (
	fieldCertificate = "client_certificate"
	fieldClientKey   = "client_key"
	fieldSigningKey  = "signing_key"
)

// given waits for the embedded sandbox and takes what it hands out.
func (r *Runner) given(ctx context.Context, id string) (Given, *Error) {
	if r.Given == nil {
		return Given{}, usage(StepCredentials, "", "choose another with --environment, or give --base-url", "there is no embedded sandbox here")
	}
	given, err := r.Given(ctx, id)
	if err != nil {
		return Given{}, &Error{Kind: KindLocal, Step: StepCredentials, Message: fmt.Sprintf("the embedded sandbox does not run: %s", err), Err: err}
	}
	if ca, err := sign.ParseCertificate(given.CA); err == nil && r.Now().After(ca.X509.NotAfter) {
		return Given{}, &Error{Kind: KindLocal, Step: StepCredentials, Hint: "start the program again; nothing of the history is lost",
			Message: fmt.Sprintf("the embedded sandbox is too old: its certificates ran out at %s", ca.X509.NotAfter.UTC().Format(time.RFC3339))}
	}
	return given, nil
}

// load reads and checks certificate and keys: pair, validity, curve, and the client id in the common name.
func load(p *Provider, set credentials.Set, now time.Time) (Loaded, *Error) {
	var l Loaded
	var err error
	blame := func(field string, err error) (Loaded, *Error) {
		return l, &Error{Kind: KindUsage, Step: StepCredentials, Field: field, Message: field + ": " + err.Error(), Err: err}
	}
	if v, ok := set[fieldSigningKey]; ok {
		if l.SigningKey, err = sign.ParsePrivateKey([]byte(v.Secret.Reveal())); err != nil {
			return blame(fieldSigningKey, err)
		}
	}
	if !p.MutualTLS {
		return l, nil
	}
	if l.Certificate, err = sign.ParseCertificate([]byte(set[fieldCertificate].Secret.Reveal())); err != nil {
		return blame(fieldCertificate, err)
	}
	if l.ClientKey, err = sign.ParsePrivateKey([]byte(set[fieldClientKey].Secret.Reveal())); err != nil {
		return blame(fieldClientKey, err)
	}
	if err = l.Certificate.CheckPair(l.ClientKey); err != nil {
		return blame(fieldClientKey, err)
	}
	if err = l.Certificate.CheckValidity(now); err != nil {
		return blame(fieldCertificate, err)
	}
	l.Remarks = remarks(l, set)
	return l, nil
}

// remarks are what is unusual but may be meant.
func remarks(l Loaded, set credentials.Set) []string {
	var r []string
	id, cn := set["client_id"].Secret.Reveal(), l.Certificate.X509.Subject.CommonName // neither is a secret
	if id != "" && id != cn {
		r = append(r, fmt.Sprintf("the certificate was issued to %q, the client id is %q", cn, id))
	}
	if l.SigningKey.Present() && l.SigningKey.Fingerprint() == l.ClientKey.Fingerprint() {
		r = append(r, "the signing key is the key of the client certificate; the partner registers two different keys")
	}
	return r
}

// misplaced tells a value that looks like production's in another place, and the other way round.
func misplaced(d Draft, set credentials.Set) []string {
	var r []string
	for _, f := range d.Provider.Fields {
		prefix, value := d.Provider.Live[f.Name], set[f.Name].Secret
		if prefix == "" || f.Secret || value.Empty() || d.Environment.Name == Embedded {
			continue
		}
		live := strings.HasPrefix(value.Reveal(), prefix) // not a secret: the field says so
		switch {
		case live && !d.Environment.Production:
			r = append(r, fmt.Sprintf("%s begins with %s, which is production's, but the environment is %s", f.Name, prefix, d.Environment.Name))
		case !live && d.Environment.Production:
			r = append(r, fmt.Sprintf("%s does not begin with %s, as production's does", f.Name, prefix))
		}
	}
	return r
}
