package flows

import (
	"slices"
	"time"

	"countersign/flows/credentials"
	"countersign/sign"
)

// Draft is a request that is being worked on. It holds what a person typed, and no secret.
// The zero values of IdempotencyKey, Nonce and At mean: make a fresh one.
type Draft struct {
	Provider    *Provider
	Environment Environment // BaseURL already resolved: what the person gave, or the documented one
	Profile     string
	CAFile      string // PEM file of further roots for this environment; "" for none
	Sample      Sample
	Variables   map[string]string

	Method         string
	Path           string // behind the base URL
	Query          string
	Header         []sign.Pair
	Body           *string // nil: no body is sent
	Literal        bool    // the body is sent as it stands: {name} in it is no variable
	IdempotencyKey string
	Nonce          string
	At             time.Time
	Options        map[string]string
	Tamper         []Tamper

	ReplayOf string // history ID of the exchange this draft was made from
}

// Tamper is one byte changed after signing, to see the request refused.
type Tamper struct {
	Where  string // "body", "path", "query", "signature", "method", or "header NAME"
	Offset int
	To     byte
}

// NewDraft begins a draft from a sample, with the variables' defaults filled in.
func NewDraft(p *Provider, env Environment, s Sample) Draft {
	d := Draft{Provider: p, Environment: env, Profile: "default", Sample: s,
		Method: s.Method, Path: s.Path, Query: s.Query, Variables: map[string]string{}, Options: map[string]string{}}
	d.Header = append(d.Header, s.Header...)
	if s.Body != nil {
		b := *s.Body
		d.Body = &b
	}
	for _, v := range s.Variables {
		d.Variables[v.Name] = v.Default
	}
	for _, o := range p.Options {
		d.Options[o.Name] = o.Values[0].Name
	}
	return d
}

// Clone returns a copy that shares nothing that can be changed.
func (d Draft) Clone() Draft {
	d.Header = append([]sign.Pair(nil), d.Header...)
	d.Tamper = append([]Tamper(nil), d.Tamper...)
	d.Variables = cloneMap(d.Variables)
	d.Options = cloneMap(d.Options)
	if d.Body != nil {
		b := *d.Body
		d.Body = &b
	}
	return d
}

// fields are the credential fields of the partner, optional where this request under these options does not need them.
func (d Draft) fields() []credentials.Field {
	list := slices.Clone(d.Provider.Fields)
	for i := range list {
		switch needs := d.Provider.Needs; {
		case d.Sample.Open && !d.Provider.MutualTLS:
			list[i].Optional = true
		case needs != nil:
			list[i].Optional = !slices.Contains(needs(d.Options), list[i].Name)
		}
	}
	return list
}

func cloneMap(m map[string]string) map[string]string {
	c := make(map[string]string, len(m))
	for k, v := range m {
		c[k] = v
	}
	return c
}
