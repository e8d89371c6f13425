package explain

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"hash/maphash"
	"net/url"
	"slices"
	"strings"

	"countersign/sign"
)

// Stages of the mistakes with a secret.
const (
	stageOther   = iota // another secret
	stageCoded          // decoded or encoded
	stageCut            // a part is missing or added
	stageMangled        // by a shell or a settings file
	stagePadded         // blanks and line ends
)

// keyMoves are mistakes with a shared secret or a password. No note of theirs tells anything of the secret.
var keyMoves = table{"key", keyOwners, byRecomputing, []move{
	{id: "wrong-secret", rank: 2, stage: stageOther,
		title: "another secret at hand was used", how: "every secret of every profile", probe: "any request",
		fix: "take the secret of this partner and this environment; sandbox and production have different ones"},
	{id: "secret-blanks", rank: 6, stage: stagePadded,
		title: "the secret was used with a line end or blank around it",
		how:   "LF, CRLF, CR, a blank, a tab or a NUL behind, a blank in front", probe: "any request",
		fix:   "read the secret without its line end: printf %s instead of echo, .strip() for text secrets, kubectl create secret --from-literal",
		apply: atEnds("", "\n", "", "\r\n", "", "\r", "", " ", "", "\t", " ", "", "", "\n\n", "\n", "", "\ufeff", "", "", `\n`)},
	{id: "secret-trimmed", rank: 6, stage: stagePadded,
		title: "the secret was used without the blanks that belong to it",
		how:   "blanks and line ends at both ends are removed", probe: "any request",
		fix:  "use the secret exactly as it was issued, or correct it in the settings here",
		edit: changed(bytes.TrimSpace)},
	{id: "secret-shell", rank: 7, stage: stageMangled,
		title: "the secret was changed by a shell or a settings file",
		how:   "$name expanded to nothing, cut at #, backslashes lost or doubled, ! escaped", probe: "any request",
		fix:   "put the secret in single quotes, or into a file that is read as it is",
		apply: shellMangled},
	{id: "secret-quoted", rank: 7, stage: stageMangled,
		title: "the secret was used with quotes around it, or without those that belong to it",
		how:   `"…", '…'`, probe: "any request",
		fix: "remove the quotes in the settings file; docker --env-file keeps them",
		apply: func(_ *scene, v []byte, yield yielder) {
			atEnds(`"`, `"`, `'`, `'`, "`", "`", `<`, `>`)(nil, v, func(out []byte, _ string) { yield(out, "") })
			if n := len(v); n > 2 && v[0] == v[n-1] && (v[0] == '"' || v[0] == '\'') {
				yield(v[1:n-1], "")
			}
		}},
	{id: "secret-decoded", rank: 10, stage: stageCoded,
		title: "the secret was decoded before use, but its text is the key",
		how:   "from base64, base64url or hexadecimal digits", probe: "any request",
		fix:   "use the bytes of the text: secret.encode(), Buffer.from(secret), []byte(secret)",
		apply: decodedKey},
	{id: "secret-encoded", rank: 10, stage: stageCoded,
		title: "the secret was encoded before use",
		how:   "in base64, base64url, hexadecimal digits, or percent-encoded", probe: "any request",
		fix:   "use the secret exactly as it was issued",
		apply: encodedKey},
	{id: "secret-hashed", rank: 10, stage: stageCoded,
		title: "a hash of the secret was used as the key",
		how:   "SHA-256 of the secret, as bytes or hexadecimal digits", probe: "any request",
		fix: "use the secret exactly as it was issued",
		apply: func(_ *scene, v []byte, yield yielder) {
			sum := sha256.Sum256(v)
			yield(sum[:], "the digest")
			yield(hex.AppendEncode(nil, sum[:]), "its hexadecimal digits")
		}},
	{id: "secret-prefix", rank: 51, stage: stageCut,
		title: "the secret was used without its prefix, or with one that does not belong to it",
		how:   "what stands in front of the last _ or : is removed; whsec_, v1, and Bearer are added", probe: "any request",
		fix:   "use the secret exactly as it was issued, with its prefix",
		apply: prefixedKey},
	{id: "secret-cut", rank: 76, stage: stageCut,
		title: "the secret was used without some of its characters",
		how:   "one to three characters are missing at an end, or it is cut to 16, 24, 32 or 64", probe: "any request",
		fix:   "copy the secret again, from its first to its last character",
		apply: cutKey},
	{id: "secret-case", rank: 76, stage: stageCut,
		title: "the secret was used in another case",
		how:   "all letters small or capital", probe: "any request",
		fix: "use the secret exactly as it was issued",
		apply: func(_ *scene, v []byte, yield yielder) {
			yield(bytes.ToLower(v), "in lower case")
			yield(bytes.ToUpper(v), "in upper case")
		}},
	{id: "secret-charset", rank: 26, stage: stageCoded,
		title: "the secret was used in another charset",
		how:   "UTF-16, Latin-1, or UTF-8 twice", probe: "any request",
		fix: "encode the secret in UTF-8",
		apply: func(s *scene, v []byte, yield yielder) {
			for _, m := range charsetMoves.moves {
				m.each(s, v, func(out []byte, _ string) { yield(out, "") })
			}
		}},
	{id: "secret-placeholder", rank: 55, stage: stageOther,
		title: "a placeholder was used instead of the secret",
		how:   "nothing, undefined, null, None, ${NAME}, changeme and the like", probe: "any request",
		fix: "see that the setting arrives in the program: print its length, not its value",
		apply: replacedKey("", "undefined", "null", "None", "nil", "NULL", "secret", "changeme", "your-secret", "your_secret", "YOUR_SECRET", "test", "password", "SET-ME-PLEASE", "[object Object]", "[secret]", "********", "<secret>",
			"JIKO_SIGNING_SECRET", "$JIKO_SIGNING_SECRET", "${JIKO_SIGNING_SECRET}", "%JIKO_SIGNING_SECRET%", "YOUR_SIGNING_SECRET", "signing_secret", "your-signing-secret", "${SECRET}", "$SECRET", "{{signing_secret}}", "{{secret}}", "$secret_key", "$JIKO_PASS")},
}}

func replacedKey(texts ...string) func(*scene, []byte, yielder) {
	return func(_ *scene, _ []byte, yield yielder) {
		for _, t := range texts {
			yield([]byte(t), quote(t))
		}
	}
}

func decodedKey(_ *scene, v []byte, yield yielder) {
	s := string(v)
	for _, c := range []struct {
		decode func(string) ([]byte, error)
		note   string
	}{
		{base64.StdEncoding.DecodeString, "from base64"}, {base64.RawStdEncoding.DecodeString, "from base64"},
		{base64.URLEncoding.DecodeString, "from base64url"}, {base64.RawURLEncoding.DecodeString, "from base64url"},
		{hex.DecodeString, "from hexadecimal digits"},
		{func(s string) ([]byte, error) { return hex.DecodeString("0" + s) }, "from hexadecimal digits, with a zero in front"},
		{func(s string) ([]byte, error) { u, err := url.QueryUnescape(s); return []byte(u), err }, "from percent-encoding"},
	} {
		if out, err := c.decode(s); err == nil && len(out) > 0 {
			yield(out, c.note)
		}
	}
	if i := strings.LastIndexAny(s, "_:,"); i >= 0 { // whsec_ and its like: the rest is base64
		if out, err := base64.StdEncoding.DecodeString(s[i+1:]); err == nil && len(out) > 0 {
			yield(out, "from base64, without its prefix")
		}
	}
}

func encodedKey(_ *scene, v []byte, yield yielder) {
	yield(base64.StdEncoding.AppendEncode(nil, v), "in base64")
	yield(base64.RawURLEncoding.AppendEncode(nil, v), "in base64url")
	yield(hex.AppendEncode(nil, v), "in hexadecimal digits")
	yield(upperCase(hex.AppendEncode(nil, v)), "in upper-case hexadecimal digits")
	yield([]byte(url.QueryEscape(string(v))), "percent-encoded")
	yield(base64.StdEncoding.AppendEncode(nil, append(slices.Clone(v), '\n')), "in base64, with a newline inside")
}

func prefixedKey(_ *scene, v []byte, yield yielder) {
	s := string(v)
	for _, sep := range []string{"_", ":", "-", "."} {
		if i := strings.LastIndex(s, sep); i >= 0 {
			yield([]byte(s[i+1:]), "without what stands in front of the last "+quote(sep))
		}
		if i := strings.Index(s, sep); i >= 0 {
			yield([]byte(s[i+1:]), "without what stands in front of the first "+quote(sep))
		}
	}
	for _, p := range []string{"whsec_", "v1,", "sk_", "Bearer ", "Basic ", "secret=", "SECRET=", "secret:", "JIKO_SIGNING_SECRET="} {
		yield([]byte(p+s), "with "+quote(p))
	}
}

func cutKey(_ *scene, v []byte, yield yielder) {
	for i := 1; i <= 3 && i < len(v); i++ {
		yield(v[:len(v)-i], "the end is missing")
		yield(v[i:], "the beginning is missing")
	}
	for _, n := range []int{16, 24, 32, 64} {
		if n < len(v) {
			yield(v[:n], "cut to 16, 24, 32 or 64 characters")
		}
	}
}

func shellMangled(_ *scene, v []byte, yield yielder) {
	s := string(v)
	yield([]byte(expanded(s, true)), "$name was expanded to nothing")
	yield([]byte(expanded(s, false)), "$ and one character were expanded to nothing")
	if i := strings.IndexByte(s, '#'); i >= 0 {
		yield([]byte(s[:i]), "cut at #")
		yield([]byte(strings.TrimRight(s[:i], " \t")), "cut at # and the blanks in front of it")
	}
	yield([]byte(strings.ReplaceAll(s, `\`, "")), "backslashes were lost")
	yield([]byte(strings.ReplaceAll(s, `\`, `\\`)), "backslashes were doubled")
	yield([]byte(strings.ReplaceAll(s, `$`, `\$`)), `$ became \$`)
	yield([]byte(strings.ReplaceAll(s, `$`, `$$`)), "$ became $$")
	yield([]byte(strings.ReplaceAll(s, `$$`, `$`)), "$$ became $")
	yield([]byte(strings.ReplaceAll(s, `!`, `\!`)), `! became \!`)
	yield([]byte(strings.Join(strings.Fields(s), " ")), "runs of blanks became one")
	for _, sep := range []string{" ", "&", ";", "=", "|", "`"} {
		if i := strings.Index(s, sep); i >= 0 {
			yield([]byte(s[:i]), "cut at "+quote(sep))
		}
	}
	yield([]byte(strings.ReplaceAll(s, "&", "&amp;")), "& became &amp;")
	yield([]byte(strings.ReplaceAll(s, "+", " ")), "+ became a blank")
}

// expanded removes each $ with the name behind it, and ${…}; without names, $ and one character.
func expanded(s string, names bool) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '$' || i+1 == len(s) {
			out.WriteByte(s[i])
			continue
		}
		if end := strings.IndexByte(s[i:], '}'); s[i+1] == '{' && end > 0 {
			i += end
			continue
		}
		j := i + 1
		for j < len(s) && (s[j] == '_' || s[j] >= 'a' && s[j] <= 'z' || s[j] >= 'A' && s[j] <= 'Z' || s[j] >= '0' && s[j] <= '9') {
			j++
			if !names || s[i+1] >= '0' && s[i+1] <= '9' {
				break
			}
		}
		if j == i+1 {
			out.WriteByte('$')
		}
		i = j - 1
	}
	return out.String()
}

// key is a secret that a client may have used, with the mistakes that lead to it.
type key struct {
	secret sign.Secret
	steps  []step
	ties   [][]step
	mac    hash.Hash // HMAC-SHA256 with the secret, kept between candidates
}

// keyring makes every key that at most depth mistakes lead to, from the secrets at hand. The right ones come first.
func keyring(s *scene, right, others []NamedSecret, depth int) [][]key {
	r := ring{s: s, seen: map[uint64][2]int{}, levels: make([][]key, depth+1)}
	for _, n := range right {
		r.add(0, n.Secret, nil)
	}
	wrong := &keyMoves.moves[0]
	for i, n := range others {
		if depth > 0 {
			r.add(1, n.Secret, []step{{wrong, i, secretName(n)}})
		}
	}
	for d := 1; d <= depth; d++ {
		for _, from := range slices.Clone(r.levels[d-1]) {
			r.grow(d, from)
		}
	}
	return r.levels
}

// ring collects keys without repeating one.
type ring struct {
	s      *scene
	seen   map[uint64][2]int
	levels [][]key
}

func (r *ring) grow(d int, from key) {
	for i := range keyMoves.moves {
		m := &keyMoves.moves[i]
		if !follows(from.steps, m) || m.id == "secret-placeholder" && d > 1 {
			continue
		}
		nth := -1
		from.secret.Derive(func(b []byte) []byte {
			m.each(r.s, b, func(out []byte, note string) {
				nth++
				r.add(d, sign.NewSecret(string(out)), append(slices.Clip(slices.Clone(from.steps)), step{m, nth, note}))
			})
			return nil
		})
	}
}

func (r *ring) add(d int, secret sign.Secret, steps []step) {
	var h maphash.Hash
	h.SetSeed(r.s.seed)
	secret.HashInto(&h)
	at, ok := r.seen[h.Sum64()]
	if !ok {
		r.seen[h.Sum64()] = [2]int{d, len(r.levels[d])}
		r.levels[d] = append(r.levels[d], key{secret: secret, steps: steps})
		return
	}
	if k := &r.levels[at[0]][at[1]]; at[0] == d && d > 0 && len(k.ties) < maxTies && !sameMoves(k.steps, steps) {
		k.ties = append(k.ties, steps)
	}
}

// secretName is how a secret at hand is called in a report.
func secretName(n NamedSecret) string {
	if n.Profile == "" {
		return n.Name
	}
	return n.Name + " of profile " + quote(n.Profile)
}

// pickSecrets parts the secrets at hand into those that the scheme asks for, in the profile that was meant, and all others.
func pickSecrets(e *Evidence, name string) (right, others []NamedSecret) {
	profile := e.Profile
	for _, n := range e.Secrets {
		if n.Secret.Empty() {
			continue
		}
		if n.Name == name && len(right) == 0 && profile == "" {
			profile = n.Profile
		}
		if n.Name == name && n.Profile == profile && len(right) == 0 {
			right = append(right, n)
		} else {
			others = append(others, n)
		}
	}
	return right, others
}
