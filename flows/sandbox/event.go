package sandbox

import (
	"bytes"
	"crypto/tls"
	"strings"
	"time"
)

// Event is one request as it arrived, and how it was judged. Its slices belong to the receiver.
type Event struct {
	Sequence int       // 1 for the first event of this sandbox; dense, in the order of Observe calls
	At       time.Time // when the request had been read, by the sandbox's clock, without the skew of the clock switch
	Provider string
	Remote   string // the client's address

	Method, Target string        // the request line as received; Target is usually a path with its query, byte for byte
	Header         []HeaderField // in the order and the case received
	Body           []byte        // without transfer coding, at most 1 MiB
	BodyTruncated  bool          // the body was longer, or the client left before its end

	Status         int // 0 when no answer was given
	ResponseHeader []HeaderField
	ResponseBody   []byte

	Checks            []Check // in the order they ran; what was not reached is marked as skipped
	Expected          []byte  // the canonical string that the partner would sign; nil when there is none or it was not reached
	ClientCertificate []byte  // DER, if one was presented
	TokenClaims       []byte  // the JSON claims of a token that this sandbox issued; nil otherwise
	Raw               []byte  // the request as received: head, and body with its transfer coding; bounded as Body is
	Note              string  // what else was seen, such as the other form that a signature fits
}

// Check is one thing the partner verifies. When Skipped, it was not needed or not reached, and OK is false.
type Check struct {
	Name        string
	OK, Skipped bool
	Detail      string
}

// HeaderField is one header line.
type HeaderField struct{ Name, Value string }

// requestLine splits the first line of a raw request.
func requestLine(raw []byte) (method, target string) {
	line, _, _ := bytes.Cut(raw, []byte("\n"))
	first, rest, _ := strings.Cut(strings.TrimSuffix(string(line), "\r"), " ")
	if i := strings.LastIndexByte(rest, ' '); i >= 0 {
		rest = rest[:i]
	}
	return first, rest
}

// headerFields reads the header lines of a raw request in their order and case. net/http has judged them already; this
// only looks at what it normalises away.
func headerFields(raw []byte) []HeaderField {
	head := raw[:headLength(raw)]
	_, head, _ = bytes.Cut(head, []byte("\n"))
	var fields []HeaderField
	for line := range strings.Lines(string(head)) {
		name, value, found := strings.Cut(strings.TrimRight(line, "\r\n"), ":")
		if found {
			fields = append(fields, HeaderField{name, strings.Trim(value, " \t")})
		}
	}
	return fields
}

// headLength is the length of a request's head with its empty line, or all of raw when that has not come.
func headLength(raw []byte) int {
	for i, b := range raw {
		if b != '\n' {
			continue
		}
		rest := raw[i+1:]
		if len(rest) > 0 && rest[0] == '\n' {
			return i + 2
		}
		if len(rest) > 1 && rest[0] == '\r' && rest[1] == '\n' {
			return i + 3
		}
	}
	return len(raw)
}

// tlsDetail describes an established connection in one line.
func tlsDetail(state tls.ConnectionState) string {
	return tls.VersionName(state.Version) + ", " + tls.CipherSuiteName(state.CipherSuite)
}
