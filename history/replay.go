package history

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"countersign/flows"
	"countersign/sign"
)

// Choice says what sending an entry once more shall mean. It is always asked for, never assumed.
type Choice string

// The choices.
const (
	SameOperation Choice = "same-operation" // same idempotency key and body; fresh nonce, clock and signature
	NewOperation  Choice = "new-operation"  // new idempotency key: the partner acts once more
	Verbatim      Choice = "verbatim"       // the very same bytes, to see the partner refuse a replay
)

// Choices lists the choices with what each does, in the order in which they are offered.
func Choices() [][2]string {
	return [][2]string{
		{string(SameOperation), "the same operation again: same idempotency key and body, signed afresh"},
		{string(NewOperation), "a new operation: new idempotency key; the partner acts once more"},
		{string(Verbatim), "the very same bytes and signature: a partner that refuses replays refuses it"},
	}
}

// Remark is something a person should know about a draft. A blocking one says that the draft cannot be sent as it is.
type Remark struct {
	Text   string
	Blocks bool
}

// Replay is an entry made ready to be sent once more. Nothing has been sent.
type Replay struct {
	Choice   Choice
	Draft    flows.Draft
	Verbatim *flows.Exchange // for Verbatim: what to give to flows.Runner.Resend; nil otherwise
	Remarks  []Remark
	AskWord  bool // real money: ask for a typed word before it is sent
}

// Blocked reports whether a remark stands against sending.
func (r Replay) Blocked() bool {
	return slices.ContainsFunc(r.Remarks, func(m Remark) bool { return m.Blocks })
}

// AskWord reports whether a draft moves real money, so that a person must type a word before it is sent.
func AskWord(d flows.Draft) bool { return d.Environment.Production && d.Sample.MovesMoney }

// Replay makes an entry ready to be sent once more. Verbatim needs the secrets of the exchange, which are in memory only:
// it fails for what another window or an earlier run of the program sent, and says so.
func (l *Log) Replay(e Entry, c Choice, providers []*flows.Provider) (Replay, error) {
	d, remarks, err := Draft(e, c, providers, l.o.Now())
	if err != nil {
		return Replay{}, err
	}
	r := Replay{Choice: c, Draft: d, Remarks: remarks, AskWord: AskWord(d)}
	if c == Verbatim {
		x, ok := l.verbatim(e.ID)
		if !ok || e.ReadOnly() {
			return Replay{}, &flows.Error{Kind: flows.KindUsage, Message: "the bytes of entry " + e.ID + " are not at hand: token and signature are kept in memory only, by the window that sent them",
				Hint: "send it as the same operation; or send it afresh and replay that one verbatim, before this window is closed"}
		}
		r.Verbatim = &x
		r.Remarks = slices.DeleteFunc(r.Remarks, func(m Remark) bool { return m.Blocks }) // what was masked on the disk is whole in memory
	}
	return r, nil
}

// forgetting is after how long partners commonly forget an idempotency key (24 h is the least that is common; jiko keeps one hour).
const forgetting = 24 * time.Hour

// Draft turns an entry into a draft. What is signed afresh, clock, nonce, token and signature, is left to the moment of
// sending; what was masked when it was recorded must be typed again, and a blocking remark says what.
func Draft(e Entry, c Choice, providers []*flows.Provider, now time.Time) (flows.Draft, []Remark, error) {
	x := e.Exchange
	p, ok := flows.Find(providers, x.Provider)
	switch {
	case !ok:
		return flows.Draft{}, nil, &flows.Error{Kind: flows.KindUsage, Message: fmt.Sprintf("this program knows no partner %q", x.Provider)}
	case x.Purpose == flows.PurposeInbound:
		return flows.Draft{}, nil, &flows.Error{Kind: flows.KindUsage, Message: "somebody else's code sent this request to the sandbox; it cannot be signed again from the record",
			Hint: "the inbound view makes a draft of a request that just arrived"}
	case x.Purpose != flows.PurposeRequest:
		return flows.Draft{}, nil, &flows.Error{Kind: flows.KindUsage, Message: "a token request is not replayed: a token is fetched when it is needed"}
	case !slices.Contains([]Choice{SameOperation, NewOperation, Verbatim}, c):
		return flows.Draft{}, nil, &flows.Error{Kind: flows.KindUsage, Message: fmt.Sprintf("%q is no way to replay", string(c)), Hint: "choose same-operation, new-operation or verbatim"}
	}
	d := flows.NewDraft(p, environmentOf(p, x), sampleOf(p, x))
	d.Profile, d.ReplayOf, d.Variables = x.Profile, e.ID, map[string]string{}
	if e.ReadOnly() {
		d.ReplayOf = ""
	}
	for name, v := range x.Options {
		d.Options[name] = v
	}
	q := x.Signed.Request
	d.Method, d.Query = q.Method, q.Query
	d.Path = strings.TrimPrefix(q.Path, pathOf(x.BaseURL))
	keepBraces(d.Variables, d.Path, d.Query)
	d.Header = headersOf(d, q)
	d.Body = nil
	if q.Body.Present() {
		body := q.Body.String()
		d.Body = &body
	}
	if c != NewOperation {
		d.IdempotencyKey = x.IdempotencyKey
	}
	return d, remarksOn(e, c, d, now), nil
}

// environmentOf finds the environment again. The embedded sandbox has another address in every run.
func environmentOf(p *flows.Provider, x flows.Exchange) flows.Environment {
	env, ok := p.Environment(x.Environment)
	if !ok {
		env = flows.Environment{Name: x.Environment}
	}
	env.Production = env.Production || x.Production
	if env.BaseURL = x.BaseURL; env.Name == flows.Embedded {
		env.BaseURL = ""
	}
	return env
}

// sampleOf finds the request again. One that is no longer there keeps what was recorded about it.
func sampleOf(p *flows.Provider, x flows.Exchange) flows.Sample {
	for _, s := range p.Requests {
		if s.Name == x.Sample {
			s.MovesMoney = s.MovesMoney || x.MovesMoney
			return s
		}
	}
	_, signed := x.Signed.Stage(sign.StageSignature)
	return flows.Sample{
		Name: x.Sample, Summary: "from history", Method: x.Signed.Request.Method, Writes: x.Writes, MovesMoney: x.MovesMoney,
		Signed: signed, Idempotency: x.IdempotencyKey != "",
	}
}

// pathOf is the path prefix of a base URL.
func pathOf(base string) string {
	_, rest, _ := strings.Cut(base, "://")
	if i := strings.IndexByte(rest, '/'); i >= 0 {
		return strings.TrimSuffix(rest[i:], "/")
	}
	return ""
}

// headersOf are the headers that a person or the sample gave; the others are made when it is prepared.
func headersOf(d flows.Draft, q sign.Request) []sign.Pair {
	var list []sign.Pair
	for _, h := range q.Header {
		p := sign.Pair{Name: h.Name, Value: h.Value.String()}
		if h.By == sign.ByPerson || h.By == sign.ByProvider && slices.Contains(d.Sample.Header, p) {
			list = append(list, p)
		}
	}
	return list
}

// keepBraces makes {name} stand for itself: the variables were filled in when it was sent.
func keepBraces(vars map[string]string, texts ...string) {
	for _, s := range texts {
		for {
			_, rest, ok := strings.Cut(s, "{")
			if !ok {
				break
			}
			if name, _, closed := strings.Cut(rest, "}"); closed && !strings.Contains(name, "{") {
				vars[name] = "{" + name + "}"
			}
			s = rest
		}
	}
}

func remarksOn(e Entry, c Choice, d flows.Draft, now time.Time) []Remark {
	x := e.Exchange
	var list []Remark
	say := func(blocks bool, format string, args ...any) {
		list = append(list, Remark{fmt.Sprintf(format, args...), blocks})
	}
	if where := masksIn(d); where != "" {
		say(true, "%s holds a mask in place of a secret; type the value again", where)
	}
	if x.NoStore && x.Signed.Request.Body.Len() > 0 {
		say(true, "the body was not kept, because the partner forbids to store this exchange; type it again")
	}
	switch {
	case c == SameOperation && x.IdempotencyKey == "" && x.Writes:
		say(false, "the request has no idempotency key: the partner cannot tell a repetition from a new operation")
	case c == SameOperation && x.Writes && now.Sub(x.Started) > forgetting:
		say(false, "it was sent %s ago: the partner may have forgotten the idempotency key and act once more", days(now.Sub(x.Started)))
	case c == NewOperation && x.MovesMoney:
		say(false, "a new operation moves the money once more")
	}
	if len(x.Changed) > 0 && c != Verbatim {
		say(false, "bytes were changed after signing when it was sent; the draft is signed as it stands")
	}
	if e.State == Unknown && c == NewOperation {
		say(false, "the outcome of this entry is unknown: ask for its status first, or send the same operation")
	}
	return list
}

func days(d time.Duration) string {
	if d < 48*time.Hour {
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

// masksIn says where a draft holds a mask; empty: nowhere.
func masksIn(d flows.Draft) string {
	isMasked := func(s string) bool {
		return strings.Contains(s, "<redacted:") || strings.Contains(s, oldMask) || strings.Contains(s, withheldMark)
	}
	switch {
	case isMasked(d.Path):
		return "the path"
	case isMasked(d.Query):
		return "the query"
	case d.Body != nil && isMasked(*d.Body):
		return "the body"
	}
	for _, h := range d.Header {
		if isMasked(h.Value) {
			return "header " + h.Name
		}
	}
	return ""
}
