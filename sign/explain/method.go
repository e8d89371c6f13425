package explain

import "bytes"

// methodMoves are mistakes with the method, where it is signed.
var methodMoves = table{"method", jws, byRecomputing, []move{
	{id: "method-lower-case", rank: 43, stage: 2,
		title: "the method was signed in lower case",
		how:   "post instead of POST, or Post", probe: "any request",
		fix: "sign the method in capitals: method.toUpperCase()",
		apply: func(_ *scene, v []byte, yield yielder) {
			low := bytes.ToLower(v)
			yield(low, quote(string(low)))
			if len(low) > 0 {
				title := append(bytes.ToUpper(low[:1]), low[1:]...)
				yield(title, quote(string(title)))
			}
		}},
	{id: "method-other", rank: 43, stage: 1,
		title: "another method was signed than the one that was sent",
		how:   "GET, POST, PUT, PATCH, DELETE or HEAD in place of the method", probe: "the same request with the other method",
		fix:   "sign the method that is sent; a redirect with 301 or 302 turns POST into GET",
		apply: replaced("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")},
}}
