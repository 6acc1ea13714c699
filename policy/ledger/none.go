package ledger

import (
	"context"
	"encoding/json"

	"github.com/undog-dev/undog/policy"
)

// None is the ledger that keeps nothing and writes nothing.
type None struct{}

// Remember forgets.
func (None) Remember(context.Context, policy.Workload, policy.Record, json.RawMessage) error {
	return nil
}

// Template has none.
func (None) Template(context.Context, policy.Workload, string) (json.RawMessage, error) {
	return nil, ErrNoTemplate
}

// Condemned knows of nothing.
func (None) Condemned(context.Context, policy.Workload, policy.RevisionRef) (bool, error) {
	return false, nil
}

// Prune has nothing to prune.
func (None) Prune(context.Context, policy.Workload) error { return nil }
