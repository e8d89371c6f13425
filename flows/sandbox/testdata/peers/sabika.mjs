// Sabika's page in Node. Its sample calls CompactSign, which refuses b64 false; FlattenedSign is what the library offers
// for it, and leaves the payload out: the detached form.
import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const modules = process.env.COUNTERSIGN_NODE_MODULES;
const { FlattenedSign, importPKCS8 } = await import(pathToFileURL(createRequire(join(modules, 'here.js')).resolve('jose')));
const file = (name) => readFileSync(process.env[name]);

function call(method, path, headers, body, certificate = true) {
  return new Promise((resolve, reject) => {
    const pair = certificate ? { cert: file('CLIENT_CERTIFICATE'), key: file('CLIENT_KEY') } : {};
    const outgoing = request(new URL(path, process.env.URL), { method, headers, ca: file('CA'), agent: false, ...pair }, (incoming) => {
      let text = '';
      incoming.on('data', (chunk) => { text += chunk; });
      incoming.on('end', () => resolve({ status: incoming.statusCode, detail: incoming.headers['sandbox-detail'], body: JSON.parse(text) }));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function signRequest(method, url, body) {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const nonce = randomUUID().replaceAll('-', '');
  const bodyHash = createHash('sha256').update(body).digest('hex');
  const payload = `${method}\n${url}\n${bodyHash}\n${timestamp}\n${nonce}`;
  const key = await importPKCS8(file('SIGNING_KEY').toString(), 'ES256');
  const jws = await new FlattenedSign(new TextEncoder().encode(payload))
    .setProtectedHeader({ alg: 'ES256', b64: false, crit: ['b64'] })
    .sign(key);
  return { 'X-Timestamp': timestamp, 'X-Nonce': nonce, 'X-JWS-Signature': `${jws.protected}..${jws.signature}` };
}

function expect(what, answer, status, code) {
  console.log(what, answer.status, answer.body.error ?? '', answer.detail ?? '');
  if (answer.status !== status || answer.body.error !== code) process.exit(1);
}

const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: process.env.CLIENT_ID, client_secret: process.env.CLIENT_SECRET }).toString();
const formType = { 'Content-Type': 'application/x-www-form-urlencoded' };
expect('token without a certificate', await call('POST', '/oauth/token', formType, form, false), 401, 'client_certificate_required');
const token = await call('POST', '/oauth/token', formType, form);
expect('token', token, 200);
const bearer = { Authorization: `Bearer ${token.body.access_token}` };

const probe = { ...bearer, ...await signRequest('POST', '/v1/signed-probe', '') };
expect('probe', await call('POST', '/v1/signed-probe', probe, ''), 200);
expect('the same probe again', await call('POST', '/v1/signed-probe', probe, ''), 401, 'replayed_nonce');

const body = JSON.stringify({ quote_id: 'q_demo_1' });
const order = async (key) => call('POST', '/v1/orders?source=node',
  { ...bearer, 'Content-Type': 'application/json', 'Idempotency-Key': key, ...await signRequest('POST', '/v1/orders?source=node', body) }, body);
const key = randomUUID();
expect('order', await order(key), 201);
expect('the order again, signed afresh', await order(key), 200);
