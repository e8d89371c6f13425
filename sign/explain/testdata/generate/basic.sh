#!/bin/sh
# Basic credentials made wrongly by shells, base64 and openssl, each with the mistake that was made.
# Prints one JSON object a line. Needs sh, base64, openssl, jq, iconv.
set -eu
user=demoApiUser
password='V8m!xP#l2Qz3'

# emit NAME CAUSE VERDICT AUTHORIZATION [CONTENT-TYPE]
emit() {
	jq -cn --arg name "$1" --arg cause "$2" --arg verdict "$3" --arg value "$4" --arg type "${5-application/json}" --arg user "$user" --arg password "$password" '
		{name: $name, scheme: "jupico", maker: "sh", cause: ($cause | split(" ") | map(select(. != ""))), verdict: $verdict, method: "GET", authority: "sandbox.example.test",
		 target: "/status", headers: ([["Authorization", $value]] + if $type == "" then [] else [["Content-Type", $type]] end), body: "",
		 fields: {username: $user}, secrets: [["password", "sandbox", $password], ["password", "production", "Other-Password-9"]]}'
}

right=$(printf %s "$user:$password" | base64)
emit 'right' '' unexplained "Basic $right"
emit 'echo piped into base64' basic-newline explained "Basic $(echo "$user:$password" | base64)"
emit 'the published key' basic-newline explained 'Basic ZGVtb0FwaVVzZXI6VjhtIXhQI2wyUXozCg=='
emit 'CRLF' basic-newline explained "Basic $(printf '%s\r\n' "$user:$password" | base64)"
emit 'wrapped' basic-wrapped explained "Basic $(printf %s "$user:$password" | openssl base64 | sed 's/....................../&\
 /')"
emit 'twice' basic-twice explained "Basic $(printf %s "$right" | base64 -w0)"
emit 'no colon' basic-colon-missing explained "Basic $(printf %s "$user$password" | base64)"
emit 'not encoded' basic-not-encoded explained "Basic $user:$password"
emit 'no scheme' basic-scheme explained "$right"
emit 'Bearer' basic-scheme explained "Bearer $right"
emit 'Basic twice' basic-scheme explained "Basic Basic $right"
emit 'swapped' basic-swapped explained "Basic $(printf %s "$password:$user" | base64)"
emit 'cut at #' secret-shell explained "Basic $(printf %s "$user:V8m!xP" | base64)"
emit 'backslash in front of !' secret-shell explained "Basic $(printf %s "$user:V8m\\!xP#l2Qz3" | base64)"
emit 'quotes kept' secret-quoted explained "Basic $(printf %s "$user:'$password'" | base64)"
emit 'form-encoded' secret-encoded explained "Basic $(printf %s "$user:V8m%21xP%23l2Qz3" | base64)"
emit "production's password" wrong-secret explained "Basic $(printf %s "$user:Other-Password-9" | base64)"
emit 'latin-1' basic-charset explained "Basic $(printf '%s' "$user:pässword" | iconv -t latin1 | base64)"
emit 'empty password' basic-empty-part explained "Basic $(printf %s "$user:" | base64)"
emit 'base64url' basic-alphabet explained "Basic $(printf %s "$user:>>>???" | base64 | tr '+/' '-_')"
emit 'no padding' basic-alphabet explained "Basic $(printf %s "$user:ab" | base64 | tr -d =)"
emit 'no content type' content-type-missing explained "Basic $right" ''
emit 'form content type' content-type-missing explained "Basic $right" 'application/x-www-form-urlencoded'
emit 'placeholder' basic-not-base64 explained 'Basic $API_KEY'
emit 'unknown password' '' unexplained "Basic $(printf %s "$user:nobody knows this" | base64)"
emit 'newline, no colon' 'basic-newline basic-colon-missing' explained "Basic $(echo "$user$password" | base64)"
