package cli

import (
	"bytes"
	"encoding/json"
	"time"

	"countersign/flows"
	"countersign/sign"
	"countersign/sign/untrusted"
)

// walkJSON is what run --json and sign --json print. What a partner lacks is absent.
type walkJSON struct {
	Provider    string         `json:"provider"`
	Environment string         `json:"environment"`
	Request     *sentJSON      `json:"request,omitempty"`
	Steps       []stepJSON     `json:"steps"`
	Canonical   *sign.Text     `json:"canonical,omitempty"`
	Signature   *signatureJSON `json:"signature,omitempty"`
	Token       *tokenJSON     `json:"token,omitempty"`
	Response    *answerJSON    `json:"response,omitempty"`
	HistoryID   string         `json:"history_id,omitempty"`
	Outcome     string         `json:"outcome,omitempty"` // of the send: answered, not sent, or outcome unknown
	Warnings    []string       `json:"warnings,omitempty"`
	Error       *failure       `json:"error,omitempty"`
}

type sentJSON struct {
	Method  string          `json:"method"`
	URL     string          `json:"url,omitempty"`
	Headers headersJSON     `json:"headers,omitempty"`
	Body    *untrusted.Text `json:"body,omitempty"` // absent: no body is sent
}

type stepJSON struct {
	Name   string `json:"name"`
	Status string `json:"status"`
	Detail string `json:"detail"`
}

type signatureJSON struct {
	Algorithm string         `json:"algorithm"`
	Encoded   untrusted.Text `json:"encoded"`
	Header    string         `json:"header"`
	KeyID     string         `json:"key_id,omitempty"` // fingerprint
}

type tokenJSON struct {
	Type        string `json:"type"`
	ExpiresAt   string `json:"expires_at,omitempty"` // RFC 3339, UTC
	Source      string `json:"source,omitempty"`     // where the expiry comes from
	Fingerprint string `json:"fingerprint,omitempty"`
	Value       string `json:"value,omitempty"` // with --reveal
}

type answerJSON struct {
	Status  int            `json:"status"`
	Headers headersJSON    `json:"headers"`
	Body    untrusted.Text `json:"body"`
}

// headersJSON is a JSON object of header fields in their order and case. A name that occurs more than once has
// the list of its values.
type headersJSON []header

type header struct {
	name  string
	value untrusted.Text
}

// MarshalJSON writes the object.
func (h headersJSON) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	seen := map[string]bool{}
	out.WriteByte('{')
	for _, f := range h {
		if seen[f.name] {
			continue
		}
		if len(seen) > 0 {
			out.WriteByte(',')
		}
		seen[f.name] = true
		var values []untrusted.Text
		for _, other := range h {
			if other.name == f.name {
				values = append(values, other.value)
			}
		}
		name, _ := untrusted.From(f.name).MarshalJSON() // encoding text cannot fail
		out.Write(append(name, ':'))
		var value any = values
		if len(values) == 1 {
			value = values[0]
		}
		if err := json.NewEncoder(&out).Encode(value); err != nil {
			return nil, err
		}
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// walkOf is the object of a run as it ended.
func walkOf(run flows.Run, err *flows.Error, warnings []string, reveal bool) walkJSON {
	d := run.Draft
	out := walkJSON{Provider: d.Provider.ID, Environment: d.Environment.Name, Request: sentOf(run, reveal), Warnings: warnings, Error: failureOf(err)}
	for _, s := range run.Steps() {
		if s.Status == flows.Current { // the run ended here: nothing is under way
			s.Status = flows.Waiting
		}
		out.Steps = append(out.Steps, stepJSON{string(s.Name), string(s.Status), s.Detail})
	}
	if _, lacks := run.Lacks(flows.StepSignature); !lacks && run.Prepared != nil {
		out.Canonical, out.Signature = signatureOf(run.Prepared.Signed, reveal)
	}
	if run.Token != nil {
		out.Token = tokenOf(*run.Token, reveal)
	}
	if x := ending(run); x != nil {
		out.Response, out.HistoryID, out.Outcome = answerOf(x.Response, reveal), x.ID, string(x.Outcome)
	}
	return out
}

// ending is the exchange that a run ended with: that of the request, or that of a token request which gave no token.
func ending(run flows.Run) *flows.Exchange {
	if run.Exchange != nil {
		return run.Exchange
	}
	if run.Err != nil && run.Err.Step == flows.StepToken && len(run.TokenLog) > 0 {
		return &run.TokenLog[len(run.TokenLog)-1]
	}
	return nil
}

// sentOf is the request as it is sent, or what is known of it before it was prepared.
func sentOf(run flows.Run, reveal bool) *sentJSON {
	if run.Prepared == nil {
		out := &sentJSON{Method: run.Draft.Method}
		if run.Base.Authority != "" {
			out.URL = run.Base.Origin() + run.Base.Path + run.Draft.Path
		}
		return out
	}
	r := run.Prepared.Signed.Request
	out := &sentJSON{Method: r.Method, URL: r.URL()}
	for _, h := range r.Header {
		out.Headers = append(out.Headers, header{h.Name, shown(h.Value, reveal)})
	}
	if r.Body.Present() {
		body := shown(r.Body, reveal)
		out.Body = &body
	}
	return out
}

func signatureOf(s sign.Signed, reveal bool) (*sign.Text, *signatureJSON) {
	value, _ := s.Request.Get(s.Carrier)
	out := &signatureJSON{Algorithm: s.Algorithm, Encoded: shown(value, reveal), Header: s.Carrier, KeyID: s.KeyID}
	if canonical, ok := s.Stage(sign.StageCanonical); ok {
		return &canonical, out
	}
	return nil, out
}

func tokenOf(t flows.Token, reveal bool) *tokenJSON {
	out := &tokenJSON{Type: t.Facts.Type, Source: t.Facts.Source, Fingerprint: t.Facts.Fingerprint}
	if !t.Facts.Expires.IsZero() {
		out.ExpiresAt = t.Facts.Expires.UTC().Format(time.RFC3339)
	}
	if reveal {
		out.Value = revealed(t.Access)
	}
	return out
}

func answerOf(r *flows.Response, reveal bool) *answerJSON {
	if r == nil {
		return nil
	}
	out := &answerJSON{Status: r.Status, Headers: headersJSON{}, Body: body(r, reveal)}
	for _, h := range r.Header {
		out.Headers = append(out.Headers, header{h.Name.Raw(), h.Value})
	}
	return out
}
