package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes the program of the test binary when that is started as "countersign", as scripts and processes do.
//
// The scripts are in script_test.go, what the sandbox does for other people's code in sandbox_test.go.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"countersign": main})
}
