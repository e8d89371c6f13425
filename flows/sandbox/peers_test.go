package sandbox

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Clients that are no code of this project, run against the sandbox as their authors' users would.
func TestPeers(t *testing.T) {
	server, err := Start(Options{Dir: filepath.Join(t.TempDir(), "sandbox")})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	jiko, sabika, files := server.Credentials("jiko"), server.Credentials("sabika"), server.Files("sabika")
	tests := []struct {
		id, needs   string
		command     []string
		environment []string
		prints      string
	}{
		{"jupico", "curl", []string{"sh", "jupico.sh"}, nil, `"status":"OK"`},
		{"jiko", "python3", []string{"python3", "jiko.py"}, []string{"JIKO_USER=" + jiko["username"], "JIKO_PASS=" + jiko["password"],
			"JIKO_SIGNING_SECRET=" + jiko["signing_secret"]}, "POST /api/v1/transfers/on-us/ 201"},
		{"sabika", "node", []string{"node", "sabika.mjs"}, []string{"CLIENT_ID=" + sabika["client_id"], "CLIENT_SECRET=" + sabika["client_secret"],
			"CLIENT_CERTIFICATE=" + files["client_certificate"], "CLIENT_KEY=" + files["client_key"], "SIGNING_KEY=" + files["signing_key"]},
			"the order again, signed afresh 200"},
	}
	for _, test := range tests {
		t.Run(test.id, func(t *testing.T) {
			if _, err := exec.LookPath(test.needs); err != nil {
				t.Skipf("SKIPPED: %s is not installed, so nothing but our own code has spoken %s's scheme here", test.needs, test.id)
			}
			if test.needs == "node" && os.Getenv("COUNTERSIGN_NODE_MODULES") == "" {
				t.Skip("SKIPPED: COUNTERSIGN_NODE_MODULES names no node_modules directory with jose (npm install jose@6)")
			}
			command := exec.CommandContext(t.Context(), test.command[0], test.command[1:]...)
			command.Dir = filepath.Join("testdata", "peers")
			command.Env = append(os.Environ(), "URL="+server.BaseURL(test.id), "CA="+server.CAFile(), "NO_PROXY=*", "no_proxy=*")
			command.Env = append(command.Env, test.environment...)
			output, err := command.CombinedOutput()
			if err != nil || !strings.Contains(string(output), test.prints) {
				t.Fatalf("%v\n%s", err, output)
			}
			t.Logf("%s", output)
		})
	}
}
