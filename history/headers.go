package history

import "strings"

// shownHeaders are the header fields whose values an export may show: they describe the message, not who sends it.
// The list is closed; a name that is not on it is masked.
var shownHeaders = map[string]bool{
	"accept": true, "accept-encoding": true, "accept-language": true, "age": true, "allow": true, "api-version": true, "cache-control": true,
	"connection": true, "content-encoding": true, "content-language": true, "content-length": true, "content-type": true, "date": true,
	"expires": true, "host": true, "idempotency-key": true, "idempotency-replayed": true, "idempotent-replayed": true, "last-modified": true,
	"pragma": true, "ratelimit-limit": true, "ratelimit-remaining": true, "ratelimit-reset": true, "request-id": true, "retry-after": true,
	"server": true, "strict-transport-security": true, "traceparent": true, "transfer-encoding": true, "user-agent": true, "vary": true,
	"www-authenticate": true, "x-correlation-id": true, "x-idempotency-key": true, "x-ratelimit-limit": true, "x-ratelimit-remaining": true,
	"x-ratelimit-reset": true, "x-request-id": true, "x-trace-id": true, "x-timestamp": true, "x-nonce": true, "x-jiko-idempotency": true,
	"x-content-type-options": true, "x-frame-options": true, "merchant_id": true,
}

func shownHeader(name string) bool { return shownHeaders[strings.ToLower(name)] }
