package explain

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestCatalogueIsWellFormed(t *testing.T) {
	seen := map[string]bool{}
	kebab := regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	for _, h := range Hypotheses() {
		if seen[h.ID] {
			t.Errorf("%s stands there twice", h.ID)
		}
		seen[h.ID] = true
		if !kebab.MatchString(h.ID) {
			t.Errorf("%s is not in kebab-case", h.ID)
		}
		if h.Title == "" || h.How == "" || h.Fix == "" || h.Layer == "" || len(h.Schemes) == 0 || h.rank == 0 ||
			!slices.Contains([]string{byRecomputing, byShape, byFields, byTime, byCertificate}, h.Detection) {
			t.Errorf("%s is incomplete: %+v", h.ID, h)
		}
		if strings.HasSuffix(h.Title, ".") || strings.HasSuffix(h.Fix, ".") {
			t.Errorf("%s ends in a full stop", h.ID)
		}
	}
	t.Logf("%d hypotheses", len(seen))
}

// Every id that the code reports stands in the catalogue.
func TestFindingsAreInTheCatalogue(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	call := regexp.MustCompile(`x\.find\("([^"]+)"`)
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range call.FindAllStringSubmatch(string(text), -1) {
			if hypothesis(m[1]).Title == "" {
				t.Errorf("%s reports %s, which is not in the catalogue", name, m[1])
			}
		}
	}
}

// Every hypothesis that is recomputed, or decoded, has a case that other code made, or a test of its own.
func TestEveryRecomputedHypothesisHasACase(t *testing.T) {
	have := map[string]bool{ // shown by tests in Go: encoding/json writes them, or they need a certificate
		"json-go-map": true, "json-go-struct": true, "json-go-encoder": true, "json-go-encoder-map": true, "json-go-encoder-raw": true,
		"body-go-map-text": true, "body-gzipped": true, "mtls-key-used": true, "json-php-unescaped": true,
	}
	for _, c := range corpus(t) {
		for _, id := range c.Cause {
			have[id] = true
		}
	}
	for _, table := range tables {
		if table.detection != byRecomputing && table != &textMoves && table != &hmacForms && table != &es256Forms {
			continue
		}
		for _, m := range table.moves {
			if !have[m.id] {
				t.Errorf("no case for %s (%s)", m.id, m.title)
			}
		}
	}
}
