package explain

import (
	"bytes"
	"strings"
)

// serialMoves are mistakes with the idempotency key or the nonce, where it is signed.
var serialMoves = table{"nonce", signers, byRecomputing, []move{
	{id: "uuid-case", rank: 84, stage: 3,
		title: "the UUID was signed in another case than it was sent",
		how:   "upper case or lower case", probe: "any request",
		fix: "make the UUID once, in lower case, and use the same text for the header and for signing (uuidgen on macOS writes capitals)",
		apply: func(_ *scene, v []byte, yield yielder) {
			yield(bytes.ToUpper(v), "signed in upper case")
			yield(bytes.ToLower(v), "signed in lower case")
		}},
	{id: "uuid-dashes", rank: 84, stage: 2,
		title: "the UUID was signed without its dashes, or with dashes that were not sent",
		how:   "the dashes are removed or added", probe: "any request",
		fix:   "use the same text for the header and for signing",
		apply: dashes},
	{id: "uuid-spelling", rank: 84, stage: 4,
		title: "the UUID was signed in another spelling: braces, urn:uuid:, quotes or a line end",
		how:   "{…}, urn:uuid:…, \"…\", LF behind", probe: "any request",
		fix:   "use the same text for the header and for signing, without the line end that uuidgen writes",
		apply: atEnds("{", "}", "urn:uuid:", "", `"`, `"`, "'", "'", "", "\n")},
	{id: "uuid-other", rank: 74, stage: 1,
		title: "another UUID or nonce was signed than the one in the header",
		how:   "one that was seen earlier, or that stands in another header of the request", probe: "any request",
		fix:   "call the generator once, keep the text, and use it for the header and for signing",
		apply: otherSerial},
}}

func dashes(_ *scene, v []byte, yield yielder) {
	bare := strings.ReplaceAll(string(v), "-", "")
	yield([]byte(bare), "signed without dashes")
	if len(bare) == 32 {
		yield([]byte(bare[:8]+"-"+bare[8:12]+"-"+bare[12:16]+"-"+bare[16:20]+"-"+bare[20:]), "signed with dashes")
	}
}

// maxSerials bounds how many other nonces are tried.
const maxSerials = 64

func otherSerial(s *scene, v []byte, yield yielder) {
	var all []string
	for _, p := range s.r.Header {
		name := strings.ToLower(p.Name)
		if strings.Contains(name, "idempotency") || strings.Contains(name, "nonce") || strings.Contains(name, "request-id") || strings.Contains(name, "correlation") {
			all = append(all, p.Value)
		}
	}
	all = append(all, s.e.Nonces...)
	for i, c := range s.e.Earlier {
		for _, name := range []string{"x-jiko-idempotency", "X-Nonce", "Idempotency-Key"} {
			if n, ok := c.Get(name); ok && i < maxEarlier {
				all = append(all, n)
			}
		}
	}
	for i, n := range all {
		if n != string(v) && len(n) <= 256 && i < maxSerials {
			yield([]byte(n), quote(n))
		}
	}
}
