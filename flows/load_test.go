package flows

import (
	"strings"
	"testing"

	"countersign/flows/credentials"
	"countersign/sign"
)

// An id of production in another environment is remarked on, and the other way round; nothing is refused.
func TestMisplacedCredentials(t *testing.T) {
	for _, tt := range []struct{ environment, id, want string }{
		{Sandbox, "sbk_live_1", "which is production's"},
		{Sandbox, "sbk_test_1", ""},
		{Production, "sbk_live_1", ""},
		{Production, "sbk_test_1", "does not begin with sbk_live_"},
		{Embedded, "sbk_live_1", ""},
	} {
		p := sabika()
		env, _ := p.Environment(tt.environment)
		got := strings.Join(misplaced(Draft{Provider: p, Environment: env}, credentials.Set{"client_id": {Secret: sign.NewSecret(tt.id)}}), "; ")
		if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
			t.Errorf("%s in %s: %q, want %q", tt.id, tt.environment, got, tt.want)
		}
	}
}
