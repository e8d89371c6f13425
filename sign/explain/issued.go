package explain

import (
	"bytes"
	"fmt"

	"countersign/sign"
)

// issued compares a token that was refused with the one that was issued last.
func (x *examination) issued(text string) {
	sent, known := sign.NewSecret(text), x.e.Token
	switch {
	case known.Empty():
		return
	case known.Equal(sent):
		x.checked("the token is the one that was issued last")
		return
	case x.part(text, known):
		return
	}
	for _, level := range keyring(x.scene(), []NamedSecret{{Name: "token", Secret: known}}, nil, 1)[1:] {
		for _, k := range level {
			x.meter.count(1)
			if k.secret.Equal(sent) {
				x.tellChains(append([][]step{k.steps}, k.ties...), "the token that was sent is byte for byte what this mistake makes of the one that was issued")
				return
			}
		}
	}
	x.find("token-other", Likely, false, "the token of the request is not the one that was issued last")
}

// leastPart is the length from which a part of a token is no accident.
const leastPart = 16

// part tells whether a token was cut on its way.
func (x *examination) part(text string, known sign.Secret) (cut bool) {
	if len(text) < leastPart || len(text) >= known.Len() {
		return false
	}
	var where string
	known.Derive(func(whole []byte) []byte {
		switch at := bytes.Index(whole, []byte(text)); {
		case at == 0:
			where = "it is the beginning"
		case at > 0 && at+len(text) == len(whole):
			where = "it is the end"
		case at > 0:
			where = "it is from the middle"
		}
		return nil
	})
	if where == "" {
		return false
	}
	x.find("token-malformed", Proved, x.unsigned(), fmt.Sprintf("%s of the token that was issued, %d of its %d characters", where, len(text), known.Len()))
	return true
}
