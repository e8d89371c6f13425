"""Jiko's Auth guide with nothing but Python's standard library.

The guide's snippets do not run as printed; the scheme is theirs: a bearer token, a UUID, and a base64 HMAC-SHA256 of
idempotency + pathname + body.
"""
import base64
import hashlib
import hmac
import http.client
import json
import os
import ssl
import uuid
from urllib.parse import urlsplit

url = urlsplit(os.environ["URL"])
context = ssl.create_default_context(cafile=os.environ["CA"])
connection = http.client.HTTPSConnection(url.hostname, url.port, context=context)


def call(method, path, body, headers):
    connection.request(method, path, body=body, headers=headers)
    response = connection.getresponse()
    text = response.read().decode()
    print(method, path, response.status, response.getheader("Sandbox-Detail", ""))
    if response.status not in (200, 201):
        raise SystemExit(text)
    return json.loads(text)


def get_signature(idempotency, endpoint, body):
    key = os.environ["JIKO_SIGNING_SECRET"].encode("utf-8")
    message = (idempotency + endpoint + body).encode("utf-8")
    return base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()


login = {"username": os.environ["JIKO_USER"], "password": os.environ["JIKO_PASS"]}
token = call("POST", "/api/v1/login/", json.dumps(login), {"Content-Type": "application/json"})["token"]

customer = "/api/v1/customers/c26ed6d6-cdd0-41a3-ab54-84597309ae3a/jiko-accounts/"
transfer = json.dumps({"type": "INTERNAL_REALLOCATION", "amount": {"type": "REQUESTED_AMOUNT", "value": 100}, "note": "Grüße"}, ensure_ascii=False)
for method, target, body in [
    ("GET", "/api/v1/agreements/", ""),
    ("GET", customer, json.dumps({})),  # the guide sends {} with a GET
    ("GET", customer + "?limit=10", ""),  # the pathname has no query
    ("POST", "/api/v1/transfers/on-us/", transfer),
]:
    idempotency = str(uuid.uuid4())
    call(method, target, body.encode("utf-8") or None, {
        "Authorization": "Bearer " + token,
        "Content-Type": "application/json",
        "x-jiko-idempotency": idempotency,
        "x-jiko-signature": get_signature(idempotency, target.split("?")[0], body),
    })
