package policy_test

import (
	"os/exec"
	"strings"
	"testing"
)

// TestImports holds the core to what it may import: the standard library
// without anything that reads the world, and its own statistics.
func TestImports(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{join .Imports "\n"}}`, ".").CombinedOutput()
	if err != nil {
		t.Fatalf("list imports: %v\n%s", err, out)
	}
	imports := strings.Fields(string(out))
	if len(imports) == 0 {
		t.Fatal("go list named no import")
	}
	for _, path := range imports {
		if strings.Contains(strings.SplitN(path, "/", 2)[0], ".") && path != "github.com/undog-dev/undog/policy/eprocess" {
			t.Errorf("policy imports %s; only the standard library and policy/eprocess are allowed", path)
		}
		switch strings.SplitN(path, "/", 2)[0] {
		case "net", "os", "log", "syscall", "context", "sync":
			t.Errorf("policy imports %s: it has no I/O and no goroutine", path)
		}
		if path == "math/rand" || path == "math/rand/v2" || path == "crypto/rand" {
			t.Errorf("policy imports %s: randomness comes in as input", path)
		}
	}
}
