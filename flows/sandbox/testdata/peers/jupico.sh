#!/bin/sh
# Jupico's authentication page, its curl command as printed; only the host and the CA are those of the sandbox.
set -eu
curl --silent --show-error --fail-with-body --cacert "$CA" --location --request GET "$URL/status" \
--header 'Content-Type: application/json' \
--header 'Authorization: Basic ZGVtb0FwaVVzZXI6VjhtIXhQI2wyUXozCg==' \
--data-raw ''
