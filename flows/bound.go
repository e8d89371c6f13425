package flows

import (
	"countersign/flows/credentials"
	"countersign/sign"
)

// checkBound refuses to take a secret that is kept for one address to another. Kept secrets (keyring, profile) belong to
// the base URL of their profile or, where it has none, to the documented one of their environment. What was given by
// hand or by an environment variable goes where the person says.
func (r *Runner) checkBound(run Run, q credentials.Query) *Error {
	home := r.home(run, q)
	if home == "" || home == run.Base.Origin() {
		return nil
	}
	for _, f := range run.Draft.Provider.Fields {
		v, ok := run.Credentials[f.Name]
		kept := v.Source.Kind == credentials.FromKeyring || v.Source.Kind == credentials.FromReference
		if ok && f.Secret && kept && !v.Secret.Empty() {
			return usage(StepCredentials, f.Name, "give the values for this address by hand, or make a profile with this base url",
				"%s is kept for %s only; this request goes to %s", f.Name, home, run.Base.Origin())
		}
	}
	return nil
}

// home is the origin that the kept secrets of a query belong to; "" when nothing says so.
func (r *Runner) home(run Run, q credentials.Query) string {
	p := run.Draft.Provider
	base, _ := r.Credentials.Endpoint(q)
	if documented, ok := p.Environment(q.Environment); base == "" && ok {
		base = documented.BaseURL
	}
	base, missing := expand(base, publicValues(p, run.Credentials))
	if missing != "" {
		return ""
	}
	parsed, err := sign.ParseURL(base)
	if err != nil {
		return ""
	}
	return parsed.Origin()
}
