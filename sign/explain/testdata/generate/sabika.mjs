// Sabika requests whose signatures were made wrongly, each with the mistake that was made.
// Prints one JSON object a line. Signatures are made by node's crypto. Needs node.
import crypto from 'node:crypto';

const jwk = (d, x, y) => ({kty: 'EC', crv: 'P-256', d, x, y});
// The key of RFC 7515 appendix A.3.1 is the registered one; the others were made for this corpus.
const registered = crypto.createPrivateKey({format: 'jwk', key: jwk('jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI',
  'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU', 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0')});
const fromScalar = (text) => { // deterministic keys, so that the corpus can be made again
  const ecdh = crypto.createECDH('prime256v1');
  const d = crypto.createHash('sha256').update(text).digest();
  ecdh.setPrivateKey(d);
  const pub = ecdh.getPublicKey();
  const url = (b) => b.toString('base64url');
  return crypto.createPrivateKey({format: 'jwk', key: jwk(url(d), url(pub.subarray(1, 33)), url(pub.subarray(33)))});
};
const production = fromScalar('production'), unknown = fromScalar('unknown');
const pem = (k) => crypto.createPublicKey(k).export({type: 'spki', format: 'pem'});

const sha = (s, enc = 'hex', alg = 'sha256') => crypto.createHash(alg).update(s).digest(enc);
const url64 = (s) => Buffer.from(s).toString('base64url');
const HEADER = '{"alg":"ES256","b64":false,"crit":["b64"]}';
const TS = '1760000000', NONCE = '0123456789abcdef0123456789abcdef';
const RICH = '{"name":"José","url":"a/b","html":"<b>&=","amount":1.0,"list":[1,2],"empty":{}}';
const HOST = 'api.example.test';

const base = {method: 'POST', origin: '', path: '/v1/orders', query: '', body: RICH, clock: TS, nonce: NONCE};
const hashed = (p) => p.field ?? sha(p.body);
const five = (p) => [p.method, p.origin + p.path + p.query, hashed(p), p.clock, p.nonce];
const es256 = (input, key = registered, dsaEncoding = 'ieee-p1363') => crypto.sign('sha256', Buffer.from(input), {key, dsaEncoding});

// emit writes a case. sent is what goes over the wire, signed the parts that were signed.
function emit(name, cause, {sent = {}, signed = {}, text, input, header = HEADER, sentHeader = header, sign = es256, key = registered,
  value, verdict = 'explained', ...more} = {}) {
  const out = {...base, ...sent};
  const canonical = text ? text({...out, ...signed}) : five({...out, ...signed}).join('\n');
  const bytes = input ? input(url64(header), canonical) : url64(header) + '.' + canonical;
  const signature = sign(bytes, key);
  const jws = value ? value(url64(sentHeader), signature) : url64(sentHeader) + '..' + signature.toString('base64url');
  console.log(JSON.stringify({
    name, scheme: 'sabika', maker: 'node', cause, verdict, method: out.method, authority: HOST, target: out.path + out.query,
    headers: [['Authorization', 'Bearer opaque'], ['Content-Type', 'application/json'], ['Idempotency-Key', 'k-1'], ['X-Timestamp', out.clock],
      ['X-Nonce', out.nonce], ['X-JWS-Signature', jws]],
    body: Buffer.from(out.body).toString('base64'),
    keys: [['signing_key', 'sandbox', pem(registered)], ['signing_key', 'production', pem(production)]], ...more}));
}
const body = (name, cause, signedBody, sentBody = RICH, more = {}) => emit(name, cause, {sent: {body: sentBody}, signed: {body: signedBody}, ...more});
const data = JSON.parse(RICH);

emit('right', [], {verdict: 'verifies'});
emit('right with a query', [], {sent: {query: '?a=1&b=2'}, verdict: 'verifies'});
emit('right with an empty body', [], {sent: {body: ''}, verdict: 'verifies'});
emit('right with the absolute url', [], {signed: {origin: 'https://' + HOST}, options: {url: 'absolute'}, verdict: 'verifies'});
emit('right, members in another order', [], {header: '{"crit":["b64"],"b64":false,"alg":"ES256"}', verdict: 'verifies'});

// Bodies.
body('JSON.stringify', ['json-javascript'], JSON.stringify(data));
body('JSON.stringify numbers first', ['json-javascript'], JSON.stringify(JSON.parse('{"b":1.50,"2":1e3,"1":1e-7}')), '{"b":1.50,"2":1e3,"1":1e-7}');
body('JSON.stringify indent', ['json-javascript-indent'], JSON.stringify(data, null, 2));
body('JSON.stringify tab', ['json-javascript-indent'], JSON.stringify(data, null, '\t'));
body('[object Object]', ['body-placeholder'], String(data));
body('undefined', ['body-placeholder'], 'undefined', '');
body('{} signed', ['body-empty-object'], '{}', '');
body('nothing signed', ['body-not-signed'], '');
body('newline added', ['body-newline-added'], RICH + '\n');
body('json twice', ['body-quoted'], JSON.stringify(RICH));
body('latin-1', ['charset-latin1'], Buffer.from('{"n" : "José"}', 'latin1'), '{"n" : "José"}');
body('utf-16', ['charset-utf16'], Buffer.from('{"n" : "José"}', 'utf16le'), '{"n" : "José"}');
body('nfd', ['unicode-decomposed'], '{"n" : "José"}'.normalize('NFD'), '{"n" : "José"}');
body('lossy', ['charset-replaced'], Buffer.from([0x7b, 0xe9, 0x7d]).toString(), Buffer.from([0x7b, 0xe9, 0x7d]));
body('form', ['body-form'], new URLSearchParams({a: 'x y', b: 'é'}).toString(), '{"a":"x y","b":"é"}');
body('key order', ['json-key-order'], '{ "c":3 ,"a":1 ,"b":2 }', '{ "a":1 ,"b":2 ,"c":3 }');
emit('upper-case hash', ['body-hash-upper-case'], {signed: {field: sha(RICH).toUpperCase()}});
emit('base64 hash', ['body-hash-base64'], {signed: {field: sha(RICH, 'base64')}});
emit('base64url hash', ['body-hash-base64'], {signed: {field: sha(RICH, 'base64url')}});
emit('body not hashed', ['body-not-hashed'], {signed: {field: RICH}});
emit('sha-1 of the body', ['body-hash-algorithm'], {signed: {field: sha(RICH, 'hex', 'sha1')}});
emit('sha-512 of the body', ['body-hash-algorithm'], {signed: {field: sha(RICH, 'hex', 'sha512')}});
emit('hash of the hash', ['body-hash-twice'], {signed: {field: sha(sha(RICH))}});
emit('empty hash', ['body-hash-empty'], {sent: {body: ''}, signed: {field: ''}});

// Method, URL.
emit('lower-case method', ['method-lower-case'], {signed: {method: 'post'}});
emit('Post', ['method-lower-case'], {signed: {method: 'Post'}});
emit('other method', ['method-other'], {signed: {method: 'PUT'}});
emit('absolute url', ['url-absolute'], {signed: {origin: 'https://' + HOST}});
emit('path only', ['url-path-only'], {options: {url: 'absolute'}});
emit('http url', ['url-scheme'], {signed: {origin: 'http://' + HOST}, options: {url: 'absolute'}});
emit('port', ['url-port'], {signed: {origin: 'https://' + HOST + ':443'}, options: {url: 'absolute'}});
emit('localhost', ['url-other-host'], {signed: {origin: 'https://localhost'}, options: {url: 'absolute'}});
emit('two slashes', ['url-double-slash'], {signed: {origin: 'https://' + HOST + '/'}, options: {url: 'absolute'}});
emit('host', ['url-host'], {signed: {origin: HOST}});
const Q = {query: '?b=2&a=x%20y&c=%3A%40&e='};
emit('no query', ['query-left-out'], {sent: Q, signed: {query: ''}});
emit('sorted query', ['query-sorted'], {sent: Q, signed: {query: (() => { const p = new URLSearchParams(Q.query); p.sort(); return '?a=x%20y&b=2&c=%3A%40&e='; })()}});
emit('decoded query', ['query-decoded'], {sent: Q, signed: {query: decodeURIComponent(Q.query)}});
emit('plus for blanks', ['query-plus'], {sent: Q, signed: {query: Q.query.replaceAll('%20', '+')}});
emit('URLSearchParams', ['query-encoded'], {sent: {query: '?a=x%20y~(1)&c=:@'}, signed: {query: '?' + new URLSearchParams('a=x%20y~(1)&c=:@')}});
emit('encodeURIComponent', ['query-encoded'], {sent: {query: "?a=x y'(1)&c=:@/".replace(' ', '%20')}, signed: {query: '?a=' + encodeURIComponent("x y'(1)") + '&c=' + encodeURIComponent(':@/')}});
emit('empty value', ['query-empty-value'], {sent: Q, signed: {query: Q.query.replace('&e=', '&e')}});
emit('last of repeated', ['query-repeated'], {sent: {query: '?a=1&a=2&b=3'}, signed: {query: '?a=2&b=3'}});
emit('joined repeated', ['query-repeated'], {sent: {query: '?a=1&a=2&b=3'}, signed: {query: '?a=1,2&b=3'}});
emit('hex case', ['query-hex-case'], {sent: Q, signed: {query: Q.query.replace('%3A', '%3a')}});
emit('no question mark', ['query-mark'], {sent: Q, signed: {query: Q.query.slice(1)}});
emit('prefix lost', ['path-prefix-lost'], {signed: {path: '/orders'}});
emit('prefix added', ['path-prefix-added'], {signed: {path: '/api/v1/orders'.replace('/v1/orders', '') + '/v1/orders'}});
emit('slash added', ['path-slash-added'], {signed: {path: '/v1/orders/'}});
emit('decoded path', ['path-decoded'], {sent: {path: '/v1/a%20b/orders'}, signed: {path: '/v1/a b/orders'}});
emit('body as query', ['query-from-body'], {sent: {body: '{"a":"1","b":"2"}'}, signed: {query: '?a=1&b=2'}});

// Timestamp and nonce.
emit('a second later', ['timestamp-differs'], {signed: {clock: '1760000001'}});
emit('five seconds earlier', ['timestamp-differs'], {signed: {clock: '1759999995'}});
emit('milliseconds signed', ['timestamp-milliseconds'], {signed: {clock: TS + '000'}});
emit('seconds signed, milliseconds sent', ['timestamp-milliseconds'], {sent: {clock: TS + '123'}, signed: {clock: TS}});
emit('iso date', ['timestamp-text'], {signed: {clock: new Date(TS * 1000).toISOString()}});
emit('http date', ['timestamp-text'], {signed: {clock: new Date(TS * 1000).toUTCString()}});
emit('fraction', ['timestamp-fraction'], {signed: {clock: TS + '.0'}});
emit('nonce with dashes', ['uuid-dashes'], {signed: {nonce: '01234567-89ab-cdef-0123-456789abcdef'}});
emit('upper-case nonce', ['uuid-case'], {signed: {nonce: NONCE.toUpperCase()}});
emit('other nonce', ['uuid-other'], {signed: {nonce: 'ffffffffffffffffffffffffffffffff'}, nonces: ['ffffffffffffffffffffffffffffffff']});
emit('idempotency key as nonce', ['uuid-other'], {signed: {nonce: 'k-1'}});

// Layout.
emit('newline at the end', ['layout-newline-at-end'], {text: (p) => five(p).join('\n') + '\n'});
emit('newline in front', ['layout-newline-in-front'], {text: (p) => '\n' + five(p).join('\n')});
emit('crlf', ['separator-crlf'], {text: (p) => five(p).join('\r\n')});
emit('literal', ['separator-literal'], {text: (p) => five(p).join('\\n')});
emit('blanks', ['separator-blanks'], {text: (p) => five(p).join(' \n ')});
emit('dots', ['separator-other'], {text: (p) => five(p).join('.')});
emit('nothing between', ['separator-other'], {text: (p) => five(p).join('')});
emit('order', ['layout-order'], {text: (p) => [p.clock, p.method, p.path, hashed(p), p.nonce].join('\n')});
emit('no nonce', ['layout-part-left-out'], {text: (p) => five(p).slice(0, 4).join('\n')});
emit('no hash line', ['layout-part-left-out'], {text: (p) => five(p).filter((_, i) => i !== 2).join('\n')});
emit('body only', ['layout-body-only'], {text: (p) => p.body});
emit('line numbers', ['layout-line-numbers'], {text: (p) => five(p).map((l, i) => `${i + 1}. ${l}`).join('\n')});

// JWS.
emit('payload encoded', ['jws-payload-encoded'], {input: (h, c) => h + '.' + url64(c)});
emit('header left out', ['jws-header-left-out'], {input: (h, c) => c});
emit('header not encoded', ['jws-header-not-encoded'], {input: (h, c) => HEADER + '.' + c});
emit('other header signed', ['jws-header-differs'], {header: '{"alg":"ES256"}', sentHeader: HEADER});
emit('typ in the signed header', ['jws-header-differs'], {header: '{"alg":"ES256","typ":"JWT"}', sentHeader: HEADER});
emit('hash as payload', ['jws-payload-hashed'], {input: (h, c) => h + '.' + sha(c)});
emit('quoted payload', ['jws-payload-quoted'], {input: (h, c) => h + '.' + JSON.stringify(c)});
emit('hashed before signing', ['message-hashed'], {input: (h, c) => crypto.createHash('sha256').update(h + '.' + c).digest()});
emit('hex of the hash signed', ['message-hashed'], {input: (h, c) => sha(h + '.' + c)});
emit('standard JWS', ['jws-payload-encoded'], {header: '{"alg":"ES256"}', input: (h, c) => h + '.' + url64(c), facts: ['jws-b64-missing', 'jws-crit-missing']});

// Output.
emit('der', ['signature-der'], {sign: (b, k) => es256(b, k, 'der')});
emit('der in standard base64', ['signature-der'], {sign: (b, k) => es256(b, k, 'der'), value: (h, s) => h + '..' + s.toString('base64')});
emit('standard base64', ['signature-standard-base64'], {value: (h, s) => h + '..' + s.toString('base64')});
emit('hex', ['signature-hex'], {value: (h, s) => h + '..' + s.toString('hex')});
emit('swapped', ['signature-swapped'], {sign: (b, k) => { const s = es256(b, k); return Buffer.concat([s.subarray(32), s.subarray(0, 32)]); }});
emit('little-endian', ['signature-little-endian'], {sign: (b, k) => { const s = es256(b, k); return Buffer.concat([s.subarray(0, 32).reverse(), s.subarray(32).reverse()]); }});
emit('base64 twice', ['signature-base64-twice'], {value: (h, s) => h + '..' + url64(s.toString('base64url'))});
emit('blank behind', ['signature-wrapped'], {value: (h, s) => h + '..' + s.toString('base64url') + '\n'});
for (const [name, at] of [['R', 0], ['S', 32]]) {
  emit('zero of ' + name + ' lost', ['signature-zero-lost'], {sign: (b, k) => {
    for (;;) { const s = es256(b, k); if (s[at] === 0) return Buffer.concat([s.subarray(0, at), s.subarray(at + 1)]); }
  }});
}
emit('sign bytes kept', ['signature-zero-added'], {sign: (b, k) => { const s = es256(b, k), z = Buffer.from([0]); return Buffer.concat([z, s.subarray(0, 32), z, s.subarray(32)]); }});
emit('payload between the dots', [], {value: (h, s) => h + '.' + url64(five(base).join('\n')) + '.' + s.toString('base64url'), facts: ['jws-not-detached']});

// Keys.
emit("production's key", ['wrong-signing-key'], {key: production});
emit('hash instead of a signature', ['signature-is-hash'], {sign: (b) => crypto.createHash('sha256').update(b).digest()});
const capture = (nonce, key, parts = {}) => {
  const p = {...base, nonce, body: '{"a":' + JSON.stringify(nonce) + '}'};
  const jws = url64(HEADER) + '..' + es256(url64(HEADER) + '.' + five({...p, ...parts}).join('\n'), key).toString('base64url');
  return {method: 'POST', target: p.path, headers: [['X-Timestamp', p.clock], ['X-Nonce', nonce], ['X-JWS-Signature', jws]], body: Buffer.from(p.body).toString('base64')};
};
emit('a key that is not at hand', ['unknown-signing-key'], {key: unknown, earlier: [capture('aaaaaaaaaaaaaaaa1', unknown)]});
emit('a key that is not at hand, and lower case', ['method-lower-case', 'unknown-signing-key'], {key: unknown, signed: {method: 'post'}, earlier: [capture('aaaaaaaaaaaaaaaa2', unknown, {method: 'post'})]});

// Pairs.
emit('query and path', ['path-decoded', 'query-left-out'], {sent: {path: '/v1/a%20b', query: '?x=1'}, signed: {path: '/v1/a b', query: ''}});
emit('query as JSON body', ['query-left-out', 'body-from-query'], {sent: {query: '?product_id=BTC-USD&limit=3', body: '', method: 'GET'}, signed: {query: '', body: '{"product_id":"BTC-USD","limit":"3"}'}});
emit('wrong path and JSON.stringify', ['path-prefix-lost', 'json-javascript'], {signed: {path: '/orders', body: JSON.stringify(data)}});
emit('lower case and only a hash', ['method-lower-case', 'signature-is-hash'], {signed: {method: 'post'}, sign: (b) => crypto.createHash('sha256').update(b).digest()});
emit('lower case and der', ['method-lower-case', 'signature-der'], {signed: {method: 'post'}, sign: (b, k) => es256(b, k, 'der')});
emit('lower case and JSON.stringify', ['method-lower-case', 'json-javascript'], {signed: {method: 'post', body: JSON.stringify(data)}});
emit('newline and payload encoded', ['layout-newline-at-end', 'jws-payload-encoded'], {text: (p) => five(p).join('\n') + '\n', input: (h, c) => h + '.' + url64(c)});
emit('absolute url and production key', ['url-absolute', 'wrong-signing-key'], {signed: {origin: 'https://' + HOST}, key: production});
emit('milliseconds and crlf', ['timestamp-milliseconds', 'separator-crlf'], {text: (p) => five({...p, clock: TS + '000'}).join('\r\n')});

// Nothing to find.
emit('unknown key', [], {key: unknown, verdict: 'unexplained'});
emit('unknown key, one earlier request of another', [], {key: unknown, earlier: [capture('aaaaaaaaaaaaaaaa3', production)], verdict: 'unexplained'});
emit('unknown body', [], {signed: {body: 'something else'}, verdict: 'unexplained'});
emit('random', [], {sign: () => Buffer.concat([crypto.createHash('sha256').update('a').digest(), crypto.createHash('sha256').update('b').digest()]), verdict: 'unexplained'});
const again = capture('aaaaaaaaaaaaaaaa4', unknown);
console.log(JSON.stringify({name: 'the same request twice proves nothing', scheme: 'sabika', maker: 'node', cause: [], verdict: 'unexplained', authority: HOST,
  ...again, earlier: [again], keys: [['signing_key', 'sandbox', pem(registered)]]}));

// Unicode, normalised by ICU.
for (const text of ['한국어 값', 'Tiếng Việt', 'ガギパ']) {
  const sent = `{"n" : "${text}"}`;
  body('nfd, ' + text, ['unicode-decomposed'], sent.normalize('NFD'), sent.normalize('NFC'));
  body('nfc, ' + text, ['unicode-composed'], sent.normalize('NFC'), sent.normalize('NFD'));
}

// Of this machine.
emit('localhost for 127.0.0.1', ['url-other-host'], {signed: {origin: 'https://localhost:8443'}, options: {url: 'absolute'}, authority: '127.0.0.1:8443'});
emit('localhost for 127.0.0.1, where the path belongs', ['url-other-host'], {signed: {origin: 'https://localhost:8443'}, authority: '127.0.0.1:8443'});
