package flows

import (
	"context"
	"fmt"
	"slices"
	"time"

	"countersign/sign"
)

// obtainToken takes the token from memory, refreshes it, or logs in, in this order. With force the one in memory is not used.
func (r *Runner) obtainToken(ctx context.Context, run Run, force bool) Run {
	rules := run.Draft.Provider.Token
	if rules == nil || rules.skips(run.Draft.Options) || run.Draft.Sample.Open {
		run.Token, run.Reached = nil, StepToken
		return run
	}
	if run.Offline {
		return r.tokenOffline(run)
	}
	s, err := r.Tokens.take(ctx, run.tokenKey())
	if err != nil {
		return run.fail(&Error{Kind: KindNetwork, Step: StepToken, Message: "cancelled while another request for the same token was under way", Err: err})
	}
	defer s.give()
	old, accepted := r.Tokens.in(s)
	if accepted && !force && rules.good(old.Facts, r.Now()) {
		run.Token, run.FromCache, run.TokenLog, run.Reached = old, true, nil, StepToken
		return run
	}
	run.FromCache, run.TokenLog = false, nil
	if run.Token = r.refresh(ctx, &run, old); run.Token == nil && run.Err == nil {
		run.Token = r.login(ctx, &run)
	}
	if run.Token != nil || slices.ContainsFunc(run.TokenLog, func(x Exchange) bool { return x.Outcome != OutcomeNotSent }) {
		r.Tokens.put(s, run.Token) // a refresh token that may have arrived may be used up
	}
	if run.Token == nil {
		return run
	}
	run.Err, run.Reached = nil, StepToken
	return run
}

// good reports whether a token can still be used: a while before it expires it is renewed, but not in the first half of its life.
func (t *TokenRules) good(f TokenFacts, now time.Time) bool {
	early := t.Early
	if life := f.Expires.Sub(f.Issued); life > 0 {
		early = min(early, life/2)
	}
	return f.Expires.IsZero() || now.Add(early).Before(f.Expires)
}

// refresh tries the refresh token once. It returns nil when there is none that is still good or when it was
// refused: then a login follows, once. A network failure ends the step: the refresh token may have been used up.
func (r *Runner) refresh(ctx context.Context, run *Run, old *Token) *Token {
	rules := run.Draft.Provider.Token
	if old == nil || rules.Refresh == nil || old.Refresh.Empty() {
		return nil
	}
	if e := old.Facts.RefreshExpires; !e.IsZero() && !r.Now().Before(e) {
		return nil
	}
	req, err := rules.Refresh(run.tokenInput(), old.Refresh)
	if err != nil {
		return nil
	}
	t := r.askToken(ctx, run, PurposeRefresh, req)
	if t == nil {
		if run.Err != nil && run.Err.Kind == KindRefused {
			run.Err = nil
		}
		return nil
	}
	if t.Refresh.Empty() || rules.KeepsRefresh != nil && rules.KeepsRefresh(run.Draft.Options) {
		t.Refresh, t.Facts.Refreshes = old.Refresh, old.Facts.Refreshes
		t.Facts.RefreshExpires, t.Facts.RefreshSource = old.Facts.RefreshExpires, old.Facts.RefreshSource
	}
	return t
}

func (r *Runner) login(ctx context.Context, run *Run) *Token {
	req, err := run.Draft.Provider.Token.Login(run.tokenInput())
	if err != nil {
		run.Err = &Error{Kind: KindUsage, Step: StepToken, Message: err.Error(), Err: err}
		return nil
	}
	return r.askToken(ctx, run, PurposeLogin, req)
}

func (run Run) tokenInput() TokenInput {
	p := run.Draft.Provider
	return TokenInput{Base: run.Base, Fields: publicValues(p, run.Credentials), Secrets: secretValues(p, run.Credentials), Options: run.Draft.Options}
}

// askToken sends a token request and reads the answer; it sets run.Err when that gave no token.
func (r *Runner) askToken(ctx context.Context, run *Run, why Purpose, req sign.Request) *Token {
	rules := run.Draft.Provider.Token
	x := run.exchange(why, req.Path)
	x.Signed = sign.Signed{Request: req.With(sign.ByProvider, "User-Agent", sign.Plain(sign.Origin{Kind: sign.Constant}, []byte(userAgent)))}
	x.NoStore = rules.NoStore
	x = r.exchange(ctx, *run, x, func(body []byte, received time.Time) (*Token, *Error) {
		t, err := rules.Read(body, received)
		if err != nil {
			return nil, &Error{Kind: KindToken, Step: StepToken, Message: fmt.Sprintf("the answer to the token request is unusable: %s", err),
				Hint: "look at the answer; is the base url right?", Err: err}
		}
		t.Facts.Obtained, t.Facts.Issued = why, received
		t.Facts.check(rules, received)
		return &t, nil
	})
	run.TokenLog = append(run.TokenLog, x)
	run.Err = x.Err
	if x.Err != nil {
		return nil
	}
	return x.token
}

// check fills in what an answer left out and remarks on what is odd. Times are judged by our clock.
func (f *TokenFacts) check(rules *TokenRules, now time.Time) {
	if f.Type == "" {
		f.Type = "Bearer"
	}
	if f.Expires.IsZero() && rules.Lifetime > 0 {
		f.Expires, f.Source = now.Add(rules.Lifetime), fmt.Sprintf("documented lifetime of %s", short(rules.Lifetime))
	}
	if f.Refreshes != "" && f.RefreshExpires.IsZero() && rules.RefreshLifetime > 0 {
		f.RefreshExpires, f.RefreshSource = now.Add(rules.RefreshLifetime), fmt.Sprintf("documented lifetime of %s", short(rules.RefreshLifetime))
	}
	left := f.Expires.Sub(now)
	switch {
	case f.Expires.IsZero():
	case left <= 0:
		f.Remarks = append(f.Remarks, fmt.Sprintf("it expired %s before it arrived: the two clocks differ, or the expiry was misread", (-left).Round(time.Second)))
	case rules.Lifetime > 0 && left > 10*rules.Lifetime:
		f.Remarks = append(f.Remarks, fmt.Sprintf("it claims to live until %s, far beyond the documented %s", f.Expires.UTC().Format(time.RFC3339), short(rules.Lifetime)))
	case rules.Lifetime > 0 && left < rules.Lifetime/2:
		f.Remarks = append(f.Remarks, fmt.Sprintf("it lives %s, less than half of the documented %s", left.Round(time.Second), short(rules.Lifetime)))
	}
}

// short writes a lifetime as people do: "10 min", "1 h", "7 d".
func short(d time.Duration) string {
	switch {
	case d >= 48*time.Hour && d%(24*time.Hour) == 0:
		return fmt.Sprintf("%d d", d/(24*time.Hour))
	case d >= time.Hour && d%time.Hour == 0:
		return fmt.Sprintf("%d h", d/time.Hour)
	case d%time.Minute == 0:
		return fmt.Sprintf("%d min", d/time.Minute)
	}
	return d.String()
}

// skips reports whether the options in force need no token.
func (t *TokenRules) skips(options map[string]string) bool { return t.Skip != nil && t.Skip(options) }
