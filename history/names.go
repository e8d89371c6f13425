package history

import (
	"strings"
	"unicode"
)

// secretWords are words in the name of a header or member that make its value a secret.
var secretWords = map[string]bool{
	"password": true, "passwd": true, "pwd": true, "passphrase": true, "secret": true, "pin": true, "otp": true, "cvv": true, "cvc": true,
	"authorization": true, "cookie": true, "credential": true, "credentials": true, "apikey": true, "session": true, "sessionid": true,
}

// secretPairs are two words that make a secret together.
var secretPairs = map[string]bool{"api key": true, "private key": true, "secret key": true, "access key": true, "session id": true}

// isSecretName reports whether a value of this name is a secret by its place. It reads names in all the ways of
// writing them: client_secret, Client-Secret, clientSecret. "token" counts as the last word only: token_type is none.
func isSecretName(name string) bool {
	w := words(name)
	for i, s := range w {
		if secretWords[s] || i > 0 && secretPairs[w[i-1]+" "+s] {
			return true
		}
	}
	return len(w) > 0 && (w[len(w)-1] == "token" || w[len(w)-1] == "jwt")
}

// words cuts a name at its signs and where a capital follows a small letter.
func words(name string) []string {
	var out []string
	var word strings.Builder
	flush := func() {
		if word.Len() > 0 {
			out = append(out, strings.ToLower(word.String()))
			word.Reset()
		}
	}
	small := false
	for _, c := range name {
		switch {
		case !unicode.IsLetter(c) && !unicode.IsDigit(c):
			flush()
		case unicode.IsUpper(c) && small:
			flush()
			word.WriteRune(c)
		default:
			word.WriteRune(c)
		}
		small = unicode.IsLower(c) || unicode.IsDigit(c)
	}
	flush()
	return out
}
