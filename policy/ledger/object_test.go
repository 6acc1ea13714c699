package ledger

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/undog-dev/undog/policy"
)

// A record keeps the template as it was, to the letter, since an undo restores it
// whole; what is beside it, verdict and evidence, repeats no value of it.
func TestRecordKeepsTheTemplateApart(t *testing.T) {
	template := json.RawMessage(`{"metadata":{"annotations":{"example.com/token":"hunter2",` +
		`"kubectl.kubernetes.io/last-applied-configuration":"hunter2"}},"spec":{"containers":[{"name":"app",` +
		`"args":["--password=hunter2"],"env":[{"name":"PASSWORD","value":"hunter2"}]}]}}`)
	o, err := object(policy.Workload{Namespace: "shop", Name: "web", UID: "w"}, badRecord(), template)
	if err != nil {
		t.Fatal(err)
	}
	if string(o.Data.Raw) != string(template) {
		t.Errorf("kept is %s, want %s", o.Data.Raw, template)
	}
	beside, err := json.Marshal(o.ObjectMeta)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(beside), "hunter2") || !strings.Contains(string(beside), "CrashLoop") {
		t.Errorf("beside the template stands %s", beside)
	}
}
