#!/usr/bin/env python3
"""Jiko requests whose signatures were made wrongly, each with the mistake that was made.

Prints one JSON object a line. The signatures are made by Python's own hmac, json, urllib and codecs, and bodies by
jq; PHP's and Ruby's output is written out by hand after their documentation. Needs python3 and jq.
"""
import base64, binascii, gzip, hashlib, hmac, json, subprocess, sys, unicodedata, urllib.parse as up, zlib

SECRET = "demo-shared$signing#secret 'x'"
PLAIN = "demo-shared-signing-secret"
B64KEY = "c2VjcmV0LXNpZ25pbmcta2V5LTEyMzQ1Njc4"
HEXKEY = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
ID = "3f2b8c1e-9d47-4a6b-8f10-2c5d7e9a1b34"
PATH = "/api/v1/customers/c26ed6d6-cdd0-41a3-ab54-84597309ae3a/jiko-accounts/"
RICH = '{"name":"José","url":"a/b","html":"<b>&=","amount":1.0,"list":[1,2],"empty":{}}'


def mac(key, message, digest=hashlib.sha256):
    key = key.encode() if isinstance(key, str) else key
    message = message.encode() if isinstance(message, str) else message
    return hmac.new(key, message, digest).digest()


def b64(b):
    return base64.b64encode(b).decode()


def emit(name, cause, signature, target=PATH, body=b"", secret=PLAIN, method="POST", verdict="explained", identity=ID, headers=(), **more):
    body = body.encode() if isinstance(body, str) else body
    print(json.dumps(dict(
        name=name, scheme="jiko", maker="python", cause=cause, verdict=verdict, method=method, authority="partner.example.test", target=target,
        headers=[["Authorization", "Bearer opaque-token"], ["Content-Type", "application/json"], ["x-jiko-idempotency", identity],
                 ["x-jiko-signature", signature], *headers],
        body=b64(body), secrets=[["signing_secret", "sandbox", secret], ["signing_secret", "production", "another-secret-of-production"],
                                 ["password", "sandbox", "hunter2!pass"]], **more)))


def signed(name, cause, text, body=b"", key=None, **more):
    secret = more.get("secret", PLAIN)
    emit(name, cause, b64(mac(key if key is not None else secret, text)), body=body, **more)


def with_body(name, cause, signed_body, sent=RICH, path=PATH, **more):
    signed_body = signed_body.encode() if isinstance(signed_body, str) else signed_body
    signed(name, cause, (ID + path).encode() + signed_body, body=sent, **more)


def jq(*args, text=RICH):
    return subprocess.run(["jq", *args, "."], input=text.encode(), capture_output=True, check=True).stdout


data = json.loads(RICH)

# Right signatures: nothing to explain.
signed("right without a body", [], ID + PATH, verdict="verifies", method="GET")
with_body("right with a body", [], RICH, verdict="verifies")
signed("right with a query that is not signed", [], ID + PATH, target=PATH + "?limit=10", verdict="verifies", method="GET")

# Bodies that a library wrote again.
with_body("json.dumps", ["json-python"], json.dumps(data))
with_body("json.dumps compact", ["json-python-compact"], json.dumps(data, separators=(",", ":")))
with_body("json.dumps unicode", ["json-python-unicode"], json.dumps(data, ensure_ascii=False))
with_body("json.dumps compact unicode", ["json-python-compact-unicode"], json.dumps(data, separators=(",", ":"), ensure_ascii=False), sent=RICH.replace(",", ", "))
with_body("json.dumps sorted", ["json-python-sorted"], json.dumps(data, sort_keys=True))
with_body("json.dumps sorted compact", ["json-python-sorted-compact"], json.dumps(data, sort_keys=True, separators=(",", ":")))
with_body("json.dumps indent", ["json-python-indent"], json.dumps(data, indent=2))
with_body("str of a dict", ["body-python-repr"], str(data))
with_body("jq", ["json-jq"], jq())
with_body("jq -c", ["json-jq-compact"], jq("-c"))
with_body("jq -S", ["json-jq-sorted"], jq("-S"))
php = json.dumps({**data, "amount": 1}, separators=(",", ":")).replace("/", "\\/")
with_body("json_encode", ["json-php"], php)
with_body("json_encode of an array", ["json-php-array"], php.replace("{}", "[]"))
with_body("json_encode unescaped slashes", ["json-php-unescaped-slashes"], php.replace("\\/", "/"))
uni = json.dumps({**data, "amount": 1}, separators=(",", ":"), ensure_ascii=False)
with_body("json_encode unescaped unicode", ["json-php-unescaped-unicode"], uni.replace("/", "\\/"))
with_body("json_encode pretty", ["json-php-pretty"], json.dumps({**data, "amount": 1}, indent=4).replace("/", "\\/"))
with_body("ruby inspect", ["body-ruby-inspect"], '{"name"=>"José", "n"=>nil}', sent='{"name":"José","n":null}')
with_body("ruby inspect 3.4", ["body-ruby-inspect"], '{"name" => "José", "n" => nil}', sent='{"name":"José","n":null}')
with_body("rails", ["json-rails"], '{"h":"\\u003cb\\u003e\\u0026","f":1.0}', sent='{"h": "<b>&", "f": 1.0}')
with_body("ruby pretty", ["json-ruby-pretty"], '{\n  "a": 1.0,\n  "b": "é"\n}', sent='{"a":1.0,"b":"é"}')
with_body("gson", ["json-gson"], RICH.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026").replace("=", "\\u003d"))
with_body("dotnet", ["json-dotnet"], '{"n":"Jos\\u00E9","p":"\\u002B1"}', sent='{"n":"José","p":"+1"}')

# Escapes, order and numbers.
SLASH, UNI, HTML = '{"u": "a/b"}', '{"u": "José"}', '{"u": "<b>&"}'
with_body("unicode escaped", ["json-unicode-escaped"], '{"u" : "Jos\\u00E9"}', sent='{"u" : "José"}')
with_body("unicode raw", ["json-unicode-raw"], '{"u" : "José"}', sent='{"u" : "Jos\\u00e9"}')
with_body("unicode raw pair", ["json-unicode-raw"], '{"u" : "😀"}', sent='{"u" : "\\ud83d\\ude00"}')
with_body("slash escaped", ["json-slash-escaped"], '{"u" : "a\\/b"}', sent='{"u" : "a/b"}')
with_body("slash raw", ["json-slash-raw"], '{"u" : "a/b"}', sent='{"u" : "a\\/b"}')
with_body("html escaped", ["json-html-escaped"], '{"u" : "\\u003cb\\u003e\\u0026"}', sent='{"u" : "<b>&"}')
with_body("html raw", ["json-html-raw"], '{"u" : "<b>&"}', sent='{"u" : "\\u003cb\\u003e\\u0026"}')
with_body("blanks collapsed", ["json-blanks-collapsed"], '{"u" : "a b"}', sent='{"u" :  "a  b"}')
with_body("key order", ["json-key-order"], '{ "b":2 ,"c":3 ,"a":1 }', sent='{ "a":1 ,"b":2 ,"c":3 }')
with_body("number", ["json-number-rewritten"], '{ "a": 100 , "b":1.5 }', sent='{ "a": 1e2 , "b":1.5 }')
with_body("sorted", ["json-sorted"], '{"a":1.00,"b":"é"}', sent='{"b": "é", "a": 1.00}')
with_body("compact", ["json-compact"], '{"b":"é/","a":1.00}', sent='{"b": "é/", "a": 1.00}')
with_body("spaced", ["json-spaced"], '{"b": "é/", "a": 1.00}', sent='{"b":"é/","a":1.00}')

# The body as a whole, its line ends, its charset.
with_body("empty body signed", ["body-not-signed"], "")
signed("{} signed", ["body-empty-object"], ID + PATH + "{}", method="GET")
signed("null signed", ["body-placeholder"], ID + PATH + "null", method="GET")
with_body("json twice", ["body-quoted"], json.dumps(RICH, ensure_ascii=False))
with_body("json twice in ascii", ["body-quoted"], json.dumps(RICH))
with_body("json string sent", ["body-unquoted"], '{"a":1}', sent=json.dumps('{"a":1}'))
with_body("newline added", ["body-newline-added"], RICH + "\n")
with_body("newline lost", ["body-newline-lost"], RICH, sent=RICH + "\n")
with_body("trimmed", ["body-trimmed"], '{"a":1 ,"b":2}', sent=' {"a":1 ,"b":2} ')
LINES = '{\n "a": 1 ,\n "b": "x" }'
with_body("crlf", ["body-crlf"], LINES.replace("\n", "\r\n"), sent=LINES)
with_body("lf", ["body-lf"], LINES, sent=LINES.replace("\n", "\r\n"))
with_body("line ends removed", ["body-newlines-removed"], LINES.replace("\n", ""), sent=LINES)
with_body("bom added", ["body-bom-added"], "\ufeff" + RICH)
with_body("bom lost", ["body-bom-lost"], RICH, sent="\ufeff" + RICH)
with_body("base64 body", ["body-base64"], base64.b64encode(RICH.encode()))
with_body("base64 body sent", ["body-base64-decoded"], RICH, sent=base64.b64encode(RICH.encode()))
with_body("gzip", ["body-gzip"], RICH, sent=gzip.compress(RICH.encode()))
with_body("zlib", ["body-gzip"], RICH, sent=zlib.compress(RICH.encode()))
with_body("gzip signed, which cannot be followed", [], gzip.compress(RICH.encode(), mtime=1760000000), verdict="unexplained",
          headers=[["Content-Encoding", "gzip"]], facts=["content-encoding-undone"])
with_body("right, decompressed on the way", [], RICH, verdict="verifies", headers=[["Content-Encoding", "gzip"]])
with_body("form", ["body-form"], up.urlencode({"a": "x y", "b": "é"}), sent='{"a":"x y","b":"é"}')
with_body("form wrapped", ["body-form-wrapped"], "payload=" + up.quote_plus(RICH))
with_body("form sent", ["body-form-decoded"], RICH, sent="payload=" + up.quote_plus(RICH))
with_body("sha256 of the body", ["body-hashed"], hashlib.sha256(RICH.encode()).hexdigest())
with_body("latin-1", ["charset-latin1"], '{"n" : "José"}'.encode("latin-1"), sent='{"n" : "José"}')
with_body("cp1252", ["charset-latin1"], '{"n" : "5 €"}'.encode("cp1252"), sent='{"n" : "5 €"}')
with_body("ascii", ["charset-ascii"], '{"n" : "José"}'.encode("ascii", "replace"), sent='{"n" : "José"}')
with_body("utf-8 twice", ["charset-twice"], '{"n" : "José"}'.encode().decode("latin-1").encode(), sent='{"n" : "José"}')
with_body("utf-16", ["charset-utf16"], '{"n" : "José"}'.encode("utf-16-le"), sent='{"n" : "José"}')
with_body("replaced", ["charset-replaced"], b'{"n" : "Jos\xe9"}'.decode("utf-8", "replace"), sent=b'{"n" : "Jos\xe9"}')
with_body("nfd", ["unicode-decomposed"], unicodedata.normalize("NFD", '{"n" : "José Ğ"}'), sent='{"n" : "José Ğ"}')
with_body("nfc", ["unicode-composed"], unicodedata.normalize("NFC", '{"n" : "Jose\u0301"}'), sent='{"n" : "Jose\u0301"}')
for script, text in [("Hangul", "한국어 값"), ("Vietnamese", "Tiếng Việt, ẫ"), ("Arabic", "مؤمن آمن"), ("Devanagari", "ऩऱ"), ("Bengali", "কো"),
                     ("polytonic Greek", "ᾄδω ὦ"), ("kana", "ガギパ"), ("Cyrillic", "Йод ё"), ("marks in another order", "a\u0302\u0323q\u0307\u0323"),
                     ("characters of their own", "\u212b \u2126")]:
    composed, apart = (unicodedata.normalize(form, '{"n" : "%s"}' % text) for form in ("NFC", "NFD"))
    with_body("nfd, " + script, ["unicode-decomposed"], apart, sent='{"n" : "%s"}' % text if "order" in script else composed)
    with_body("nfc, " + script, ["unicode-composed"], composed, sent='{"n" : "%s"}' % text if "own" in script else apart)
with_body("nfkc, which is not known", [], unicodedata.normalize("NFKC", '{"n" : "ﬁ ①"}'), sent='{"n" : "ﬁ ①"}', verdict="unexplained")
with_body("query as a body", ["body-from-query"], json.dumps({"limit": "10", "order": "asc"}), sent="", target=PATH + "?limit=10&order=asc", method="GET")
with_body("body of another request", ["body-of-other-request"], '{"other":true}', earlier=[dict(method="POST", target="/x", headers=[], body=b64(b'{"other":true}'))])

# Path, query, URL.
signed("no slash at the end", ["path-slash-lost"], ID + PATH.rstrip("/"))
signed("slash at the end", ["path-slash-added"], ID + PATH, target=PATH.rstrip("/"))
signed("no leading slash", ["path-leading-slash"], ID + PATH[1:])
signed("prefix lost", ["path-prefix-lost"], ID + PATH.removeprefix("/api/v1"))
signed("prefix added", ["path-prefix-added"], ID + "/prod" + PATH)
signed("double slash", ["path-double-slash"], ID + "/" + PATH)
signed("lower case", ["path-lower-case"], ID + "/api/users/abc", target="/api/Users/ABC")
signed("decoded", ["path-decoded"], ID + "/api/a b/é", target="/api/a%20b/%C3%A9")
signed("encoded", ["path-encoded"], ID + up.quote("/api/a:b@c"), target="/api/a:b@c")
signed("encoded twice", ["path-encoded"], ID + up.quote("/api/a%20b"), target="/api/a%20b")
signed("hex case", ["path-hex-case"], ID + "/api/a%2fb", target="/api/a%2Fb")
signed("only /", ["path-root"], ID + "/", method="GET")
signed("path of another request", ["path-of-other-request"], ID + "/elsewhere/", earlier=[dict(method="POST", target="/elsewhere/?q", headers=[], body="")])
signed("query included", ["query-included"], ID + PATH + "?limit=10", target=PATH + "?limit=10", method="GET")
signed("absolute url", ["url-absolute"], ID + "https://partner.example.test" + PATH)
signed("host and path", ["url-host"], ID + "partner.example.test" + PATH)
signed("http url", ["url-scheme"], ID + "http://partner.example.test" + PATH)

# Idempotency key.
signed("upper-case uuid", ["uuid-case"], ID.upper() + PATH)
signed("no dashes", ["uuid-dashes"], ID.replace("-", "") + PATH)
signed("braces", ["uuid-spelling"], "{" + ID + "}" + PATH)
signed("urn", ["uuid-spelling"], "urn:uuid:" + ID + PATH)
OTHER = "11111111-2222-4333-8444-555555555555"
signed("another uuid", ["uuid-other"], OTHER + PATH, nonces=[OTHER])

# Concatenation.
emit("body only", ["layout-body-only"], b64(mac(PLAIN, RICH)), body=RICH)
emit("id left out", ["layout-part-left-out"], b64(mac(PLAIN, PATH + RICH)), body=RICH)
emit("path left out", ["layout-part-left-out"], b64(mac(PLAIN, ID + RICH)), body=RICH)
emit("method in front", ["layout-method-included"], b64(mac(PLAIN, "POST" + ID + PATH + RICH)), body=RICH)
emit("path first", ["layout-order"], b64(mac(PLAIN, PATH + ID + RICH)), body=RICH)
emit("body first", ["layout-order"], b64(mac(PLAIN, RICH + PATH + ID)), body=RICH)
for sep in ("\n", "|", ".", ":", "&", " ", ","):
    emit(f"separator {sep!r}", ["separator-other"], b64(mac(PLAIN, sep.join([ID, PATH, RICH]))), body=RICH)
emit("newline in front", ["layout-newline-in-front"], b64(mac(PLAIN, "\n" + ID + PATH + RICH)), body=RICH)

# Key.
TEXT = ID + PATH
signed("production's secret", ["wrong-secret"], TEXT, key="another-secret-of-production")
signed("the password", ["wrong-secret"], TEXT, key="hunter2!pass")
for name, tail in (("LF", "\n"), ("CRLF", "\r\n"), ("blank", " "), ("tab", "\t")):
    signed("secret with " + name, ["secret-blanks"], TEXT, key=PLAIN + tail)
signed("secret trimmed", ["secret-trimmed"], TEXT, key=PLAIN, secret=PLAIN + " ")
signed("$name expanded", ["secret-shell"], TEXT, key="demo-shared#secret 'x'", secret=SECRET)
signed("cut at #", ["secret-shell"], TEXT, key="demo-shared$signing", secret=SECRET)
signed("quotes kept", ["secret-quoted"], TEXT, key='"' + PLAIN + '"')
signed("base64 decoded", ["secret-decoded"], TEXT, key=base64.b64decode(B64KEY), secret=B64KEY)
signed("hex decoded", ["secret-decoded"], TEXT, key=bytes.fromhex(HEXKEY), secret=HEXKEY)
signed("base64 encoded", ["secret-encoded"], TEXT, key=base64.b64encode(PLAIN.encode()))
signed("hex encoded", ["secret-encoded"], TEXT, key=PLAIN.encode().hex())
signed("secret hashed", ["secret-hashed"], TEXT, key=hashlib.sha256(PLAIN.encode()).digest())
signed("prefix lost from the secret", ["secret-prefix"], TEXT, key="c2VjcmV0", secret="whsec_c2VjcmV0")
signed("prefix added to the secret", ["secret-prefix"], TEXT, key="whsec_" + PLAIN)
signed("secret too short", ["secret-cut"], TEXT, key=PLAIN[:-2])
signed("secret in capitals", ["secret-case"], TEXT, key=PLAIN.upper())
signed("secret in utf-16", ["secret-charset"], TEXT, key=PLAIN.encode("utf-16-le"))
signed("undefined", ["secret-placeholder"], TEXT, key="undefined")
signed("no secret", ["secret-placeholder"], TEXT, key="")
signed("${VAR}", ["secret-placeholder"], TEXT, key="${JIKO_SIGNING_SECRET}")
signed("the page's own", ["secret-placeholder"], TEXT, key="your-signing-secret")

# Algorithm.
emit("swapped", ["hmac-swapped"], b64(mac(TEXT, PLAIN)))
emit("sha256 of the message", ["hash-without-key"], b64(hashlib.sha256(TEXT.encode()).digest()))
emit("sha256 of key and message", ["hash-with-key"], b64(hashlib.sha256((PLAIN + TEXT).encode()).digest()))
emit("sha256 of message and key", ["hash-with-key"], b64(hashlib.sha256((TEXT + PLAIN).encode()).digest()))
for digest in ("sha1", "sha512", "sha384", "md5"):
    emit(digest, ["hmac-other-hash"], b64(mac(PLAIN, TEXT, digest)))
emit("message hashed", ["message-hashed"], b64(mac(PLAIN, hashlib.sha256(TEXT.encode()).hexdigest())))
emit("message in base64", ["message-encoded"], b64(mac(PLAIN, base64.b64encode(TEXT.encode()))))
emit("message in utf-16", ["message-utf16"], b64(mac(PLAIN, TEXT.encode("utf-16-le"))))

# Output.
right = mac(PLAIN, TEXT)
emit("hex", ["output-hex"], right.hex())
emit("HEX", ["output-hex"], right.hex().upper())
emit("no padding", ["output-unpadded"], b64(right).rstrip("="))
for n in range(64):  # a MAC with both characters in which the alphabets differ
    identity = f"{n:08x}" + ID[8:]
    m = mac(PLAIN, identity + PATH)
    if "+" in b64(m) and "/" in b64(m):
        emit("base64url", ["output-base64url"], base64.urlsafe_b64encode(m).decode(), identity=identity)
        emit("plus lost", ["signature-plus-lost"], b64(m).replace("+", " "), identity=identity)
        emit("percent-encoded", ["signature-percent-encoded"], up.quote(b64(m), safe=""), identity=identity)
        break
emit("base64 of hex", ["output-base64-of-hex"], b64(right.hex().encode()))
emit("base64 twice", ["output-base64-twice"], b64(base64.b64encode(right)))
emit("hex twice", ["output-hex-twice"], right.hex().encode().hex())
emit("hex of base64", ["output-hex-of-base64"], base64.b64encode(right).hex())
emit("latin-1 text", ["output-as-text"], b64(right.decode("latin-1").encode()))
emit("utf-8 text", ["output-text-replaced"], b64(right.decode("utf-8", "replace").encode()))
emit("newline behind", ["signature-wrapped"], base64.encodebytes(right).decode())
emit("sha256=", ["signature-prefixed"], "sha256=" + b64(right))
emit("quoted", ["signature-quoted"], '"' + b64(right) + '"')
emit("bytes printed", ["signature-python-bytes"], str(base64.b64encode(right)))

# Pairs that were seen together, and some that combine what is common.
emit("hex and swapped", ["hmac-swapped", "output-hex"], mac(TEXT, PLAIN).hex())
signed("wrong path and re-serialised", ["path-prefix-lost", "json-python"], ID + PATH.removeprefix("/api/v1") + json.dumps(data), body=RICH)
emit("sha-1 and hex", ["hmac-other-hash", "output-hex"], mac(PLAIN, TEXT, "sha1").hex())
with_body("slash and unicode escaped", ["json-slash-escaped", "json-unicode-escaped"], '{ "u": "a\\/b Jos\\u00e9" }', sent='{ "u": "a/b José" }')
with_body("html escaped and newline", ["body-newline-added", "json-html-escaped"], '{ "u": "\\u003cb" }\n', sent='{ "u": "<b" }')
with_body("html and unicode escaped", ["json-html-escaped", "json-unicode-escaped"], '{ "u": "\\u003cé"}'.replace("é", "\\u00e9"), sent='{ "u": "<é"}')
signed("query included and secret with LF", ["query-included", "secret-blanks"], ID + PATH + "?a=1", target=PATH + "?a=1", key=PLAIN + "\n")
signed("json.dumps and secret decoded", ["json-python", "secret-decoded"], ID + PATH + json.dumps(data), body=RICH, key=base64.b64decode(B64KEY), secret=B64KEY)
emit("{} and hex", ["body-empty-object", "output-hex"], mac(PLAIN, TEXT + "{}").hex(), method="GET")
emit("path and query sorted away", ["path-slash-lost", "query-included"], b64(mac(PLAIN, ID + PATH.rstrip("/") + "?a=1")), target=PATH + "?a=1", method="GET")
signed("newline and upper-case uuid", ["uuid-case", "layout-newline-at-end"], ID.upper() + PATH + "\n", method="GET")
# Three at once.
emit("json.dumps, slash, hex", ["path-slash-lost", "json-python", "output-hex"], mac(PLAIN, ID + PATH.rstrip("/") + json.dumps(data)).hex(), body=RICH)
emit("prefix, {} and LF", ["path-prefix-lost", "body-empty-object", "secret-blanks"], b64(mac(PLAIN + "\n", ID + PATH.removeprefix("/api/v1") + "{}")), method="GET")

# Nothing to find.
emit("unknown secret", [], b64(mac("a secret that nobody knows", TEXT)), verdict="unexplained")
emit("random", [], b64(hashlib.sha256(b"random").digest()), verdict="unexplained")
emit("unknown body", [], b64(mac(PLAIN, TEXT + '{"unknown":"body"}')), verdict="unexplained", body=RICH)
emit("unknown path", [], b64(mac(PLAIN, ID + "/api/v1/unknown/")), verdict="unexplained")
emit("empty signature", ["signature-malformed"], "", verdict="explained")
