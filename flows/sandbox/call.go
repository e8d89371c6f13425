package sandbox

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// call is one request while it is judged.
type call struct {
	now     time.Time // by the partner's clock, with its skew
	request *http.Request
	target  string // path and query as sent: nothing decoded, nothing cleaned
	path    string
	query   string
	body    []byte
	peer    *x509.Certificate // the client's certificate, if it sent one
	chain   []*x509.Certificate
	event   *Event

	vars  map[string]string // what the route's placeholders stand for
	token *grant            // once the token was recognised
	keep  func(answer)      // remembers the operation's answer under its idempotency key
}

// answer is what goes back. When a check or the operation refused, problem says why, for the side channel only.
type answer struct {
	status  int
	kind    string // Content-Type; empty without a body
	header  []HeaderField
	body    []byte
	problem string
}

// object is an answer with a JSON body.
func object(status int, value any) answer {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return answer{status: http.StatusInternalServerError, problem: "the sandbox could not encode its answer: " + err.Error()}
	}
	return answer{status: status, kind: "application/json", body: bytes.TrimSuffix(b.Bytes(), []byte("\n"))}
}

func (a answer) with(name, value string) answer {
	a.header = append(a.header[:len(a.header):len(a.header)], HeaderField{name, value})
	return a
}

func (a answer) because(problem string) answer {
	a.problem = problem
	return a
}

// stage is one check of a partner's pipeline.
type stage struct {
	name string
	run  func(*call) outcome
}

// outcome is what a stage found. An answer ends the pipeline: a refusal when it has a problem, a replay otherwise.
type outcome struct {
	skipped bool
	detail  string
	answer  *answer
}

func pass(detail string) outcome { return outcome{detail: detail} }

func skip(detail string) outcome { return outcome{skipped: true, detail: detail} }

func refuse(a answer, problem string) outcome {
	a.problem = problem
	return outcome{detail: problem, answer: &a}
}

func done(a answer, detail string) outcome { return outcome{detail: detail, answer: &a} }

// check notes a result.
func (c *call) check(name string, ok bool, detail string) {
	c.event.Checks = append(c.event.Checks, Check{Name: name, OK: ok, Detail: detail})
}

func (c *call) skip(name, detail string) {
	c.event.Checks = append(c.event.Checks, Check{Name: name, Skipped: true, Detail: detail})
}

func (c *call) note(text string) {
	if c.event.Note != "" {
		c.event.Note += "; "
	}
	c.event.Note += text
}

// through runs the stages in order, until one answers. The rest are noted as not reached.
func (c *call) through(stages []stage) *answer {
	for i, s := range stages {
		o := s.run(c)
		if o.skipped {
			c.skip(s.name, o.detail)
		} else {
			c.check(s.name, o.answer == nil || o.answer.problem == "", o.detail)
		}
		if o.answer == nil {
			continue
		}
		for _, rest := range stages[i+1:] {
			c.skip(rest.name, "not reached")
		}
		return o.answer
	}
	return nil
}

// one is a header that must appear once; n is how often it does.
func (c *call) one(name string) (value string, n int) {
	values := c.request.Header.Values(name)
	if len(values) == 0 {
		return "", 0
	}
	return values[0], len(values)
}

// media is the type of the body, lower-case and without parameters.
func (c *call) media() string {
	value, n := c.one("Content-Type")
	media, _, err := mime.ParseMediaType(value)
	if n != 1 || err != nil {
		return ""
	}
	return media
}

// bearer is the token of the Authorization header (RFC 6750 section 2.1). The problem names what is wrong with the header.
func (c *call) bearer() (token, problem string) {
	value, n := c.one("Authorization")
	if n == 0 {
		return "", "no Authorization header"
	}
	if n > 1 {
		return "", "more than one Authorization header"
	}
	scheme, token, found := strings.Cut(value, " ")
	if !strings.EqualFold(scheme, "Bearer") || !found {
		return "", "the Authorization header does not read Bearer <token>"
	}
	if token == "" || strings.ContainsAny(token, " \t\",;") {
		return "", "the text after Bearer is not one token"
	}
	return token, ""
}

var errNotObject = errors.New("the body is not a JSON object")

// fields decodes a JSON object. Names are compared exactly and numbers keep their digits.
func (c *call) fields() (map[string]any, error) {
	decoder := json.NewDecoder(bytes.NewReader(c.body))
	decoder.UseNumber()
	var fields map[string]any
	if err := decoder.Decode(&fields); err != nil {
		if _, other := errors.AsType[*json.UnmarshalTypeError](err); other {
			return nil, errNotObject
		}
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("more follows the JSON object")
	}
	if fields == nil {
		return nil, errNotObject
	}
	return fields, nil
}

// text is a member that is a non-empty string.
func text(fields map[string]any, name string) string {
	s, _ := fields[name].(string)
	return s
}

// queryValue is the first value of a query parameter; ok is false when the query cannot be decoded.
func (c *call) queryValue(name string) (value string, ok bool) {
	values, err := url.ParseQuery(c.query)
	return values.Get(name), err == nil
}
