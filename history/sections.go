package history

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"countersign/sign"
)

// section is one part of a case, for people.
type section struct{ name, heading, text string }

// title is the one line about a case.
func title(c caseEntry) string {
	r := c.Record
	return fmt.Sprintf("%s %s, %s %s, %s: %s", r.Provider, r.Environment, r.Request.Method, r.Request.Path.Raw()+r.Request.Query.Raw(),
		r.Started.UTC().Format(time.RFC3339), ending(r.entry().Exchange))
}

// sections are the parts of a case in the order in which a person asks. Text in them is from outside and not drawn yet.
func sections(c caseEntry) []section {
	r := c.Record
	list := []section{{"summary.txt", "Summary", summaryText(c)}, {"steps.txt", "Steps", stepsText(r)}}
	for _, s := range r.Stages {
		if s.Name == sign.StageCanonical {
			list = append(list, section{"canonical.txt", "Canonical string", s.Text.raw()}, section{"spans.txt", "Where its bytes came from", spansText(s.Text)})
		}
	}
	list = append(list, section{"request.http", "Request", strings.ReplaceAll(string(rawOf(r)), "\r\n", "\n")})
	if r.Response != nil {
		list = append(list, section{"response.http", "Response", responseText(*r.Response)})
	}
	return append(list, section{"timings.txt", "Timings", timingsText(r)})
}

// facts writes lines of name and value, and leaves out what has no value.
type facts struct{ strings.Builder }

func (f *facts) add(name, format string, args ...any) {
	if v := fmt.Sprintf(format, args...); v != "" {
		fmt.Fprintf(f, "%-16s %s\n", name, v)
	}
}

func summaryText(c caseEntry) string {
	r, x := c.Record, c.Record.entry().Exchange
	var f facts
	f.add("partner", "%s", r.Provider)
	f.add("environment", "%s, profile %s", r.Environment, r.Profile)
	f.add("base url", "%s", r.BaseURL)
	f.add("request", "%s", r.Sample)
	f.add("sent", "%s", r.Started.UTC().Format(time.RFC3339Nano))
	f.add("state", "%s", c.State)
	f.add("outcome", "%s", ending(x))
	if r.Error != nil {
		f.add("error", "%s", r.Error.Message)
		f.add("hint", "%s", r.Error.Hint)
	}
	f.add("idempotency key", "%s", r.Key)
	f.add("nonce", "%s", r.Nonce)
	f.add("replay of", "%s", r.ReplayOf)
	f.add("tags", "%s", strings.Join(c.Tags, " "))
	f.add("verdict", "%s", c.Verdict)
	f.add("note", "%s", c.Note)
	f.add("resolution", "%s", c.Resolution)
	f.add("withheld", "%s", r.Withheld)
	return f.String()
}

func stepsText(r record) string {
	var f facts
	for _, name := range unionKeys(r.Keys, nil) {
		f.add("credentials", "%s %s", name, r.Keys[name])
	}
	f.add("certificate", "%s", r.ClientKey)
	if t := r.Token; t != nil {
		f.add("token", "%s %s, fingerprint %s", t.Type, t.Format, t.Fingerprint)
		if !t.Expires.IsZero() {
			f.add("", "expires %s (%s)", t.Expires.UTC().Format(time.RFC3339), t.Source)
		}
		f.add("", "%s", t.Binding)
		f.add("", "%s", t.Claims.Raw())
	}
	for _, s := range r.Stages {
		f.add(s.Name, "%d bytes, parts: %d", len(s.Text.raw()), spanCount(s.Text))
	}
	if r.Algorithm != "" {
		f.add("signature", "%s with %s %s in %s", r.Algorithm, r.KeyName, r.KeyID, r.Carrier)
	} else {
		f.add("signature", "nothing was signed")
	}
	for _, s := range r.Changed {
		f.add("changed", "%s", s)
	}
	f.add("on the wire", "%d bytes in %d request; %s", r.Sent.Bytes, r.Sent.Requests, orElse(r.Sent.Difference, "as it was signed"))
	if t := r.TLS; t != nil {
		f.add("tls", "%s %s", t.Version, t.Cipher)
		for _, c := range t.Server {
			f.add("server", "%s, until %s", c.Subject.Raw(), c.NotAfter.UTC().Format(time.RFC3339))
		}
		if t.Client != nil {
			f.add("client", "%s, until %s", t.Client.Subject.Raw(), t.Client.NotAfter.UTC().Format(time.RFC3339))
		} else if t.ClientAsked {
			f.add("client", "the server asked for a certificate; none was presented")
		}
	}
	f.add("address", "%s", r.Remote)
	return f.String()
}

func spanCount(t *recText) int {
	if t == nil {
		return 0
	}
	return len(t.Spans)
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// spansText lists the parts of a text with their bytes: one can follow the signature back to the fields.
func spansText(t *recText) string {
	var out strings.Builder
	rest, at := t.raw(), 0
	for _, s := range t.Spans {
		n := max(0, min(s.Len, len(rest)))
		from := s.Kind
		if s.Name != "" {
			from += " " + s.Name
		}
		if len(s.Rules) > 0 {
			from += " (" + strings.Join(s.Rules, ", ") + ")"
		}
		fmt.Fprintf(&out, "%5d..%-5d %-40s %q\n", at, at+n, from, rest[:n])
		rest, at = rest[n:], at+n
	}
	return out.String()
}

func responseText(p recResponse) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s %d %s\n", p.Proto, p.Status, orElse(p.Reason.Raw(), http.StatusText(p.Status)))
	for _, h := range p.Header {
		fmt.Fprintf(&out, "%s: %s\n", h.Name.Raw(), h.Value.Raw())
	}
	out.WriteString("\n" + p.Body.Raw())
	if p.Cut != "" {
		out.WriteString("\n[" + p.Cut + "]")
	}
	if p.Size > p.Kept {
		fmt.Fprintf(&out, "\n[%d of %d bytes were kept]", p.Kept, p.Size)
	}
	return out.String()
}

func timingsText(r record) string {
	var f facts
	t := r.Timing
	for _, p := range []struct {
		name string
		d    time.Duration
	}{{"name lookup", t.DNS}, {"connect", t.Connect}, {"tls", t.TLS}, {"first byte", t.FirstByte}, {"transfer", t.Transfer}, {"total", t.Total}} {
		if p.d > 0 {
			f.add(p.name, "%s", p.d.Round(time.Microsecond))
		}
	}
	if s := r.Skew; s != nil {
		f.add("clock skew", "%s (±%s); the partner's Date was %s", s.Offset.Round(time.Millisecond), s.Error.Round(time.Millisecond), s.Date.UTC().Format(time.RFC3339))
	}
	return f.String()
}

func removedText(removed []Masked) string {
	if len(removed) == 0 {
		return "nothing"
	}
	var out strings.Builder
	for _, m := range removed {
		fmt.Fprintf(&out, "%-36s %-28s by %s, %d×\n", m.Where, m.Name, m.Layer, m.Count)
	}
	return out.String()
}
