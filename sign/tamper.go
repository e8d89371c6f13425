package sign

import (
	"slices"
	"strings"
)

// Tampered returns the text with the byte at offset replaced, as a span of its own whose note says so.
// It is false when there is no such byte or when it already has that value.
func (t Text) Tampered(offset int, to byte) (Text, bool) {
	raw := t.raw()
	if offset < 0 || offset >= len(raw) || raw[offset] == to {
		return t, false
	}
	var b Builder
	for _, s := range t.Spans() {
		if offset < s.Start || offset >= s.End {
			b.add(s, raw[s.Start:s.End])
			continue
		}
		changed := s
		changed.Note = "changed after signing"
		if s.Start < offset {
			b.add(s, raw[s.Start:offset])
		}
		b.add(changed, []byte{to})
		if offset+1 < s.End {
			b.add(s, raw[offset+1:s.End])
		}
	}
	return b.Text(), true
}

// Replace returns a copy of the request in which the first header of that name has another value.
func (r Request) Replace(name string, value Text) Request {
	r.Header = slices.Clone(r.Header)
	for i, h := range r.Header {
		if strings.EqualFold(h.Name, name) {
			r.Header[i].Value = value
			return r
		}
	}
	return r
}
