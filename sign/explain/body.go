package explain

import (
	"bytes"
	"encoding/base64"
	"net/url"
	"strings"
)

// bodyMoves are mistakes with the body as a whole, its line ends and its ends.
var bodyMoves = table{"body", signers, byRecomputing, []move{
	{id: "body-not-signed", rank: 33, stage: stageReplaced,
		title: "an empty body was signed, but a body was sent",
		how:   "the body is replaced by nothing", probe: "any request with a body",
		fix:  "sign the bytes that the HTTP client sends, after it has serialised them",
		edit: func([]byte) []byte { return []byte{} }},
	{id: "body-empty-object", rank: 20, stage: stageReplaced,
		title: "{} was signed, but that is not the body that was sent",
		how:   "the body is replaced by {}", probe: "a request with a body",
		fix:  "sign nothing when nothing is sent: many clients send no body with GET even when one is given",
		edit: func([]byte) []byte { return []byte("{}") }},
	{id: "body-placeholder", rank: 20, stage: stageReplaced,
		title: "the text of an absent value was signed instead of the body that was sent",
		how:   `the body is replaced by null, "", [], undefined, None or [object Object]`, probe: "a request with a body",
		fix:   "sign the bytes that are sent, and an empty string when nothing is sent",
		apply: replaced("null", `""`, "[]", "undefined", "None", "nil", "''", "[object Object]", " ", "{ }")},
	{id: "body-quoted", rank: 33, stage: stageWrapped,
		title: "the body was serialised twice for signing: a JSON string that holds JSON",
		how:   "the body becomes a JSON string", probe: "any request with a body",
		fix:   "do not give a string that is JSON already to the JSON encoder",
		apply: twice},
	{id: "body-unquoted", rank: 33, stage: stageReplaced,
		title: "the body was serialised twice for sending: a JSON string that holds the JSON that was signed",
		how:   "the body, a JSON string, is replaced by what it holds", probe: "any request with a body",
		fix:  "do not give a string that is JSON already to json= or to an automatic serialiser",
		edit: unquoted},
	{id: "body-from-query", rank: 53, stage: stageReplaced,
		title: "the query parameters were signed as a JSON body",
		how:   "the body is replaced by the query as a JSON object", probe: "a request with two query parameters",
		fix:   "parameters of a GET belong to the URL: sign the body that is sent, which is empty",
		apply: fromQuery},
	{id: "body-of-other-request", rank: 78, stage: stageReplaced,
		title: "the body of another request was signed",
		how:   "the body is replaced by that of an earlier request", probe: "a request with a body never used before",
		fix:   "sign after the last change to the body, and look for a variable that is shared between requests",
		apply: fromEarlier},
	{id: "body-newlines-removed", rank: 44, stage: stageNewline,
		title: "the line ends inside the body differ: one side had them removed, as curl -d @file does",
		how:   "CR and LF are removed", probe: "a body of two lines",
		fix:  "send files with curl --data-binary @file; -d and --data drop CR and LF",
		edit: changed(withoutNewlines)},
	{id: "body-crlf", rank: 25, stage: stageNewline,
		title: "the body was signed with CRLF line ends, but sent with LF",
		how:   "LF becomes CRLF", probe: "a body of two lines",
		fix:  "open files in binary mode, and turn automatic line ends off",
		edit: changed(func(b []byte) []byte { return bytes.ReplaceAll(unixLines(b), []byte("\n"), []byte("\r\n")) })},
	{id: "body-lf", rank: 25, stage: stageNewline,
		title: "the body was signed with LF line ends, but sent with CRLF",
		how:   "CRLF becomes LF", probe: "a body of two lines",
		fix:  "open files in binary mode, and turn automatic line ends off",
		edit: changed(unixLines)},
	{id: "body-newline-added", rank: 44, stage: stageEnd,
		title: "the body was signed with a newline at its end, which was not sent",
		how:   "LF or CRLF at the end", probe: "any request with a body",
		fix:   "use printf %s instead of echo, cut the newline of an encoder, or send with --data-binary",
		apply: newlineAdded},
	{id: "body-newline-lost", rank: 44, stage: stageEnd,
		title: "the body was sent with a newline at its end, which was not signed",
		how:   "line ends at the end are removed", probe: "any request with a body",
		fix:  "sign the bytes that are sent; $(...) in a shell drops newlines at the end",
		edit: changed(func(b []byte) []byte { return bytes.TrimRight(b, "\r\n") })},
	{id: "body-trimmed", rank: 35, stage: stageEnd,
		title: "the body was signed without the blanks at its ends",
		how:   "blanks at both ends are removed", probe: "a body with a blank at its end",
		fix:  "do not trim before signing, or send the trimmed bytes",
		edit: changed(bytes.TrimSpace)},
	{id: "body-bom-added", rank: 82, stage: stageEnd,
		title: "the body was signed with a byte order mark, which was not sent",
		how:   "EF BB BF in front", probe: "any request with a body",
		fix:   "write UTF-8 without a byte order mark (.NET: new UTF8Encoding(false))",
		apply: atEnds("\xef\xbb\xbf", "")},
	{id: "body-bom-lost", rank: 82, stage: stageEnd,
		title: "the body was sent with a byte order mark, which was not signed",
		how:   "EF BB BF is removed from the front", probe: "any request with a body",
		fix:  "remove the byte order mark from the file before it is sent",
		edit: changed(func(b []byte) []byte { return bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")) })},
	{id: "body-base64", rank: 45, stage: stageWrapped,
		title: "the body was signed in base64, but sent as it is",
		how:   "base64 of the body", probe: "any request with a body",
		fix:  "sign the bytes that are sent",
		edit: func(b []byte) []byte { return base64.StdEncoding.AppendEncode(nil, b) }},
	{id: "body-base64-decoded", rank: 45, stage: stageReplaced,
		title: "the body was sent in base64, but signed before that",
		how:   "the body is decoded from base64", probe: "any request with a body",
		fix:  "sign what arrives; API gateways encode bodies when isBase64Encoded is set",
		edit: unbase64},
	{id: "body-gzip", rank: 54, stage: stageReplaced,
		title: "the body was signed before it was compressed",
		how:   "the body is decompressed, from gzip or zlib", probe: "a request with a body",
		fix:  "sign the compressed bytes, or do not compress",
		edit: decompressed},
	{id: "body-gzipped", rank: 54, stage: stageWrapped,
		title: "the body was compressed before it was signed, but is not compressed here",
		how:   "where Content-Encoding is gzip, the body is compressed as Go does it, or as an earlier request carried it; what others write cannot be followed", probe: "a request with a body",
		fix:   "sign the body that arrives: a proxy between decompresses it, so do not compress, or sign before",
		apply: compressed},
	{id: "body-form", rank: 67, stage: stageReplaced,
		title: "the body was signed as a form, but sent as JSON",
		how:   "the members become name=value pairs joined with &", probe: "a body with a blank in a value",
		fix:   "sign the JSON text that is sent",
		apply: asForm},
	{id: "body-form-wrapped", rank: 67, stage: stageWrapped,
		title: "the body was signed percent-encoded, but sent as it is",
		how:   "the body is percent-encoded, alone or behind payload=", probe: "any request with a body",
		fix:   "sign the bytes that are sent",
		apply: formWrapped},
	{id: "body-form-decoded", rank: 67, stage: stageReplaced,
		title: "the body was sent percent-encoded, but signed before that",
		how:   "the body is percent-decoded, and what stands behind payload= is taken", probe: "any request with a body",
		fix:  "sign the bytes that are sent",
		edit: formDecoded},
}}

// changed makes nil of a result that is no change.
func changed(f func([]byte) []byte) func([]byte) []byte {
	return func(b []byte) []byte {
		if out := f(b); !bytes.Equal(out, b) {
			return append([]byte{}, out...)
		}
		return nil
	}
}

// newlineAdded leaves an empty body alone where it ends what is signed: then the newline is not the body's.
func newlineAdded(s *scene, v []byte, yield yielder) {
	if len(v) > 0 || s.scheme != Jiko {
		atEnds("", "\n", "", "\r\n")(s, v, yield)
	}
}

// replaced puts each of the texts in place of the value.
func replaced(texts ...string) func(*scene, []byte, yielder) {
	return func(_ *scene, _ []byte, yield yielder) {
		for _, t := range texts {
			yield([]byte(t), quote(t))
		}
	}
}

// atEnds adds pairs of texts in front and behind; an empty value stays.
func atEnds(pairs ...string) func(*scene, []byte, yielder) {
	return func(_ *scene, v []byte, yield yielder) {
		for i := 0; i < len(pairs); i += 2 {
			yield([]byte(pairs[i]+string(v)+pairs[i+1]), quote(pairs[i]+pairs[i+1]))
		}
	}
}

func withoutNewlines(b []byte) []byte {
	return bytes.ReplaceAll(bytes.ReplaceAll(b, []byte("\r"), nil), []byte("\n"), nil)
}

func unixLines(b []byte) []byte {
	return bytes.ReplaceAll(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
}

// twice yields the body as a JSON string, as JSON.stringify and as Python's json.dumps write it.
func twice(_ *scene, b []byte, yield yielder) {
	yield(quoted(b), "")
	if !isASCII(b) {
		yield((&printer{ascii: true}).node(nil, &node{kind: '"', text: []rune(string(b))}, 0), `with \uXXXX escapes`)
	}
}

func quoted(b []byte) []byte {
	n := &node{kind: '"', text: []rune(string(b))}
	return (&printer{}).node(nil, n, 0)
}

func unquoted(b []byte) []byte {
	if n := parseJSON(b); n != nil && n.kind == '"' {
		return append([]byte{}, string(n.text)...)
	}
	return nil
}

func unbase64(b []byte) []byte {
	out, err := base64.StdEncoding.DecodeString(string(b))
	if err != nil || len(out) == 0 {
		return nil
	}
	return out
}

// fromQuery writes the query as a JSON object of strings, as Python, JavaScript and Go would.
func fromQuery(s *scene, _ []byte, yield yielder) {
	pairs := splitQuery(s.r.Query())
	if len(pairs) == 0 {
		return
	}
	n := &node{kind: '{'}
	for _, p := range pairs {
		name, err1 := url.QueryUnescape(p.name)
		value, err2 := url.QueryUnescape(p.value)
		if err1 != nil || err2 != nil {
			return
		}
		n.items = append(n.items, member{[]rune(name), &node{kind: '"', text: []rune(value)}})
	}
	for _, w := range []way{
		{&printer{}, "compact"}, {&printer{comma: ", ", colon: ": ", ascii: true}, "as json.dumps writes it"}, {&printer{sorted: true}, "sorted"},
	} {
		yield(w.p.node(nil, n, 0), w.note)
		yield(w.p.node(nil, withNumbers(n), 0), w.note+", numbers without quotes")
	}
}

// withNumbers takes strings that are JSON numbers for numbers.
func withNumbers(n *node) *node {
	out := &node{kind: n.kind}
	for _, m := range n.items {
		if v := parseJSON([]byte(string(m.value.text))); v != nil && v.kind == '0' {
			m.value = v
		}
		out.items = append(out.items, m)
	}
	return out
}

func fromEarlier(s *scene, _ []byte, yield yielder) {
	for i, c := range s.e.Earlier {
		if i == maxEarlier {
			return
		}
		yield(append([]byte{}, c.Body...), quote(c.Method+" "+c.Path()))
	}
}

// maxEarlier bounds how many other requests are looked at.
const maxEarlier = 16

// asForm writes the members of an object as a form.
func asForm(_ *scene, v []byte, yield yielder) {
	n := parseJSON(v)
	if n == nil || n.kind != '{' || len(n.items) == 0 {
		return
	}
	var pairs []string
	for _, m := range n.items {
		value := string(m.value.text)
		if m.value.kind != '"' {
			value = string((&printer{}).node(nil, m.value, 0))
		}
		pairs = append(pairs, url.QueryEscape(string(m.name))+"="+url.QueryEscape(value))
	}
	yield([]byte(strings.Join(pairs, "&")), "")
}

func formWrapped(_ *scene, v []byte, yield yielder) {
	e := url.QueryEscape(string(v))
	yield([]byte(e), "blanks as +")
	yield([]byte(strings.ReplaceAll(e, "+", "%20")), "blanks as %20")
	yield([]byte("payload="+e), "behind payload=")
}

func formDecoded(b []byte) []byte {
	_, value, ok := bytes.Cut(b, []byte("="))
	if !ok || bytes.HasPrefix(bytes.TrimSpace(b), []byte("{")) {
		value = b
	}
	out, err := url.QueryUnescape(string(value))
	if err != nil || out == string(b) {
		return nil
	}
	return append([]byte{}, out...)
}
