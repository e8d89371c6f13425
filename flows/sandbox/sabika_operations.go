package sandbox

import (
	"fmt"
	"net/http"
	"time"
)

// The standing quote can be ordered any number of times and does not expire, so that a first order needs no quote; the
// standing order is there to be looked at.
const (
	sabikaDemoQuote = "q_demo_1"
	sabikaDemoOrder = "ord_demo_1"
)

// Bounds of the vault. Used and expired quotes make room; orders and withdrawals are refused beyond theirs.
const (
	maxQuotes   = 4096
	maxOrders   = 4096
	quoteLife   = 60 * time.Second
	priceHalala = 52000 // SAR 520.00 a gram
)

// vault is the client's account: SAR in hundredths, gold in hundredths of a gram.
type vault struct {
	sar, gold   int64
	quotes      map[string]*sabikaQuote
	orders      map[string]map[string]any
	withdrawals map[string]map[string]any
}

type sabikaQuote struct {
	side    string
	grams   int64
	total   int64
	expires time.Time
	used    bool
}

func newVault(now time.Time) vault {
	return vault{
		sar:         1_000_000_00,
		gold:        500_00,
		quotes:      make(map[string]*sabikaQuote),
		orders:      map[string]map[string]any{sabikaDemoOrder: sabikaOrder(sabikaDemoOrder, sabikaDemoQuote, sabikaStandingQuote(now), now)},
		withdrawals: make(map[string]map[string]any),
	}
}

func sabikaStandingQuote(now time.Time) *sabikaQuote {
	return &sabikaQuote{side: "buy", grams: 1_00, total: priceHalala, expires: now}
}

func sabikaOrder(id, quote string, q *sabikaQuote, now time.Time) map[string]any {
	return map[string]any{"order_id": id, "quote_id": quote, "status": "executed", "side": q.side, "grams": decimal(q.grams),
		"total": decimal(q.total), "currency": "SAR", "created_at": now.UTC().Format(time.RFC3339)}
}

// The page publishes the paths of the token, the probe, orders and withdrawals; POST /v1/quotes, the GETs, and all
// members but quote_id are assumptions.
func (s *sabika) routes() []route {
	get, post := http.MethodGet, http.MethodPost
	return []route{
		{method: post, pattern: "/oauth/token", proves: checkCredentials, stages: s.tokenStages(), run: s.issueToken},
		{method: post, pattern: "/v1/signed-probe", stages: s.signedStages(), run: s.probe},
		{method: post, pattern: "/v1/quotes", stages: s.readStages(), run: s.quote},
		{method: post, pattern: "/v1/orders", stages: s.moneyStages(), run: s.order},
		{method: get, pattern: "/v1/orders/{id}", stages: s.readStages(), run: kept(s.vault.orders, "order")},
		{method: post, pattern: "/v1/withdrawals", stages: s.moneyStages(), run: s.withdraw},
		{method: get, pattern: "/v1/withdrawals/{id}", stages: s.readStages(), run: kept(s.vault.withdrawals, "withdrawal")},
	}
}

func (s *sabika) probe(c *call) answer {
	return object(http.StatusOK, map[string]any{"verified": true, "client_id": s.account.fields["client_id"], "server_time": c.now.Unix()})
}

// kept reads back what was created.
func kept(from map[string]map[string]any, what string) func(*call) answer {
	return func(c *call) answer {
		if found := from[c.vars["id"]]; found != nil {
			return object(http.StatusOK, found)
		}
		return sabikaError(http.StatusNotFound, what+"_not_found", "No such "+what+".").because("no such " + what)
	}
}

func sabikaInvalid(problem string) answer {
	return sabikaError(http.StatusBadRequest, "invalid_request", "The request is malformed.").because(problem)
}

func (s *sabika) quote(c *call) answer {
	fields, err := c.fields()
	if err != nil {
		return sabikaInvalid(err.Error())
	}
	side := text(fields, "side")
	if side != "buy" && side != "sell" {
		return sabikaInvalid("side is neither buy nor sell")
	}
	grams, ok := hundredths(fields["grams"])
	if !ok || grams < 1 || grams > 100_000_00 {
		return sabikaInvalid("grams is no amount from 0.01 to 100000.00 with two decimals, such as \"1.00\"")
	}
	for id, q := range s.vault.quotes {
		if len(s.vault.quotes) >= maxQuotes && (q.used || c.now.After(q.expires.Add(time.Minute))) {
			delete(s.vault.quotes, id)
		}
	}
	if len(s.vault.quotes) >= maxQuotes {
		return sabikaFailure(http.StatusServiceUnavailable, "Too many quotes are open.").because("4096 quotes are open")
	}
	q := &sabikaQuote{side: side, grams: grams, total: grams * priceHalala / 100, expires: c.now.Add(quoteLife)}
	id := "q_" + s.stream.hex(8)
	s.vault.quotes[id] = q
	return object(http.StatusCreated, map[string]any{"quote_id": id, "side": side, "grams": decimal(grams), "price_per_gram": decimal(priceHalala),
		"total": decimal(q.total), "currency": "SAR", "expires_at": q.expires.UTC().Format(time.RFC3339)})
}

func (s *sabika) order(c *call) answer {
	fields, err := c.fields()
	if err != nil {
		return sabikaInvalid(err.Error())
	}
	id := text(fields, "quote_id")
	if id == "" {
		return sabikaInvalid("the body has no quote_id")
	}
	q := s.vault.quotes[id]
	if id == sabikaDemoQuote {
		q = sabikaStandingQuote(c.now)
	}
	conflict := func(code, message string) answer {
		return sabikaError(http.StatusConflict, code, message).because(message)
	}
	switch {
	case q == nil:
		return sabikaError(http.StatusNotFound, "quote_not_found", "No such quote.").
			because("no such quote; " + sabikaDemoQuote + " always exists")
	case q.used:
		return conflict("quote_already_used", "The quote was used before.")
	case c.now.After(q.expires):
		return conflict("quote_expired", "The quote has expired.")
	case q.side == "buy" && q.total > s.vault.sar:
		return conflict("insufficient_funds", "The SAR balance is too low.")
	case q.side == "sell" && q.grams > s.vault.gold:
		return conflict("insufficient_gold", "The gold holdings are too low.")
	case len(s.vault.orders) == maxOrders:
		return sabikaFailure(http.StatusServiceUnavailable, "Too many orders.").
			because("the sandbox keeps 4096 orders; restart it")
	}
	q.used = true
	if q.side == "buy" {
		s.vault.sar, s.vault.gold = s.vault.sar-q.total, s.vault.gold+q.grams
	} else {
		s.vault.sar, s.vault.gold = s.vault.sar+q.total, s.vault.gold-q.grams
	}
	ordered := "ord_" + s.stream.hex(8)
	order := sabikaOrder(ordered, id, q, c.now)
	s.vault.orders[ordered] = order
	return object(http.StatusCreated, order) // 201 is an assumption; a repeat gets 200
}

func (s *sabika) withdraw(c *call) answer {
	fields, err := c.fields()
	if err != nil {
		return sabikaInvalid(err.Error())
	}
	amount, ok := hundredths(fields["amount"])
	if !ok || amount == 0 {
		return sabikaInvalid("amount is no positive amount with two decimals, such as \"100.00\"")
	}
	if currency, given := fields["currency"]; given && currency != "SAR" {
		return sabikaInvalid(fmt.Sprintf("currency %+.20q is not SAR", fmt.Sprint(currency)))
	}
	if amount > s.vault.sar {
		return sabikaError(http.StatusConflict, "insufficient_funds", "The SAR balance is too low.").
			because("the balance is " + decimal(s.vault.sar))
	}
	if len(s.vault.withdrawals) == maxOrders {
		return sabikaFailure(http.StatusServiceUnavailable, "Too many withdrawals.").
			because("the sandbox keeps 4096 withdrawals; restart it")
	}
	s.vault.sar -= amount
	withdrawal := map[string]any{"withdrawal_id": "wd_" + s.stream.hex(8), "status": "processing", "amount": decimal(amount), "currency": "SAR",
		"created_at": c.now.UTC().Format(time.RFC3339)}
	s.vault.withdrawals[withdrawal["withdrawal_id"].(string)] = withdrawal
	return object(http.StatusCreated, withdrawal)
}
