package sandbox

import (
	"net/http"
	"strings"
)

// route is one operation: the checks in front of it and what it does.
type route struct {
	method, pattern string // the pattern is a path; {name} stands for one non-empty segment
	issues          bool   // it answers with tokens
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

// operate runs a route: its checks, then the operation, then the memory of its answer.
func operate(c *call, r *route) answer {
	if a := c.through(r.stages); a != nil {
		return *a
	}
	a := r.run(c)
	switch {
	case a.problem != "":
		c.check("body", false, a.problem)
	case len(c.body) > 0 || r.method != http.MethodGet:
		c.check("body", true, "")
	}
	if c.keep != nil {
		c.keep(a)
	}
	return a
}
