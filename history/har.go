package history

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"countersign/sign/untrusted"
)

// The parts of HTTP Archive 1.2 that an entry fills (w3c.github.io/web-performance/specs/HAR/Overview.html). -1 stands for
// what is unknown or does not apply, as the format wants it.
type harLog struct {
	Version string     `json:"version"`
	Creator harCreator `json:"creator"`
	Entries []harEntry `json:"entries"`
}

type harCreator struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

type harEntry struct {
	Started  string      `json:"startedDateTime"`
	Time     float64     `json:"time"`
	Request  harRequest  `json:"request"`
	Response harResponse `json:"response"`
	Cache    struct{}    `json:"cache"`
	Timings  harTimings  `json:"timings"`
	Comment  string      `json:"comment,omitempty"`
}

type harPair struct {
	Name  untrusted.Text `json:"name"`
	Value untrusted.Text `json:"value"`
}

type harRequest struct {
	Method      string         `json:"method"`
	URL         untrusted.Text `json:"url"`
	HTTPVersion string         `json:"httpVersion"`
	Cookies     []harPair      `json:"cookies"`
	Headers     []harPair      `json:"headers"`
	Query       []harPair      `json:"queryString"`
	PostData    *harPostData   `json:"postData,omitempty"`
	HeadersSize int            `json:"headersSize"`
	BodySize    int            `json:"bodySize"`
}

type harPostData struct {
	MimeType string         `json:"mimeType"`
	Params   []harPair      `json:"params"`
	Text     untrusted.Text `json:"text"`
}

type harResponse struct {
	Status      int            `json:"status"`
	StatusText  untrusted.Text `json:"statusText"`
	HTTPVersion string         `json:"httpVersion"`
	Cookies     []harPair      `json:"cookies"`
	Headers     []harPair      `json:"headers"`
	Content     harContent     `json:"content"`
	RedirectURL string         `json:"redirectURL"`
	HeadersSize int            `json:"headersSize"`
	BodySize    int            `json:"bodySize"`
	Error       string         `json:"_error,omitempty"`
}

type harContent struct {
	Size     int            `json:"size"`
	MimeType string         `json:"mimeType"`
	Text     untrusted.Text `json:"text"`
}

type harTimings struct {
	DNS     float64 `json:"dns"`
	Connect float64 `json:"connect"`
	SSL     float64 `json:"ssl"`
	Send    float64 `json:"send"`
	Wait    float64 `json:"wait"`
	Receive float64 `json:"receive"`
}

func writeHAR(files []caseEntry) ([]byte, error) {
	log := harLog{Version: "1.2", Creator: harCreator{"countersign", "1"}}
	for _, f := range files {
		log.Entries = append(log.Entries, harOf(f))
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(map[string]harLog{"log": log}); err != nil {
		return nil, err
	}
	return untrusted.Printable(out.Bytes()), nil
}

func harOf(c caseEntry) harEntry {
	r := c.Record
	t := r.Timing
	e := harEntry{
		Started: r.Started.UTC().Format(time.RFC3339Nano), Time: ms(t.Total), Request: harRequestOf(r.Request), Comment: ending(r.entry().Exchange),
		Timings: harTimings{DNS: orUnknown(t.DNS), Connect: orUnknown(t.Connect + t.TLS), SSL: orUnknown(t.TLS), Wait: ms(t.FirstByte), Receive: ms(t.Transfer)},
	}
	e.Response = harResponse{Cookies: []harPair{}, Headers: []harPair{}, HeadersSize: -1, BodySize: -1, Content: harContent{MimeType: "x-unknown"}}
	if r.Error != nil {
		e.Response.Error = r.Error.Message
	}
	if p := r.Response; p != nil {
		e.Response.Status, e.Response.StatusText, e.Response.HTTPVersion = p.Status, p.Reason, p.Proto
		if p.Reason.Empty() {
			e.Response.StatusText = untrusted.From(http.StatusText(p.Status))
		}
		for _, h := range p.Header {
			e.Response.Headers = append(e.Response.Headers, harPair{h.Name, h.Value})
			if strings.EqualFold(h.Name.Raw(), "Content-Type") {
				e.Response.Content.MimeType = h.Value.String()
			}
		}
		e.Response.Content.Size, e.Response.Content.Text = p.Size, p.Body
	}
	return e
}

func harRequestOf(q recRequest) harRequest {
	out := harRequest{
		Method: q.Method, URL: untrusted.From(urlOf(q)), HTTPVersion: "HTTP/1.1", Cookies: []harPair{}, Headers: []harPair{}, Query: []harPair{},
		HeadersSize: -1,
	}
	mime := ""
	for _, h := range q.Header {
		out.Headers = append(out.Headers, harPair{untrusted.From(h.Name), untrusted.From(h.Value.raw())})
		if strings.EqualFold(h.Name, "Content-Type") {
			mime = h.Value.raw()
		}
	}
	for _, part := range strings.Split(strings.TrimPrefix(q.Query.Raw(), "?"), "&") {
		if name, value, _ := strings.Cut(part, "="); name != "" {
			out.Query = append(out.Query, harPair{untrusted.From(unescapeForm(name)), untrusted.From(unescapeForm(value))})
		}
	}
	if q.Body != nil {
		out.PostData = &harPostData{MimeType: mime, Params: []harPair{}, Text: untrusted.From(q.Body.raw())}
		out.BodySize = len(q.Body.raw())
	}
	return out
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// orUnknown is -1 for a phase that was not reached, which HAR wants for what does not apply.
func orUnknown(d time.Duration) float64 {
	if d == 0 {
		return -1
	}
	return ms(d)
}
