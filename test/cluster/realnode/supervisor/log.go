package supervisor

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/undog-dev/undog/test/cluster/realnode/wire"
)

// tailBytes is how much of a program's log an error carries.
const tailBytes = 3 << 10

func logFile(name string) string { return filepath.Join(wire.StateDir, name+".log") }

// tail is the end of the program's log, ready to follow an error.
func (n *node) tail(name string) string {
	raw, err := os.ReadFile(logFile(name))
	if err != nil || len(raw) == 0 {
		return ""
	}
	if len(raw) > tailBytes {
		raw = raw[len(raw)-tailBytes:]
		if _, rest, found := bytes.Cut(raw, []byte("\n")); found {
			raw = rest
		}
	}
	return fmt.Sprintf("\nend of %s.log:\n%s", name, bytes.TrimRight(raw, "\n"))
}
