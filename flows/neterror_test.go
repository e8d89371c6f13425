package flows

import (
	"fmt"
	"net"
	"testing"
)

type alert uint8

func (a alert) Error() string { return fmt.Sprintf("tls: alert(%d)", uint8(a)) }

// An alert says that the request was not read only where it must have come before: TLS 1.3, a server that asked for a
// certificate, and an alert that judges it.
func TestRefusedClientNeedsEveryCondition(t *testing.T) {
	remote := func(a alert) error { return fmt.Errorf("wrapped: %w", &net.OpError{Op: "remote error", Err: a}) }
	asked := func(version string) *TLSFacts { return &TLSFacts{Version: version, ClientAsked: true} }
	tests := []struct {
		name  string
		err   error
		facts *TLSFacts
		want  bool
	}{
		{"certificate required", remote(116), asked("TLS 1.3"), true},
		{"unknown authority", remote(48), asked("TLS 1.3"), true},
		{"revoked", remote(44), asked("TLS 1.3"), true},
		{"TLS 1.2", remote(116), asked("TLS 1.2"), false},
		{"not asked", remote(116), &TLSFacts{Version: "TLS 1.3"}, false},
		{"no handshake", remote(116), nil, false},
		{"internal error", remote(80), asked("TLS 1.3"), false},
		{"illegal parameter", remote(47), asked("TLS 1.3"), false},
		{"our own alert", &net.OpError{Op: "local error", Err: alert(116)}, asked("TLS 1.3"), false},
		{"no alert", &net.OpError{Op: "remote error", Err: net.ErrClosed}, asked("TLS 1.3"), false},
	}
	for _, tt := range tests {
		if got := refusedClient(tt.err, tt.facts); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}
