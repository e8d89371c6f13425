package cli

import (
	"countersign/flows"
	"countersign/sign/explain"
	"countersign/sign/untrusted"
)

// sandboxJSON is the first line of sandbox --json.
type sandboxJSON struct {
	CAFile    string               `json:"ca_file"`
	Providers map[string]placeJSON `json:"providers"`
}

type placeJSON struct {
	BaseURL     string            `json:"base_url"`
	Credentials map[string]string `json:"credentials"`
	Files       map[string]string `json:"files"`
}

func sandboxOf(e flows.Embedding) sandboxJSON {
	out := sandboxJSON{CAFile: e.CAFile, Providers: map[string]placeJSON{}}
	for _, p := range flows.All() {
		given, files := e.Given(p.ID), e.Files(p.ID)
		if files == nil {
			files = map[string]string{}
		}
		out.Providers[p.ID] = placeJSON{given.BaseURL, given.Values, files}
	}
	return out
}

// inboundJSON is the line for one request.
type inboundJSON struct {
	Provider    string            `json:"provider"`
	Method      untrusted.Text    `json:"method"`
	Path        untrusted.Text    `json:"path"`
	Query       untrusted.Text    `json:"query,omitzero"`
	Status      int               `json:"status"`
	Checks      []checkJSON       `json:"checks"`                // those that were made, in order
	Expected    []byte            `json:"expected,omitempty"`    // the canonical string; base64
	Explanation []explain.Finding `json:"explanation,omitempty"` // what the doctor finds in a refused request
	Note        untrusted.Text    `json:"note,omitzero"`
}

type checkJSON struct {
	Name   string         `json:"name"`
	OK     bool           `json:"ok"`
	Detail untrusted.Text `json:"detail"`
}

func inboundOf(in flows.Inbound, findings []explain.Finding) inboundJSON {
	out := inboundJSON{
		Provider: in.Provider, Method: untrusted.From(in.Request.Method), Path: untrusted.From(in.Request.Path()),
		Query: untrusted.From(in.Request.Query()), Status: in.Status, Checks: []checkJSON{}, Expected: in.Expected, Explanation: findings, Note: untrusted.From(in.Note),
	}
	for _, c := range in.Checks {
		if !c.Skipped { // not needed, or not reached: it neither passed nor failed
			out.Checks = append(out.Checks, checkJSON{c.Name, c.OK, untrusted.From(c.Detail)})
		}
	}
	return out
}

type switchJSON struct {
	Name   string   `json:"name"`
	Title  string   `json:"title"`
	Doc    string   `json:"doc"`
	Value  string   `json:"value"`
	Values []string `json:"values"`
}

func switchesOf(list []flows.Switch) []switchJSON {
	out := []switchJSON{}
	for _, s := range list {
		out = append(out, switchJSON{s.Name, s.Title, s.Doc, s.Value, s.Values})
	}
	return out
}
