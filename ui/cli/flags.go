package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"countersign/flows"
	"countersign/flows/credentials"
	"countersign/sign"
)

// asked is what was asked for with flags.
type asked struct {
	environment, profile, baseURL, ca string
	set                               []string
	method, path                      string
	query, header                     []string
	body                              string
	hasBody, hasQuery                 bool
	idempotencyKey, nonce, at         string
	confirm                           string
	offline, reveal, noHistory        bool
}

// place adds the flags that say where, and with whose credentials.
func (f *asked) place(c *cobra.Command) {
	c.Flags().StringVarP(&f.environment, "environment", "e", flows.Embedded, "`NAME`: embedded, sandbox or production")
	c.Flags().StringVarP(&f.profile, "profile", "p", credentials.DefaultProfile, "`NAME` of one of several sets of credentials")
	c.Flags().StringVar(&f.baseURL, "base-url", "", "`URL` of the partner, with its path prefix; kept byte for byte")
	c.Flags().StringVar(&f.ca, "ca", "", "PEM `FILE` with the authorities to trust in place of the system's")
	c.Flags().StringArrayVarP(&f.set, "set", "s", nil, "`NAME=VALUE` of a credential field (a path where it is a file), a variable of the request or an option")
	c.Flags().Bool("json", false, "print one JSON object")
}

// request adds the flags that change the request.
func (f *asked) request(c *cobra.Command) {
	c.Flags().StringVarP(&f.method, "method", "X", "", "another `METHOD`")
	c.Flags().StringVar(&f.path, "path", "", "another `PATH` behind the base URL, percent-encoded as it is to be sent")
	c.Flags().StringVarP(&f.body, "body", "d", "", "`TEXT`, @FILE or @- for standard input: sent byte for byte")
	c.Flags().StringArrayVarP(&f.query, "query", "q", nil, "`NAME=VALUE`, percent-encoded as it is to be sent; replaces the query of the request; may be repeated")
	c.Flags().StringArrayVarP(&f.header, "header", "H", nil, "`'NAME: VALUE'`, replaces a header of that name; 'NAME:' takes it off; may be repeated")
	c.Flags().StringVar(&f.idempotencyKey, "idempotency-key", "", "`KEY`; a fresh one otherwise")
	c.Flags().StringVar(&f.nonce, "nonce", "", "`NONCE`; a fresh one otherwise")
	c.Flags().StringVar(&f.at, "at", "", "moment of signing, RFC 3339 `TIME`; now otherwise")
	c.Flags().BoolVar(&f.reveal, "reveal", false, "print secrets and tokens in clear")
	c.Flags().BoolVar(&f.noHistory, "no-history", false, "keep no record")
}

// draft makes the run that the flags describe.
func (a *app) draft(c *cobra.Command, p *flows.Provider, s flows.Sample, f *asked) (flows.Run, error) {
	env, err := environment(p, f.environment)
	if err != nil {
		return flows.Run{}, err
	}
	if f.baseURL != "" {
		env.BaseURL = f.baseURL
	}
	d := flows.NewDraft(p, env, s)
	d.Profile, d.CAFile = f.profile, f.ca
	if err := notEmpty(c, "idempotency-key", "nonce", "at", "ca", "method", "path", "profile", "base-url"); err != nil {
		return flows.Run{}, err
	}
	d.IdempotencyKey, d.Nonce = f.idempotencyKey, f.nonce
	f.hasBody, f.hasQuery = c.Flags().Changed("body"), c.Flags().Changed("query")
	for _, change := range []func(*flows.Draft, *asked) error{a.changeTarget, a.changeBody, changeHeader, changeTime} {
		if err := change(&d, f); err != nil {
			return flows.Run{}, err
		}
	}
	run := flows.NewRun(d)
	run.Set = map[string]string{}
	run.Offline = f.offline
	return run, assign(&run, f.set)
}

// notEmpty refuses an option that was given without a value, as an unset variable of a shell does: a fresh idempotency
// key in place of the one that was meant would be a second payment.
func notEmpty(c *cobra.Command, names ...string) error {
	for _, name := range names {
		if flag := c.Flags().Lookup(name); flag != nil && flag.Changed && flag.Value.String() == "" {
			return wrong("leave the option out for its default, or see why the value is missing", "--%s is empty", name)
		}
	}
	return nil
}

// changeTarget replaces method, path and query. What another method or path does is not known: anything but a read
// counts as moving money.
func (a *app) changeTarget(d *flows.Draft, f *asked) error {
	if f.method != "" {
		d.Method = f.method
	}
	if f.path != "" {
		if !strings.HasPrefix(f.path, "/") {
			return wrong("it stands behind the base URL and begins with /", "path %q does not begin with /", f.path)
		}
		if i := strings.IndexByte(f.path, '?'); i >= 0 {
			return wrong("give the query with --query", "path %q has a query", f.path)
		}
		d.Path = f.path
	}
	if f.hasQuery {
		d.Query = strings.TrimPrefix(strings.Join(f.query, "&"), "?")
	}
	reads := d.Method == "GET" || d.Method == "HEAD" || d.Method == "OPTIONS"
	if (f.method != "" || f.path != "") && !reads {
		d.Sample.Writes, d.Sample.MovesMoney = true, true
	}
	return nil
}

// changeBody replaces the body by a text, a file or standard input, byte for byte.
func (a *app) changeBody(d *flows.Draft, f *asked) error {
	if !f.hasBody {
		return nil
	}
	body := f.body
	if name, ok := strings.CutPrefix(f.body, "@"); ok {
		if name == "" {
			return wrong("write it as --body @FILE", "--body @ names no file")
		}
		data, err := a.readInput(name)
		if err != nil {
			return err
		}
		body = string(data)
	}
	d.Body, d.Literal = &body, true
	return nil
}

// maxInput bounds a body or a request that is read from a file or from standard input.
const maxInput = 10 << 20

// readInput reads a file, or standard input where the name is "-".
func (a *app) readInput(name string) ([]byte, error) {
	open := func() (io.ReadCloser, error) { return openFile(name) }
	if name == "-" {
		if a.Terminal() {
			fmt.Fprintln(a.Stderr, "paste it here, then press Ctrl-D on a line of its own")
		}
		open = func() (io.ReadCloser, error) { return io.NopCloser(a.Stdin), nil }
	}
	in, err := open()
	if err != nil {
		return nil, local(err, "cannot read %s", reason(err))
	}
	defer in.Close()
	data, err := io.ReadAll(io.LimitReader(in, maxInput+1))
	if err != nil {
		return nil, local(err, "cannot read %s", reason(err))
	}
	if len(data) > maxInput {
		return nil, wrong("", "%q is larger than 10 MiB", name)
	}
	return data, nil
}

// changeHeader puts each header in the place of the request's own of that name, or behind them.
func changeHeader(d *flows.Draft, f *asked) error {
	given := map[string]bool{} // a header may be given twice, and then it is sent twice
	for _, h := range f.header {
		name, value, ok := strings.Cut(h, ":")
		if !ok || name == "" {
			return wrong("write it as 'Name: value'", "header %q has no name and colon", h)
		}
		value = strings.Trim(value, " \t")
		same := func(p sign.Pair) bool { return strings.EqualFold(p.Name, name) }
		at := slices.IndexFunc(d.Header, same)
		switch key := strings.ToLower(name); {
		case value == "":
			d.Header = slices.DeleteFunc(d.Header, same)
		case at >= 0 && !given[key]:
			d.Header[at] = sign.Pair{Name: name, Value: value}
			given[key] = true
		default:
			d.Header = append(d.Header, sign.Pair{Name: name, Value: value})
			given[key] = true
		}
	}
	return nil
}

// changeTime sets the clock for signing.
func changeTime(d *flows.Draft, f *asked) error {
	if f.at == "" {
		return nil
	}
	at, err := moment(f.at)
	d.At = at
	return err
}

// moment reads an RFC 3339 time.
func moment(s string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return at, wrong("write it as 2026-03-01T12:00:00Z", "%q is no RFC 3339 time", s)
	}
	return at, nil
}

// assign takes NAME=VALUE into the credential fields, the variables or the options, whichever knows the name.
// No name is in two of them.
func assign(run *flows.Run, set []string) error {
	for i, s := range set {
		name, value, ok := strings.Cut(s, "=")
		if !ok { // it is not repeated: it may be a secret whose name was forgotten
			return wrong("write it as NAME=VALUE", "--set number %d has no = in it", i+1)
		}
		if err := assignOne(run, name, value); err != nil {
			return err
		}
	}
	return nil
}

func assignOne(run *flows.Run, name, value string) error {
	d := &run.Draft
	known := []string{}
	for _, f := range d.Provider.Fields {
		if f.Name == name {
			run.Set[name] = value
			return nil
		}
		known = append(known, f.Name)
	}
	for _, v := range d.Sample.Variables {
		if v.Name == name {
			d.Variables[name] = value
			return nil
		}
		known = append(known, v.Name)
	}
	for _, o := range d.Provider.Options {
		if o.Name != name {
			known = append(known, o.Name)
			continue
		}
		if !slices.Contains(values(o), value) {
			return wrong(didYouMean(value, values(o)), "option %s cannot be %q; it is %s", name, value, strings.Join(values(o), " or "))
		}
		d.Options[name] = value
		return nil
	}
	return wrong(didYouMean(name, known), "%s %s has nothing called %q; it has %s", d.Provider.ID, d.Sample.Name, name, strings.Join(known, ", "))
}
