package history

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"countersign/flows"
	"countersign/history/capture"
	"countersign/sign"
	"countersign/sign/untrusted"
)

// ImportOptions say how to read what somebody else sent.
type ImportOptions struct {
	Providers []*flows.Provider
	Provider  string                            // the partner, when the person says; empty: found by the host or by the path
	ReadFile  func(name string) ([]byte, error) // for -d @file of a curl command; nil refuses it
	Entry     int                               // of a HAR file, counted from 0
	Name      string                            // of the file, for messages and as the source of a case
	Now       time.Time
}

// Imported is one request from outside, made into a draft. Nothing has been sent.
type Imported struct {
	Draft   flows.Draft
	Entry   *Entry // what a case file holds; nil: it was a single request
	Remarks []Remark
}

// Import reads a case file, a curl command, a raw HTTP request or a HAR entry. Each becomes a draft of a new operation that
// is signed afresh: token, signature, clock and nonce of the other one are left behind, and remarks say so.
func Import(text []byte, o ImportOptions) ([]Imported, error) {
	if IsCase(text) {
		return importCase(text, o)
	}
	c, said, err := capture.Parse(text, capture.Option{ReadFile: o.ReadFile, Entry: o.Entry})
	if err != nil {
		return nil, &flows.Error{Kind: flows.KindUsage, Message: untrusted.From(err.Error()).String(), Err: err}
	}
	var remarks []Remark
	for _, s := range said {
		remarks = append(remarks, Remark{Text: string(s)})
	}
	one, err := draftOf(c, o)
	if err != nil {
		return nil, err
	}
	one.Remarks = append(remarks, one.Remarks...)
	return []Imported{one}, nil
}

func importCase(text []byte, o ImportOptions) ([]Imported, error) {
	entries, err := ReadCase(o.Name, text)
	if err != nil {
		return nil, err
	}
	var list []Imported
	for _, e := range entries {
		one := Imported{Entry: &e}
		if e.Exchange.Purpose == flows.PurposeRequest {
			if one.Draft, one.Remarks, err = Draft(e, NewOperation, o.Providers, o.Now); err != nil {
				return nil, err
			}
		}
		list = append(list, one)
	}
	return list, nil
}

// draftOf makes a draft of a captured request.
func draftOf(c sign.Captured, o ImportOptions) (Imported, error) {
	p, env, err := whose(c, o)
	if err != nil {
		return Imported{}, err
	}
	path := strings.TrimPrefix(c.Path(), prefixIn(p, c.Path()))
	sample := matching(p, c.Method, path)
	d := flows.NewDraft(p, env, sample)
	d.Variables = map[string]string{}
	d.Method, d.Path, d.Query = c.Method, path, c.Query()
	keepBraces(d.Variables, d.Path, d.Query)
	d.Body = nil
	if c.HasBody {
		body := string(c.Body)
		d.Body = &body
	}
	var remarks []Remark
	d.Header, remarks = keptHeaders(c, p)
	if env.Production {
		remarks = append(remarks, Remark{Text: fmt.Sprintf("%s is taken for production, because nothing says that it is a sandbox", env.BaseURL)})
	}
	if where := masksIn(d); where != "" {
		remarks = append(remarks, Remark{Text: where + " holds a mask in place of a secret; type the value again", Blocks: true})
	}
	return Imported{Draft: d, Remarks: remarks}, nil
}

// whose finds the partner and the place of a captured request. A host that nobody documents is taken for production:
// asking once too often is the smaller mistake.
func whose(c sign.Captured, o ImportOptions) (*flows.Provider, flows.Environment, error) {
	var none flows.Environment
	if c.Authority == "" && o.Provider == "" {
		return nil, none, &flows.Error{Kind: flows.KindUsage, Message: "the request does not say where it goes: there is no host in it", Hint: "add a Host header, or name the partner"}
	}
	var found []*flows.Provider
	for _, p := range o.Providers {
		if o.Provider != "" && p.ID != o.Provider {
			continue
		}
		for _, env := range p.Environments {
			if env.BaseURL != "" && sameHost(env.BaseURL, c.Authority) {
				env.BaseURL = baseOf(env.BaseURL, c)
				return p, env, nil
			}
		}
		if o.Provider != "" || matching(p, c.Method, strings.TrimPrefix(c.Path(), prefixIn(p, c.Path()))).Name != importedName {
			found = append(found, p)
		}
	}
	if len(found) != 1 {
		have := "no partner has"
		if len(found) > 1 {
			have = fmt.Sprintf("%d partners have", len(found))
		}
		return nil, none, &flows.Error{Kind: flows.KindUsage, Message: fmt.Sprintf("%s a request like %s %s", have, untrusted.From(c.Method), untrusted.From(c.Path())), Hint: "name the partner"}
	}
	p := found[0]
	if c.Authority == "" || isLoopback(c.Authority) {
		if env, ok := p.Environment(flows.Embedded); ok {
			return p, env, nil
		}
	}
	env, _ := p.Environment(flows.Production)
	env.Name, env.Production = flows.Production, true
	env.BaseURL = "https://" + c.Authority + prefixIn(p, c.Path())
	return p, env, nil
}

// prefixIn is the path prefix of one of the partner's base URLs that a path begins with; empty: none.
func prefixIn(p *flows.Provider, path string) string {
	for _, env := range p.Environments {
		if prefix := pathOf(env.BaseURL); prefix != "" && strings.HasPrefix(path, prefix+"/") {
			return prefix
		}
	}
	return ""
}

// sameHost compares a host with that of a base URL, in which {name} stands for one label.
func sameHost(base, authority string) bool {
	_, rest, _ := strings.Cut(base, "://")
	host, _, _ := strings.Cut(rest, "/")
	if _, tail, ok := strings.Cut(host, "}"); ok && strings.HasPrefix(host, "{") {
		label, end, found := strings.Cut(authority, ".")
		return found && label != "" && strings.EqualFold("."+end, tail)
	}
	return strings.EqualFold(host, authority)
}

// baseOf fills the captured host into a base URL.
func baseOf(base string, c sign.Captured) string {
	_, rest, _ := strings.Cut(base, "://")
	_, path, ok := strings.Cut(rest, "/")
	if !ok {
		return "https://" + c.Authority
	}
	return "https://" + c.Authority + "/" + path
}

// importedName is the name of a request that is none of the partner's samples.
const importedName = "imported"

// matching finds the sample that a request is one of. One that is none is taken for the strictest: signed, and moving
// money unless it only reads.
func matching(p *flows.Provider, method, path string) flows.Sample {
	signed, keyed := false, false
	for _, s := range p.Requests {
		if s.Method == method && samePath(s.Path, path) {
			return s
		}
		signed, keyed = signed || s.Signed, keyed || s.Idempotency
	}
	writes := method != "GET" && method != "HEAD"
	return flows.Sample{Name: importedName, Summary: "imported", Method: method, Path: path, Writes: writes, MovesMoney: writes, Signed: signed, Idempotency: keyed}
}

// samePath compares a path with a sample's, in which {name} stands for one segment.
func samePath(sample, path string) bool {
	a, b := strings.Split(sample, "/"), strings.Split(path, "/")
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] && !(strings.HasPrefix(a[i], "{") && b[i] != "") {
			return false
		}
	}
	return true
}

// madeAfresh are header fields that authenticate, frame, or are made by the scheme.
var madeAfresh = []string{
	"authorization", "host", "content-length", "transfer-encoding", "connection", "expect", "upgrade", "trailer", "accept-encoding", "cookie",
	"x-jiko-signature", "x-jiko-idempotency", "x-jws-signature", "x-timestamp", "x-nonce", "idempotency-key", "api-key", "user-agent",
}

// keptHeaders leaves out what is made afresh when the draft is signed, and says which.
func keptHeaders(c sign.Captured, p *flows.Provider) (kept []sign.Pair, remarks []Remark) {
	var left []string
	for _, h := range c.Header {
		name := strings.ToLower(h.Name)
		if slices.Contains(madeAfresh, name) || isSecretName(h.Name) || strings.EqualFold(h.Name, p.IdempotencyHeader) {
			if name != "host" && name != "content-length" && name != "user-agent" {
				left = append(left, untrusted.From(h.Name).String())
			}
			continue
		}
		kept = append(kept, h)
	}
	if len(left) > 0 {
		remarks = append(remarks, Remark{Text: "left behind, because it is made afresh when the draft is signed: " + strings.Join(left, ", ")})
	}
	return kept, remarks
}
