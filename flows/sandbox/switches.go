package sandbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Switch is something about a partner that a person can turn: a fault, or a reading of a page that disagrees with itself.
type Switch struct {
	Name, Title, Doc string
	Value            string
	Values           []string // what it can be set to; "clock" also takes any other number of seconds within a day
}

// Names of the switches that every partner has (but "expire", which needs tokens).
const (
	switchExpire = "expire"
	switchClock  = "clock"
	switchRevoke = "revoke"
	switchFail   = "fail"
	switchFailAt = "fail_at"

	expireNone   = "no"
	expireAccess = "access"
	expireNow    = "now"
)

// Values of the fail switch.
const (
	failNone     = "none"
	failOnce500  = "once-500"
	failOnce503  = "once-503"
	failDrop     = "drop"
	failStall    = "stall"
	failHalf     = "half"
	failRedirect = "redirect"
	failHostile  = "hostile"
	failHTML     = "html"
)

// maxSkew bounds the clock switch, in seconds.
const maxSkew = 86400

// switchboard holds a partner's switches. The first value of each is its default.
type switchboard struct{ switches []Switch }

// newSwitchboard puts a partner's own switches in front of those that all have.
func newSwitchboard(tokens bool, own ...Switch) *switchboard {
	all := own
	if tokens {
		all = append(all, Switch{Name: switchExpire, Title: "Expire tokens",
			Doc:    "now: every token issued so far counts as expired; access: the access tokens only. Falls back to no at once.",
			Values: []string{expireNone, expireNow, expireAccess}})
	}
	all = append(all,
		Switch{Name: switchClock, Title: "Clock skew",
			Doc:    "Seconds by which the partner's clock is ahead; it also shows in the Date header.",
			Values: []string{"0", "-600", "600"}},
		Switch{Name: switchRevoke, Title: "Revoke credentials",
			Doc:    "on: passwords, secrets, keys and refresh tokens are refused; access tokens live on until they expire.",
			Values: []string{"off", "on"}},
		Switch{Name: switchFail, Title: "Fault",
			Doc: "once-500: executes, then answers 500 once; once-503: refuses once, unexecuted; drop: executes, then closes without an answer; " +
				"stall: executes, then holds the answer; half: half a body; redirect: 307 to another origin, unexecuted; " +
				"hostile: terminal escapes in the body; html: a proxy's page instead of JSON, unexecuted.",
			Values: []string{failNone, failOnce500, failOnce503, failDrop, failStall, failHalf, failRedirect, failHostile, failHTML}},
		Switch{Name: switchFailAt, Title: "Where the fault strikes",
			Doc:    "any request, only the token requests, or only the others.",
			Values: []string{"any", "token", "call"}},
	)
	for i := range all {
		all[i].Value = all[i].Values[0]
	}
	return &switchboard{all}
}

func (b *switchboard) list() []Switch {
	all := slices.Clone(b.switches)
	for i := range all {
		all[i].Values = slices.Clone(all[i].Values)
	}
	return all
}

func (b *switchboard) find(name string) *Switch {
	i := slices.IndexFunc(b.switches, func(s Switch) bool { return s.Name == name })
	if i < 0 {
		return nil
	}
	return &b.switches[i]
}

func (b *switchboard) set(name, value string) error {
	s := b.find(name)
	if s == nil && name == switchExpire {
		return fmt.Errorf("there are no tokens, so nothing can expire")
	}
	if s == nil {
		return fmt.Errorf("no switch %q; there are %s", name, strings.Join(b.names(), ", "))
	}
	if name == switchClock {
		seconds, err := strconv.Atoi(value)
		if err != nil || max(seconds, -seconds) > maxSkew {
			return fmt.Errorf("switch %q cannot be %q; want whole seconds between -%d and %d", name, value, maxSkew, maxSkew)
		}
		s.Value = strconv.Itoa(seconds)
		return nil
	}
	if !slices.Contains(s.Values, value) {
		return fmt.Errorf("switch %q cannot be %q; want one of %s", name, value, strings.Join(s.Values, ", "))
	}
	s.Value = value
	return nil
}

func (b *switchboard) names() []string {
	names := make([]string, len(b.switches))
	for i, s := range b.switches {
		names[i] = s.Name
	}
	return names
}

func (b *switchboard) reset(name string) { s := b.find(name); s.Value = s.Values[0] }

// value is a switch's present value, or "" when the partner has no such switch.
func (b *switchboard) value(name string) string {
	if s := b.find(name); s != nil {
		return s.Value
	}
	return ""
}

func (b *switchboard) revoked() bool { return b.value(switchRevoke) == "on" }

func (b *switchboard) skew() time.Duration {
	seconds, _ := strconv.Atoi(b.value(switchClock)) // set checked it
	return time.Duration(seconds) * time.Second
}

// fault is what is to go wrong with a request of this kind. A fault that happens once is taken off the board.
func (b *switchboard) fault(tokenRequest bool) string {
	fault, at := b.value(switchFail), b.value(switchFailAt)
	if at == "token" && !tokenRequest || at == "call" && tokenRequest {
		return failNone
	}
	if fault == failOnce500 || fault == failOnce503 {
		b.reset(switchFail)
	}
	return fault
}
