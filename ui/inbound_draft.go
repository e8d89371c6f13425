package ui

import (
	"regexp"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"countersign/flows"
	"countersign/flows/credentials"
	"countersign/sign"
	"countersign/sign/untrusted"
)

// draft puts a request that somebody's code sent on the workbench, to be signed by the program itself.
func (s *inboundScreen) draft() tea.Cmd {
	m, c := s.m, s.current()
	d, left, why := s.drafted(c)
	if why != "" {
		m.say(warn, "%s", why)
		return nil
	}
	m.kept[keepKey(m.run.Draft)] = m.run
	m.set(flows.NewRun(d))
	m.screen = nil
	m.focus = atCredentials
	m.panes[atPartners].(*partnersPane).follow()
	text := "a draft of inbound request #" + itoa(c.in.Sequence)
	if len(left) > 0 {
		text += "; made afresh: " + strings.Join(left, ", ")
	}
	m.say(good, "%s", text)
	return nil
}

// drafted makes the draft: method, path behind the base URL, query, headers but those that are made when it is signed
// and sent, the body byte for byte, and the idempotency key, so that it is the same operation. Left names the headers
// that were left out; why says why there is no draft.
func (s *inboundScreen) drafted(c *call) (d flows.Draft, left []string, why string) {
	from, why := s.draftable(c)
	if why != "" {
		return d, nil, why
	}
	p, request := from.provider, from.request
	env, _ := p.Environment(flows.Embedded)
	d = flows.NewDraft(p, env, likeSample(p, request.Method, from.path))
	d.Method, d.Path, d.Query = request.Method, from.path, request.Query()
	d.Variables, d.Literal, d.Body = braces(d.Path+d.Query), true, nil
	if request.HasBody || len(request.Body) > 0 {
		body := string(request.Body)
		d.Body = &body
	}
	made, keyHeader := madeHeaders(d, from.base, from.given)
	d.IdempotencyKey, _ = request.Get(keyHeader)
	d.Header, left = theirHeaders(request, made, s.maskerOf(c))
	return d, left, ""
}

// drafting is what a draft is made of.
type drafting struct {
	provider *flows.Provider
	given    flows.Given
	base     sign.Request
	request  sign.Captured // in origin form
	path     string        // behind the base URL
}

// draftable finds out whether a request can become a draft; why says why not. It costs little, because the footer asks
// whenever it is drawn.
func (s *inboundScreen) draftable(c *call) (from drafting, why string) {
	p, known := flows.Find(s.m.deps.Providers, c.in.Provider)
	given, up := s.given(c.in.Provider)
	if !known || !up {
		return from, "the embedded sandbox is starting"
	}
	base, err := sign.ParseURL(given.BaseURL)
	if err != nil {
		return from, "the base URL of the sandbox cannot be read"
	}
	request := originForm(c.in.Request)
	path, behind := strings.CutPrefix(request.Path(), base.Path)
	switch {
	case request.Method == "":
		return from, "what arrived was no complete request"
	case !behind || !strings.HasPrefix(path, "/"):
		return from, "its path is not behind the base URL"
	case isLogin(p, base, given, request):
		return from, "it asks for a token; the step Token does that"
	}
	return drafting{p, given, base, request, path}, ""
}

// originForm takes scheme and host from a target in absolute form (RFC 9112 section 3.2.2).
func originForm(c sign.Captured) sign.Captured {
	if _, rest, ok := strings.Cut(c.Target, "://"); ok && !strings.HasPrefix(c.Target, "/") {
		_, path, _ := strings.Cut(rest, "/")
		c.Target = "/" + path
	}
	return c
}

// likeSample is the sample that a request is one of, or a request of its own kind: one that the partner's pages do not
// have counts as signed, and as moving money unless it only reads.
func likeSample(p *flows.Provider, method, path string) flows.Sample {
	own := flows.Sample{Name: "inbound", Summary: "a request that arrived", Method: method, Path: path}
	own.Writes = method != "GET" && method != "HEAD"
	own.MovesMoney = own.Writes
	for _, x := range p.Requests {
		if x.Method == method && likePath(x.Path, path) {
			return x
		}
		own.Signed, own.Idempotency = own.Signed || x.Signed, own.Idempotency || x.Idempotency
	}
	return own
}

// likePath compares a path with a sample's, in which {name} stands for one segment.
func likePath(sample, path string) bool {
	a, b := strings.Split(sample, "/"), strings.Split(path, "/")
	return slices.EqualFunc(a, b, func(x, y string) bool { return x == y || strings.HasPrefix(x, "{") && y != "" })
}

var braced = regexp.MustCompile(`\{([a-z0-9_]+)\}`)

// braces keeps {name} in a received path from being taken for a variable: each stands for itself.
func braces(text string) map[string]string {
	vars := map[string]string{}
	for _, m := range braced.FindAllStringSubmatch(text, -1) {
		vars[m[1]] = m[0]
	}
	return vars
}

// isLogin reports whether a request is the partner's token request.
func isLogin(p *flows.Provider, base sign.Request, given flows.Given, request sign.Captured) bool {
	if p.Token == nil {
		return false
	}
	in := flows.TokenInput{Base: base, Fields: map[string]string{}, Secrets: map[string]sign.Secret{}, Options: map[string]string{}}
	for _, f := range p.Fields {
		if f.Secret {
			in.Secrets[f.Name] = sign.NewSecret(given.Values[f.Name])
		} else {
			in.Fields[f.Name] = given.Values[f.Name]
		}
	}
	login, err := p.Token.Login(in)
	if err == nil && login.Method == request.Method && login.Path == request.Path() {
		return true
	}
	if p.Token.Refresh == nil {
		return false
	}
	refresh, err := p.Token.Refresh(in, sign.NewSecret("probe"))
	return err == nil && refresh.Method == request.Method && refresh.Path == request.Path()
}

// probeKey and probeNonce stand for values whose header is looked for.
const (
	probeKey   = "00000000-0000-4000-8000-000000000000"
	probeNonce = "00000000000000000000000000000000"
)

// madeHeaders are the names of the headers that the program makes for this request, found by making it, and the one
// that carries the idempotency key.
func madeHeaders(d flows.Draft, base sign.Request, given flows.Given) (names []string, keyHeader string) {
	d = d.Clone()
	d.Header = nil
	hand, _ := given.AtHand(nil)
	set := credentials.Set{}
	var loaded flows.Loaded
	for name, v := range hand.Values {
		if text, file := given.PEM[name]; !file {
			set[name] = v
		} else if k, err := sign.ParsePrivateKey(text); err == nil {
			loaded.SigningKey = k // any will do: only the names of the headers count
		}
	}
	token := &flows.Token{Access: sign.NewSecret("probe")}
	made, err := flows.Prepare(d, base, set, loaded, token, flows.Frozen{Time: time.Unix(0, 0), Nonce: probeNonce, IdempotencyKey: probeKey})
	if err != nil {
		return nil, ""
	}
	for _, h := range made.Signed.Request.Header {
		names = append(names, h.Name)
		if h.Value.String() == probeKey {
			keyHeader = h.Name
		}
	}
	return names, keyHeader
}

// framing are the headers that the transport makes.
var framing = []string{"Host", "Content-Length", "Transfer-Encoding", "Connection", "Trailer", "Expect", "Upgrade", "Accept-Encoding", "Keep-Alive", "TE"}

// theirHeaders are the headers that stay, and the names of those that are made afresh. A draft holds no secret, so what
// carries a credential is left out whatever it is called.
func theirHeaders(request sign.Captured, made []string, k masker) (kept []sign.Pair, left []string) {
	among := func(names []string, name string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
	}
	for _, h := range request.Header {
		switch {
		case among(framing, h.Name):
		case among(made, h.Name), namesSecret(h.Name), k.all.Finds([]byte(h.Value)):
			if !strings.EqualFold(h.Name, "User-Agent") {
				left = append(left, untrusted.From(h.Name).String())
			}
		default:
			kept = append(kept, h)
		}
	}
	return kept, left
}
