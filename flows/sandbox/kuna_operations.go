package sandbox

import (
	"net/http"
	"strings"
	"time"
)

// maxCustomers and maxKunaTransfers bound the ledger; more is refused.
const (
	maxCustomers     = 1024
	maxKunaTransfers = 4096
)

// ledger holds customers by e-mail address, which is their unique key, and transfers by the caller's externalId.
type ledger struct {
	customers map[string]map[string]any
	byID      map[string]map[string]any
	transfers map[string]bool
}

// kunaReferrer is the customer that the page's sample names as referralId; it exists from the start.
const kunaReferrer = "1f44b1c7-9fd4-4d20-b9a4-7aca3646d0d5"

func newLedger(now time.Time) ledger {
	l := ledger{customers: make(map[string]map[string]any), byID: make(map[string]map[string]any), transfers: make(map[string]bool)}
	l.add(kunaReferrer, kunaReferrer, now, map[string]any{"email": "denis@example.com", "firstName": "Denis", "lastName": "Example",
		"country": "FR", "verificationDocumentId": "FV100001", "residenceAddress": "Paris, France"})
	return l
}

// add keeps a customer; members that were not given are null, as in the sample.
func (l *ledger) add(id, wallet string, now time.Time, fields map[string]any) map[string]any {
	customer := map[string]any{"id": id, "walletId": wallet, "createdAt": now.UTC().Format(kunaTime)}
	for _, name := range []string{"email", "phoneNumber", "firstName", "lastName", "comment", "externalId", "referralId", "country",
		"verificationDocumentId", "residenceAddress", "itn"} {
		customer[name] = fields[name]
	}
	l.customers[text(fields, "email")], l.byID[id] = customer, customer
	return customer
}

func (k *kuna) routes() []route {
	get, post := http.MethodGet, http.MethodPost
	return []route{
		{method: post, pattern: "/v2/auth/login", proves: checkCredentials, stages: []stage{{"merchant", k.checkMerchant}}, run: k.login},
		{method: post, pattern: "/v2/auth/refresh", proves: checkRefresh, stages: []stage{{"merchant", k.checkRefreshMerchant}}, run: k.refresh},
		{method: post, pattern: "/v2/customer/create", stages: k.stages(), run: k.create},
		{method: post, pattern: "/v2/customer/details", stages: k.stages(), run: k.details},
		{method: post, pattern: "/v2/balance", stages: k.stages(), run: k.balance},
		{method: get, pattern: "/v2/rate/equivalent", stages: k.stages(), run: k.rates},
		{method: post, pattern: "/v2/transfer", stages: k.stages(), run: k.transfer},
	}
}

// required names the first member that is missing or no text.
func required(fields map[string]any, names ...string) string {
	for _, name := range names {
		if text(fields, name) == "" {
			return name
		}
	}
	return ""
}

func (k *kuna) create(c *call) answer {
	fields, err := c.fields()
	if err != nil {
		return kunaInvalid("Invalid JSON").because(err.Error())
	}
	if name := required(fields, "email", "firstName", "lastName", "country", "verificationDocumentId", "residenceAddress"); name != "" {
		return kunaInvalid(name + " is required")
	}
	if country := text(fields, "country"); len(country) != 2 || strings.ToUpper(country) != country {
		return kunaInvalid("country must be an ISO 3166-1 alpha-2 code")
	}
	if k.ledger.customers[text(fields, "email")] != nil {
		return kunaError(http.StatusConflict, "CUSTOMER_ALREADY_EXISTS", "Customer already exists").
			because("a customer with this e-mail address exists")
	}
	if len(k.ledger.customers) == maxCustomers {
		return kunaError(http.StatusServiceUnavailable, "SERVICE_UNAVAILABLE", "Too many customers").
			because("the sandbox keeps 1024 customers; restart it")
	}
	return kunaData(k.ledger.add(k.stream.uuid(), k.stream.uuid(), c.now, fields))
}

func (k *kuna) details(c *call) answer {
	fields, err := c.fields()
	if err != nil {
		return kunaInvalid("Invalid JSON").because(err.Error())
	}
	customer := k.ledger.byID[text(fields, "id")]
	if customer == nil {
		return kunaError(http.StatusNotFound, "CUSTOMER_NOT_FOUND", "Customer not found").
			because("no such customer; create one first")
	}
	return kunaData(customer)
}

// balance has walletId and assets as input; the shape of its answer is an assumption.
func (k *kuna) balance(c *call) answer {
	fields, err := c.fields()
	if err != nil {
		return kunaInvalid("Invalid JSON").because(err.Error())
	}
	if name := required(fields, "walletId"); name != "" {
		return kunaInvalid(name + " is required")
	}
	assets, _ := fields["assets"].([]any)
	if len(assets) == 0 {
		assets = []any{"BTC", "USDT", "UAH"}
	}
	amounts := map[string]string{"BTC": "0.50000000", "USDT": "2500.00", "UAH": "41000.00"}
	balances := []any{}
	for _, asset := range assets[:min(len(assets), 100)] {
		name, _ := asset.(string)
		if amount, known := amounts[name]; known {
			balances = append(balances, map[string]any{"asset": name, "balance": amount, "lockBalance": "0"})
		}
	}
	return kunaData(map[string]any{"walletId": text(fields, "walletId"), "balances": balances})
}

func (k *kuna) rates(*call) answer {
	return kunaData([]any{
		map[string]any{"asset": "BTC", "equivalent": map[string]string{"USD": "26230.10", "UAH": "1230963"}},
		map[string]any{"asset": "USDT", "equivalent": map[string]string{"USD": "1", "UAH": "41.02"}},
	})
}

func (k *kuna) transfer(c *call) answer {
	fields, err := c.fields()
	if err != nil {
		return kunaInvalid("Invalid JSON").because(err.Error())
	}
	if name := required(fields, "fromWalletId", "toWalletId", "amount", "externalId", "asset"); name != "" {
		return kunaInvalid(name + " is required")
	}
	if !isDecimal(text(fields, "amount")) {
		return kunaInvalid("amount must be a positive decimal string")
	}
	external := text(fields, "externalId")
	if k.ledger.transfers[external] {
		return kunaError(http.StatusConflict, "EXTERNAL_ID_ALREADY_EXISTS", "externalId must be unique").
			because("externalId was used for another transfer")
	}
	if len(k.ledger.transfers) == maxKunaTransfers {
		return kunaError(http.StatusServiceUnavailable, "SERVICE_UNAVAILABLE", "Too many transfers").
			because("the sandbox keeps 4096 transfers; restart it")
	}
	k.ledger.transfers[external] = true
	return kunaData(map[string]any{"id": k.stream.uuid(), "externalId": external, "status": "Created", "asset": text(fields, "asset"),
		"amount": text(fields, "amount"), "fromWalletId": text(fields, "fromWalletId"), "toWalletId": text(fields, "toWalletId"),
		"createdAt": c.now.UTC().Format(kunaTime)})
}

// isDecimal reports digits with at most one point between them, and not all of them zero.
func isDecimal(s string) bool {
	whole, fraction, point := strings.Cut(s, ".")
	digits := whole + fraction
	return whole != "" && (!point || fraction != "") && len(s) <= 40 && strings.Trim(digits, "0123456789") == "" && strings.Trim(digits, "0") != ""
}
