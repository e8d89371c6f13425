package ui_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"countersign/flows"
	"countersign/sign"
	"countersign/sign/untrusted"
	"countersign/ui"
)

// tame says what of a screen's content could command a terminal: anything but text and colours.
func tame(content string) error {
	for i, part := range strings.Split(content, "\x1b") {
		if i == 0 {
			continue
		}
		end := strings.IndexByte(part, 'm')
		if end < 1 || part[0] != '[' || strings.Trim(part[1:end], "0123456789;:") != "" {
			return fmt.Errorf("not a colour: %.20q", part)
		}
	}
	for _, r := range content {
		if r < ' ' && r != '\n' && r != '\x1b' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0xfeff || r == 0x200b {
			return fmt.Errorf("the character %U is on the screen", r)
		}
	}
	return nil
}

// raw writes bytes to a partner of the sandbox, as no HTTP library would.
func (w *world) raw(t testing.TB, id, text string) {
	t.Helper()
	host := strings.Split(strings.TrimPrefix(w.server.BaseURL(id), "https://"), "/")[0]
	c, err := net.Dial("tcp", w.real[host])
	if err != nil {
		t.Fatal(err)
	}
	config := w.tls(id)
	config.ServerName = "127.0.0.1"
	s := tls.Client(c, config)
	defer s.Close()
	if _, err := io.WriteString(s, strings.ReplaceAll(text, "HOST", host)); err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, s)
}

const hostileText = "\x1b]52;c;aGFybWxlc3M=\a\x1b[2J\u009b31m\u202egnp.exe\u2066\u200b\xff\r"

// inspecting is a program that shows the inbound screen.
func inspecting(t testing.TB, w *world, width, height int) *driver {
	t.Helper()
	d := newDriver(w)
	d.send(tea.WindowSizeMsg{Width: width, Height: height})
	d.idle()
	d.send(keyPress("I"))
	return d
}

// Whatever bytes arrive, none of them commands the terminal, masked or revealed, at any size.
func TestInboundHostile(t *testing.T) {
	w := newWorld(t)
	d := inspecting(t, w, 120, 40)
	body := `{"a":"` + hostileText + `"}`
	w.raw(t, "jiko", "POST /api/v1/"+strings.ReplaceAll(hostileText, "\r", "")+"?q="+"\u202e HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n")
	w.raw(t, "jiko", fmt.Sprintf("POST /api/v1/transfers/on-us/ HTTP/1.1\r\nHost: HOST\r\nX-Evil: \u202e\u009b31m\xff\r\nAuthorization: Bearer \u202eabc\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s", len(body), body))
	w.raw(t, "sabika", "\x16\x03\x01 "+hostileText+"\r\n\r\n")
	d.deliver()
	d.send(ui.Arrived(flows.Inbound{ // what no server lets through
		Sequence: 9, At: start, Provider: "jiko" + hostileText, Remote: hostileText, Status: 401,
		Request: sign.Captured{Method: hostileText, Target: "/" + hostileText, Header: []sign.Pair{{Name: hostileText, Value: hostileText}}, Body: []byte(hostileText), HasBody: true},
		Raw:     sign.NewSecret(hostileText), Body: untrusted.From(hostileText), Note: hostileText, Expected: []byte(hostileText),
		Header: []flows.ResponseHeader{{Name: untrusted.From(hostileText), Value: untrusted.From(hostileText)}},
		Checks: []flows.Check{{Name: hostileText, Detail: hostileText}},
	}))
	d.idle()
	seen := false
	for range 5 {
		for _, size := range [][2]int{{120, 40}, {80, 24}, {61, 17}} {
			d.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
			for _, keys := range []string{"0", "1", "2", "3", "!", "!", "4", "5", "6", "0"} {
				d.send(keyPress(keys))
				content := d.model.View().Content
				if err := tame(content); err != nil {
					t.Fatalf("%v, key %s: %v", size, keys, err)
				}
				if err := exact(content, size[0], size[1]); err != nil {
					t.Fatalf("%v, key %s: %v", size, keys, err)
				}
				seen = seen || strings.Contains(content, "]52;c;")
			}
		}
		d.send(keyPress("down"))
		d.idle()
	}
	if !seen {
		t.Error("the hostile text is nowhere to be seen")
	}
}

// No secret is on the screen or in what is copied unless it was asked for, whoever sent it.
func TestInboundSecretsStayHidden(t *testing.T) {
	for _, c := range []struct{ id, request string }{{"jiko", "subscription"}, {"jupico", "sale"}, {"jpay", "balance"}, {"sabika", "order"}, {"kuna", "balance"}} {
		t.Run(c.id, func(t *testing.T) {
			w := newWorld(t)
			w.inbound(t, c.id, c.id+" "+c.request)
			w.inbound(t, c.id, c.id+" "+c.request+` header.X-Api-Key=typed-by-mistake-1 body=`+quoted(`{"pin":123456,"password":"short","deep":{"client_secret":"cut off here`))
			var secrets []string
			p, _ := flows.Find(flows.All(), c.id)
			for _, f := range p.Fields {
				if v := w.server.Credentials(c.id)[f.Name]; f.Secret && v != "" {
					secrets = append(secrets, v)
				}
			}
			secrets = append(secrets, "typed-by-mistake-1", "123456", `"short"`, "cut off here")
			list := w.seen.take()
			for _, in := range list {
				if v, ok := in.Request.Get("Authorization"); ok {
					_, credential, _ := strings.Cut(v, " ")
					secrets = append(secrets, credential)
				}
			}
			d := inspecting(t, w, 400, 200)
			d.send(ui.Arrived(list...))
			d.idle()
			var screen strings.Builder
			for range list {
				for _, part := range "0123456" {
					d.send(keyPress(string(part)))
					screen.WriteString(d.model.View().Content)
					if part != '5' { // there a person copies a credential on purpose
						d.send(keyPress("y"))
						d.idle()
						screen.WriteString(d.clip)
					}
				}
				d.send(keyPress("0"))
				d.send(keyPress("down"))
				d.idle()
			}
			for _, s := range secrets {
				if strings.Contains(screen.String(), s) {
					t.Errorf("a secret is on the screen: %.3s…", s)
				}
			}
			d.send(keyPress("home"))
			d.send(keyPress("3"))
			d.send(keyPress("!"))
			if shown := d.model.View().Content; !strings.Contains(shown, "typed-by-mistake-1") || !strings.Contains(shown, "123456") {
				t.Error("what was asked for is not shown")
			}
		})
	}
}

// Whatever is pressed while requests arrive, at whatever size, the screen is filled exactly.
func TestInboundRandomKeys(t *testing.T) {
	keys := strings.Fields("I I 0 1 2 3 4 5 6 up down left right pgup pgdown home end , . enter backspace tab ] [ d f e y ! delete esc ? ctrl+p space r b z")
	for seed := range uint64(3) {
		r := rand.New(rand.NewPCG(seed, 7))
		w := newWorld(t)
		w.wrote = seed == 1
		d := newDriver(w)
		width, height := 120, 40
		d.send(tea.WindowSizeMsg{Width: width, Height: height})
		for range 400 {
			switch r.IntN(14) {
			case 0:
				width, height = 1+r.IntN(200), 1+r.IntN(60)
				d.send(tea.WindowSizeMsg{Width: width, Height: height})
			case 1, 2:
				d.idle()
			case 3:
				w.inbound(t, "random", []string{"jiko agreements", "jupico status header.Authorization=x", "sabika order signed.path=/v1/order", "kuna rates"}[r.IntN(4)])
				d.deliver()
			default:
				d.send(keyPress(keys[r.IntN(len(keys))]))
			}
			if err := exact(d.model.View().Content, width, height); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
		}
	}
}

// A draft is the request that arrived: signed by the program it arrives again with the same path, query, body, key and
// headers.
func TestInboundDraftIsTheSame(t *testing.T) {
	w := newWorld(t)
	body := "{\"a\":\"{name}\",\"b\":\"\\u00e9 \xc3\xa9\"}\n "
	w.inbound(t, "draft", `jiko transfer query="?x=%20&y={z}" header.X-Trace="a b" field.signing_secret=0123456789abcdef0123456789abcdef body=`+quoted(body))
	first := w.seen.take()
	d := inspecting(t, w, 120, 40)
	d.send(ui.Arrived(first...))
	d.idle()
	d.send(keyPress("d"))
	d.send(keyPress("r"))
	var second []flows.Inbound
	for len(second) == 0 || second[len(second)-1].Request.Path() != first[1].Request.Path() {
		if len(d.queue) == 0 {
			t.Fatal("it was not sent: " + d.model.View().Content)
		}
		c := d.queue[0]
		d.queue = d.queue[1:]
		d.send(c())
		second = append(second, d.seen.take()...)
	}
	a, b := first[1].Request, second[len(second)-1].Request
	if a.Method != b.Method || a.Target != b.Target || !bytes.Equal(a.Body, b.Body) {
		t.Errorf("arrived\n%s %s\n%q\nsent\n%s %s\n%q", a.Method, a.Target, a.Body, b.Method, b.Target, b.Body)
	}
	for _, name := range []string{"X-Trace", "X-Jiko-Idempotency", "Content-Type"} {
		x, _ := a.Get(name)
		if y, _ := b.Get(name); x != y || x == "" {
			t.Errorf("%s: arrived %q, sent %q", name, x, y)
		}
	}
	for _, name := range []string{"Authorization", "X-Jiko-Signature"} {
		x, _ := a.Get(name)
		if y, _ := b.Get(name); x == y {
			t.Errorf("%s was not made afresh", name)
		}
	}
}

func quoted(s string) string { return fmt.Sprintf("%q", s) }

// A search is stopped by esc and goes on with e; one whose request is left is begun again when it is looked at again.
func TestInboundSearch(t *testing.T) {
	w := newWorld(t)
	w.inbound(t, "search", "jiko subscription field.signing_secret=0123456789abcdef0123456789abcdef")
	w.inbound(t, "search", "jupico status header.Authorization=Basic")
	list := w.seen.take()
	d := inspecting(t, w, 120, 40)
	look := func(what, want string) {
		t.Helper()
		if got := untrusted.From(d.model.View().Content).String(); !strings.Contains(got, want) {
			t.Errorf("%s: %q is not on the screen", what, want)
		}
	}
	d.send(ui.Arrived(list[:2]...))
	d.send(keyPress("1"))
	look("arrived", "looking for the mistake")
	d.send(keyPress("esc"))
	d.idle()
	look("stopped", "stopped before all was tried")
	d.send(keyPress("e"))
	look("searching on", "looking for the mistake")
	d.send(ui.Arrived(list[2])) // it comes between
	d.idle()
	look("the newer one", "basic-")
	d.send(keyPress("0"))
	d.send(keyPress("down"))
	d.idle()
	look("looked at again", "candidates recomputed")
}

// flood makes n requests that look like those of a broken loop.
func flood(n int) []flows.Inbound {
	list := make([]flows.Inbound, n)
	for i := range list {
		list[i] = flows.Inbound{
			Sequence: i + 1, At: start.Add(time.Duration(i) * time.Millisecond), Provider: "jiko", Remote: "127.0.0.1:1", Status: 401,
			Request: sign.Captured{Method: "POST", Target: fmt.Sprintf("/api/v1/transfers/%d/", i), Body: bytes.Repeat([]byte("x"), 1000), HasBody: true},
			Checks:  []flows.Check{{Name: "transport", OK: true}, {Name: "headers", Detail: "no token"}, {Name: "signature", Skipped: true}},
		}
	}
	return list
}

// A flood is bounded, and what is lost is told.
func TestInboundFlood(t *testing.T) {
	w := newWorld(t)
	d := inspecting(t, w, 120, 40)
	list := flood(10_000)
	for len(list) > 0 {
		n := min(len(list), 97)
		d.send(ui.Arrived(list[:n]...))
		list = list[n:]
	}
	d.send(ui.Arrived(flows.Inbound{Sequence: 10_011, Provider: "jiko"}))
	d.send(keyPress("0"))
	screen := d.model.View().Content
	for _, want := range []string{"9501 older requests forgotten", "10 requests came too fast", "following", " 500"} {
		if !strings.Contains(screen, want) {
			t.Errorf("%q is not on the screen", want)
		}
	}
}

// A key with ten thousand requests behind it costs what it costs with one.
func BenchmarkInboundKey(b *testing.B) {
	for _, n := range []int{1, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			d := inspecting(b, newWorld(b), 120, 40)
			d.send(ui.Arrived(flood(n)...))
			d.send(keyPress("0"))
			keys := []tea.KeyPressMsg{keyPress("down"), keyPress("pgdown"), keyPress("up"), keyPress("home")}
			i := 0
			b.ReportAllocs()
			for b.Loop() {
				d.model.Update(keys[i%len(keys)])
				d.model.View()
				i++
			}
		})
	}
}

// One more request among ten thousand, as it arrives.
func BenchmarkInboundArrival(b *testing.B) {
	d := inspecting(b, newWorld(b), 120, 40)
	d.send(ui.Arrived(flood(10_000)...))
	one := flood(1)
	b.ReportAllocs()
	for b.Loop() {
		one[0].Sequence++
		d.model.Update(ui.Arrived(one...))
		d.model.View()
	}
}
