#!/bin/sh
# Jiko requests signed wrongly by shells, openssl, jq and curl's habits, each with the mistake that was made.
# Prints one JSON object a line. Needs sh, openssl, base64, jq.
set -eu
secret=demo-shared-signing-secret
id=3f2b8c1e-9d47-4a6b-8f10-2c5d7e9a1b34
path=/api/v1/subscriptions/

# emit NAME CAUSE SIGNATURE BODY
emit() {
	jq -cn --arg name "$1" --arg cause "$2" --arg signature "$3" --arg body "$4" --arg secret "$secret" --arg id "$id" --arg path "$path" '
		{name: $name, scheme: "jiko", maker: "sh", cause: ($cause | split(" ") | map(select(. != ""))), verdict: (if $cause == "" then "verifies" else "explained" end),
		 method: "POST", authority: "partner.example.test", target: $path, body: ($body | @base64),
		 headers: [["Authorization", "Bearer opaque"], ["x-jiko-idempotency", $id], ["x-jiko-signature", $signature]],
		 secrets: [["signing_secret", "sandbox", $secret]]}'
}
hmac() { openssl dgst -sha256 -hmac "${1-$secret}" -binary; }

body='{"events": ["a.b"],  "url": "https://x.test/é"}'
emit 'right' '' "$(printf %s "$id$path$body" | hmac | base64)" "$body"
emit 'echo' body-newline-added "$(echo "$id$path$body" | hmac | base64)" "$body"
emit 'openssl hex' output-hex "$(printf %s "$id$path$body" | openssl dgst -sha256 -hmac "$secret" | sed 's/.*= //')" "$body"
emit 'openssl hex into base64' output-base64-of-hex "$(printf %s "$id$path$body" | openssl dgst -sha256 -hmac "$secret" | sed 's/.*= //' | tr -d '\n' | base64 -w0)" "$body"
emit 'openssl hex and its newline into base64' output-base64-of-hex "$(printf %s "$id$path$body" | openssl dgst -sha256 -hmac "$secret" | sed 's/.*= //' | base64 -w0)" "$body"
emit 'what openssl prints into base64' output-base64-of-hex "$(printf %s "$id$path$body" | openssl dgst -sha256 -hmac "$secret" | base64 -w0)" "$body"
emit 'what openssl prints' 'signature-prefixed output-hex' "$(printf %s "$id$path$body" | openssl dgst -sha256 -hmac "$secret")" "$body"
emit 'echo without a body' layout-newline-at-end "$(echo "$id$path" | hmac | base64)" ''
# shellcheck disable=SC2086
emit 'unquoted variable' json-blanks-collapsed "$(printf %s "$id$path$(echo $body | tr -d '\n')" | hmac | base64)" "$body"
emit 'jq -c' json-jq-compact "$(printf '%s%s%s\n' "$id" "$path" "$(printf %s "$body" | jq -c .)" | hmac | base64)" "$body"
emit 'secret file with a newline' secret-blanks "$(printf %s "$id$path$body" | hmac "$secret
" | base64)" "$body"
emit 'sha1' hmac-other-hash "$(printf %s "$id$path$body" | openssl dgst -sha1 -hmac "$secret" -binary | base64)" "$body"
emit 'uuidgen in capitals' uuid-case "$(printf %s "$(printf %s "$id" | tr a-f A-F)$path$body" | hmac | base64)" "$body"
