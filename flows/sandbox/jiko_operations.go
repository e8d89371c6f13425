package sandbox

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The customer that the guide says exists in every partner's sandbox, and one account of it.
const (
	jikoCustomer = "c26ed6d6-cdd0-41a3-ab54-84597309ae3a"
	jikoAccount  = "5a3a2fb1-7e7f-4c0b-9d53-0f7d1f3c6b21"
)

// maxSubscriptions bounds what is created; more is refused.
const maxSubscriptions = 256

type jikoSubscription struct {
	Description string   `json:"description"`
	Events      []string `json:"events"`
	URL         string   `json:"url"`
	ID          string   `json:"id"`
	TimeCreated string   `json:"time_created"`
	UpdatedAt   string   `json:"updated_at"`
	Status      string   `json:"status"`
	ObjectType  string   `json:"object_type"`
}

var jikoEvents = []string{
	"ach.returned", "ach.settled", "application.approved", "application.denied", "application.in_review", "card.activated",
	"customer.updated", "transfer.completed", "transfer.failed", "wire.completed",
}

func (j *jiko) routes() []route {
	get, post := http.MethodGet, http.MethodPost
	return []route{
		{method: get, pattern: "/health", run: func(*call) answer { return object(http.StatusOK, "OK") }},
		{method: post, pattern: "/api/v1/login/", proves: checkCredentials, run: j.login},
		{method: get, pattern: "/api/v1/agreements/", stages: j.signed(), run: j.agreements},
		{method: get, pattern: "/api/v1/customers/{customer_id}/", stages: j.signed(), run: j.customer},
		{method: get, pattern: "/api/v1/customers/{customer_id}/jiko-accounts/", stages: j.signed(), run: j.accounts},
		{method: get, pattern: "/api/v1/jiko-accounts/{account_id}/transactions/", stages: j.signed(), run: j.transactions},
		{method: post, pattern: "/api/v1/jiko-accounts/{account_id}/ach-originating/", stages: j.signed(), run: j.ach},
		{method: post, pattern: "/api/v1/transfers/on-us/", stages: j.signed(), run: j.transfer},
		{method: get, pattern: "/api/v1/events/types/", stages: j.signed(), run: j.eventTypes},
		{method: post, pattern: "/api/v1/subscriptions/", stages: j.signed(), run: j.subscribe},
		{method: http.MethodDelete, pattern: "/api/v1/subscriptions/{id}/", stages: j.signed(), run: j.unsubscribe},
		{method: post, pattern: "/api/v1/sandbox/fund", stages: j.unsigned(), run: func(*call) answer { return answer{status: http.StatusAccepted} }},
	}
}

func jikoMissing(what string) answer {
	return jikoDetail(http.StatusNotFound, "Not Found").because("no such " + what)
}

func jikoMoney(cents int64) map[string]any {
	whole := strconv.FormatInt(cents/100, 10)
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return map[string]any{"value": cents, "currency": "USD", "formatted": "$" + whole + "." + strconv.FormatInt(100+cents%100, 10)[1:]}
}

func (j *jiko) agreements(c *call) answer {
	document := func(title, kind, category string) map[string]string {
		return map[string]string{"title": title, "type": kind, "category": category,
			"pdf_download_url": "https://" + c.request.Host + "/documents/" + strings.ToLower(kind) + ".pdf"}
	}
	return object(http.StatusOK, map[string]any{"version": "1.0.0", "release_date": "2023-01-01", "documents": []any{
		document("Privacy Policy", "PRIVACY_POLICY", "GENERAL"),
		document("Deposit Account Agreement", "DEPOSIT_ACCOUNT_AGREEMENT", "BANK"),
		document("Brokerage Account Agreement", "BROKERAGE_ACCOUNT_AGREEMENT", "BROKERAGE"),
		document("Consent to Electronic Communications", "ESIGN_CONSENT", "E-SIGN"),
	}})
}

func (j *jiko) customer(c *call) answer {
	if c.vars["customer_id"] != jikoCustomer {
		return jikoMissing("customer")
	}
	return object(http.StatusOK, map[string]any{
		"name": map[string]string{"first_name": "Jane", "last_name": "Doe"}, "email": "jane.doe@example.com",
		"phone_number": "+14155550100", "date_of_birth": "1990-01-01", "account_status": "ACTIVE", "type": "INDIVIDUAL",
		"address": map[string]string{"street": "1 Example Street", "city": "Oakland", "state": "CA", "zip_code": "94607", "country": "US"},
	})
}

// accounts pages as the reference says: offset from 0, limit 1 to 100, by default 100.
func (j *jiko) accounts(c *call) answer {
	offset, bad := c.jikoNumber("offset", 0, 0, 1<<31)
	if bad != nil {
		return *bad
	}
	limit, bad := c.jikoNumber("limit", 100, 1, 100)
	if bad != nil {
		return *bad
	}
	if c.vars["customer_id"] != jikoCustomer {
		return jikoMissing("customer")
	}
	items := []any{map[string]any{"id": jikoAccount, "name": "J1 (4-week)", "status": "OPEN", "object_type": "Account",
		"total_value": jikoMoney(20708596), "portfolio": map[string]any{"cash": jikoMoney(8596), "treasury_bills": jikoMoney(20700000)}}}
	first := min(offset, len(items))
	items = items[first:min(len(items), first+limit)]
	return object(http.StatusOK, map[string]any{"offset": offset, "count": 1, "items": items, "object_type": "List"})
}

func (c *call) jikoNumber(name string, otherwise, least, most int) (int, *answer) {
	value, ok := c.queryValue(name)
	if ok && value == "" {
		return otherwise, nil
	}
	number, err := strconv.Atoi(value)
	if err != nil || number < least || number > most {
		bad := jikoInvalid("value is not a valid integer", "type_error.integer", "query", name).
			because(name + " is no number from " + strconv.Itoa(least) + " to " + strconv.Itoa(most))
		return 0, &bad
	}
	return number, nil
}

func (j *jiko) transactions(c *call) answer {
	if _, bad := c.jikoNumber("limit", 30, 1, 100); bad != nil {
		return *bad
	}
	if order, _ := c.queryValue("order"); order != "" && order != "asc" && order != "desc" {
		return jikoInvalid("unexpected value; permitted: 'asc', 'desc'", "type_error.enum", "query", "order").
			because("order is neither asc nor desc")
	}
	if c.vars["account_id"] != jikoAccount {
		return jikoMissing("account")
	}
	at := c.now.UTC().Truncate(24 * time.Hour)
	item := func(id, kind string, cents int64, days int) map[string]any {
		return map[string]any{"id": id, "type": kind, "status": "POSTED", "amount": jikoMoney(cents),
			"time_created": at.AddDate(0, 0, -days).Format(jikoTime), "object_type": "Transaction"}
	}
	return object(http.StatusOK, map[string]any{"prev_page": nil, "next_page": nil, "object_type": "CursorList", "items": []any{
		item("7c1c1f54-3f3b-4a0e-8d0c-6a5f2f6a9b01", "ACH_CREDIT", 20000000, 9),
		item("0c8f5b4e-52a1-4f0a-a0a4-1f5f7b7e2c02", "INTEREST", 708596, 2),
	}})
}

// ach answers with the members of the input and an id; the members of ACHResponse beyond those are an assumption.
func (j *jiko) ach(c *call) answer {
	fields, err := c.fields()
	if err != nil {
		return jikoInvalid("value is not a valid dict", "type_error.dict", "body").because(err.Error())
	}
	for _, name := range []string{"counterparty_id", "direction", "amount_usdc"} {
		if fields[name] == nil {
			return jikoInvalid("field required", "value_error.missing", "body", name).because("the body has no " + name)
		}
	}
	direction := text(fields, "direction")
	if direction != "DEBIT" && direction != "CREDIT" {
		return jikoInvalid("unexpected value; permitted: 'DEBIT', 'CREDIT'", "type_error.enum", "body", "direction").
			because("direction is neither DEBIT nor CREDIT")
	}
	cents, ok := wholeNumber(fields["amount_usdc"])
	if !ok || cents <= 0 {
		return jikoInvalid("value is not a valid integer", "type_error.integer", "body", "amount_usdc").
			because("amount_usdc is no positive number of cents")
	}
	if c.vars["account_id"] != jikoAccount {
		return jikoMissing("account")
	}
	return object(http.StatusOK, map[string]any{"id": j.stream.uuid(), "status": "PENDING", "direction": direction, "amount": jikoMoney(cents),
		"counterparty_id": fields["counterparty_id"], "time_created": c.now.UTC().Format(jikoTime), "object_type": "ACH"})
}

func (j *jiko) transfer(c *call) answer {
	fields, err := c.fields()
	if err != nil {
		return jikoInvalid("value is not a valid dict", "type_error.dict", "body").because(err.Error())
	}
	kinds := []string{"PARTNER_CUSTOMER_FUNDING", "PARTNER_CUSTOMER_DEFUNDING", "INTERNAL_REALLOCATION"}
	if !slices.Contains(kinds, text(fields, "type")) {
		return jikoInvalid("unexpected value; permitted: '"+strings.Join(kinds, "', '")+"'", "type_error.enum", "body", "type").
			because("type is none of " + strings.Join(kinds, ", "))
	}
	amount, _ := fields["amount"].(map[string]any)
	if kind := text(amount, "type"); kind != "REQUESTED_AMOUNT" && kind != "FULL_WITHDRAWAL" {
		return jikoInvalid("unexpected value; permitted: 'REQUESTED_AMOUNT', 'FULL_WITHDRAWAL'", "type_error.enum", "body", "amount", "type").
			because("amount.type is neither REQUESTED_AMOUNT nor FULL_WITHDRAWAL")
	}
	return object(http.StatusCreated, map[string]any{"id": j.stream.uuid(), "status": "PENDING", "transfer": fields, "fees": []any{}, "object_type": "Transfer"})
}

func (j *jiko) eventTypes(*call) answer {
	items := make([]any, len(jikoEvents))
	for i, event := range jikoEvents {
		items[i] = map[string]string{"event": event, "object_type": "EventType"}
	}
	return object(http.StatusOK, map[string]any{"offset": 0, "count": len(items), "items": items, "object_type": "List"})
}

func (j *jiko) subscribe(c *call) answer {
	fields, err := c.fields()
	if err != nil {
		return jikoInvalid("value is not a valid dict", "type_error.dict", "body").because(err.Error())
	}
	list, _ := fields["events"].([]any)
	var events []string
	for _, event := range list {
		if name, ok := event.(string); ok {
			events = append(events, name)
		}
	}
	if len(events) == 0 || len(events) != len(list) {
		return jikoInvalid("ensure this value has at least 1 items", "value_error.list.min_items", "body", "events").
			because("events is no list of names")
	}
	target := text(fields, "url")
	if parsed, err := url.Parse(target); err != nil || len(target) > 2083 || parsed.Scheme != "https" || parsed.Host == "" {
		return jikoInvalid("invalid or missing URL scheme", "value_error.url.scheme", "body", "url").
			because("url is no https URL of at most 2083 characters")
	}
	if len(text(fields, "shared_secret")) < 16 {
		return jikoInvalid("ensure this value has at least 16 characters", "value_error.any_str.min_length", "body", "shared_secret").
			because("shared_secret is shorter than 16 characters")
	}
	if len(j.subscriptions) == maxSubscriptions {
		return jikoDetail(http.StatusServiceUnavailable, "Service Unavailable").
			because("the sandbox keeps at most 256 subscriptions; delete one")
	}
	at := c.now.UTC().Format(jikoTime)
	s := jikoSubscription{text(fields, "description"), events, target, j.stream.uuid(), at, at, "enabled", "Subscription"}
	j.subscriptions[s.ID] = s
	return object(http.StatusCreated, s)
}

func (j *jiko) unsubscribe(c *call) answer {
	if _, found := j.subscriptions[c.vars["id"]]; !found {
		return jikoMissing("subscription")
	}
	delete(j.subscriptions, c.vars["id"])
	return answer{status: http.StatusNoContent}
}
