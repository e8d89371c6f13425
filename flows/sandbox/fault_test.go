package sandbox

import (
	"strings"
	"testing"
)

// Each fault, met by a Sabika order: what the client sees, and whether the order was executed, which a repeat under the
// same key tells.
func TestFaults(t *testing.T) {
	tests := []struct {
		fault    string
		status   int // 0: no answer
		executed bool
		stays    bool
		body     string
	}{
		{"none", 201, true, true, `"status":"executed"`},
		{"once-500", 500, true, false, `internal_error`},
		{"once-503", 503, false, false, `service_unavailable`},
		{"drop", 0, true, true, ""},
		{"half", 201, true, true, ""},
		{"redirect", 307, false, true, ""},
		{"hostile", 201, true, true, "\x1b]52;"},
		{"html", 200, false, true, "<html>"},
	}
	for _, test := range tests {
		t.Run(test.fault, func(t *testing.T) {
			s := startSabika(t)
			const order, body = "POST /v1/orders", `{"quote_id":"q_demo_1"}`
			s.set("sabika", "fail_at", "call") // the token request is left alone
			s.set("sabika", "fail", test.fault)
			answer, err := s.send(s.signed(order, body, "key", nil))
			switch {
			case test.status == 0 || test.fault == "half":
				if err == nil {
					t.Errorf("a whole answer: %s", answer.text)
				}
			case err != nil || answer.StatusCode != test.status || !strings.Contains(answer.text, test.body):
				t.Errorf("%v: %v\n%s", err, answer.Response, answer.text)
			}
			if test.fault == "redirect" && !strings.HasPrefix(answer.Header.Get("Location"), s.BaseURL("kuna")) {
				t.Errorf("Location %s", answer.Header.Get("Location"))
			}
			if e := s.last(); e.Status != test.status {
				t.Errorf("the event has status %d", e.Status)
			}
			stays := "none"
			if test.stays {
				stays = test.fault
			}
			if got := s.partners["sabika"].switches.value("fail"); got != stays {
				t.Errorf("the switch is at %s, want %s", got, stays)
			}
			s.set("sabika", "fail", "none")
			again, err := s.send(s.signed(order, body, "key", nil))
			if err != nil {
				t.Fatal(err)
			}
			if replayed := again.Header.Get("Sandbox-Replayed") == "true"; replayed != test.executed {
				t.Errorf("executed %t, want %t", replayed, test.executed)
			}
		})
	}
}

// A stalled answer ends when the client leaves, and when the sandbox closes.
func TestStall(t *testing.T) {
	reported := make(chan Event)
	server, err := Start(Options{Now: (&clock{now: moment}).Now, Observe: func(e Event) { reported <- e }})
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, Server: server}
	b.set("jupico", "fail", "stall")
	finished := make(chan error)
	go func() {
		_, err := b.send(request{provider: "jupico", line: "GET /status"})
		finished <- err
	}()
	if e := <-reported; e.Status != 0 {
		t.Errorf("status %d", e.Status)
	}
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	if err := <-finished; err == nil {
		t.Error("the client got an answer")
	}
}

func TestFailAt(t *testing.T) {
	b := start(t)
	b.set("jpay", "fail", "html")
	b.set("jpay", "fail_at", "call")
	access, _ := b.jpayTokens()
	if got := b.jpayGet(200, "/wallets/balance", access); got.Header.Get("Content-Type") == "application/json" {
		t.Error(got.text)
	}
	b.set("jpay", "fail_at", "token")
	if got := b.jpayGet(200, "/wallets/balance", access); got.Header.Get("Content-Type") != "application/json" {
		t.Error(got.text)
	}
	if got := b.jpayRefresh(200, "x"); got.Header.Get("Content-Type") == "application/json" {
		t.Error(got.text)
	}
}

func TestClockSwitch(t *testing.T) {
	s := startSabika(t)
	s.set("sabika", "clock", "600")
	answer := s.must(401, s.signed("POST /v1/signed-probe", "", "", nil))
	if got := answer.Header.Get("Date"); got != "Sun, 01 Mar 2026 12:10:00 GMT" || answer.field("error") != "stale_timestamp" {
		t.Errorf("Date %s, %s", got, answer.text)
	}
	s.set("sabika", "clock", "-299")
	s.must(200, s.signed("POST /v1/signed-probe", "", "", nil))
	s.set("sabika", "clock", "0")
	if got := s.last().At; !got.Equal(moment) {
		t.Errorf("the event is dated %v", got)
	}
}

func TestExpireSwitch(t *testing.T) {
	b := start(t)
	access, refresh := b.jpayTokens()
	b.set("jpay", "expire", "access")
	b.jpayGet(401, "/wallets/balance", access)
	fresh := b.jpayRefresh(200, refresh)
	b.jpayGet(200, "/wallets/balance", fresh.field("access").(string))
	b.set("jpay", "expire", "now")
	b.jpayGet(401, "/wallets/balance", fresh.field("access").(string))
	b.jpayRefresh(401, fresh.field("refresh").(string))
	if got := b.partners["jpay"].switches.value("expire"); got != "no" {
		t.Errorf("the switch stays at %s", got)
	}
	access, _ = b.jpayTokens()
	b.jpayGet(200, "/wallets/balance", access)
}

func TestSwitches(t *testing.T) {
	b := start(t)
	for _, id := range IDs() {
		names := make(map[string]bool)
		for _, s := range b.Switches(id) {
			if s.Title == "" || s.Doc == "" || names[s.Name] || s.Value != s.Values[0] {
				t.Errorf("%s: %+v", id, s)
			}
			names[s.Name] = true
			for _, value := range s.Values {
				if err := b.Set(id, s.Name, value); err != nil {
					t.Errorf("%s: %v", id, err)
				}
			}
			if err := b.Set(id, s.Name, "nonsense"); err == nil {
				t.Errorf("%s: %s took nonsense", id, s.Name)
			}
		}
		for _, name := range []string{"clock", "revoke", "fail"} {
			if !names[name] {
				t.Errorf("%s has no switch %s", id, name)
			}
		}
	}
	for _, test := range []struct{ id, name, value, problem string }{
		{"jiko", "nothing", "x", "there are expire, clock"},
		{"jupico", "expire", "now", "no tokens"},
		{"jiko", "clock", "86401", "between -86400 and 86400"},
		{"nobody", "clock", "0", "no partner"},
	} {
		if err := b.Set(test.id, test.name, test.value); err == nil || !strings.Contains(err.Error(), test.problem) {
			t.Errorf("%+v: %v", test, err)
		}
	}
}
