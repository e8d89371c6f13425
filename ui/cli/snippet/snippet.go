// Package snippet writes the lines with which people's own code reaches a partner on the embedded sandbox: its address,
// its certificate authority and, where the partner wants one, the client certificate.
//
// Not a goal: to sign. Whoever comes here brings the code that signs; it is the thing to be tried.
package snippet

import (
	"encoding/json"
	"strings"
)

// Place is where a partner is and how to reach it.
type Place struct {
	BaseURL, CAFile  string
	Certificate, Key string // PEM files for mutual TLS; "" for none
	Method, Path     string // of a request to try
}

// language is a template. Each {{name}} is replaced by a value, quoted for the language; lines that begin with
// mutualLine are for partners that want a client certificate only.
type language struct {
	name, text string
	quote      func(string) string
}

// mutualLine marks a line for mutual TLS.
const mutualLine = "%mtls "

var languages = []language{
	{"curl", `curl --cacert {{ca}} -X {{method}} {{url}}
%mtls   --cert {{certificate}} --key {{key}}`, shell},
	{"python", `import http.client, ssl, urllib.parse
context = ssl.create_default_context(cafile={{ca}})
%mtls context.load_cert_chain({{certificate}}, {{key}})
base = urllib.parse.urlsplit({{base}})
connection = http.client.HTTPSConnection(base.hostname, base.port, context=context)
connection.request({{method}}, base.path + {{path}})
print(connection.getresponse().read())`, double},
	{"node", `import { readFileSync } from 'node:fs';
import { request } from 'node:https';
const tls = {
  ca: readFileSync({{ca}}),
%mtls   cert: readFileSync({{certificate}}), key: readFileSync({{key}}),
};
request({{url}}, { method: {{method}}, ...tls }, (answer) => answer.pipe(process.stdout)).end();`, double},
	{"go", `roots := x509.NewCertPool()
ca, err := os.ReadFile({{ca}})
roots.AppendCertsFromPEM(ca)
config := &tls.Config{RootCAs: roots}
%mtls pair, err := tls.LoadX509KeyPair({{certificate}}, {{key}})
%mtls config.Certificates = []tls.Certificate{pair}
client := &http.Client{Transport: &http.Transport{TLSClientConfig: config}}
request, err := http.NewRequest({{method}}, {{url}}, nil)
answer, err := client.Do(request)`, double},
}

// Languages lists the languages there are lines for.
func Languages() []string {
	var names []string
	for _, l := range languages {
		names = append(names, l.name)
	}
	return names
}

// For returns the lines for one language, or nothing when it is not known.
func For(name string, p Place) string {
	for _, l := range languages {
		if l.name == name {
			return l.write(p)
		}
	}
	return ""
}

func (l language) write(p Place) string {
	fill := strings.NewReplacer(
		"{{base}}", l.quote(p.BaseURL), "{{url}}", l.quote(p.BaseURL+p.Path), "{{method}}", l.quote(p.Method), "{{path}}", l.quote(p.Path),
		"{{ca}}", l.quote(p.CAFile), "{{certificate}}", l.quote(p.Certificate), "{{key}}", l.quote(p.Key))
	var out []string
	for line := range strings.Lines(l.text) {
		line, mutual := strings.CutPrefix(strings.TrimSuffix(line, "\n"), mutualLine)
		if mutual && p.Certificate == "" {
			continue
		}
		if mutual && l.name == "curl" {
			out[len(out)-1] += " \\"
		}
		out = append(out, fill.Replace(line))
	}
	return strings.Join(out, "\n")
}

// shell quotes for a POSIX shell.
func shell(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// double quotes for the languages whose string literals JSON is a part of.
func double(s string) string {
	b, _ := json.Marshal(s) // a string always can be
	return string(b)
}
