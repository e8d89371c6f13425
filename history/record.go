package history

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"countersign/flows"
	"countersign/sign"
	"countersign/sign/untrusted"
)

// recordVersion is the version of the JSON form below. Older ones stay readable; a newer one is refused.
const recordVersion = 1

// record is the form in which an exchange is written, in the database and in a case file. Where it holds a type of
// package flows, the names of that type's fields are part of the form; the golden database keeps them from changing.
type record struct {
	Version     int               `json:"version"`
	Purpose     string            `json:"purpose"`
	Provider    string            `json:"provider"`
	Environment string            `json:"environment"`
	Profile     string            `json:"profile"`
	BaseURL     string            `json:"base_url"`
	Sample      string            `json:"sample"`
	Flags       int               `json:"flags,omitempty"`
	Key         string            `json:"idempotency_key,omitempty"`
	Nonce       string            `json:"nonce,omitempty"`
	ClientKey   string            `json:"client_key,omitempty"`
	Options     map[string]string `json:"options,omitempty"`
	Keys        map[string]string `json:"keys,omitempty"`
	ReplayOf    string            `json:"replay_of,omitempty"`
	Started     time.Time         `json:"started"`
	Request     recRequest        `json:"request"`
	Stages      []recStage        `json:"stages,omitempty"`
	Algorithm   string            `json:"algorithm,omitempty"`
	KeyName     string            `json:"key_name,omitempty"`
	KeyID       string            `json:"key_id,omitempty"`
	Carrier     string            `json:"carrier,omitempty"`
	Changed     []string          `json:"changed,omitempty"`
	Sent        recSent           `json:"sent"`
	Response    *recResponse      `json:"response,omitempty"`
	TLS         *flows.TLSFacts   `json:"tls,omitempty"`
	Remote      string            `json:"remote,omitempty"`
	Timing      flows.Timing      `json:"timing"`
	Skew        *flows.Skew       `json:"skew,omitempty"`
	Token       *flows.TokenFacts `json:"token,omitempty"`
	Outcome     string            `json:"outcome"`
	Error       *recError         `json:"error,omitempty"`
	Masked      []Masked          `json:"masked,omitempty"`
	Withheld    string            `json:"withheld,omitempty"`
}

// The bits of flags.
const (
	flagWrites = 1 << iota
	flagMovesMoney
	flagProduction
	flagNoStore
)

type recRequest struct {
	Method    string         `json:"method"`
	Scheme    string         `json:"scheme"`
	Authority string         `json:"authority"`
	Path      untrusted.Text `json:"path"`
	Query     untrusted.Text `json:"query"`
	Header    []recHeader    `json:"header"`
	Body      *recText       `json:"body"`
}

type recHeader struct {
	Name  string   `json:"name"`
	Value *recText `json:"value"`
	By    uint8    `json:"by"`
}

type recStage struct {
	Name string   `json:"name"`
	Text *recText `json:"text"`
}

type recSent struct {
	Bytes      int    `json:"bytes"`
	Requests   int    `json:"requests"`
	Difference string `json:"difference,omitempty"`
}

type recResponse struct {
	Status    int                    `json:"status"`
	Reason    untrusted.Text         `json:"reason"`
	Proto     string                 `json:"proto"`
	Header    []flows.ResponseHeader `json:"header"`
	Body      untrusted.Text         `json:"body"` // empty in the database, which keeps it beside the record
	Size      int                    `json:"size"`
	Kept      int                    `json:"kept"` // bytes of the decoded body that were kept, before masking
	Truncated bool                   `json:"truncated,omitempty"`
	Cut       string                 `json:"cut,omitempty"`
	NoStore   bool                   `json:"no_store,omitempty"`
	Error     *recPartnerError       `json:"error,omitempty"`
	Expected  *untrusted.Text        `json:"expected,omitempty"`
}

type recPartnerError struct {
	Code    untrusted.Text    `json:"code"`
	Message untrusted.Text    `json:"message"`
	Known   *flows.KnownError `json:"known,omitempty"`
}

type recError struct {
	Kind    string `json:"kind"`
	Step    string `json:"step"`
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

// encode writes a record as JSON without HTML escapes, so that a search of the file for a secret sees it as it is.
func (r record) encode() ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(r); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// decodeRecord reads a record. Every plain string in it becomes safe to print: the file may come from anywhere.
func decodeRecord(b []byte) (record, error) {
	var r record
	if err := json.Unmarshal(b, &r); err != nil {
		return r, fmt.Errorf("the record is not readable: %s", untrusted.From(err.Error()))
	}
	if r.Version < 1 || r.Version > recordVersion {
		return r, fmt.Errorf("the record has version %d, this program knows %d", r.Version, recordVersion)
	}
	eachString(&r, func(s string) string { return untrusted.From(s).String() }, nil)
	return r, nil
}

// entry makes the exchange that a record stands for.
func (r record) entry() Entry {
	x := flows.Exchange{
		Purpose: flows.Purpose(r.Purpose), Provider: r.Provider, Environment: r.Environment, Profile: r.Profile, BaseURL: r.BaseURL,
		Sample: r.Sample, Writes: r.Flags&flagWrites != 0, MovesMoney: r.Flags&flagMovesMoney != 0, Production: r.Flags&flagProduction != 0,
		NoStore: r.Flags&flagNoStore != 0, IdempotencyKey: r.Key, Nonce: r.Nonce, ClientKey: r.ClientKey, Options: r.Options,
		ReplayOf: r.ReplayOf, Started: r.Started, Changed: r.Changed, Remote: r.Remote, TLS: r.TLS, Timing: r.Timing, Skew: r.Skew,
		Token: r.Token, Outcome: flows.Outcome(r.Outcome), Signed: r.signed(),
		Sent: flows.Sent{Bytes: r.Sent.Bytes, Requests: r.Sent.Requests, Difference: r.Sent.Difference},
	}
	if e := r.Error; e != nil {
		x.Err = &flows.Error{Kind: flows.ErrorKind(e.Kind), Step: flows.StepName(e.Step), Field: e.Field, Message: e.Message, Hint: e.Hint}
	}
	out := Entry{Exchange: x, Keys: r.Keys, Masked: r.Masked, Withheld: r.Withheld, Version: r.Version}
	if p := r.Response; p != nil {
		out.Exchange.Response = p.response()
		out.BodyCut = max(0, p.Size-p.Kept)
	}
	return out
}

func (r record) signed() sign.Signed {
	q := r.Request
	s := sign.Signed{Algorithm: r.Algorithm, KeyName: r.KeyName, KeyID: r.KeyID, Carrier: r.Carrier, Request: sign.Request{
		Method: q.Method, Scheme: q.Scheme, Authority: q.Authority, Path: q.Path.Raw(), Query: q.Query.Raw(), Body: q.Body.restore(),
	}}
	for _, h := range q.Header {
		s.Request.Header = append(s.Request.Header, sign.Header{Name: h.Name, Value: h.Value.restore(), By: sign.By(min(h.By, uint8(sign.ByScheme)))})
	}
	for _, st := range r.Stages {
		s.Stages = append(s.Stages, sign.Stage{Name: st.Name, Text: st.Text.restore()})
	}
	return s
}

func (p recResponse) response() *flows.Response {
	res := &flows.Response{
		Status: p.Status, Reason: p.Reason, Proto: p.Proto, Header: p.Header, Body: p.Body, Size: p.Size,
		Truncated: p.Truncated, Cut: p.Cut, NoStore: p.NoStore,
	}
	if p.Error != nil {
		res.Error = &flows.PartnerError{Code: p.Error.Code, Message: p.Error.Message, Known: p.Error.Known}
	}
	if p.Expected != nil {
		res.Expected = []byte(p.Expected.Raw())
	}
	return res
}
