package explain

import (
	"fmt"
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
			f := x.find("signature-header-name", Certain, true, fmt.Sprintf("there is no %s, but a header %s", name, quote(p.Name)))
			f.Fix = "name the header " + name
			return p.Value, true
		}
	}
	x.find("signature-missing", Certain, true, "there is no header "+name)
	return "", false
}
