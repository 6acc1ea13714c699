package rollback

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/undog-dev/undog/policy"
)

// The line on a decision has what there is to say, and nothing empty.
func TestLogLeavesOutWhatIsEmpty(t *testing.T) {
	var out bytes.Buffer
	e := &Executor{opts: Options{Log: slog.New(slog.NewTextHandler(&out, nil))}}
	e.log(t.Context(), policy.Decision{Kind: policy.Undo}, ending{result: policy.Done})
	if strings.Contains(out.String(), "message=") || strings.Contains(out.String(), "reason=") {
		t.Errorf("something empty is logged: %s", out.String())
	}
	e.log(t.Context(), policy.Decision{Kind: policy.Undo}, ending{result: policy.Refused, reason: "Denied", message: "no"})
	if !strings.Contains(out.String(), "reason=Denied message=no") {
		t.Errorf("the reason is not logged: %s", out.String())
	}
}
