package explain

import (
	"fmt"
	"slices"
	"strings"
)

// signatureHeader finds the signature, if need be under another name, and tells what is odd about it.
func (x *examination) signatureHeader(name string) (value string, ok bool) {
	values := headers(x.e.Request, name)
	if len(values) > 1 {
		x.find("header-repeated", Certain, false, fmt.Sprintf("%s stands there %d times; the first was looked at", name, len(values)))
	}
	if len(values) > 0 {
		x.checked("%s is there, %d characters", name, len(values[0]))
		return values[0], true
	}
	for _, p := range x.e.Request.Header {
		low := strings.ToLower(p.Name)
		if strings.Contains(low, "signature") || strings.Contains(low, "hmac") || strings.Contains(low, "-sign") || strings.Contains(low, "jws") {
			x.find("signature-missing", Certain, true, fmt.Sprintf("there is no header %s; what %s holds was looked at instead", name, quote(p.Name)))
			x.elsewhere = p.Name
			return p.Value, true
		}
	}
	x.find("signature-missing", Certain, true, "there is no header "+name)
	return "", false
}

// misnamed says that a signature under another header name is that of the request, when this is proved.
func (x *examination) misnamed(name string) {
	if x.elsewhere == "" || !x.verified && x.matched == nil {
		return
	}
	x.verified = false
	x.report.Findings = slices.DeleteFunc(x.report.Findings, func(f Finding) bool { return f.ID == "signature-missing" })
	f := x.find("signature-header-name", Proved, true, fmt.Sprintf("there is no header %s, and %s holds the signature of this request", name, quote(x.elsewhere)))
	f.Fix = "name the header " + name
}
