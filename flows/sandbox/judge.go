package sandbox

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// serveHTTP reads a request, judges it, answers and reports.
func (p *partner) serveHTTP(w http.ResponseWriter, r *http.Request) {
	connection := r.Context().Value(recorderKey{}).(*recorder)
	connection.begin()
	c, whole := p.receive(connection, w, r)
	last := !whole || c.event.BodyTruncated
	defer connection.end(last)
	fault, now, a := p.judge(c)
	d := delivery{fault: fault, now: now, answer: a, event: c.event, last: last}
	d.send(w, r, p.server.report)
}

// receive turns a request and the bytes of its connection into a call.
func (p *partner) receive(connection *recorder, w http.ResponseWriter, r *http.Request) (c *call, whole bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	raw, whole := connection.take(len(r.TransferEncoding) > 0, r.ContentLength)
	state := connection.ConnectionState()
	r.TLS = &state
	e := &Event{At: p.server.clock(), Provider: p.id, Remote: r.RemoteAddr,
		Raw: raw, Header: headerFields(raw), Body: body, BodyTruncated: err != nil}
	e.Method, e.Target = requestLine(raw)
	c = &call{request: r, body: body, event: e, chain: state.PeerCertificates}
	c.target = originForm(r.RequestURI)
	c.path, c.query, _ = strings.Cut(c.target, "?")
	if len(c.chain) > 0 {
		c.peer = c.chain[0]
		e.ClientCertificate = c.peer.Raw
	}
	return c, whole
}

// originForm removes scheme and authority from a target in absolute form (RFC 9112 section 3.2.2), and nothing else.
func originForm(target string) string {
	if strings.HasPrefix(target, "/") {
		return target
	}
	if _, rest, found := strings.Cut(target, "://"); found {
		if slash := strings.IndexByte(rest, '/'); slash >= 0 {
			return rest[slash:]
		}
		return "/"
	}
	return target
}

// judge runs everything that reads or changes the partner's state.
func (p *partner) judge(c *call) (fault string, now time.Time, a answer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now = p.now()
	c.now = now
	defer func() {
		if reason := recover(); reason != nil {
			c.check("sandbox", false, fmt.Sprintf("the sandbox itself failed: %v", reason))
			a = p.refusal(http.StatusInternalServerError, "Internal server error.").because("the sandbox itself failed")
		}
		if c.token != nil {
			c.event.TokenClaims = slices.Clone(c.token.claims)
		}
	}()
	if refused := c.through(p.entrance()); refused != nil {
		return failNone, now, *refused
	}
	found, vars, status := find(p.routes, c.request.Method, c.path)
	fault = p.switches.fault(found != nil && found.proves != "")
	if a, instead := p.unexecuted(c, fault); instead {
		return fault, now, a
	}
	if found == nil {
		a = p.unrouted(c, status)
		c.check("route", false, a.problem)
		return fault, now, p.spoil(c, fault, a)
	}
	c.vars = vars
	return fault, now, p.spoil(c, fault, operate(c, found))
}

// spoil notes a fault that comes after the partner's code ran, and replaces the answer where the fault is one.
func (p *partner) spoil(c *call, fault string, a answer) answer {
	problem := a.problem
	switch fault {
	case failOnce500:
		a = p.refusal(http.StatusInternalServerError, "Internal server error.")
	case failHostile:
		a.kind, a.body = "application/json", []byte(hostileBody)
	case failDrop, failStall, failHalf:
	default:
		return a
	}
	c.check("fault", false, "switch fail is "+fault+"; the request was judged and executed before")
	if problem != "" { // a refusal stays one
		return a.because(problem)
	}
	return a.because("switch fail is " + fault)
}

// entrance holds the checks that guard the sandbox itself, before any partner's.
func (p *partner) entrance() []stage {
	return []stage{
		{"transport", func(c *call) outcome {
			if c.event.BodyTruncated && len(c.body) >= maxBody {
				return refuse(p.refusal(http.StatusRequestEntityTooLarge, "Request body too large."),
					"the body is larger than 1 MiB")
			}
			if c.event.BodyTruncated {
				return refuse(p.refusal(http.StatusBadRequest, "Bad request."), "the body ended before its announced length")
			}
			return pass(tlsDetail(*c.request.TLS))
		}},
		{"host", func(c *call) outcome {
			// The whole value is compared: a prefix would let localhost.example.org in (DNS rebinding).
			if !slices.Contains(p.hosts, c.request.Host) {
				return refuse(p.refusal(http.StatusMisdirectedRequest, "Misdirected request."),
					fmt.Sprintf("Host is %+q; want %s", c.request.Host, strings.Join(p.hosts, " or ")))
			}
			return pass(c.request.Host)
		}},
		{"origin", func(c *call) outcome {
			err := http.NewCrossOriginProtection().Check(c.request)
			if err == nil && c.request.Header.Get("Sec-Fetch-Site") == "cross-site" {
				err = errors.New("cross-site request")
			}
			if err != nil {
				return refuse(p.refusal(http.StatusForbidden, "Forbidden"),
					"a web page of another origin sent this: "+err.Error())
			}
			return pass("")
		}},
	}
}

// unexecuted gives the answers that come from in front of the partner's own code.
func (p *partner) unexecuted(c *call, fault string) (answer, bool) {
	var a answer
	switch fault {
	case failOnce503:
		a = p.refusal(http.StatusServiceUnavailable, "External service unavailable, try again later.")
	case failRedirect:
		a = answer{status: http.StatusTemporaryRedirect}.with("Location", p.elsewhere()+c.target)
	case failHTML:
		a = answer{status: http.StatusOK, kind: "text/html; charset=utf-8",
			body: []byte("<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><h1>Network login required</h1></body></html>\n")}
	default:
		return answer{}, false
	}
	c.check("fault", false, "switch fail is "+fault+"; nothing was judged or executed")
	return a.because("switch fail is " + fault), true
}

// elsewhere is the origin of the next partner: another port of this machine, so that what a client carries along shows
// up there.
func (p *partner) elsewhere() string {
	ids := IDs()
	return p.server.partners[ids[(slices.Index(ids, p.id)+1)%len(ids)]].origin
}

// broken reports a connection without a request.
func (p *partner) broken(connection *recorder, err error) {
	raw, status := connection.rest()
	e := Event{At: p.server.clock(), Provider: p.id, Remote: connection.RemoteAddr().String(), Raw: raw, Status: status,
		Checks: []Check{{Name: "transport", Detail: err.Error()}}}
	if len(raw) > 0 {
		e.Method, e.Target = requestLine(raw)
		e.Header = headerFields(raw)
	}
	if strings.Contains(err.Error(), "remote error: tls:") {
		e.Note = "the client ended the handshake; it has to trust this sandbox's CA, and to call 127.0.0.1, ::1 or localhost"
	}
	p.server.report(e)
}
