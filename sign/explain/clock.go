package explain

import (
	"strconv"
	"time"
)

// clockMoves are mistakes with the timestamp, where it is signed.
var clockMoves = table{"timestamp", jws, byRecomputing, []move{
	{id: "timestamp-differs", rank: 22, stage: 1,
		title: "another second was signed than the one in the timestamp header",
		how:   "the timestamp a few seconds earlier or later, or that of Date or of an earlier request", probe: "any request, slowly",
		fix:   "read the clock once, keep the text, and use it for signing and for the header",
		apply: otherSecond},
	{id: "timestamp-milliseconds", rank: 46, stage: 2,
		title: "milliseconds were signed where seconds were sent, or the reverse",
		how:   "times or through 1000; fractions of the same second", probe: "any request",
		fix:   "use whole seconds for both: Math.floor(Date.now() / 1000), int(time.time()), time.Now().Unix()",
		apply: milliseconds},
	{id: "timestamp-text", rank: 46, stage: 2,
		title: "the timestamp was signed as a date in words, but sent as seconds",
		how:   "RFC 3339 with Z or +00:00, with milliseconds, or the form of the Date header", probe: "any request",
		fix:   "sign the decimal seconds of the header",
		apply: dateTexts},
	{id: "timestamp-fraction", rank: 46, stage: 2,
		title: "the timestamp was signed with a fraction",
		how:   ".0 behind the seconds", probe: "any request",
		fix:  "cut the fraction: str(int(time.time()))",
		edit: func(b []byte) []byte { return []byte(string(b) + ".0") }},
}}

// nearSeconds is how far a second reading of the clock may be away.
const nearSeconds = 5

func otherSecond(s *scene, v []byte, yield yielder) {
	n, err := strconv.ParseInt(string(v), 10, 64)
	if err != nil || n < 0 || n > 1<<50 {
		return
	}
	for d := int64(1); d <= nearSeconds; d++ {
		for _, sign := range []int64{-1, 1} {
			yield(strconv.AppendInt(nil, n+sign*d, 10), strconv.FormatInt(sign*d, 10)+" s")
		}
	}
	if date, ok := s.r.Get("Date"); ok {
		if t, err := time.Parse(http1123, date); err == nil {
			yield(strconv.AppendInt(nil, t.Unix(), 10), "that of the Date header")
		}
	}
	for i, c := range s.e.Earlier {
		if t, ok := c.Get("X-Timestamp"); ok && i < maxEarlier {
			yield([]byte(t), "that of an earlier request")
		}
	}
}

// http1123 is the form of the Date header (RFC 9110 section 5.6.7).
const http1123 = "Mon, 02 Jan 2006 15:04:05 GMT"

func milliseconds(_ *scene, v []byte, yield yielder) {
	switch {
	case len(v) == 13:
		yield(v[:10], "signed in seconds")
	case len(v) > 0 && len(v) <= 11:
		yield([]byte(string(v)+"000"), "signed in milliseconds")
		yield([]byte(string(v)+"000000"), "signed in microseconds")
		yield([]byte(string(v)+"000000000"), "signed in nanoseconds")
	}
}

func dateTexts(_ *scene, v []byte, yield yielder) {
	n, err := strconv.ParseInt(string(v), 10, 64)
	if err != nil || n < 0 || n > 1<<36 {
		return
	}
	t := time.Unix(n, 0).UTC()
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05+00:00", "2006-01-02T15:04:05.000Z", "2006-01-02T15:04:05", "2006-01-02 15:04:05", http1123, "20060102T150405Z"} {
		text := t.Format(layout)
		yield([]byte(text), quote(text))
	}
}
