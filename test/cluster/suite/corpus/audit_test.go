package corpus

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/undog-dev/undog/test/cluster/daemon"
)

// line is one record of an audit log.
func line(user, verb, resource, query, body string, code int) string {
	return fmt.Sprintf(`{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","stage":"ResponseComplete",`+
		`"requestURI":"/apis/apps/v1/namespaces/b01/%s/web%s","verb":%q,"user":{"username":%q},`+
		`"objectRef":{"resource":%q,"namespace":"b01","name":"web","apiGroup":"apps"},"responseStatus":{"code":%d},`+
		`"requestObject":%s,"stageTimestamp":"2026-01-02T03:04:05.000000Z"}`+"\n", resource, query, verb, user, resource, code, body)
}

// Only undog's own writes count, and as an undo only one that was granted and
// changes the template.
func TestTrace(t *testing.T) {
	const (
		template = `[{"op":"test","path":"/metadata/uid","value":"u"},{"op":"replace","path":"/spec/template","value":{}}]`
		tested   = `[{"op":"test","path":"/spec/template","value":{}},{"op":"add","path":"/metadata/annotations/x","value":"y"}]`
	)
	path := filepath.Join(t.TempDir(), "audit.log")
	write := func(lines ...string) {
		t.Helper()
		f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteString(strings.Join(lines, "")); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	log := &auditLog{path: path}
	for _, tt := range []struct {
		name           string
		line           string
		writes, undone int
		refused        int
	}{
		{"another's patch", line("admin", "patch", "deployments", "", template, 200), 0, 0, 0},
		{"a look", line(daemon.User, "get", "deployments", "", "null", 200), 0, 0, 0},
		{"a trial", line(daemon.User, "patch", "deployments", "?dryRun=All", template, 200), 0, 0, 0},
		{"a conflict", line(daemon.User, "patch", "deployments", "", template, 409), 1, 0, 0},
		{"a note", line(daemon.User, "patch", "deployments", "", tested, 200), 2, 0, 0},
		{"a record", line(daemon.User, "create", "controllerrevisions", "", "{}", 201), 3, 0, 0},
		{"an undo", line(daemon.User, "patch", "deployments", "", template, 200), 4, 1, 0},
		{"what is not allowed", line(daemon.User, "patch", "deployments", "", template, 403), 5, 1, 1},
		{"a merge patch", line(daemon.User, "patch", "deployments", "", `{"spec":{}}`, 200), 6, 2, 1},
	} {
		write(tt.line)
		got, err := log.trace("b01")
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if got.writes != tt.writes || len(got.undone["web"]) != tt.undone || len(got.refused) != tt.refused {
			t.Errorf("after %s: %d writes, %d undos, %d refused, want %d, %d and %d",
				tt.name, got.writes, len(got.undone["web"]), len(got.refused), tt.writes, tt.undone, tt.refused)
		}
	}
	if got, err := log.trace("b02"); err != nil || got.writes != 0 {
		t.Errorf("another namespace has %d writes, %v", got.writes, err)
	}
	whole := line(daemon.User, "create", "controllerrevisions", "", "{}", 201)
	for i, part := range []string{whole[:40], whole[40:]} {
		write(part)
		if got, err := log.trace("b01"); err != nil || got.writes != 6+i {
			t.Errorf("with %d parts of a line: %d writes, %v", i+1, got.writes, err)
		}
	}
}
