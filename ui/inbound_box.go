package ui

import (
	"slices"
	"time"

	"countersign/flows"
	"countersign/sign"
	"countersign/sign/explain"
)

// Bounds of what is kept of the requests that reached the sandbox. The oldest goes first.
const (
	maxInbound      = 500
	maxInboundBytes = 32 << 20
	maxOwn          = 64 // requests of our own that are known again
)

// call is a request that reached the sandbox, with what is known about it.
type call struct {
	in      flows.Inbound
	own     bool      // the workbench sent it
	began   time.Time // when we began to send it; zero: not known
	state   searchState
	found   explain.Report
	trouble string // why it could not be examined
}

// size is about how many bytes are kept of it.
func (c *call) size() int {
	return c.in.Raw.Len() + len(c.in.Request.Body) + c.in.Body.Len() + len(c.in.Expected)
}

// inbox keeps the requests, in the order in which they came.
type inbox struct {
	kept   []*call
	bytes  int
	last   int    // sequence of the newest
	missed int    // came faster than anybody could take them
	gone   int    // forgotten, to make room
	unseen int    // came while the screen was closed
	own    []sent // what we sent lately
}

// sent is a request that the workbench sent. The same bytes may be sent again, so one that arrived is known by the time
// as well.
type sent struct {
	raw   sign.Secret
	began time.Time // zero once it arrived
}

// take keeps one more.
func (b *inbox) take(in flows.Inbound) {
	b.missed += max(0, in.Sequence-b.last-1)
	b.last = max(b.last, in.Sequence)
	c := &call{in: in}
	if i := slices.IndexFunc(b.own, func(x sent) bool { return x.raw.Equal(in.Raw) }); i >= 0 {
		c.own, c.began, b.own[i].began = true, b.own[i].began, time.Time{}
	}
	b.kept = append(b.kept, c)
	b.bytes += c.size()
	for len(b.kept) > maxInbound || b.bytes > maxInboundBytes && len(b.kept) > 1 {
		b.bytes -= b.kept[0].size()
		b.kept[0] = nil
		b.kept = b.kept[1:]
		b.gone++
	}
	if !c.own {
		b.unseen++
	}
}

// ours marks what the workbench sent itself. The sandbox tells of a request before its answer is read, so it has
// arrived already, or will in a moment.
func (b *inbox) ours(x *flows.Exchange) {
	if x.Sent.Raw.Empty() {
		return
	}
	for _, c := range slices.Backward(b.kept[max(0, len(b.kept)-maxOwn):]) {
		if c.began.IsZero() && c.in.Raw.Equal(x.Sent.Raw) {
			if !c.own {
				b.unseen = max(b.unseen-1, 0)
			}
			c.own, c.began = true, x.Started
			return
		}
	}
	b.own = append(slices.DeleteFunc(b.own, func(o sent) bool { return o.raw.Equal(x.Sent.Raw) }), sent{x.Sent.Raw, x.Started})
	if len(b.own) > maxOwn {
		b.own = slices.Delete(b.own, 0, 1)
	}
}

// of is the request of an exchange of ours; nil when it did not arrive here, or was forgotten.
func (b *inbox) of(x *flows.Exchange) *call {
	if x == nil {
		return nil
	}
	for _, c := range slices.Backward(b.kept) {
		if c.own && c.began.Equal(x.Started) && c.in.Raw.Equal(x.Sent.Raw) {
			return c
		}
	}
	return nil
}

// before are the requests that came shortly before one.
func (b *inbox) before(c *call) []flows.Inbound {
	at := max(slices.Index(b.kept, c), 0)
	var out []flows.Inbound
	for _, x := range b.kept[max(0, at-maxEarlier):at] {
		out = append(out, x.in)
	}
	return out
}

// clear forgets all requests.
func (b *inbox) clear() {
	b.gone += len(b.kept)
	b.kept, b.bytes, b.unseen = nil, 0, 0
}

// inboundFilter says which requests the list shows.
type inboundFilter int

// The filters, in the order in which a key goes through them.
const (
	showAll inboundFilter = iota
	showOthers
	showRefused
	inboundFilters
)

var filterNames = [inboundFilters]string{"all", "others' only", "refused only"}

func (f inboundFilter) shows(c *call) bool {
	switch f {
	case showOthers:
		return !c.own
	case showRefused:
		_, refused := c.in.Failed()
		return refused
	}
	return true
}

// list are the requests that the filter shows, the newest first.
func (b *inbox) list(f inboundFilter) []*call {
	out := make([]*call, 0, len(b.kept))
	for _, c := range slices.Backward(b.kept) {
		if f.shows(c) {
			out = append(out, c)
		}
	}
	return out
}

// arrive takes what reached the sandbox.
func (s *inboundScreen) arrive(list []flows.Inbound) {
	for _, in := range list {
		s.box.take(in)
	}
	if s.m.screen == s {
		s.box.unseen = 0
	}
}
