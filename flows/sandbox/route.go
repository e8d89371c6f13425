package sandbox

import (
	"net/http"
	"strings"
)

// route is one operation: the checks in front of it and what it does.
type route struct {
	method, pattern string // the pattern is a path; {name} stands for one non-empty segment
	proves          string // it answers with tokens to who proves himself: the check of what proves it
	stages          []stage
	run             func(*call) answer
}

// match compares a path as sent with a pattern, segment by segment.
func match(pattern, path string) (map[string]string, bool) {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return nil, false
	}
	vars := make(map[string]string)
	for i, segment := range want {
		name, isVar := strings.CutPrefix(segment, "{")
		switch {
		case isVar && got[i] != "":
			vars[strings.TrimSuffix(name, "}")] = got[i]
		case isVar || segment != got[i]:
			return nil, false
		}
	}
	return vars, true
}

// find is the route of a request. Without one, the answer's status is 404, or 405 when another method would do.
func find(routes []route, method, path string) (*route, map[string]string, int) {
	status := http.StatusNotFound
	for i := range routes {
		vars, ok := match(routes[i].pattern, path)
		if ok && routes[i].method == method {
			return &routes[i], vars, http.StatusOK
		}
		if ok {
			status = http.StatusMethodNotAllowed
		}
	}
	return nil, nil, status
}

// Checks that an operation makes itself. What its parameters are is judged before it is done, and what proves a caller
// in a call for a token stands among them.
const (
	checkBody        = "body"
	checkQuery       = "query"
	checkCredentials = "credentials"
	checkRefresh     = "refresh-token"
	checkOperation   = "operation" // no such object, too little money, an operation that is not free to be done
)

// operate runs a route: its checks, then the operation, then the memory of its answer.
func operate(c *call, r *route) answer {
	if a := c.through(r.stages); a != nil {
		return *a
	}
	a := r.run(c)
	failed := r.failed(a)
	if failed != checkBody && (len(c.body) > 0 || r.method != http.MethodGet) {
		c.check(checkBody, true, "")
	}
	switch {
	case failed != "":
		c.check(failed, false, a.problem)
	case r.proves != "":
		c.check(r.proves, true, "")
	}
	if c.keep != nil {
		c.keep(a)
	}
	return a
}

// failed names the check that an operation refused by; it is empty when it did not.
func (r *route) failed(a answer) string {
	switch {
	case a.problem == "":
		return ""
	case r.proves != "" && (a.status == http.StatusUnauthorized || a.status == http.StatusForbidden):
		return r.proves
	case a.status != http.StatusBadRequest && a.status != http.StatusUnprocessableEntity:
		return checkOperation
	case r.method == http.MethodGet:
		return checkQuery
	}
	return checkBody
}
