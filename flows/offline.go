package flows

import (
	"slices"

	"countersign/flows/credentials"
	"countersign/sign"
)

// tokenOffline takes the token from memory, even one that is about to expire. Without one a signed request goes on,
// because no scheme signs the token; any other request is nothing without it.
func (r *Runner) tokenOffline(run Run) Run {
	if t := r.Tokens.peek(run.tokenKey()); t != nil {
		run.Token, run.FromCache, run.TokenLog, run.Reached = t, true, nil, StepToken
		return run
	}
	if !run.Draft.Sample.Signed {
		return run.fail(usage(StepToken, "", "go online, so that it can be fetched",
			"%s needs a token, there is none in memory, and the run is offline", run.Draft.Provider.Name))
	}
	run.Token, run.FromCache, run.TokenLog, run.Reached = nil, false, nil, StepToken
	return run
}

// withoutToken reports whether a run has passed the token step without the token that the partner wants.
func (run Run) withoutToken() bool {
	p := run.Draft.Provider
	return run.Offline && run.Token == nil && p.Token != nil && !p.Token.skips(run.Draft.Options) && !run.Draft.Sample.Open
}

// prepareOffline is [Prepare] without a token: the scheme signs with something in its place, and the header that would
// carry it is taken off again.
func prepareOffline(d Draft, base sign.Request, set credentials.Set, l Loaded, _ *Token, f Frozen) (Prepared, *Error) {
	p, err := Prepare(d, base, set, l, &Token{Access: sign.NewSecret("offline")}, f)
	if err != nil {
		return p, err
	}
	carries := func(h sign.Header) bool { return h.By == sign.ByScheme && h.Name == "Authorization" }
	p.Signed.Request.Header = slices.DeleteFunc(slices.Clone(p.Signed.Request.Header), carries)
	p.Warnings = append(p.Warnings, "there is no Authorization header: the token was not fetched")
	return p, nil
}
