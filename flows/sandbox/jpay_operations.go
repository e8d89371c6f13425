package sandbox

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// maxCollections bounds the list of initiated collections; the oldest drops out.
const maxCollections = 500

// jpayTime is created_at: day first, no zone.
const jpayTime = "02/01/2006 15:04:05"

func (j *jpay) routes() []route {
	get, post, api := http.MethodGet, http.MethodPost, jpayPrefix
	return []route{
		{method: post, pattern: api + "/auth/app/token", proves: checkCredentials, run: j.obtain},
		{method: post, pattern: api + "/auth/refresh", proves: checkRefresh, run: j.refresh},
		{method: get, pattern: api + "/wallets/balance", stages: j.stages(), run: j.balance},
		{method: get, pattern: api + "/channels", stages: j.stages(), run: j.channels},
		{method: get, pattern: api + "/payments/collections/checkouts", stages: j.stages(), run: j.list},
		{method: get, pattern: api + "/payments/collections/checkouts/{checkout_id}", stages: j.stages(), run: j.show},
		{method: post, pattern: api + "/payments/collections/checkouts/initiate", stages: j.stages(), run: j.collect},
		{method: post, pattern: api + "/payments/payouts/initiate", stages: j.stages(), run: j.payout},
	}
}

func (j *jpay) balance(*call) answer {
	return object(http.StatusOK, map[string]string{
		"collection_wallet_balance": decimal(j.collectionWallet),
		"payout_wallet_balance":     decimal(j.payoutWallet),
		"total_balance":             decimal(j.collectionWallet + j.payoutWallet),
	})
}

func (j *jpay) channels(c *call) answer {
	page, size, bad := c.jpayPage()
	if bad != nil {
		return *bad
	}
	items := []map[string]any{
		{"code": 63902, "name": "MPesa", "type": "mobile_money", "type_display": "Mobile Money", "is_active": true},
		{"code": 63903, "name": "Airtel Money", "type": "mobile_money", "type_display": "Mobile Money", "is_active": true},
		{"code": 1, "name": "KCB", "type": "bank", "type_display": "Bank", "is_active": true},
	}
	if kind, _ := c.queryValue("type"); kind != "" {
		items = slices.DeleteFunc(items, func(item map[string]any) bool { return item["type"] != kind })
	}
	count := len(items)
	return object(http.StatusOK, map[string]any{"items": window(items, page, size),
		"pagination": map[string]int{"count": count, "page": page, "page_size": size, "total_pages": (count + size - 1) / size}})
}

// window is one page of items, never nil.
func window(items []map[string]any, page, size int) []map[string]any {
	first := min((page-1)*size, len(items))
	return append([]map[string]any{}, items[first:min(first+size, len(items))]...)
}

// list has the shape of the deprecated sibling /payments/collections/list; that of this path is not published (assumption).
func (j *jpay) list(c *call) answer {
	page, size, bad := c.jpayPage()
	if bad != nil {
		return *bad
	}
	link := func(to int) any {
		if to < 1 || (to-1)*size >= max(len(j.collections), 1) {
			return nil
		}
		query := url.Values{"page": {strconv.Itoa(to)}, "page_size": {strconv.Itoa(size)}}
		return "https://" + c.request.Host + c.path + "?" + query.Encode()
	}
	return object(http.StatusOK, map[string]any{"count": len(j.collections), "next": link(page + 1), "previous": link(page - 1),
		"results": window(j.collections, page, size)})
}

func (j *jpay) show(c *call) answer {
	for _, collection := range j.collections {
		if collection["id"] == c.vars["checkout_id"] {
			return object(http.StatusOK, collection)
		}
	}
	return jpayDetail(http.StatusNotFound, "Not found.").because("no such checkout")
}

var (
	jpayPhone      = regexp.MustCompile(`^\+254[0-9]{9}$`)
	jpayCategories = []string{"ecommerce", "gaming", "adult_content", "forex", "other"}
)

// payment checks the members that collections and payouts share.
func (j *jpay) payment(c *call, phone string) (map[string]any, int64, *answer) {
	fields, bad := c.jpayFields()
	if bad != nil {
		return nil, 0, bad
	}
	no := func(message, problem string) (map[string]any, int64, *answer) {
		a := jpayDetail(http.StatusBadRequest, message).because(problem)
		return nil, 0, &a
	}
	for _, name := range []string{phone, "amount", "ref_no", "callback_url", "app_code"} {
		if fields[name] == nil || fields[name] == "" {
			return no(name+" field is required", "the body has no "+name)
		}
	}
	if !jpayPhone.MatchString(text(fields, phone)) {
		return no("Invalid phone number", phone+" is not +254 and nine digits")
	}
	cents, ok := hundredths(fields["amount"])
	if _, isText := fields["amount"].(string); !isText || !ok || cents < 100 || cents > 99999999 {
		return no("Invalid amount", "amount is no string from 1.00 to 999999.99 with two decimals")
	}
	if reference := text(fields, "ref_no"); reference == "" || len(reference) > 50 {
		return no("Invalid ref_no", "ref_no is no string of at most 50 characters") // wording is an assumption
	}
	if category, given := fields["category"]; given && !slices.Contains(jpayCategories, text(fields, "category")) {
		return no("Invalid category", fmt.Sprintf("category %+.40q is none of %s", fmt.Sprint(category), strings.Join(jpayCategories, ", ")))
	}
	if code, ok := wholeNumber(fields["app_code"]); !ok || code != int64(j.app) {
		a := jpayDetail(http.StatusNotFound, "App not found").because("app_code is not the number that the token answer gave") // wording is an assumption
		return nil, 0, &a
	}
	return fields, cents, nil
}

// receipt repeats the input, with id, status and time. Payments answer 200, not 201.
func (j *jpay) receipt(c *call, kind string, fields map[string]any) map[string]any {
	receipt := map[string]any{"status": "pending", "created_at": c.now.UTC().Format(jpayTime),
		"id": fmt.Sprintf("%s-%d-%s", kind, c.now.UTC().Year(), strings.ToUpper(j.stream.hex(5)))}
	for _, name := range []string{"payfrom", "payto", "amount", "ref_no", "account_number", "callback_url", "category", "narration", "channel"} {
		if value, given := fields[name]; given {
			receipt[name] = value
		}
	}
	return receipt
}

func (j *jpay) collect(c *call) answer {
	fields, _, bad := j.payment(c, "payfrom")
	if bad != nil {
		return *bad
	}
	receipt := j.receipt(c, "COLL", fields)
	if len(j.collections) == maxCollections {
		j.collections = slices.Clone(j.collections[1:])
	}
	j.collections = append(j.collections, receipt)
	return object(http.StatusOK, receipt)
}

func (j *jpay) payout(c *call) answer {
	fields, cents, bad := j.payment(c, "payto")
	if bad != nil {
		return *bad
	}
	if cents > j.payoutWallet {
		return jpayDetail(http.StatusBadRequest, "Insufficient balance in payout wallet").
			because("the payout wallet holds " + decimal(j.payoutWallet))
	}
	j.payoutWallet -= cents
	return object(http.StatusOK, j.receipt(c, "PAYOUT", fields))
}
