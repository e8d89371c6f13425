package flows

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"

	"countersign/sign"
	"countersign/sign/untrusted"
)

// Send sends the prepared request of a run, once, and returns the full record.
// The intent is in the ledger before the first byte leaves.
func (r *Runner) Send(ctx context.Context, run Run) Exchange {
	d, p := run.Draft, run.Prepared
	x := run.exchange(PurposeRequest, d.Sample.Name)
	x.Signed, x.Changed = p.Signed, p.Changed
	x.Writes, x.MovesMoney = d.Sample.Writes, d.Sample.MovesMoney
	x.Nonce = p.Input.Nonce
	if d.Sample.Idempotency {
		x.IdempotencyKey = p.Input.IdempotencyKey
	}
	if run.Token != nil {
		facts := run.Token.Facts
		x.Token = &facts
	}
	return r.exchange(ctx, run, x, nil)
}

// exchange begins the record of an attempt in this run.
func (run Run) exchange(why Purpose, sample string) Exchange {
	d := run.Draft
	x := Exchange{
		Purpose: why, Provider: d.Provider.ID, Environment: d.Environment.Name, Profile: d.Profile,
		BaseURL: run.Base.Origin() + run.Base.Path, Sample: sample, Production: d.Environment.Production,
		Options: cloneMap(d.Options), ReplayOf: d.ReplayOf, Outcome: OutcomePrepared, Secrets: run.secrets(),
	}
	if run.Loaded.Certificate.Present() {
		x.ClientKey = run.Loaded.Certificate.Thumbprint()
	}
	return x
}

// reader takes a token out of a complete answer, before the answer is masked.
type reader func(body []byte, received time.Time) (*Token, *Error)

// exchange does one attempt: intent, network, judgement, record.
func (r *Runner) exchange(ctx context.Context, run Run, x Exchange, read reader) Exchange {
	x.Started = r.Now()
	if r.Ledger != nil {
		id, err := r.Ledger.Intend(ctx, x)
		if e := ledgerError(err); e != nil && (x.Writes || e.Kind != KindLocal) {
			x.Outcome, x.Err = OutcomeNotSent, e
			return x
		} else if e != nil {
			x.LedgerErr = e // a read goes on without a record, and says so
		}
		x.ID = id
	}
	r.transmit(ctx, run, &x)
	if x.Err != nil && x.Purpose != PurposeRequest {
		x.Err.Step = StepToken
	}
	if x.Response != nil {
		r.judge(run, &x, read)
	}
	if r.Ledger != nil && x.ID != "" {
		if err := r.Ledger.Complete(context.WithoutCancel(ctx), x); err != nil {
			x.LedgerErr = ledgerError(err)
		}
	}
	return x
}

// ledgerError keeps what the ledger says in its own words. What it refuses for a reason of its own (an operation
// under way) has another kind than trouble with the file.
func ledgerError(err error) *Error {
	var e *Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &e):
		return e
	}
	return &Error{Kind: KindLocal, Step: StepResponse, Message: fmt.Sprintf("history cannot be written: %s", untrusted.From(err.Error())),
		Hint: "a request that changes something is not sent without a record; --no-history sends it all the same", Err: err}
}

// judge reads an answer: the token in it, the partner's error, what the far side expected. Then it masks the secrets,
// before anything that came is put into a sentence.
func (r *Runner) judge(run Run, x *Exchange, read reader) {
	res := x.Response
	body := []byte(res.Raw.Reveal())  // parsed here, never shown: what is shown is masked below
	x.Secrets = maps.Clone(x.Secrets) // the ledger may have kept the map
	if success(res.Status) && res.Cut == "" && read != nil {
		x.token, x.Err = read(body, r.Now())
		if x.token != nil {
			addToken(x.Secrets, x.token)
			x.token.Facts.NoStore = x.NoStore || res.NoStore
			facts := x.token.Facts
			x.Token = &facts
		}
	}
	x.NoStore = x.NoStore || res.NoStore
	res.Error = partnerError(run.Draft.Provider, *res, body)
	x.conceal(body, read != nil)
	if e := res.Error; e != nil && (read != nil || x.Err == nil) {
		x.Err = refusal(x, e)
	}
	if x.Purpose == PurposeRequest {
		x.doubt(body)
	}
}

// doubt takes back what an answer only seems to say: markup where JSON is spoken came from somebody else, and a server
// that failed may have acted before.
func (x *Exchange) doubt(body []byte) {
	may := "the partner may have acted on the request: " + x.wayOn()
	if x.onlyReads() {
		may = x.wayOn()
	}
	switch status := x.Response.Status; {
	case x.Err == nil && bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")):
		x.Outcome = OutcomeUnknown
		x.Err = &Error{Kind: KindNetwork, Step: StepResponse, Hint: may,
			Message: fmt.Sprintf("the answer with %d is HTML or XML, not JSON: a proxy or a sign-in page may have answered, not the partner", status)}
	case x.Err != nil && x.Err.Kind == KindRefused && status >= 500 && x.Writes:
		x.Err.Hint = strings.TrimPrefix(x.Err.Hint+"; "+may, "; ")
	}
}

// success reports whether a status says that the request was accepted (RFC 9110 section 15.3).
func success(status int) bool { return status >= 200 && status < 300 }

// secrets are all secrets that went into this run, by field name.
func (run Run) secrets() map[string]sign.Secret {
	all := map[string]sign.Secret{}
	for _, f := range run.Draft.Provider.Fields {
		if v, ok := run.Credentials[f.Name]; ok && f.Secret {
			all[f.Name] = v.Secret
		}
	}
	if run.Token != nil {
		addToken(all, run.Token)
	}
	return all
}

// addToken adds what a token request gave to the secrets.
func addToken(secrets map[string]sign.Secret, t *Token) {
	secrets[sign.AccessToken] = t.Access
	if !t.Refresh.Empty() {
		secrets["refresh_token"] = t.Refresh
	}
}

// partnerError reads a refusal: any status but 2xx, and what the partner calls an error under 2xx.
func partnerError(p *Provider, res Response, body []byte) *PartnerError {
	var e PartnerError
	ok := false
	if p.ReadError != nil {
		e, ok = p.ReadError(res.Status, body)
	}
	if !ok && success(res.Status) {
		return nil
	}
	for i, k := range p.Errors {
		if (k.Status == 0 || k.Status == res.Status) && (k.Code == "" || k.Code == e.Code.Raw()) &&
			strings.Contains(strings.ToLower(e.Message.Raw()), strings.ToLower(k.Message)) {
			e.Known = &p.Errors[i]
			break
		}
	}
	return &e
}

// refusal puts the partner's no into one sentence.
func refusal(x *Exchange, e *PartnerError) *Error {
	res := x.Response
	step := StepResponse
	if x.Purpose != PurposeRequest {
		step = StepToken
	}
	err := &Error{Kind: KindRefused, Step: step, Message: fmt.Sprintf("the partner refused with %d", res.Status)}
	if words := strings.TrimSpace(excerpt(e.Code) + " " + excerpt(e.Message)); words != "" {
		err.Message += ": " + words
	}
	if location := res.Get("Location"); res.Status >= 300 && res.Status < 400 && !location.Empty() {
		err.Message = fmt.Sprintf("the server asked with %d to resend to %s; not followed: your signature and body would go there", res.Status, excerpt(location))
		err.Hint = "check host and path of the base url, and the slash at the end of the path"
	}
	if e.Known != nil {
		err.Hint = strings.TrimSpace(e.Known.Meaning + "; " + e.Known.Remedy)
	}
	return err
}

// Get returns the value of the first header of that name, in any case.
func (res Response) Get(name string) untrusted.Text {
	for _, h := range res.Header {
		if strings.EqualFold(h.Name.Raw(), name) {
			return h.Value
		}
	}
	return untrusted.Text{}
}

func (x *Exchange) partnerError() *PartnerError {
	if x == nil || x.Response == nil {
		return nil
	}
	return x.Response.Error
}

// detail is the one line about an exchange.
func (x *Exchange) detail() string {
	switch {
	case x == nil:
		return ""
	case x.Response == nil:
		return string(x.Outcome)
	}
	return fmt.Sprintf("%d %s, %d bytes in %s", x.Response.Status, http.StatusText(x.Response.Status), x.Response.Size, x.Timing.Total.Round(time.Millisecond))
}

// expectedBy reads the canonical string that the far side says it expected.
func expectedBy(header http.Header) []byte {
	v := header.Get("Sandbox-Expected")
	if v == "" {
		return nil
	}
	b, err := base64.StdEncoding.DecodeString(v)
	if err != nil {
		return nil
	}
	return b
}
