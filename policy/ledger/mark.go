package ledger

import (
	"encoding/json"
	"fmt"

	"github.com/undog-dev/undog/policy"
)

// The annotations on a workload.
const (
	// ModeAnnotation is set by the workload's owner: enforce, observe or off.
	ModeAnnotation = "undog.dev/mode"
	// RollbacksAnnotation holds the last rollbacks as JSON, oldest first.
	RollbacksAnnotation = "undog.dev/rollbacks"
	// PausedByAnnotation holds the id of the decision by which undog paused.
	PausedByAnnotation = "undog.dev/paused-by"
	// ResumedAnnotation holds the id of the last decision to pause that was taken back.
	ResumedAnnotation = "undog.dev/resumed"
)

const (
	// MaxRollbacks is how many rollbacks a workload remembers.
	MaxRollbacks = 8
	// maxRollbacksBytes is more than MaxRollbacks of them can take.
	maxRollbacksBytes = 8 << 10
	maxIdentifier     = 256
)

// EncodeRollbacks is the value of RollbacksAnnotation: the last MaxRollbacks.
func EncodeRollbacks(rollbacks []policy.Rollback) (string, error) {
	if n := len(rollbacks); n > MaxRollbacks {
		rollbacks = rollbacks[n-MaxRollbacks:]
	}
	raw, err := json.Marshal(rollbacks)
	if err != nil {
		return "", fmt.Errorf("encode rollbacks: %w", err)
	}
	return string(raw), nil
}

// DecodeRollbacks reads the value of RollbacksAnnotation; "" has none. On an
// error it returns none, too: a value that undog did not write says nothing.
func DecodeRollbacks(value string) ([]policy.Rollback, error) {
	if value == "" {
		return nil, nil
	}
	if len(value) > maxRollbacksBytes {
		return nil, fmt.Errorf("decode annotation %s: %d bytes are more than %d", RollbacksAnnotation, len(value), maxRollbacksBytes)
	}
	var out []policy.Rollback
	if err := json.Unmarshal([]byte(value), &out); err != nil {
		return nil, fmt.Errorf("decode annotation %s: %w", RollbacksAnnotation, err)
	}
	if n := len(out); n > MaxRollbacks {
		out = out[n-MaxRollbacks:]
	}
	for i, r := range out {
		for _, id := range []string{r.DecisionID, r.From, r.To, r.Template} {
			if len(id) > maxIdentifier || id != printable(id, maxIdentifier) {
				return nil, fmt.Errorf("decode annotation %s: item %d has an identifier that is too long or not printable", RollbacksAnnotation, i)
			}
		}
	}
	return out, nil
}
