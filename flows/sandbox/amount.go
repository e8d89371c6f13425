package sandbox

import (
	"encoding/json"
	"strconv"
	"strings"
)

// wholeNumber is a JSON number without fraction or exponent.
func wholeNumber(value any) (int64, bool) {
	number, ok := value.(json.Number)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(number.String(), 10, 64)
	return n, err == nil
}

// hundredths reads an amount with exactly two decimals, such as 1000.00, without ever going through a float. A JSON number
// counts when its digits are written that way.
func hundredths(value any) (int64, bool) {
	written, ok := value.(string)
	if number, isNumber := value.(json.Number); isNumber {
		written, ok = number.String(), true
	}
	whole, cents, found := strings.Cut(written, ".")
	if !ok || !found || len(cents) != 2 || whole == "" || len(whole) > 12 {
		return 0, false
	}
	for _, digit := range whole + cents {
		if digit < '0' || digit > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(whole+cents, 10, 64)
	return n, err == nil
}

// decimal writes hundredths with two decimals.
func decimal(n int64) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	return sign + strconv.FormatInt(n/100, 10) + "." + strconv.FormatInt(100+n%100, 10)[1:]
}
