package credentials

import (
	"strings"
	"unicode/utf8"
)

// OpenSSL is the commands that make the same files: what the program does is no secret, and who must not
// trust it with a key can do without it.
func (g Generated) OpenSSL() []string {
	key, public := shellQuote(g.KeyFile), shellQuote(g.PublicFile)
	commands := []string{
		"umask 077",
		"openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out " + key,
	}
	if g.Subject == "" {
		return append(commands, "openssl pkey -in "+key+" -pubout -out "+public)
	}
	request := "openssl req -new -sha256 -key " + key + " -subj " + shellQuote(g.subject())
	if len(g.Subject) != utf8.RuneCountInString(g.Subject) {
		request += " -utf8"
	}
	return append(commands, request+" -out "+public)
}

// subject is the subject as -subj takes it, where / and + set the parts apart.
func (g Generated) subject() string {
	part := strings.NewReplacer(`\`, `\\`, `/`, `\/`, `+`, `\+`).Replace
	return "/O=" + part(strings.Join(g.name.Organization, "")) + "/CN=" + part(g.name.CommonName)
}

// shellQuote writes a word for a POSIX shell, in quotes where it needs them. A leading ~/ stays the home directory.
func shellQuote(s string) string {
	if rest, ok := strings.CutPrefix(s, "~/"); ok && rest != "" {
		return "~/" + shellQuote(rest)
	}
	const safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,@%+="
	if s != "" && strings.Trim(s, safe) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
