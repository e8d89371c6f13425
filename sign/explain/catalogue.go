package explain

import (
	"slices"
	"sync"
)

// Hypothesis is one mistake that the doctor knows.
type Hypothesis struct {
	ID        string   `json:"id"` // stable
	Layer     string   `json:"layer"`
	Title     string   `json:"title"`     // what happened, as a sentence without its full stop
	Schemes   []Scheme `json:"schemes"`   // the partners at whose requests it is tried
	Detection string   `json:"detection"` // recompute, shape, fields, time or certificate
	How       string   `json:"how"`       // how it changes what is signed, or what gives it away
	Fix       string   `json:"fix"`       // what to change in the client

	rank int // row of the table of sightings; smaller was seen more often
}

// Ways in which hypotheses are detected.
const (
	byRecomputing = "recompute"
	byShape       = "shape"
	byFields      = "fields"
	byTime        = "time"
	byCertificate = "certificate"
)

// Groups of schemes.
var (
	everyone  = []Scheme{Jiko, Jupico, JPay, Sabika, Kuna}
	signers   = []Scheme{Jiko, Sabika}
	hmacs     = []Scheme{Jiko}
	jws       = []Scheme{Sabika}
	basic     = []Scheme{Jupico}
	tokens    = []Scheme{JPay, Kuna}
	bearers   = []Scheme{Jiko, JPay, Sabika, Kuna}
	keyOwners = []Scheme{Jiko, Jupico, JPay, Kuna}
)

// table is a part of the catalogue: mistakes of one layer, found in one way.
type table struct {
	layer     string
	schemes   []Scheme
	detection string
	moves     []move
}

// tables is the whole catalogue, in the order in which it is listed.
var tables = []*table{
	&bodyMoves, &presetMoves, &jsonMoves, &charsetMoves, &digestMoves,
	&pathMoves, &queryMoves, &originMoves, &methodMoves,
	&clockMoves, &serialMoves, &layoutMoves, &outerMoves, &wrapMoves,
	&keyMoves, &callMoves, &signingKeyMoves,
	&textMoves, &hmacForms, &es256Forms, &shapeFacts, &jwsFacts,
	&headerFacts, &timeFacts, &tokenFacts, &bindingFacts, &basicFacts, &fieldFacts,
}

// Hypotheses returns every mistake that the doctor knows, in a stable order.
func Hypotheses() []Hypothesis { return slices.Clone(catalogue()) }

var catalogue = sync.OnceValue(func() []Hypothesis {
	var all []Hypothesis
	for _, t := range tables {
		for _, m := range t.moves {
			h := Hypothesis{m.id, t.layer, m.title, m.schemes(t), t.detection, m.how, m.fix, m.rank}
			all = append(all, h)
		}
	}
	return all
})

// hypothesis finds an entry of the catalogue; a test proves that every id in use has one.
func hypothesis(id string) Hypothesis {
	for _, h := range catalogue() {
		if h.ID == id {
			return h
		}
	}
	return Hypothesis{ID: id}
}

// layerOf names the layer of a mistake.
func layerOf(id string) string { return hypothesis(id).Layer }
