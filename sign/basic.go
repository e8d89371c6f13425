package sign

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Basic signs nothing: it puts base64(user-id ":" password) into Authorization (RFC 7617 section 2).
//
// Fields: "username". Secrets: "password"; "api_key", a ready-made base64 value that somebody published.
// Option "credentials": "fields" (the default) builds from user and password; "published" sends api_key
// as it is; "clean" sends api_key without control characters at its end.
func Basic(in Input) (Signed, error) {
	mode := in.Options["credentials"]
	if mode == "published" || mode == "clean" {
		return basicFromKey(in, mode == "clean")
	}
	user := in.Fields["username"]
	if err := checkUserPass(user, in.Secrets["password"]); err != nil {
		return Signed{}, err
	}
	var pair Builder
	pair.Take(Origin{Field, "username"}, []byte(user))
	pair.Separator(":", "parts user-id and password; the first colon counts")
	pair.Key("password", in.Secrets["password"])
	return basicHeader(in, Stage{StageCredentials, pair.Text()}, "password"), nil
}

// basicFromKey takes a ready-made key apart, so that what stands in it can be seen.
func basicFromKey(in Input, clean bool) (Signed, error) {
	key := in.Secrets["api_key"]
	if key.Empty() {
		return Signed{}, errors.New("there is no api key to send; paste the published one, or send user and password")
	}
	decoded, err := base64.StdEncoding.DecodeString(string(key.bytes()))
	if err != nil {
		return Signed{}, errors.New("the api key is not base64 in the standard alphabet (RFC 4648 section 4)")
	}
	if again := base64.StdEncoding.EncodeToString(decoded); again != strings.TrimRight(string(key.bytes()), "\r\n") {
		return Signed{}, errors.New("the api key has line breaks in it, or bits at its end that mean nothing; it could not be sent as it is")
	}
	user, rest, ok := strings.Cut(string(decoded), ":")
	if !ok {
		return Signed{}, errors.New("the api key decodes to text without a colon; Basic needs user-id:password (RFC 7617 section 2)")
	}
	password := strings.TrimRight(rest, "\r\n")
	var pair Builder
	pair.Take(Origin{Field, "api_key"}, []byte(user))
	pair.Separator(":", "parts user-id and password; the first colon counts")
	pair.Key("api_key", NewSecret(password))
	if stray := rest[len(password):]; stray != "" && !clean {
		pair.Constant(stray, "a stray line end inside the published key (RFC 7617 allows no control characters)")
	}
	return basicHeader(in, Stage{StageCredentials, pair.Text()}, "api_key"), nil
}

func basicHeader(in Input, pair Stage, keyName string) Signed {
	var value Builder
	value.Constant("Basic ", "the scheme")
	value.Within(pair, Base64)
	return Signed{
		Request:   in.Request.With(ByScheme, "Authorization", value.Text()),
		Stages:    []Stage{pair},
		Algorithm: "Basic",
		KeyName:   keyName,
		KeyID:     in.Secrets[keyName].Fingerprint(),
		Carrier:   "Authorization",
	}
}

// checkUserPass refuses what RFC 7617 section 2 forbids: a colon in the user-id, control characters anywhere.
func checkUserPass(user string, password Secret) error {
	if strings.Contains(user, ":") {
		return fmt.Errorf("user name %q has a colon, which RFC 7617 forbids: the server would cut there", user)
	}
	for _, c := range []struct {
		what string
		b    []byte
	}{{"user name", []byte(user)}, {"password", password.bytes()}} {
		for i, b := range c.b {
			if b < ' ' || b == 0x7f {
				return fmt.Errorf("the %s has the control character 0x%02x at position %d (RFC 7617 forbids it)", c.what, b, i+1)
			}
		}
	}
	return nil
}

// UserPass is what a Basic header carries, as received.
type UserPass struct {
	User     string
	Password Secret
	Stray    string   // control characters at the end of the password
	Remarks  []string // what is unusual, one sentence each
}

// DecodeBasic takes the value of an Authorization header apart. It never judges whether the password is right.
func DecodeBasic(value string) (UserPass, error) {
	scheme, encoded, ok := strings.Cut(value, " ")
	if !ok || !strings.EqualFold(scheme, "Basic") {
		return UserPass{}, errors.New("the value does not begin with Basic and a space")
	}
	decoded, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil {
		return UserPass{}, errors.New("what follows Basic is not base64 in the standard alphabet with padding")
	}
	user, rest, ok := strings.Cut(string(decoded), ":")
	if !ok {
		return UserPass{}, errors.New("the decoded text has no colon between user-id and password")
	}
	password := strings.TrimRight(rest, "\r\n")
	up := UserPass{User: user, Password: NewSecret(password), Stray: rest[len(password):]}
	if up.Stray != "" {
		up.Remarks = append(up.Remarks, fmt.Sprintf("the password ends in %q: somebody encoded the output of a command that adds a line end", up.Stray))
	}
	if !utf8.Valid(decoded) {
		up.Remarks = append(up.Remarks, "the decoded bytes are not UTF-8 (RFC 7617 section 2.1)")
	}
	return up, nil
}
