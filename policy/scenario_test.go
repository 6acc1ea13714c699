package policy_test

import (
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/undog-dev/undog/policy/policytest"
)

// TestScenarios plays every file in testdata. Package policytest says what the
// commands mean.
func TestScenarios(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		w := policytest.New()
		datadriven.RunTest(t, path, w.Handle)
	})
}
