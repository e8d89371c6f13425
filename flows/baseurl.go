package flows

import (
	"strings"

	"countersign/sign"
)

// baseURL resolves the URL of the environment: the sandbox's own, what the person gave, or the documented one.
func baseURL(run Run) (sign.Request, *Error) {
	d := run.Draft
	s := d.Environment.BaseURL
	if run.Given.BaseURL != "" {
		s = run.Given.BaseURL
	}
	if s == "" {
		return sign.Request{}, usage(StepCredentials, "base_url", "give it with --base-url https://...",
			"%s publishes no address for its environment %q", d.Provider.Name, d.Environment.Name)
	}
	values := publicValues(d.Provider, run.Credentials)
	for name, value := range values {
		if strings.Contains(s, "{"+name+"}") && !isHostPart(value) {
			return sign.Request{}, usage(StepCredentials, name, "letters, digits, hyphens and dots can", "%q in the field %q cannot be part of a host name", value, name)
		}
	}
	s, missing := expand(s, values)
	if missing != "" {
		return sign.Request{}, usage(StepCredentials, missing, d.howToSet(missing), "the base url %q needs the field %q", d.Environment.BaseURL, missing)
	}
	base, err := parseBase(s)
	if err != nil {
		return sign.Request{}, err
	}
	if base.Query != "" {
		return sign.Request{}, usage(StepCredentials, "base_url", "put the query into the request", "base url %q has a query", base.Origin()+base.Path+"?...")
	}
	if n := len(base.Path); n > 0 && base.Path[n-1] == '/' {
		base.Path = base.Path[:n-1]
	}
	return base, nil
}

// howToSet is the remedy for a field that is optional, but not with this address.
func (d Draft) howToSet(name string) string {
	hint := "set the field " + name
	for _, f := range d.Provider.Fields {
		if f.Name == name && f.Env != "" {
			hint += ", or the environment variable " + f.Env
		}
	}
	return hint
}

// checkBaseURL refuses an address that nothing may be sent to. One with fields in it is judged when they are known.
func checkBaseURL(s string) *Error {
	if s == "" || strings.Contains(s, "{") {
		return nil
	}
	_, err := parseBase(s)
	return err
}

func parseBase(s string) (sign.Request, *Error) {
	base, err := sign.ParseURL(s)
	if err != nil {
		return base, &Error{Kind: KindUsage, Step: StepCredentials, Field: "base_url", Message: aboutBase(err), Err: err}
	}
	return base, nil
}

// isHostPart reports whether a value can be put into a host name without making it another host's.
func isHostPart(s string) bool {
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") == ""
}

// aboutBase tells which of the URLs is meant.
func aboutBase(err error) string {
	s := err.Error()
	for _, start := range []string{"url ", "the url "} {
		if rest, ok := strings.CutPrefix(s, start); ok {
			return strings.TrimSuffix(start, "url ") + "base url " + rest
		}
	}
	return "base url: " + s
}
