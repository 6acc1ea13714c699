package controlplane

import (
	_ "embed"
	"fmt"
	"os"

	"github.com/undog-dev/undog/test/cluster"
)

//go:embed audit-policy.yaml
var auditPolicy []byte

func writeAuditPolicy(dir cluster.Dir) error {
	if err := os.WriteFile(dir.AuditPolicy(), auditPolicy, 0o600); err != nil {
		return fmt.Errorf("write audit policy: %w", err)
	}
	return nil
}
