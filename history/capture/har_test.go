package capture

import (
	"strings"
	"testing"
)

const harRequestText = `{"method":"POST","url":"https://api.example.test/v1/orders?a=1#f","headers":[{"name":":authority","value":"x"},{"name":"X-Nonce","value":"n"}],"postData":{"mimeType":"application/json","text":"{\"a\": \"é\"}\n"}}`

func TestHAR(t *testing.T) {
	for name, text := range map[string]string{
		"request":    harRequestText,
		"entry":      `{"request":` + harRequestText + `,"response":{"status":401}}`,
		"list":       `[{"request":` + harRequestText + `}]`,
		"file":       `{"log":{"version":"1.2","entries":[{"request":` + harRequestText + `}]}}`,
		"with a BOM": "\ufeff" + harRequestText,
	} {
		t.Run(name, func(t *testing.T) {
			c, _, err := Parse([]byte(text), Option{})
			if err != nil {
				t.Fatal(err)
			}
			if c.Method != "POST" || c.Scheme != "https" || c.Authority != "api.example.test" || c.Target != "/v1/orders?a=1" ||
				string(c.Body) != "{\"a\": \"é\"}\n" || len(c.Header) != 1 || c.Header[0].Value != "n" {
				t.Errorf("%+v", c)
			}
		})
	}
}

func TestHARBodies(t *testing.T) {
	tests := []struct{ name, postData, want, remark string }{
		{"base64", `{"text":"/w==","encoding":"base64"}`, "\xff", ""},
		{"params", `{"params":[{"name":"a","value":"x y"},{"name":"b","value":"1"}]}`, "a=x+y&b=1", "only form parameters"},
		{"lossy", `{"text":"\ufffd"}`, "\ufffd", "may have lost bytes"},
		{"empty", `{"text":""}`, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, remarks, err := HAR([]byte(`{"method":"POST","url":"https://h/","postData":`+tt.postData+`}`), Option{})
			if err != nil || string(c.Body) != tt.want || c.HasBody != (tt.want != "") || !strings.Contains(joined(remarks), tt.remark) {
				t.Errorf("%q %v %q", c.Body, err, remarks)
			}
		})
	}
}

func TestHARPicksAnEntry(t *testing.T) {
	const two = `[{"request":{"method":"GET","url":"https://h/0"}},{"request":{"method":"GET","url":"https://h/1"}}]`
	c, remarks, err := HAR([]byte(two), Option{Entry: 1})
	if err != nil || c.Target != "/1" || !strings.Contains(joined(remarks), "entry 1 of 2") {
		t.Errorf("%+v %v %q", c, err, remarks)
	}
	if _, _, err := HAR([]byte(two), Option{Entry: 2}); err == nil || !strings.Contains(err.Error(), "no entry 2") {
		t.Errorf("error %v", err)
	}
}

func TestHARRefusals(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":1}`:                      "no HAR file",
		`{"log":{"entries":[{}]}}`:     "method",
		`{"request":{"method":"GET"}}`: "no host",
		`{"method":`:                   "damaged",
		`{"log":{"entries":[]}}`:       "no entry 0",
	} {
		if _, _, err := HAR([]byte(text), Option{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", text, err, want)
		}
	}
}

func FuzzHAR(f *testing.F) {
	f.Add(harRequestText)
	f.Add(`{"log":{"entries":[{"request":` + harRequestText + `}]}}`)
	f.Add(`[{"request":{"method":"GET","url":"https://h/0"}}]`)
	f.Fuzz(func(t *testing.T, text string) {
		c, _, err := HAR([]byte(text), Option{})
		checkParsed(t, c, err)
	})
}
