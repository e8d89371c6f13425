package sandbox

import (
	"net/http"
	"slices"
)

// maxTransactions bounds what is remembered; the oldest is forgotten, as the partner's own sandbox forgets every day.
const maxTransactions = 4096

// jupicoDemoReference names the transaction that exists from the start.
const jupicoDemoReference = "ORDER-1"

// jupicoTransaction is a card transaction that a rollback can find.
type jupicoTransaction struct {
	id, reference, status string
	cents                 int64
}

func (j *jupico) routes() []route {
	get, post := http.MethodGet, http.MethodPost
	return []route{
		// The body of /status is not documented; assumption.
		{method: get, pattern: "/status", stages: j.stages(), run: func(*call) answer {
			return object(http.StatusOK, map[string]string{"status": "OK"})
		}},
		// The paths beside rollback are named as operations only; assumption from the path of rollback.
		{method: post, pattern: "/v1/transactions/creditcard/sale", stages: j.stages(), run: j.sale},
		{method: post, pattern: "/v1/transactions/creditcard/authorization", stages: j.stages(), run: j.sale},
		{method: post, pattern: "/v1/transactions/creditcard/rollback", stages: j.stages(), run: j.rollback},
	}
}

// jupicoOutcomes are the test amounts in cents: the amount selects the outcome.
var jupicoOutcomes = map[int64]struct {
	status        int
	code, message string
}{
	9020:  {http.StatusOK, "tx_cc_declined", "Transaction declined."},
	9023:  {http.StatusOK, "tx_cc_declined_insufficient_funds", "Transaction declined: insufficient funds."},
	9024:  {http.StatusOK, "tx_cc_declined_do_not_honor", "Transaction declined: do not honor."},
	10110: {http.StatusServiceUnavailable, "service_unavailable", "External service unavailable, try again later."},
	10111: {http.StatusInternalServerError, "internal_server_error", "Internal server error."},
}

func jupicoInvalid(problem string) answer {
	return jupicoError(http.StatusBadRequest, "invalid_payload", "Invalid payload.").because(problem)
}

// sale reads amount, cardToken and an optional reference of the caller's; the names of the members are an assumption.
// A 500 leaves a transaction behind, to be rolled back; a 503 does not: that is the difference between the two.
func (j *jupico) sale(c *call) answer {
	fields, err := c.fields()
	if err != nil {
		return jupicoInvalid(err.Error())
	}
	cents, ok := hundredths(fields["amount"])
	if !ok || cents == 0 {
		return jupicoInvalid("amount is no positive number with two decimals")
	}
	if text(fields, "cardToken") == "" {
		return jupicoInvalid("the body has no cardToken")
	}
	selected, special := jupicoOutcomes[cents]
	if special && selected.status == http.StatusServiceUnavailable {
		return jupicoError(selected.status, selected.code, selected.message)
	}
	t := &jupicoTransaction{id: j.stream.uuid(), reference: text(fields, "reference"), status: "succeeded", cents: cents}
	if special {
		t.status = "declined"
	}
	if selected.status == http.StatusInternalServerError {
		t.status = "failed"
	}
	j.remember(t)
	if selected.status == http.StatusInternalServerError {
		return jupicoError(selected.status, selected.code, selected.message)
	}
	reply := map[string]any{"success": !special, "status": t.status, "transactionId": t.id, "amount": decimal(cents)}
	if special {
		reply["error"] = map[string]string{"code": selected.code, "message": selected.message}
	}
	return object(http.StatusOK, reply)
}

func (j *jupico) remember(t *jupicoTransaction) {
	if len(j.order) == maxTransactions {
		delete(j.transactions, j.order[0])
		j.order = slices.Clone(j.order[1:])
	}
	j.transactions[t.id] = t
	j.order = append(j.order, t.id)
}

// rollback reverses a transaction named by transactionId, or by the reference that the caller gave it when no answer came
// back. Its body is not documented; assumption.
func (j *jupico) rollback(c *call) answer {
	fields, err := c.fields()
	if err != nil {
		return jupicoInvalid(err.Error())
	}
	id, reference := text(fields, "transactionId"), text(fields, "reference")
	if id == "" && reference == "" {
		return jupicoInvalid("the body has neither transactionId nor reference")
	}
	for _, known := range j.order {
		t := j.transactions[known]
		if t.id != id && (reference == "" || t.reference != reference) {
			continue
		}
		t.status = "reversed"
		return object(http.StatusOK, map[string]any{"success": true, "status": t.status, "transactionId": t.id, "amount": decimal(t.cents)})
	}
	return jupicoInvalid("no such transaction")
}
