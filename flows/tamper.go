package flows

import (
	"fmt"
	"strings"
)

// tamper changes bytes of the signed request, so that it can be seen refused.
func (p *Prepared) tamper(list []Tamper) *Error {
	for _, t := range list {
		if err := p.tamperOne(t); err != nil {
			return err
		}
	}
	return nil
}

func (p *Prepared) tamperOne(t Tamper) *Error {
	r := &p.Signed.Request
	fail := func(length int) *Error {
		return usage(StepSignature, t.Where, "", "byte %d of the %s cannot be changed to %q: it has %d bytes, or that value already", t.Offset, t.Where, t.To, length)
	}
	header, isHeader := strings.CutPrefix(t.Where, "header ")
	if t.Where == "signature" {
		header, isHeader = p.Signed.Carrier, p.Signed.Carrier != ""
	}
	switch {
	case isHeader:
		value, _ := r.Get(header)
		changed, ok := value.Tampered(t.Offset, t.To)
		if !ok {
			return fail(value.Len())
		}
		*r = r.Replace(header, changed)
	case t.Where == "body":
		changed, ok := r.Body.Tampered(t.Offset, t.To)
		if !ok {
			return fail(r.Body.Len())
		}
		r.Body = changed
	default:
		part := map[string]*string{"path": &r.Path, "query": &r.Query, "method": &r.Method}[t.Where]
		if part == nil {
			return usage(StepSignature, t.Where, "choose body, path, query, method, signature or header NAME", "%q is no part of a request that can be changed", t.Where)
		}
		if t.Offset < 0 || t.Offset >= len(*part) || (*part)[t.Offset] == t.To {
			return fail(len(*part))
		}
		*part = (*part)[:t.Offset] + string(rune(t.To)) + (*part)[t.Offset+1:]
	}
	p.Changed = append(p.Changed, fmt.Sprintf("byte %d of the %s was changed to %q after signing", t.Offset, t.Where, t.To))
	return nil
}
