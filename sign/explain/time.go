package explain

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// window is how far X-Timestamp may be from the server's clock; exactly so far is inside.
const window = 300 * time.Second

// leastNonce is the least number of characters of X-Nonce.
const leastNonce = 16

// timestamp judges X-Timestamp against the clock that counts.
func (x *examination) timestamp() {
	values := headers(x.e.Request, sabikaTimestamp)
	if len(values) == 0 {
		x.find("timestamp-missing", Certain, true, "there is no header "+sabikaTimestamp)
		return
	}
	if len(values) > 1 {
		x.find("header-repeated", Certain, false, fmt.Sprintf("%s stands there %d times", sabikaTimestamp, len(values)))
	}
	n, err := strconv.ParseInt(values[0], 10, 64)
	switch {
	case err != nil || n < 0 || strings.HasPrefix(values[0], "+"):
		x.find("timestamp-not-seconds", Certain, false, quote(values[0])+" is not a decimal number")
		return
	case n > 1e11:
		x.find("timestamp-not-seconds", Certain, false, fmt.Sprintf("%d would be in the year %d; in milliseconds it is %s", n, time.Unix(n, 0).UTC().Year(), instant(time.UnixMilli(n))))
		n /= 1000
	}
	now, whose := x.judging()
	if now.IsZero() {
		x.checked("X-Timestamp is %s; without a clock it was not judged", instant(time.Unix(n, 0)))
		return
	}
	behind := now.Sub(time.Unix(n, 0)).Truncate(time.Second)
	if behind.Abs() <= window {
		x.checked("X-Timestamp is %s from %s; %s are allowed", seconds(behind.Abs()), whose, seconds(window))
		return
	}
	direction := "behind"
	if behind < 0 {
		direction = "ahead of"
	}
	steps := []string{fmt.Sprintf("X-Timestamp is %s, %s %s %s, which says %s; %s are allowed", instant(time.Unix(n, 0)), seconds(behind.Abs()), direction, whose, instant(now), seconds(window))}
	if !x.e.Date.IsZero() && !x.e.At.IsZero() {
		if skew := x.e.At.Sub(x.e.Date); skew.Abs() > time.Second {
			steps = append(steps, fmt.Sprintf("the clock of this machine is %s off the server's", seconds(skew)))
		}
	}
	x.find("timestamp-stale", Certain, false, steps...)
}

// nonce judges X-Nonce.
func (x *examination) nonce() {
	values := headers(x.e.Request, sabikaNonce)
	switch {
	case len(values) == 0:
		x.find("nonce-missing", Certain, true, "there is no header "+sabikaNonce)
		return
	case len(values) > 1:
		x.find("header-repeated", Certain, false, fmt.Sprintf("%s stands there %d times", sabikaNonce, len(values)))
	}
	n := values[0]
	switch sent := x.earlierNonces(); {
	case len(n) < leastNonce:
		x.find("nonce-short", Certain, false, fmt.Sprintf("%s has %d characters", quote(n), len(n)))
	case slices.Contains(x.e.Nonces, n):
		x.find("nonce-reused", Certain, false, quote(n)+" was taken before")
	case slices.Contains(sent, n):
		x.find("nonce-reused", Likely, false, quote(n)+" stands in an earlier request too; whether that one used it up is not known")
	default:
		x.checked("the nonce has %d characters and is not among the %d seen earlier", len(n), len(sent))
	}
}

// earlierNonces are those of the evidence and of the earlier requests, each once.
func (x *examination) earlierNonces() []string {
	all := slices.Clone(x.e.Nonces)
	for _, c := range x.e.Earlier {
		if n, ok := c.Get(sabikaNonce); ok {
			all = append(all, n)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
