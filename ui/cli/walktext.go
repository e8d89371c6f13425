package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"countersign/flows"
	"countersign/sign"
	"countersign/sign/untrusted"
)

// view prints a run in lines, each step when it is done.
type view struct {
	page   *page
	now    func() time.Time
	reveal bool
}

// begin says what is about to be done.
func (v view) begin(run flows.Run) {
	d := run.Draft
	v.page.line("%s, request %s, environment %s, profile %s", d.Provider.Name, d.Sample.Name, d.Environment.Name, untrusted.From(d.Profile))
	v.page.line("%s", d.Provider.Summary)
}

// step prints one step that was just done, or that failed.
func (v view) step(run flows.Run, name flows.StepName) {
	for i, s := range run.Steps() {
		if s.Name != name {
			continue
		}
		detail := untrusted.From(s.Detail).String()
		v.page.line("")
		v.page.line("%d %-12s %-8s %s", i+1, s.Name, s.Status, detail)
	}
	switch name {
	case flows.StepCredentials:
		v.credentials(run)
	case flows.StepToken:
		v.token(run)
	case flows.StepCanonical:
		v.stages(run, func(stage string) bool { return stage == sign.StageCanonical || stage == sign.StageCredentials })
	case flows.StepSignature:
		v.stages(run, func(stage string) bool { return stage != sign.StageCanonical && stage != sign.StageCredentials })
		v.signature(run)
	case flows.StepResponse:
		v.exchange(run.Exchange, true)
	}
}

// end prints what is odd, and where the record is.
func (v view) end(run flows.Run, warnings []string) {
	if len(warnings) > 0 {
		v.page.line("")
	}
	for _, w := range warnings {
		v.page.line("warning: %s", untrusted.From(w))
	}
	if x := run.Exchange; x != nil && x.ID != "" {
		v.page.line("")
		v.page.line("history: %s", x.ID)
	}
}

// credentials prints each field with where it came from. A secret is named by its fingerprint; the content of a file
// is never printed.
func (v view) credentials(run flows.Run) {
	t := v.page.table(2)
	if run.Base.Authority != "" {
		t.row("base_url", run.Base.Origin()+run.Base.Path)
	}
	for _, f := range run.Draft.Provider.Fields {
		value, ok := run.Credentials[f.Name]
		if !ok || value.Secret.Empty() {
			if !f.Optional {
				t.row(f.Name, "missing")
			}
			continue
		}
		var text string
		switch {
		case f.File:
			text = fmt.Sprintf("%d bytes", value.Secret.Len())
		case !f.Secret || v.reveal:
			text = untrusted.From(revealed(value.Secret)).String()
		default:
			text = strings.TrimSpace(value.Secret.String() + " " + value.Secret.Fingerprint())
		}
		t.row(f.Name, text, "from: "+untrusted.From(value.Source.String()).String())
	}
	l := run.Loaded
	if l.Certificate.Present() {
		x := flows.FactsOf(l.Certificate.X509)
		t.row("certificate", fmt.Sprintf("%s, issued by %s", x.Subject, x.Issuer))
		t.row("", fmt.Sprintf("valid until %s, %s", moments(x.NotAfter), fromNow(x.NotAfter.Sub(v.now()))))
		t.row("", "x5t#S256 "+x.Thumbprint)
	}
	if l.SigningKey.Present() {
		t.row("signing key", "ES256, "+l.SigningKey.Fingerprint())
	}
	t.end()
}

// token prints how the token was obtained and what it says of itself.
func (v view) token(run flows.Run) {
	for i := range run.TokenLog {
		v.exchange(&run.TokenLog[i], run.Err != nil)
	}
	if run.Token == nil {
		return
	}
	f := run.Token.Facts
	t := v.page.table(2)
	t.row("token", strings.TrimSpace(f.Type+" "+f.Format), "fingerprint "+f.Fingerprint)
	if v.reveal {
		t.row("value", untrusted.From(revealed(run.Token.Access)).String())
	}
	if !f.Expires.IsZero() {
		t.row("expires", moments(f.Expires)+", "+fromNow(f.Expires.Sub(v.now())), "from: "+untrusted.From(f.Source).String())
	}
	if f.Refreshes != "" {
		t.row("refresh token", fromNow(f.RefreshExpires.Sub(v.now())), "from: "+untrusted.From(f.RefreshSource).String())
	}
	if !f.Claims.Empty() {
		t.row("algorithm", f.Algorithm.String())
		t.row("claims", f.Claims.String())
	}
	if f.Binding != "" {
		bound := "the loaded certificate"
		if f.Binding != run.Loaded.Certificate.Thumbprint() {
			bound = "another certificate: " + untrusted.From(f.Binding).String()
		}
		t.row("bound to", bound+" (RFC 8705)")
	}
	t.end()
}

// stages prints the texts on the way to a signature.
func (v view) stages(run flows.Run, wanted func(name string) bool) {
	if run.Prepared == nil {
		return
	}
	for _, s := range run.Prepared.Signed.Stages {
		if wanted(s.Name) {
			v.page.line("  %s, %d bytes", s.Name, s.Text.Len())
			printSpans(v.page, s.Text)
		}
	}
}

// signature prints the key, the header that carries the signature, and the request as it stands.
func (v view) signature(run flows.Run) {
	if run.Prepared == nil {
		return
	}
	s := run.Prepared.Signed
	if s.KeyID != "" {
		v.page.line("  key %s, fingerprint %s", s.KeyName, s.KeyID)
	}
	v.page.line("  request")
	v.page.line("    %s %s", untrusted.From(s.Request.Method), untrusted.From(s.Request.URL()))
	for _, h := range s.Request.Header {
		v.page.line("    %s: %s", h.Name, shown(h.Value, v.reveal))
	}
	switch body := shown(s.Request.Body, v.reveal); {
	case !s.Request.Body.Present():
		v.page.line("    (no body)")
	case body.Empty():
		v.page.line("    (an empty body)")
	default:
		v.page.line("")
		v.page.block(4, body.Block().String())
	}
}

// exchange prints what was sent and what came back; the body only where it is wanted.
func (v view) exchange(x *flows.Exchange, withBody bool) {
	if x == nil {
		return
	}
	r := x.Signed.Request
	v.page.line("  %s: %s %s", x.Purpose, untrusted.From(r.Method), untrusted.From(r.URL()))
	if x.Remote != "" {
		v.page.line("  %s", connection(x))
	}
	if t := timings(x.Timing); t != "" {
		v.page.line("  timings: %s", t)
	}
	if x.Skew != nil {
		v.page.line("  clock: %s", skew(*x.Skew))
	}
	res := x.Response
	if res == nil {
		v.page.line("  no answer: %s", x.Outcome)
		return
	}
	v.page.line("  answer: %d %s, %d bytes", res.Status, res.Reason, res.Size)
	if !withBody {
		return
	}
	v.answer(res)
	v.expected(x)
}

// expected says what the far side expected to see signed, where it tells and that is something else.
func (v view) expected(x *flows.Exchange) {
	want := x.Response.Expected
	if want == nil {
		return
	}
	if signed, ok := x.Signed.Stage(sign.StageCanonical); ok && bytes.Equal(signed.Bytes(), want) {
		v.page.line("  the far side expected just this canonical string; the signature over it may still be another key's")
		return
	}
	v.page.line("  the far side expected to see signed, %d bytes:", len(want))
	v.page.block(4, untrusted.From(want).Block().String())
}

// answer prints headers and body, and what is known about a refusal.
func (v view) answer(res *flows.Response) {
	for _, h := range res.Header {
		v.page.line("    %s: %s", h.Name, h.Value)
	}
	if text := body(res, v.reveal); !text.Empty() {
		v.page.line("")
		v.page.block(4, readable(text).Block().String())
	}
	if e := res.Error; e != nil && e.Known != nil {
		v.page.line("  meaning: %s", e.Known.Meaning)
		v.page.line("  remedy: %s", e.Known.Remedy)
	}
}

// readable is JSON with each member in a line of its own; only blanks between the members differ. Anything else
// stays as it is.
func readable(t untrusted.Text) untrusted.Text {
	var out bytes.Buffer
	if json.Indent(&out, []byte(t.Raw()), "", "  ") != nil {
		return t
	}
	return untrusted.From(out.String())
}

func connection(x *flows.Exchange) string {
	s := "connected to " + untrusted.From(x.Remote).String()
	if x.TLS == nil {
		return s
	}
	s += ", " + x.TLS.Version + ", " + x.TLS.Cipher
	switch {
	case x.TLS.Client != nil:
		s += ", client certificate presented"
	case x.TLS.ClientAsked:
		s += ", a client certificate was asked for and not presented"
	}
	return s
}

// timings names the phases that were reached.
func timings(t flows.Timing) string {
	parts := []string{}
	for _, p := range []struct {
		name string
		d    time.Duration
	}{{"dns", t.DNS}, {"connect", t.Connect}, {"tls", t.TLS}, {"first byte", t.FirstByte}, {"transfer", t.Transfer}, {"total", t.Total}} {
		if p.d > 0 {
			parts = append(parts, p.name+" "+short(p.d))
		}
	}
	return strings.Join(parts, ", ")
}

// skew says how the partner's clock stands to ours, and how sure that is.
func skew(s flows.Skew) string {
	if s.Offset.Abs() <= s.Error {
		return fmt.Sprintf("the partner's agrees with this machine's within %s", short(s.Error))
	}
	way := "ahead of"
	if s.Offset < 0 {
		way = "behind"
	}
	return fmt.Sprintf("the partner's is %s %s this machine's, give or take %s", short(s.Offset.Abs()), way, short(s.Error))
}

// short rounds a duration to what a person reads.
func short(d time.Duration) string {
	switch {
	case d >= time.Second:
		return d.Round(100 * time.Millisecond).String()
	case d >= time.Millisecond:
		return d.Round(100 * time.Microsecond).String()
	}
	return d.Round(time.Microsecond).String()
}

// fromNow says how far a moment is from now, in seconds or in days.
func fromNow(d time.Duration) string {
	if d < 0 {
		return span(-d) + " ago"
	}
	return "in " + span(d)
}

// span is a countdown: in whole seconds, or to the nearest day where there are many hours.
func span(d time.Duration) string {
	d = d.Round(time.Second)
	if d >= 48*time.Hour {
		return fmt.Sprintf("%d days", d.Round(24*time.Hour)/(24*time.Hour))
	}
	return d.String()
}

// moments writes a time as RFC 3339 in UTC.
func moments(t time.Time) string { return t.UTC().Format(time.RFC3339) }
