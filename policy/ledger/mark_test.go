package ledger

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/undog-dev/undog/policy"
)

func TestRollbacksRoundTrip(t *testing.T) {
	var all []policy.Rollback
	for i := range MaxRollbacks + 2 {
		all = append(all, policy.Rollback{DecisionID: fmt.Sprintf("d%d", i), At: at, From: "a", To: "b", Template: "t"})
	}
	value, err := EncodeRollbacks(all)
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeRollbacks(value)
	if err != nil || !reflect.DeepEqual(got, all[2:]) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestDecodeRollbacks(t *testing.T) {
	for value, ok := range map[string]bool{
		"": true, "[]": true, "null": true, `[{"id":"d","new":1}]`: true,
		"{": false, `{"id":"d"}`: false, `[{"id":"\u001b"}]`: false,
		`[{"id":"` + strings.Repeat("d", maxIdentifier+1) + `"}]`: false,
		"[" + strings.Repeat(" ", maxRollbacksBytes) + "]":        false,
	} {
		if got, err := DecodeRollbacks(value); (err == nil) != ok || (!ok && got != nil) {
			t.Errorf("%.40q: %+v, %v", value, got, err)
		}
	}
}
