package flows

import "context"

// Resend sends an earlier exchange once more, byte for byte as it went out then: the same token, nonce, clock and
// signature. It is how one sees whether a partner refuses a replay. The earlier exchange must still hold its
// secrets, so it can only come from this process; nothing that was written can be sent again this way.
//
// The run gives the connection: its credentials are loaded for the handshake, its base URL must have the origin
// of the earlier request. No token is asked for, because a login could end the one that is sent. Behind it the run
// stands at the response, or at the credentials when there is no token in memory; its next send signs afresh.
func (r *Runner) Resend(ctx context.Context, run Run, earlier Exchange) Run {
	if earlier.Signed.Request.Method == "" || earlier.Purpose != PurposeRequest {
		return run.fail(usage(StepResponse, "", "replay it as the same operation: it is signed afresh", "the bytes of that request are not at hand"))
	}
	run = run.Reset()
	if run = r.loadCredentials(ctx, run); run.Err != nil {
		return run
	}
	x := run.exchange(PurposeRequest, earlier.Sample)
	x.Signed, x.Changed = earlier.Signed, earlier.Changed
	x.Writes, x.MovesMoney = earlier.Writes, earlier.MovesMoney
	x.IdempotencyKey, x.Nonce, x.Options = earlier.IdempotencyKey, earlier.Nonce, cloneMap(earlier.Options)
	x.Token, x.ReplayOf = earlier.Token, earlier.ID
	for name, s := range earlier.Secrets {
		x.Secrets[name] = s
	}
	run.Prepared = &Prepared{
		Draft: run.Draft, Signed: earlier.Signed, Changed: earlier.Changed, Used: true,
		Input: Frozen{Time: earlier.Started, Nonce: earlier.Nonce, IdempotencyKey: earlier.IdempotencyKey},
	}
	x = r.exchange(ctx, run, x, nil)
	run.Exchange = &x
	if x.Err != nil && x.Err.Kind != KindRefused {
		run.Err = x.Err
		return run
	}
	run.Token = r.Tokens.peek(run.tokenKey())
	if _, lacks := run.lacks(StepToken); lacks || run.Token != nil {
		run.FromCache, run.Reached = run.Token != nil, StepResponse
	}
	return run
}
