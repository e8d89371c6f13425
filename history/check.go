package history

import (
	"context"

	"countersign/flows"
)

// CheckSend says, before anything is sent, why a prepared run must not be: its idempotency key belongs to another body,
// a mask of history stands where a value should be, or the same operation is under way. It returns nil or a
// *flows.Error. To send all the same, to see a partner refuse a key that is used twice, is for the person to decide;
// in production [Log.Intend] refuses it as well.
func (l *Log) CheckSend(ctx context.Context, run flows.Run) error {
	if where := masksIn(run.Draft); where != "" {
		return &flows.Error{Kind: flows.KindUsage, Step: flows.StepCanonical, Field: where, Message: where + " holds a mask in place of a secret", Hint: "type the value again"}
	}
	if run.Prepared == nil {
		return nil
	}
	x := flows.Exchange{
		Purpose: flows.PurposeRequest, Provider: run.Draft.Provider.ID, Environment: run.Draft.Environment.Name, Profile: run.Draft.Profile,
		BaseURL: run.Base.Origin() + run.Base.Path, Writes: run.Draft.Sample.Writes, Signed: run.Prepared.Signed, Production: true,
	}
	if run.Draft.Sample.Idempotency {
		x.IdempotencyKey = run.Prepared.Input.IdempotencyKey
	}
	l.mu.Lock()
	me := ""
	if l.instance != nil {
		me = l.instance.id
	}
	l.mu.Unlock()
	l.sweepDead(ctx) // a window that is gone holds nothing up; if that cannot be written, the check below still reads
	return l.read(ctx, func(b *base) error {
		sum := keyedSum(b.maskKey, wire(x.Signed.Request.Body))
		r := row{key: x.IdempotencyKey, bodySum: sum, operation: operation(x, sum)}
		if err := l.refuse(ctx, b.read, r, flows.Exchange{}, me); err != nil {
			return err
		}
		return otherBody(ctx, b.read, r)
	})
}
