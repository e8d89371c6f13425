package explain

// Stages of the body axis: what a client does to a body, in the order in which it does it.
const (
	stageReplaced = 1 + iota // another body
	stagePrinted             // written again by a library
	stageOrder               // members moved
	stageBlanks              // blanks between the tokens
	stageUnicode             // \u escapes
	stageSlash
	stageHTML
	stageNewline // line ends
	stageEnd     // what stands at the ends
	stageCharset
	stageWrapped // the whole is encoded
)

const serialiseOnce = "serialise once, keep the bytes, and sign and send these very bytes: "

// presetMoves are the libraries that write JSON; each with all its habits is one mistake.
// Sources: the libraries' own output; the corpus holds texts that they wrote.
var presetMoves = table{"body", signers, byRecomputing, []move{
	{id: "json-javascript", rank: 1, stage: stagePrinted,
		title: "the body that was signed is what JavaScript's JSON.stringify makes of the body that was sent",
		how:   "no blanks, raw UTF-8, numbers rewritten (1.0 becomes 1), names like 1 and 2 first",
		probe: "a body with 1.0 and an é",
		fix:   serialiseOnce + "const body = JSON.stringify(data); sign(body); fetch(url, {method, body})",
		print: &printer{indexFirst: true, number: jsNumber}},
	{id: "json-python", rank: 1, stage: stagePrinted,
		title: "the body that was signed is what Python's json.dumps makes of the body that was sent",
		how:   `", " and ": " between tokens, \uXXXX in lower case for what is not ASCII`,
		probe: "a body with two members and an é",
		fix:   serialiseOnce + "body = json.dumps(data).encode(); sign(body); requests.post(url, data=body), not json=data",
		print: &printer{comma: ", ", colon: ": ", ascii: true, number: pythonNumber}},
	{id: "json-python-compact", rank: 1, stage: stagePrinted,
		title: "the body that was signed is what Python's json.dumps with separators=(',', ':') makes of the body that was sent",
		how:   `no blanks, \uXXXX in lower case for what is not ASCII`,
		probe: "a body with 1.0 and an é",
		fix:   serialiseOnce + "body = json.dumps(data, separators=(',', ':')).encode(); requests.post(url, data=body)",
		print: &printer{ascii: true, number: pythonNumber}},
	{id: "json-python-unicode", rank: 1, stage: stagePrinted,
		title: "the body that was signed is what Python's json.dumps with ensure_ascii=False makes of the body that was sent",
		how:   `", " and ": " between tokens, raw UTF-8`,
		probe: "a body with two members and an é",
		fix:   serialiseOnce + "body = json.dumps(data, ensure_ascii=False).encode(); requests.post(url, data=body)",
		print: &printer{comma: ", ", colon: ": ", number: pythonNumber}},
	{id: "json-python-compact-unicode", rank: 1, stage: stagePrinted,
		title: "the body that was signed is what Python's json.dumps with compact separators and ensure_ascii=False makes of the body that was sent",
		how:   "no blanks, raw UTF-8, integers kept",
		probe: "a body with 1.0 and an é",
		fix:   serialiseOnce + "body = json.dumps(data, separators=(',', ':'), ensure_ascii=False).encode(); requests.post(url, data=body)",
		print: &printer{number: pythonNumber}},
	{id: "json-python-sorted", rank: 30, stage: stagePrinted,
		title: "the body that was signed is what Python's json.dumps with sort_keys=True makes of the body that was sent",
		how:   `members by name, ", " and ": " between tokens, \uXXXX`,
		probe: "a body whose members are not in alphabetical order",
		fix:   serialiseOnce + "body = json.dumps(data, sort_keys=True).encode(); requests.post(url, data=body)",
		print: &printer{comma: ", ", colon: ": ", ascii: true, sorted: true, number: pythonNumber}},
	{id: "json-python-sorted-compact", rank: 30, stage: stagePrinted,
		title: "the body that was signed is what Python's json.dumps with sort_keys=True and compact separators makes of the body that was sent",
		how:   `members by name, no blanks, \uXXXX`,
		probe: "a body whose members are not in alphabetical order, with an é",
		fix:   serialiseOnce + "body = json.dumps(data, sort_keys=True, separators=(',', ':')).encode()",
		print: &printer{ascii: true, sorted: true, number: pythonNumber}},
	{id: "json-python-indent", rank: 35, stage: stagePrinted,
		title: "the body that was signed is what Python's json.dumps with indent makes of the body that was sent",
		how:   `one line for each member, \uXXXX`,
		probe: "a body with an é",
		fix:   serialiseOnce + "drop indent= and give requests the bytes through data=",
		apply: indented(printer{colon: ": ", ascii: true, number: pythonNumber}, "  ", "    ")},
	{id: "json-javascript-indent", rank: 35, stage: stagePrinted,
		title: "the body that was signed is what JSON.stringify with an indent makes of the body that was sent",
		how:   "one line for each member, raw UTF-8",
		probe: "a body with an é",
		fix:   serialiseOnce + "const body = JSON.stringify(data), without the third argument",
		apply: indented(printer{colon: ": ", indexFirst: true, number: jsNumber}, "  ", "    ", "\t")},
	{id: "json-php", rank: 13, stage: stagePrinted,
		title: "the body that was signed is what PHP's json_encode makes of the body that was sent",
		how:   `no blanks, "/" as "\/", \uXXXX in lower case, 1.0 becomes 1`,
		probe: "a body with a / and an é",
		fix:   serialiseOnce + "$body = json_encode($data); sign($body); and give $body to CURLOPT_POSTFIELDS or 'body', not 'json'",
		print: &printer{ascii: true, slash: true, number: phpNumber}},
	{id: "json-php-array", rank: 52, stage: stagePrinted,
		title: "the body that was signed is what PHP's json_encode makes of an array: an empty object has become []",
		how:   `like json_encode, and {} becomes []`,
		probe: "a body with a member {}",
		fix:   serialiseOnce + "decode without the second argument true, or sign the bytes that came",
		print: &printer{ascii: true, slash: true, emptyArray: true, number: phpNumber}},
	{id: "json-php-unescaped-slashes", rank: 52, stage: stagePrinted,
		title: "the body that was signed is what PHP's json_encode with JSON_UNESCAPED_SLASHES makes of the body that was sent",
		how:   `no blanks, \uXXXX in lower case, 1.0 becomes 1`,
		probe: "a body with 1.0 and an é",
		fix:   serialiseOnce + "$body = json_encode($data, JSON_UNESCAPED_SLASHES) for both",
		print: &printer{ascii: true, number: phpNumber}},
	{id: "json-php-unescaped-unicode", rank: 52, stage: stagePrinted,
		title: "the body that was signed is what PHP's json_encode with JSON_UNESCAPED_UNICODE makes of the body that was sent",
		how:   `no blanks, "/" as "\/", raw UTF-8 but for U+2028 and U+2029`,
		probe: "a body with a / and an é",
		fix:   serialiseOnce + "$body = json_encode($data, JSON_UNESCAPED_UNICODE) for both",
		print: &printer{slash: true, lines: true, number: phpNumber}},
	{id: "json-php-unescaped", rank: 52, stage: stagePrinted,
		title: "the body that was signed is what PHP's json_encode with JSON_UNESCAPED_SLASHES|JSON_UNESCAPED_UNICODE makes of the body that was sent",
		how:   "no blanks, raw UTF-8 but for U+2028 and U+2029, 1.0 becomes 1",
		probe: "a body with 1.0 and an é",
		fix:   serialiseOnce + "keep the result of one json_encode call for signing and sending",
		print: &printer{lines: true, number: phpNumber}},
	{id: "json-php-pretty", rank: 52, stage: stagePrinted,
		title: "the body that was signed is what PHP's json_encode with JSON_PRETTY_PRINT makes of the body that was sent",
		how:   `four blanks of indent, "/" as "\/", \uXXXX`,
		probe: "a body with a / and an é",
		fix:   serialiseOnce + "drop JSON_PRETTY_PRINT",
		print: &printer{colon: ": ", indent: "    ", ascii: true, slash: true, number: phpNumber}},
	{id: "json-go-map", rank: 41, stage: stagePrinted,
		title: "the body that was signed is what Go's json.Marshal makes of a map of the body that was sent",
		how:   `members by name, no blanks, < > & as \u003c \u003e \u0026, numbers as float64`,
		probe: "a body whose members are not in alphabetical order, with <",
		fix:   serialiseOnce + "body, err := json.Marshal(v); sign(body); http.NewRequest(method, url, bytes.NewReader(body))",
		print: &printer{sorted: true, extra: "<>&", lines: true, number: goNumber}},
	{id: "json-go-struct", rank: 41, stage: stagePrinted,
		title: "the body that was signed is what Go's json.Marshal makes of a struct of the body that was sent",
		how:   `members as they were, no blanks, < > & as \u003c \u003e \u0026`,
		probe: "a body with < and members that are not in alphabetical order",
		fix:   serialiseOnce + "body, err := json.Marshal(v); sign(body); http.NewRequest(method, url, bytes.NewReader(body))",
		print: &printer{extra: "<>&", lines: true, number: goNumber}},
	{id: "json-go-encoder", rank: 63, stage: stagePrinted,
		title: "the body that was signed is what Go's json.Encoder makes of the body that was sent, with the newline it adds",
		how:   `members as they were, < > & escaped, "\n" at the end`,
		probe: "a body with < and members that are not in alphabetical order",
		fix:   serialiseOnce + "use json.Marshal, or cut the newline with bytes.TrimSuffix before both",
		print: &printer{extra: "<>&", lines: true, number: goNumber, end: "\n"}},
	{id: "json-go-encoder-map", rank: 63, stage: stagePrinted,
		title: "the body that was signed is what Go's json.Encoder makes of a map of the body that was sent, with the newline it adds",
		how:   `members by name, < > & escaped, "\n" at the end`,
		probe: "a body with < and members that are not in alphabetical order",
		fix:   serialiseOnce + "use json.Marshal, or cut the newline with bytes.TrimSuffix before both",
		print: &printer{sorted: true, extra: "<>&", lines: true, number: goNumber, end: "\n"}},
	{id: "json-go-encoder-raw", rank: 63, stage: stagePrinted,
		title: "the body that was signed is what Go's json.Encoder with SetEscapeHTML(false) makes of the body that was sent, with the newline it adds",
		how:   `members as they were, no blanks, "\n" at the end`,
		probe: "a body with < and an é",
		fix:   serialiseOnce + "cut the newline with bytes.TrimSuffix(buf.Bytes(), []byte(\"\\n\")) before both",
		print: &printer{lines: true, number: goNumber, end: "\n"}},
	{id: "json-jq", rank: 62, stage: stagePrinted,
		title: "the body that was signed is the output of jq",
		how:   `two blanks of indent, raw UTF-8, "\n" at the end`,
		probe: "a body with an é",
		fix:   "write jq's output to a file without its newline (jq -cj . > body.json), sign the file and send it with curl --data-binary @body.json",
		apply: ways(way{&printer{colon: ": ", indent: "  ", end: "\n"}, "numbers kept"}, way{&printer{colon: ": ", indent: "  ", end: "\n", number: jsNumber}, "numbers rewritten, before jq 1.7"})},
	{id: "json-jq-compact", rank: 62, stage: stagePrinted,
		title: "the body that was signed is the output of jq -c, with its newline",
		how:   `no blanks, raw UTF-8, "\n" at the end`,
		probe: "a body with an é",
		fix:   "use jq -cj, which adds no newline, into a file; sign the file and send it with curl --data-binary @file",
		apply: ways(way{&printer{end: "\n"}, "numbers kept"}, way{&printer{end: "\n", number: jsNumber}, "numbers rewritten, before jq 1.7"})},
	{id: "json-jq-sorted", rank: 62, stage: stagePrinted,
		title: "the body that was signed is the output of jq -S, with its newline",
		how:   `members by name, "\n" at the end`,
		probe: "a body whose members are not in alphabetical order",
		fix:   "sign the file that you send; jq -S sorts the members",
		apply: ways(way{&printer{colon: ": ", indent: "  ", sorted: true, end: "\n"}, "jq -S"}, way{&printer{sorted: true, end: "\n"}, "jq -cS"},
			way{&printer{colon: ": ", indent: "  ", sorted: true, end: "\n", number: jsNumber}, "jq -S before 1.7"}, way{&printer{sorted: true, end: "\n", number: jsNumber}, "jq -cS before 1.7"})},
	{id: "json-ruby-pretty", rank: 35, stage: stagePrinted,
		title: "the body that was signed is what Ruby's JSON.pretty_generate makes of the body that was sent",
		how:   "two blanks of indent, raw UTF-8, floats kept",
		probe: "a body with 1.0",
		fix:   serialiseOnce + "body = JSON.generate(data) for both",
		print: &printer{colon: ": ", indent: "  ", number: pythonNumber}},
	{id: "json-rails", rank: 41, stage: stagePrinted,
		title: "the body that was signed is what Rails' to_json makes of the body that was sent",
		how:   `no blanks, raw UTF-8, > < & and U+2028, U+2029 escaped, floats kept`,
		probe: "a body with < and 1.0",
		fix:   serialiseOnce + "body = data.to_json for both",
		print: &printer{extra: "<>&", lines: true, number: pythonNumber}},
	{id: "json-dotnet", rank: 13, stage: stagePrinted,
		title: "the body that was signed is what .NET's System.Text.Json makes of the body that was sent",
		how:   `no blanks, \uXXXX in upper case for what is not ASCII and for " & ' + < > and the backtick`,
		probe: "a body with a + and an é",
		fix:   serialiseOnce + "var body = JsonSerializer.SerializeToUtf8Bytes(data); sign it and send new ByteArrayContent(body)",
		print: &printer{ascii: true, upper: true, extra: "\"&'+<>`", number: nil}},
	{id: "json-gson", rank: 41, stage: stagePrinted,
		title: "the body that was signed is what Gson makes of the body that was sent",
		how:   `no blanks, raw UTF-8, < > & = ' as \u003c \u003e \u0026 \u003d \u0027`,
		probe: "a body with = or '",
		fix:   serialiseOnce + "String body = gson.toJson(data) for both, or new GsonBuilder().disableHtmlEscaping()",
		print: &printer{extra: "<>&='", lines: true}},
	{id: "json-compact", rank: 35, stage: stagePrinted,
		title: "the body that was signed has no blanks between its tokens, the body that was sent has",
		how:   "blanks dropped, all else kept (Jackson, Newtonsoft, Ruby, serde and others)",
		probe: "a body with 1.0, an é and a /",
		fix:   serialiseOnce + "do not write the object a second time for signing",
		print: &printer{}},
	{id: "json-spaced", rank: 35, stage: stagePrinted,
		title: "the body that was signed has a blank behind each colon and comma, the body that was sent has other blanks",
		how:   `", " and ": ", all else kept`,
		probe: "a body with 1.0 and an é",
		fix:   serialiseOnce + "do not write the object a second time for signing",
		print: &printer{comma: ", ", colon: ": "}},
	{id: "json-sorted", rank: 30, stage: stagePrinted,
		title: "the body that was signed has its members sorted by name",
		how:   "members by name, no blanks; everywhere or in the outermost object",
		probe: "a body whose members are not in alphabetical order",
		fix:   serialiseOnce + "sign the order that is sent",
		apply: ways(way{&printer{sorted: true}, "everywhere"}, way{&printer{sorted: true, shallow: true}, "in the outermost object"})},
	{id: "body-python-repr", rank: 62, stage: stagePrinted,
		title: "the body that was signed is Python's print form of a dict, str(data), not JSON",
		how:   "single quotes, True, False, None",
		probe: "any body",
		fix:   "sign json.dumps(data), and send that: body = json.dumps(data).encode()",
		print: &printer{comma: ", ", colon: ": ", pythonQuote: true, number: pythonNumber, debug: &debugWords{yes: "True", no: "False", null: "None"}}},
	{id: "body-ruby-inspect", rank: 62, stage: stagePrinted,
		title: "the body that was signed is Ruby's print form of a Hash, not JSON",
		how:   `"name"=>value, nil`,
		probe: "any body",
		fix:   "sign data.to_json, and send that",
		apply: ways(way{&printer{comma: ", ", colon: "=>", debug: &debugWords{yes: "true", no: "false", null: "nil"}}, "before Ruby 3.4"},
			way{&printer{comma: ", ", colon: " => ", debug: &debugWords{yes: "true", no: "false", null: "nil"}}, "Ruby 3.4"})},
	{id: "body-go-map-text", rank: 62, stage: stagePrinted,
		title: "the body that was signed is Go's print form of a map, fmt.Sprint(data), not JSON",
		how:   "map[name:value name:value]",
		probe: "any body",
		fix:   "sign the bytes of json.Marshal(data), and send those",
		print: &printer{comma: " ", sorted: true, number: goNumber, debug: &debugWords{"true", "false", "<nil>", "map[", "", "]"}}},
}}

// indented writes with each of the indents.
func indented(p printer, indents ...string) func(*scene, []byte, yielder) {
	names := map[string]string{"  ": "2 blanks", "    ": "4 blanks", "\t": "a tab"}
	return func(_ *scene, v []byte, yield yielder) {
		for _, in := range indents {
			p.indent = in
			if out := p.rewrite(v); out != nil {
				yield(out, names[in])
			}
		}
	}
}

// way is a printer and what tells it from others of the same move.
type way struct {
	p    *printer
	note string
}

func ways(all ...way) func(*scene, []byte, yielder) {
	return func(_ *scene, v []byte, yield yielder) {
		for _, w := range all {
			if out := w.p.rewrite(v); out != nil {
				yield(out, w.note)
			}
		}
	}
}
