package cel

import (
	"os"
	"strings"
	"testing"
)

// Every variable and field is told of in the manual and in the example.
func TestFieldsAreDocumented(t *testing.T) {
	for _, name := range []string{"doc.go", "../../examples/undog.yaml"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		known := map[string]bool{}
		for _, word := range strings.FieldsFunc(string(text), func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
		}) {
			known[word] = true
		}
		w := words()
		for _, word := range append(append([]string(nil), w.names...), w.fields...) {
			if !known[word] {
				t.Errorf("%s says nothing of %s", name, word)
			}
		}
	}
}

// The names are a promise: a field may be added here, never taken away.
func TestFieldsAreKept(t *testing.T) {
	const promised = `age availableReplicas container count desired disrupted exitCode exited failures from images init kind labels
		level lost manager maxCount message name namespace nodes number path paused pods ready readyReplicas reason recreate
		repeated replicas samples scheduled slowestReady started to updatedReplicas`
	if got, want := strings.Join(words().fields, " "), strings.Join(strings.Fields(promised), " "); got != want {
		t.Errorf("fields\n%s\npromised\n%s", got, want)
	}
}
