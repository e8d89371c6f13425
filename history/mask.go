package history

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"

	"countersign/sign"
)

// The layers of masking.
const (
	byPosition = "position" // the place says that it is a secret: a secret span, a header or member of such a name
	byValue    = "value"    // it is a known secret, or a form of one
	byShape    = "shape"    // it looks like a secret: JWT, private key, prefixed key
)

// oldMask is what printers of package sign show for a secret.
const oldMask = "[secret]"

// masker replaces secrets by masks that name them. Equal secrets get equal masks under one key.
type masker struct {
	key    []byte
	values []value // longest first, so that a secret within another does not break it up
	count  map[Masked]int
}

// value is a known secret with what stands in its place.
type value struct {
	name   string
	secret sign.Secret
	known  sign.Redactor
	mask   []byte
}

// newMasker knows the secrets by name. Values under 8 bytes are masked by their position only: such a short string
// would be found all over a text.
func newMasker(key []byte, secrets map[string]sign.Secret) *masker {
	m := &masker{key: key, count: map[Masked]int{}}
	for _, name := range slices.Sorted(maps.Keys(secrets)) {
		m.learn(name, secrets[name])
	}
	return m
}

// learn adds a secret.
func (m *masker) learn(name string, s sign.Secret) {
	if s.Fingerprint() == "" || slices.ContainsFunc(m.values, func(v value) bool { return v.secret.Equal(s) }) {
		return
	}
	m.values = append(m.values, value{name, s, sign.NewRedactor(s), []byte(m.mask(name, s))})
	slices.SortStableFunc(m.values, func(a, b value) int { return cmp.Compare(b.secret.Len(), a.secret.Len()) })
}

// mask is what stands in the place of a secret: <redacted:NAME #tag>. The tag is the same for the same secret under
// the same key and tells nothing without it; a secret that could be guessed from it has none.
func (m *masker) mask(name string, s sign.Secret) string {
	f := s.Fingerprint()
	if f == "" {
		return "<redacted:" + name + ">"
	}
	return "<redacted:" + name + " #" + m.tag(f) + ">"
}

func (m *masker) tag(fingerprint string) string {
	h := hmac.New(sha256.New, m.key)
	h.Write([]byte(fingerprint))
	return hex.EncodeToString(h.Sum(nil)[:6])
}

// note counts what was masked.
func (m *masker) note(where, name, layer string, n int) {
	if n > 0 {
		m.count[Masked{Where: where, Name: name, Layer: layer}] += n
	}
}

// masked lists what was masked, sorted.
func (m *masker) masked() []Masked {
	var list []Masked
	for k, n := range m.count {
		k.Count = n
		list = append(list, k)
	}
	slices.SortFunc(list, func(a, b Masked) int {
		return cmp.Or(cmp.Compare(a.Where, b.Where), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Layer, b.Layer))
	})
	return list
}

// value replaces the known secrets in every form in which they travel.
func (m *masker) value(where string, b []byte) []byte {
	b = bytes.ReplaceAll(b, []byte(oldMask), []byte("<redacted:secret>"))
	for _, v := range m.values {
		out, n := v.known.Redact(b)
		if n > 0 {
			b = bytes.ReplaceAll(out, []byte(oldMask), v.mask)
			m.note(where, v.name, byValue, n)
		}
	}
	return b
}

// finds names a known secret that is still in a text; empty: none is.
func (m *masker) finds(b []byte) string {
	for _, v := range m.values {
		if v.known.Finds(b) {
			return v.name
		}
	}
	return ""
}

// outside masks text by value and by shape.
func (m *masker) outside(where string, b []byte) []byte { return m.shape(where, m.value(where, b)) }

// shape replaces what looks like a secret.
func (m *masker) shape(where string, b []byte) []byte {
	for _, s := range secretShapes {
		b = s.replace(b, func(found []byte) []byte {
			m.note(where, s.name, byShape, 1)
			return []byte(m.mask(s.name, sign.NewSecret(string(found))))
		})
	}
	return b
}
