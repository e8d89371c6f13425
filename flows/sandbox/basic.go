package sandbox

import (
	"encoding/base64"
	"errors"
	"strings"
)

// decodeBasic reads an Authorization header of the Basic scheme (RFC 7617) without trimming anything: what the base64 says
// is what it is. The user-id ends at the first colon.
func decodeBasic(header string) (user, password string, err error) {
	scheme, parameter, found := strings.Cut(header, " ")
	if !found || !strings.EqualFold(scheme, "Basic") {
		return "", "", errors.New("the Authorization header does not read Basic <base64>")
	}
	if strings.ContainsAny(parameter, "\r\n") { // Go's decoder would skip them
		return "", "", errors.New("a line break inside the base64; output of base64 is wrapped without -w0")
	}
	decoded, err := base64.StdEncoding.Strict().DecodeString(parameter)
	if err != nil {
		return "", "", errors.New("the parameter is not standard base64 with padding")
	}
	user, password, found = strings.Cut(string(decoded), ":")
	if !found {
		return "", "", errors.New("the decoded credentials have no colon between user and password")
	}
	return user, password, nil
}
