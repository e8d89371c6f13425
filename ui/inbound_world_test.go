package ui_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"countersign/flows"
	"countersign/flows/embedded"
	"countersign/flows/sandbox"
	"countersign/sign"
	"countersign/ui"
)

// noInbound says that nobody listens behind the driver's back.
var noInbound = func() chan flows.Inbound {
	c := make(chan flows.Inbound)
	close(c)
	return c
}()

// arrivals are what reached the sandbox and was not handed to the program yet.
type arrivals struct {
	mu   sync.Mutex
	list []flows.Inbound
}

// add takes an event of the sandbox. The port of the client is another one in every
// run, so each request has one that counts up.
func (a *arrivals) add(e sandbox.Event) {
	in := embedded.Inbound(e)
	in.Remote = fmt.Sprintf("127.0.0.1:%d", 50000+e.Sequence)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.list = append(a.list, in)
}

func (a *arrivals) take() []flows.Inbound {
	a.mu.Lock()
	defer a.mu.Unlock()
	list := a.list
	a.list = nil
	return list
}

// deliver hands over what arrived.
func (d *driver) deliver() {
	if list := d.seen.take(); len(list) > 0 {
		d.send(ui.Arrived(list...))
	}
}

// counts are how much the doctor tried, which grows with every mistake that it learns to know.
var counts = regexp.MustCompile(`\d+ other mistakes? excluded, [^\n]*`)

// steady leaves such counts out of a comparison.
func steady(screen string) string { return counts.ReplaceAllString(screen, "others excluded") }

// files are the paths that the sandbox would have written its files to.
func (w *world) files(id string) map[string]string {
	out := map[string]string{}
	for name := range w.server.PEM(id) {
		out[name] = "/run/user/1000/countersign/" + id + "/" + name + ".pem"
	}
	return out
}

// inbound sends a request as somebody's own code would, which does not know this program. Arguments change it:
//
//	signed.body=TEXT signed.path=PATH  what the code signed in place of what it sends
//	body=TEXT path=PATH query=?A=B     what it sends; the query is not signed
//	header.NAME=VALUE                  a header that it sends; drop.NAME= leaves one out
//	field.NAME=VALUE                   a credential of its own, such as a wrong secret
func (w *world) inbound(t *testing.T, where, line string) {
	t.Helper()
	words, err := split(line)
	if err != nil || len(words) < 2 {
		t.Fatalf("%s: %v", where, err)
	}
	args := map[string]string{}
	for _, word := range words[2:] {
		name, value, _ := strings.Cut(word, "=")
		args[name] = value
	}
	signed, err := w.signed(words[0], words[1], args)
	if err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	if err := w.transmit(words[0], signed, args); err != nil {
		t.Fatalf("%s: %v", where, err)
	}
}

// split cuts a line into words; the value of a word may be quoted as in Go.
func split(line string) (words []string, err error) {
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		if i := strings.IndexAny(line, " \""); i > 0 && line[i] == '"' {
			quoted, err := strconv.QuotedPrefix(line[i:])
			if err != nil {
				return nil, fmt.Errorf("%s: %w", line, err)
			}
			value, _ := strconv.Unquote(quoted)
			words = append(words, line[:i]+value)
			line = line[i+len(quoted):]
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		words, line = append(words, word), rest
	}
	return words, nil
}

// signed signs a request with a runner that the workbench does not share.
func (w *world) signed(id, request string, args map[string]string) (sign.Request, error) {
	p, ok := flows.Find(flows.All(), id)
	if !ok {
		return sign.Request{}, fmt.Errorf("no partner %q", id)
	}
	sample, ok := p.Sample(request)
	if !ok {
		return sign.Request{}, fmt.Errorf("no request %q", request)
	}
	env, _ := p.Environment(flows.Embedded)
	d := flows.NewDraft(p, env, sample)
	if body, ok := first(args, "signed.body", "body"); ok {
		d.Body, d.Literal = &body, true
	}
	if path, ok := first(args, "signed.path", "path"); ok {
		d.Path = path
	}
	r := *w.deps.Runner
	r.Tokens, r.Rand, r.Now = flows.NewTokens(), &counter{n: byte(len(args)) + 3}, w.clock.Now
	r.Given = func(_ context.Context, id string) (flows.Given, error) {
		g := w.embedding().Given(id)
		g.Values = maps.Clone(g.Values)
		for name := range g.Values {
			if v, ok := args["field."+name]; ok {
				g.Values[name] = v
			}
		}
		return g, nil
	}
	run := r.Through(context.Background(), flows.NewRun(d), flows.StepSignature)
	if run.Err != nil {
		return sign.Request{}, run.Err
	}
	out := run.Prepared.Signed.Request
	base, _ := sign.ParseURL(w.server.BaseURL(id))
	out.Path = base.Path + sample.Path
	if query, ok := args["query"]; ok {
		out.Query = query
	}
	if path, ok := args["path"]; ok {
		out.Path = base.Path + path
	}
	return out, nil
}

func first(args map[string]string, names ...string) (string, bool) {
	for _, n := range names {
		if v, ok := args[n]; ok {
			return v, true
		}
	}
	return "", false
}

// transmit sends it with a plain client.
func (w *world) transmit(id string, r sign.Request, args map[string]string) error {
	body := string(r.Body.Wire())
	if v, ok := args["body"]; ok {
		body = v
	}
	request, err := http.NewRequest(r.Method, "https://"+r.Authority+r.Path+r.Query, strings.NewReader(body))
	if err != nil {
		return err
	}
	request.URL = &url.URL{Scheme: "https", Host: r.Authority, Opaque: r.Path, RawQuery: strings.TrimPrefix(r.Query, "?")}
	for _, h := range r.Header {
		request.Header.Set(h.Name, string(h.Value.Wire()))
	}
	request.Header.Set("User-Agent", "acme-payments/2.1")
	for _, name := range slices.Sorted(maps.Keys(args)) {
		if n, ok := strings.CutPrefix(name, "header."); ok {
			request.Header.Set(n, args[name])
		}
		if n, ok := strings.CutPrefix(name, "drop."); ok {
			request.Header.Del(n)
		}
	}
	answer, err := w.client(id).Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return err
}

// client is somebody's HTTP client, set up as the lines of the screen say.
func (w *world) client(id string) *http.Client {
	return &http.Client{
		Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true, TLSClientConfig: w.tls(id), DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, w.real[address])
		}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func (w *world) tls(id string) *tls.Config {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(w.server.CAPEM())
	config := &tls.Config{RootCAs: roots, Time: w.clock.Now}
	pem := w.server.PEM(id)
	if pair, err := tls.X509KeyPair(pem["client_certificate"], pem["client_key"]); err == nil {
		config.Certificates = []tls.Certificate{pair}
	}
	return config
}
